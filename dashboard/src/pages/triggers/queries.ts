// Triggers, their firings, and the switch that stops everything, as the API gives them.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

export type Trigger = WithoutNulls<Schemas["TriggerShape"]>;
export type CreatedTrigger = Trigger & { secret?: string };
export type Firing = WithoutNulls<Schemas["FiringShape"]>;
export type Switch = WithoutNulls<Schemas["SwitchShape"]>;
export type Safeguards = WithoutNulls<Schemas["SafeguardsShape"]>;
export type ChangeWindow = WithoutNulls<Schemas["WindowShape"]>;

const PAGE_ROWS = 100;
export const triggerPath = (id: string, part = "") => `/v1/triggers/${encodeURIComponent(id)}${part}`;
export const windowPath = (id: string) => `/v1/change-windows/${encodeURIComponent(id)}`;

export const triggersQuery = queryOptions({
  queryKey: ["triggers"],
  queryFn: ({ signal }) =>
    send<{ triggers: Trigger[]; total: number }>("GET", "/v1/triggers", { query: { pageSize: PAGE_ROWS, sort: "-createdAt" }, signal }),
});

export const firingsQuery = (id: string) =>
  queryOptions({
    queryKey: ["firings", id],
    queryFn: ({ signal }) =>
      send<{ firings: Firing[]; total: number }>("GET", triggerPath(id, "/firings"), { query: { pageSize: PAGE_ROWS }, signal }),
    placeholderData: keepPreviousData,
  });

export const switchQuery = queryOptions({
  queryKey: ["executions", "switch"],
  queryFn: ({ signal }) => send<Switch>("GET", "/v1/executions/pause", { signal }),
  refetchInterval: 60_000, // no event of the organisation reaches a member who sees only some clusters
});

export const safeguardsQuery = queryOptions({
  queryKey: ["safeguards"],
  queryFn: ({ signal }) => send<Safeguards>("GET", "/v1/safeguards", { signal }),
});

export const windowsQuery = queryOptions({
  queryKey: ["changeWindows"],
  queryFn: ({ signal }) => send<{ windows: ChangeWindow[] }>("GET", "/v1/change-windows", { signal }),
  refetchInterval: 30_000, // one begins or ends
});

/** What makes it fire, in words. */
export function condition(one: Trigger, cluster: (id: string) => string): string {
  if (one.source === "schedule") return `${one.schedule} (${one.timeZone})`;
  if (one.source === "webhook") return "A signed request";
  const { types, causes, minSeverity, minConfidence, clusters, namespaces, labels } = one.match ?? {};
  return [
    types?.join(", ") || "Any issue",
    causes && `caused by ${causes.join(", ")}`,
    minConfidence !== undefined && `with a confidence of ${minConfidence} or more`,
    minSeverity && `${minSeverity} and above`,
    namespaces && `in ${namespaces.join(", ")}`,
    clusters && `on ${clusters.map(cluster).join(", ")}`,
    labels &&
      `labeled ${Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ")}`,
  ]
    .filter(Boolean)
    .join(", ");
}
