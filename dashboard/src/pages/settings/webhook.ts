// Webhooks and their deliveries as the API gives them, and what an outcome means in words.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";
import { changed, trimmed } from "./draft";
import { splitNames } from "./mutematch";
import { BROWSER_ZONE, localOf } from "./window";

export type Webhook = WithoutNulls<Schemas["WebhookShape"]>;
export type CreatedWebhook = WithoutNulls<Schemas["CreatedWebhook"]>;
export type Delivery = WithoutNulls<Schemas["DeliveryShape"]>;

const PENDING_MS = 1_500;
const CALM_MS = 20_000;
export const webhookPath = (id: string, part = "") => `/v1/webhooks/${encodeURIComponent(id)}${part}`;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => send<{ webhooks: Webhook[]; total: number }>("GET", "/v1/webhooks", { query: { pageSize: 100 }, signal }),
});

/** Looked at often as long as one is on its way. */
export const deliveriesQuery = (id: string, status: string | undefined) =>
  queryOptions({
    queryKey: ["deliveries", id, status],
    queryFn: ({ signal }) =>
      send<{ deliveries: Delivery[]; total: number }>("GET", webhookPath(id, "/deliveries"), { query: { pageSize: 50, status }, signal }),
    refetchInterval: (query) => (query.state.data?.deliveries.some(isInProgress) ? PENDING_MS : CALM_MS),
  });

export const deliveryQuery = (webhookId: string, id: string) =>
  queryOptions({
    queryKey: ["delivery", webhookId, id],
    queryFn: ({ signal }) => send<Delivery>("GET", webhookPath(webhookId, `/deliveries/${encodeURIComponent(id)}`), { signal }),
    refetchInterval: (query) => (!query.state.data || query.state.data.status === "pending" ? PENDING_MS : false),
  });

/** Nobody has tried it yet. */
export const isNotAttempted = (one: Delivery) => one.status === "pending" && one.attempts === 0;

const SOON_MS = 62_000; // while one is sent again, its next attempt is a minute away: when another worker would take it over
/** It is being sent, or about to be; one that waits longer for its next attempt is not. */
export const isInProgress = (one: Delivery) =>
  one.status === "pending" && (one.attempts === 0 || !one.nextAttemptAt || Date.parse(one.nextAttemptAt) < Date.now() + SOON_MS);

const ERRORS: Record<string, string> = {
  refused_address: "the address is in a network that webhooks cannot access",
  dns: "the host name could not be resolved",
  connect: "connection failed",
  tls: "TLS handshake failed or the certificate is not trusted",
  timeout: "no response within 10 seconds",
  ratelimited: "the service limits the rate of requests; it is sent again when the service allows it",
  unreadable: "the URL and secret cannot be decrypted with the current key; delete and recreate the webhook",
  disabled: "the webhook was disabled",
  superseded: "not sent: a later delivery has the present state of the issue",
  acknowledged: "not sent: somebody acknowledged the issue in time, or it ended",
};

/** "answered 204 in 12 ms", "no response within 10 seconds". */
export function outcome(one: Delivery): string {
  const took = one.durationMs === undefined ? "" : ` in ${one.durationMs} ms`;
  if (one.error) return ERRORS[one.error] ?? one.error;
  if (one.statusCode !== undefined) return `returned ${one.statusCode}${took}`;
  return one.status === "pending" ? "sending" : "no response";
}

export const ENDED: Record<string, string> = {
  manual: "disabled",
  gone: "disabled: the endpoint returned 410 Gone",
  failing: "disabled: all attempts failed for five days",
};

/** The formats that carry the state of an issue until it resolves, whatever the events. */
export const followsIssues = (form: Webhook["form"]) => ["alerts", "pagerduty", "jsm", "slack-app", "ticket"].includes(form);
/** The formats whose service has one address for everybody, and that need its integration key. */
export const isOnCall = (form: Webhook["form"]) => form === "pagerduty" || form === "jsm";

export const FORM_WORDS: Record<Webhook["form"], string> = {
  json: "",
  slack: "as a Slack message",
  teams: "as a card for Microsoft Teams",
  email: "as an email",
  alerts: "as alerts for Alertmanager",
  pagerduty: "as alerts in PagerDuty",
  jsm: "as alerts in Jira Service Management",
  "slack-app": "as messages of a Slack app",
  ticket: "as tickets",
};

export const EVENTS: [event: string, word: string][] = [
  ["issue.created", "Issue opened"],
  ["issue.updated", "Issue updated"],
  ["issue.resolved", "Issue resolved"],
  ["analysis.ready", "Analysis ready"],
  ["cluster.online", "Cluster online"],
  ["cluster.offline", "Cluster offline"],
  ["runbook.started", "Runbook started"],
  ["digest.weekly", "Weekly digest (email)"],
  ["audit.anchor", "Newest hash of the audit log"],
  ["runbook.completed", "Runbook completed"],
  ["runbook.notification", "Message of a runbook"],
  ["approval.requested", "Approval requested"],
  ["execution.breakGlass", "Break-glass used"],
];

export const DEFAULT_EVENTS = ["issue.created", "issue.resolved"];

export interface WebhookDraft {
  name: string;
  url: string;
  form: Webhook["form"];
  events: string[];
  clusters: string[];
  namespaces: string;
  types: string;
  minSeverity: string;
  query: string;
  /** Minutes, as typed. */
  escalation: string;
  quietFrom: string;
  quietTo: string;
  quietZone: string;
  quietBut: string;
  quietDrop: boolean;
  /** As inputs of the type `datetime-local` have it. */
  heldUntil: string;
  enabled: boolean;
  auth: "none" | "basic" | "bearer" | "app";
  username: string;
  secret: string;
  /** Of the webhook subscription in PagerDuty. */
  signingSecret: string;
}

/** What the form holds; texts as they are typed. The URL is empty with a webhook that there is: its address stays. */
export const draftOf = (webhook?: Webhook): WebhookDraft => ({
  name: webhook?.name ?? "",
  url: "",
  form: webhook?.form ?? "json",
  events: webhook?.filters.events ?? DEFAULT_EVENTS,
  clusters: webhook?.filters.clusters ?? [],
  namespaces: (webhook?.filters.namespaces ?? []).join(", "),
  types: (webhook?.filters.issueTypes ?? []).join(", "),
  minSeverity: webhook?.filters.minSeverity ?? "",
  query: webhook?.filters.query ?? "",
  escalation: webhook?.escalationMinutes ? String(webhook.escalationMinutes) : "",
  quietFrom: webhook?.quietHours?.start ?? "",
  quietTo: webhook?.quietHours?.end ?? "",
  quietZone: webhook?.quietHours?.timeZone ?? BROWSER_ZONE,
  quietBut: webhook?.quietHours?.passingSeverity ?? "",
  quietDrop: webhook?.quietHours?.drop ?? false,
  heldUntil: localOf(webhook?.heldUntil),
  enabled: webhook?.enabled ?? true,
  auth: webhook?.authentication ?? "none",
  username: "",
  secret: "",
  signingSecret: "",
});

/** The filters of a draft: what is empty lets everything through. */
export function filtersOf(draft: WebhookDraft) {
  const namespaces = splitNames(draft.namespaces);
  const issueTypes = splitNames(draft.types);
  return {
    events: [...draft.events].sort(),
    ...(draft.clusters.length && { clusters: draft.clusters }),
    ...(namespaces.length && { namespaces }),
    ...(issueTypes.length && { issueTypes }),
    ...(draft.minSeverity && { minSeverity: draft.minSeverity }),
    ...(draft.query.trim() && { query: draft.query.trim() }),
  };
}

/** Which issues a webhook is notified of, and when. The days of quiet hours, which the form does not show, stay what they are. */
export function routingOf(draft: WebhookDraft, webhook?: Webhook) {
  const hours = draft.quietFrom && {
    ...(webhook?.quietHours && { days: webhook.quietHours.days }),
    start: draft.quietFrom,
    end: draft.quietTo,
    timeZone: draft.quietZone.trim(),
    ...(draft.quietBut && { passingSeverity: draft.quietBut }),
    drop: draft.quietDrop,
  };
  return {
    filters: filtersOf(draft),
    quietHours: hours || null,
    heldUntil: draft.heldUntil ? new Date(draft.heldUntil).toISOString() : null,
    escalationMinutes: Number(draft.escalation || 0),
  };
}

/** What is sent of the credentials; the same as before, where nothing is typed. */
function credentialsOf(auth: WebhookDraft["auth"], username: string, secret: string) {
  if (auth === "basic" && (username || secret)) return { username: username.trim(), password: secret };
  if (auth === "bearer" && secret) return { token: secret.trim() };
  return auth === "none" ? {} : { unchanged: auth };
}

/** The webhook as it is sent. */
export function bodyOf(draft: WebhookDraft, webhook?: Webhook) {
  const { name, url, form, enabled, auth, username, secret } = draft;
  const typed = trimmed({ name, url, form, enabled });
  const signingSecret = draft.signingSecret.trim() || undefined;
  const common = {
    ...typed,
    signingSecret,
    url: typed.url || undefined,
    credentials: credentialsOf(isOnCall(form) ? "bearer" : auth, username, secret),
  };
  return form === "alerts" ? { ...common, filters: filtersOf(draft) } : { ...common, ...routingOf(draft, webhook) };
}

/** What is missing or cannot be read, by field, before the server is asked. */
export function mistakesIn(draft: WebhookDraft, webhook?: Webhook): Record<string, string | false> {
  const needsUrl = Boolean(draft.url.trim()) || !(webhook || isOnCall(draft.form));
  const needsSecret = isOnCall(draft.form) ? !webhook : draft.auth !== "none" && draft.auth !== webhook?.authentication;
  return {
    name: !draft.name.trim() && "Enter a name.",
    url: needsUrl && !/^https?:\/\/\S+$/.test(draft.url.trim()) && "Enter a URL that starts with https://",
    events: !draft.events.length && "Select at least one event.",
    credentials: needsSecret && !draft.secret && (isOnCall(draft.form) ? "Enter the integration key." : "Enter the credentials."),
    quietTo: Boolean(draft.quietFrom) && !draft.quietTo && "Enter when the hours end.",
  };
}

/** What a draft changes of a webhook: the rest is not sent, so that nobody's work of the meantime is undone, nor the masked address saved. */
export const changesOf = (webhook: Webhook, draft: WebhookDraft) => changed(bodyOf(draftOf(webhook), webhook), bodyOf(draft, webhook));

const WORDS = { name: "name", url: "address", filters: "filters" } as const; // of the switch there are two positions: two who move it agree
const seenAs = (webhook: Webhook, part: keyof typeof WORDS) =>
  JSON.stringify(part === "filters" ? filtersOf(draftOf(webhook)) : webhook[part]);

/** What of my change somebody else changed meanwhile, too, in words ("name and filters"); nothing where both can hold. */
export function clashOf(before: Webhook, now: Webhook, mine: Record<string, unknown>): string {
  const parts = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter(
    (part) => part in mine && seenAs(before, part) !== seenAs(now, part) && JSON.stringify(mine[part]) !== seenAs(now, part),
  );
  return parts.map((part) => WORDS[part]).join(" and ");
}
