// The issue list's filter: how the address says it, how the API is asked, and whether an event's issue belongs to it.
import { words } from "../search";

export interface IssueSearch {
  status?: string;
  severity?: string;
  type?: string;
  cluster?: string;
  namespace?: string;
  q?: string;
  sort?: string;
  full?: string;
}

export const VIEWS: { label: string; status: string | undefined }[] = [
  { label: "Open", status: undefined },
  { label: "Unacknowledged", status: "open" },
  { label: "Resolved", status: "resolved" },
  { label: "All", status: "all" },
];
export const OPEN = "open,acknowledged";
export const SORT = "-severity";

/** What the API is asked. An absent status is what needs work; `all` asks for everything. */
export function asked(search: IssueSearch): Record<string, string | undefined> {
  const { full: _full, status, sort, ...rest } = search;
  return { ...rest, status: status === "all" ? undefined : (status ?? OPEN), sort: sort ?? SORT };
}

export interface Judged {
  status: string;
  severity: string;
  type: string;
  cluster: string;
  namespace?: string | null;
  resource?: string;
  title?: string;
}

const fits = (list: string | undefined, value: string | null | undefined) => !list || words(list).includes(value ?? "");

/** Whether an issue as an event tells it belongs to the list. An event has no title, so a text search lets it pass. */
export function belongs(search: IssueSearch, issue: Judged): boolean {
  const want = asked(search);
  return (
    fits(want.status, issue.status) &&
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

export const narrowed = (search: IssueSearch): number =>
  [search.severity, search.type, search.namespace, search.q].filter(Boolean).length;
