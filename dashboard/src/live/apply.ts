// Applies events to the query cache. An event carries the changed members, so a row is updated without a request; counts and members
// that the event does not carry are fetched again, at most once a second.
import type { Query, QueryClient } from "@tanstack/react-query";
import type { LiveEvent } from "./stream";

export const FOLD_MS = 1_000; // counts are fetched at most once a second, however many events arrive

type Row = Record<string, unknown> & { id: string };
const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && typeof (value as Row).id === "string";

/** Merge `change` into each matching row (by default the one with its id) of an object or of any list in `held`. Returns `held` itself if no row matches. */
export function patched<T>(held: T, change: Record<string, unknown>, matches: (row: Row) => boolean = (row) => row.id === change.id): T {
  if (Array.isArray(held)) {
    let isNew = false;
    const rows = held.map((row: unknown) => {
      const next = patched(row, change, matches);
      isNew ||= next !== row;
      return next;
    });
    return isNew ? (rows as T) : held;
  }
  if (isRow(held) && matches(held)) return { ...held, ...change };
  if (typeof held !== "object" || held === null || "id" in held) return held;
  const found = Object.entries(held)
    .filter(([, value]) => Array.isArray(value))
    .map(([name, value]) => [name, value, patched(value, change, matches)] as const)
    .filter(([, value, next]) => next !== value);
  return found.length ? { ...held, ...Object.fromEntries(found.map(([name, , next]) => [name, next])) } : held;
}

/** Issues that gained or lost a symptom. */
function roots(event: LiveEvent): string[] {
  const moved = ((event.data.changes ?? {}) as Record<string, { from?: unknown; to?: unknown } | null>).parentIssueId;
  return [moved?.from, moved?.to].filter((one) => typeof one === "string").map((one) => `issue ${one}`);
}
const hasChanged = (event: LiveEvent, member: string) => member in ((event.data.changes as object | null) ?? {});

/** Queries whose answers carry `stale`, which changes when a cluster goes online or offline. */
const SHOW_A_CLUSTER = [
  "runbookSuggestions",
  "overview",
  "clusterMap",
  "issue",
  "issueCounts",
  "captured",
  "resources",
  "resource",
  "resourceCounts",
  "resourceTree",
  "resourceEvents",
  "resourceHistory",
  "resourceIssues",
];

/** The queries that an event invalidates in addition to the rows it patches: the first word of a query key, or the first two. */
export function outdated(event: LiveEvent): string[] {
  const id = String(event.data.id ?? "");
  switch (event.type) {
    case "issue.created":
    case "issue.resolved":
      return [
        "issueCounts",
        "clusters",
        "clusterMap",
        "openCritical",
        "overview",
        "runbookSuggestions",
        `issue ${id}`,
        `issueActivity ${id}`,
        "similar",
      ];
    case "issue.updated":
      return [
        "issueCounts",
        "openCritical",
        "overview",
        `issue ${id}`,
        `issueActivity ${id}`,
        ...roots(event),
        ...(hasChanged(event, "commentCount") ? [`comments ${id}`] : []),
        ...(hasChanged(event, "muteRuleId") ? ["muteRules"] : []),
      ];
    case "analysis.ready":
      return ["overview", "runbookSuggestions", `issue ${String(event.data.issueId ?? "")}`, `similar ${String(event.data.issueId ?? "")}`];
    case "analysis.feedback":
      return [`issue ${String(event.data.issueId ?? "")}`, "feedback"];
    case "cluster.online":
    case "cluster.offline":
    case "cluster.updated":
      return ["clusters", "cluster", "clusterCounts", "waitingAgents", ...SHOW_A_CLUSTER];
    case "trigger.updated":
      return ["triggers", `firings ${id}`, "executions"];
    case "safeguards.updated":
      return ["safeguards", "changeWindows", "executions", "execution"];
    case "member.updated":
      return ["members", "delegations"];
    case "fleet.updated":
      return ["fleetTokens", "fleetToken", "waitingAgents"];
    default:
      return /^(runbook|execution|approval)\./.test(event.type)
        ? ["executions", "execution", "runbooks", "runbook", "overview", "issue"]
        : [];
  }
}

/** The current values of the changed members: an event lists some that it does not carry itself, such as the assignee. */
function newest(changes: unknown): Record<string, unknown> {
  const entries = Object.entries((changes ?? {}) as Record<string, { to?: unknown } | null>);
  return Object.fromEntries(entries.filter(([, change]) => change && "to" in change).map(([name, change]) => [name, change!.to]));
}

/** Wait `ms`, then until the tab is visible: a hidden tab sends no requests. */
function whenSeen(job: () => void, ms: number): void {
  setTimeout(() => {
    if (!document.hidden) job();
    else document.addEventListener("visibilitychange", () => whenSeen(job, 0), { once: true });
  }, ms);
}

const PATCHES: Record<string, string[]> = {
  issue: ["issue", "issues"],
  cluster: ["cluster", "clusters"],
  execution: ["execution", "executions"],
};

/** Patch the queries called `name` now, and once more the ones being fetched: their answers may be older than the event. */
function patch(client: QueryClient, name: string, change: (held: unknown) => unknown): void {
  client.setQueriesData({ queryKey: [name] }, change);
  for (const query of client.getQueryCache().findAll({ queryKey: [name], fetchStatus: "fetching" }))
    query.promise?.then(
      () => client.setQueryData(query.queryKey, change),
      () => undefined, // the page keeps what it holds, or a newer fetch has replaced this one
    );
}

/** Applies events to the cache of `client`; give its result each event. */
export function applier(client: QueryClient, later: (job: () => void, ms: number) => void = whenSeen) {
  const waiting = new Set<string>();
  const renew = (names: string[]) => {
    const isFirst = waiting.size === 0;
    names.forEach((name) => waiting.add(name));
    if (isFirst && waiting.size)
      later(() => {
        const due = new Set(waiting);
        waiting.clear();
        void client.invalidateQueries({
          predicate: ({ queryKey: [first, second] }) => due.has(String(first)) || due.has(`${String(first)} ${String(second)}`),
        });
      }, FOLD_MS);
  };
  return (event: LiveEvent): void => {
    if (event.type === "stream.reset") {
      void client.invalidateQueries();
      return;
    }
    if (event.type === "analysis.ready" && event.data.status !== "failed") {
      const { issueId, cause, causeUnknown, action } = event.data;
      const said = cause === undefined ? {} : { cause, causeUnknown, action }; // absent where the issue keeps another answer
      patch(client, "issues", (held) => patched(held, { id: String(issueId), hasAnalysis: true, ...said }));
    }
    const { changes, ...members } = event.data;
    if (event.type === "issue.updated") Object.assign(members, newest(changes));
    if (event.type === "issue.updated" && hasChanged(event, "count")) Object.assign(members, { fix: null, resolvesAt: null }); // it is back
    if (isRow(members)) {
      for (const name of PATCHES[event.type.split(".")[0] ?? ""] ?? []) patch(client, name, (held) => patched(held, members));
    }
    // The issue list is not fetched again automatically, so its rows are marked as stale, or as current again, at once.
    if (event.type.startsWith("cluster.") && typeof event.data.stale === "boolean") {
      const { id, stale, staleSince } = event.data;
      patch(client, "issues", (held) => patched(held, { stale, staleSince }, (row) => row.clusterId === id));
    }
    renew([...outdated(event), "audit"]); // whatever happened is in the audit log
  };
}

/** Queries that events keep current: the first words of their keys. */
export const LIVE = new Set([
  "audit",
  "issues",
  "issueActivity",
  "similar",
  "feedback",
  "comments",
  "muteRules",
  "openCritical",
  "clusters",
  "cluster",
  "clusterCounts",
  "fleetTokens",
  "fleetToken",
  "waitingAgents",
  "runbooks",
  "runbook",
  "executions",
  "execution",
  "triggers",
  "firings",
  "safeguards",
  "changeWindows",
  "delegations",
  ...SHOW_A_CLUSTER,
]);

/** Fetch everything again that events keep current: some events may have been missed. */
export function readAgain(client: QueryClient): void {
  const isLive = ({ queryKey: [first] }: Query) => LIVE.has(String(first));
  // An invalidation does not restart a first fetch that is in progress, and its answer may be older than the first event.
  const first = client
    .getQueryCache()
    .findAll({ fetchStatus: "fetching", predicate: (query) => isLive(query) && query.state.data === undefined });
  void client.invalidateQueries({ predicate: (query) => isLive(query) && !first.includes(query) });
  const renew = (query: Query) => client.invalidateQueries({ predicate: (one) => one === query });
  for (const query of first)
    query.promise?.then(
      () => renew(query),
      () => undefined, // the page shows the failure, with a button to try again
    );
}
