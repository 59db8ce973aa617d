// The issue list's filter: its form in the address, its query parameters, and whether an event's issue belongs to it.
import { words } from "../search";

export interface IssueSearch {
  status?: string;
  severity?: string;
  type?: string;
  cluster?: string;
  namespace?: string;
  category?: string;
  /** Ids of members, `me`, `none`. */
  assignee?: string;
  /** Names of teams, `none`. */
  team?: string;
  /** `key:value`, all of them. */
  label?: string;
  /** `any`: symptoms too; ids of issues: their symptoms. */
  parent?: string;
  /** `true`: only those; `any`: those too; absent: where a view is about what needs work, none of them. */
  snoozed?: string;
  muted?: string;
  q?: string;
  sort?: string;
  /** Id of the saved view that was opened; the other members say what is shown. */
  view?: string;
  /** What the rows are grouped by, a member of `GROUPS`. */
  group?: string;
  /** Ids of columns, and the density of the rows, where a saved view says them; otherwise they are as this browser has them. */
  columns?: string;
  density?: string;
  full?: string;
}
export const MEMBERS = [
  "status",
  "severity",
  "type",
  "cluster",
  "namespace",
  "category",
  "assignee",
  "team",
  "label",
  "parent",
  "snoozed",
  "muted",
  "q",
  "sort",
  "view",
  "group",
  "columns",
  "density",
  "full",
] as const;

type View = Pick<IssueSearch, "status" | "assignee" | "snoozed" | "muted">;
export const VIEWS: { label: string; is: View }[] = [
  { label: "Open", is: {} },
  { label: "Unacknowledged", is: { status: "open" } },
  { label: "Mine", is: { assignee: "me" } },
  { label: "Snoozed", is: { snoozed: "true" } },
  { label: "Muted", is: { muted: "true" } },
  { label: "Resolved", is: { status: "resolved" } },
  { label: "All", is: { status: "all" } },
];
const NO_VIEW: View = { status: undefined, assignee: undefined, snoozed: undefined, muted: undefined };
export const viewed = (view: View): View => ({ ...NO_VIEW, ...view });
/** Whether the address says this view; a switch that shows more (`any`) leaves one where one is. */
export const isView = (search: IssueSearch, view: View): boolean =>
  (Object.keys(NO_VIEW) as (keyof View)[]).every((name) => (search[name] === "any" ? undefined : search[name]) === view[name]);

export const OPEN = "open,acknowledged";
export const SORT = "-severity";

/** The query parameters. Without `status`: open issues that are not snoozed or muted; `all` means every issue. */
export function issueParams(search: IssueSearch): Record<string, string | undefined> {
  const { full: _full, view: _view, group: _group, columns: _columns, density: _density, status, sort, snoozed, muted, ...rest } = search;
  const needsWork = status !== "all" && status !== "resolved";
  const quiet = (value: string | undefined, other: string | undefined) =>
    value === "any" ? undefined : (value ?? (needsWork && other !== "true" ? "false" : undefined));
  return {
    ...rest,
    status: status === "all" ? undefined : (status ?? OPEN),
    snoozed: quiet(snoozed, muted),
    muted: quiet(muted, snoozed),
    sort: sort ?? SORT,
  };
}

export interface Judged {
  status: string;
  severity: string;
  type: string;
  cluster: string;
  namespace?: string | null;
  substatus?: string;
  assignee?: string | null;
  team?: string | null;
  snooze?: unknown;
  muteRuleId?: string | null;
  parentIssueId?: string | null;
}

const fits = (list: string | undefined, value: string | null | undefined) => !list || words(list).includes(value ?? "");
const says = (wanted: string | undefined, is: boolean) => wanted === undefined || (wanted === "true") === is;

/** Whether an issue of the list stays in it after it changed: what was just resolved, snoozed or given away goes. */
export function stays(search: IssueSearch, issue: Judged, me?: string): boolean {
  const want = issueParams(search);
  return (
    fits(want.status, issue.status) &&
    says(want.snoozed, !!issue.snooze || issue.substatus === "snoozed") &&
    fits(want.team, issue.team ?? "none") &&
    says(want.muted, !!issue.muteRuleId || issue.substatus === "muted") &&
    (!want.assignee ||
      words(want.assignee).includes(issue.assignee ?? "none") ||
      (!!issue.assignee && issue.assignee === me && words(want.assignee).includes("me"))) &&
    (want.parent === "any" || (want.parent && want.parent !== "none" ? fits(want.parent, issue.parentIssueId) : !issue.parentIssueId))
  );
}

/** Whether an issue as an event tells it belongs to the list. An event has no title, so a text search lets it pass; it has no labels either. */
export function belongs(search: IssueSearch, issue: Judged, me?: string): boolean {
  const want = issueParams(search);
  return (
    stays(search, issue, me) &&
    !want.label &&
    fits(want.severity, issue.severity) &&
    fits(want.type, issue.type) &&
    fits(want.cluster, issue.cluster) &&
    fits(want.namespace, issue.namespace)
  );
}

/** The sort after a click on a column: largest or newest first, then the other way round. */
export const sorted = (now: string | undefined, column: string): string | undefined => {
  const next = (now ?? SORT) === `-${column}` ? column : `-${column}`;
  return next === SORT ? undefined : next;
};

export const NOT_NARROWED: Partial<IssueSearch> = {
  severity: undefined,
  type: undefined,
  namespace: undefined,
  category: undefined,
  team: undefined,
  label: undefined,
  q: undefined,
};
export const narrowed = (search: IssueSearch): number =>
  Object.keys(NOT_NARROWED).filter((name) => search[name as keyof IssueSearch]).length +
  (search.assignee && search.assignee !== "me" ? 1 : 0) +
  (search.parent && search.parent !== "any" ? 1 : 0);
