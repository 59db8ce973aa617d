// Webhooks and their deliveries as the API gives them, and what an outcome means in words.
import { queryOptions } from "@tanstack/react-query";
import { send, type Schemas } from "../../api/client";
import type { Said } from "../runbooks/queries";

export type Webhook = Said<Schemas["WebhookShape"]>;
export type CreatedWebhook = Said<Schemas["CreatedWebhook"]>;
export type Delivery = Said<Schemas["DeliveryShape"]>;

const PENDING_MS = 1_500;
const CALM_MS = 20_000;
export const hookPath = (id: string, part = "") => `/v1/webhooks/${encodeURIComponent(id)}${part}`;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => send<{ webhooks: Webhook[]; total: number }>("GET", "/v1/webhooks", { query: { pageSize: 100 }, signal }),
});

/** Looked at often as long as one is on its way. */
export const deliveriesQuery = (id: string, status: string | undefined) =>
  queryOptions({
    queryKey: ["deliveries", id, status],
    queryFn: ({ signal }) => send<{ deliveries: Delivery[]; total: number }>("GET", hookPath(id, "/deliveries"), { query: { pageSize: 50, status }, signal }),
    refetchInterval: (query) => (query.state.data?.deliveries.some(isUnderway) ? PENDING_MS : CALM_MS),
  });

export const deliveryQuery = (webhookId: string, id: string) =>
  queryOptions({
    queryKey: ["delivery", webhookId, id],
    queryFn: ({ signal }) => send<Delivery>("GET", hookPath(webhookId, `/deliveries/${encodeURIComponent(id)}`), { signal }),
    refetchInterval: (query) => (!query.state.data || query.state.data.status === "pending" ? PENDING_MS : false),
  });

/** Nobody has tried it yet. */
export const isUntried = (one: Delivery) => one.status === "pending" && one.attempts === 0;

const SOON_MS = 2_000;
/** It is being sent, or about to be; one that waits for its next try is not. */
export const isUnderway = (one: Delivery) => one.status === "pending" && (one.attempts === 0 || !one.nextAttemptAt || Date.parse(one.nextAttemptAt) < Date.now() + SOON_MS);

const ERRORS: Record<string, string> = {
  refused_address: "the address lies in a network where webhooks may not go",
  dns: "the name could not be resolved",
  connect: "nothing answered at the address",
  tls: "no trusted TLS connection came about",
  timeout: "no answer came within 10 seconds",
  unreadable: "the address and the secret were sealed with another key; delete the webhook and make it anew",
  disabled: "the webhook was switched off",
};

/** "answered 204 in 12 ms", "no answer came within 10 seconds". */
export function outcome(one: Delivery): string {
  const took = one.durationMs === undefined ? "" : ` in ${one.durationMs} ms`;
  if (one.error) return ERRORS[one.error] ?? one.error;
  if (one.statusCode !== undefined) return `answered ${one.statusCode}${took}`;
  return one.status === "pending" ? "on its way" : "not answered";
}

export const ENDED: Record<string, string> = {
  manual: "switched off",
  gone: "off: the endpoint answered 410, it is gone",
  failing: "off: it failed for five days without one success",
};

export const EVENTS: [event: string, word: string][] = [
  ["issue.created", "An issue opened"],
  ["issue.updated", "An issue changed"],
  ["issue.resolved", "An issue ended"],
  ["analysis.ready", "An analysis is ready"],
  ["cluster.online", "A cluster came online"],
  ["cluster.offline", "A cluster went offline"],
  ["runbook.started", "A runbook started"],
  ["runbook.completed", "A runbook ended"],
  ["approval.requested", "An approval is wanted"],
];
