// Groups of the issue list: what they are by, their counts, and the filter of one of them. Small groups come with their issues and are open; of
// the others one is open at a time.
import { keepPreviousData, useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import { nextPage } from "../../api/paging";
import { type Issue, issueGroupsQuery, issuesOfGroupQuery, PAGE_ROWS } from "../../api/queries";
import { cx, Mark } from "../../parts";
import { Sparkline } from "../../parts/sparkline";
import type { Stale } from "../../parts/stale";
import { type IssueSearch, issueParams } from "./filter";
import { quoted } from "./querytext";

export const GROUPS = [
  ["workload", "Workload"],
  ["type", "Type"],
  ["cluster", "Cluster"],
  ["namespace", "Namespace"],
] as const;
type By = (typeof GROUPS)[number][0];
const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export const GROUP_PX = 36;

/** `query` selects the issues of the group and is different for each. */
export type Group = Schemas["GroupShape"];

export interface Grouped {
  by: By;
  groups: Group[];
  /** Of all groups. */
  total: number;
  issues: number;
  isCapped: boolean;
  /** Of the counts. */
  stale: Stale;
  /** Index of the open group whose issues are read on their own, or -1. */
  openAt: number;
  /** Whether the group is open because it is small, and nobody has closed it. */
  isSmall: (group: Group) => boolean;
  toggle: (query: string) => void;
  /** Reads the next groups; undefined if all are read. */
  more: (() => void) | undefined;
}

/** The groups of the list, and the filter of the one that is open; undefined where the list has no groups or they are not known yet. */
export function useGroups(search: IssueSearch): { grouped: Grouped | undefined; within: IssueSearch; isGrouped: boolean } {
  const by = GROUPS.find(([name]) => name === search.group)?.[0];
  const { sort: _sort, ...params } = issueParams(search);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = useInfiniteQuery({
    ...issueGroupsQuery(by ?? "workload", params),
    enabled: by !== undefined,
    placeholderData: (before, query) => (query?.queryKey[2] === by ? keepPreviousData(before) : undefined), // others are other groups
  });
  const [chosen, choose] = useState<{ by: string | undefined; query: string | null }>();
  const read = useMemo(() => (by && data ? data.pages.flatMap((page) => page.groups) : undefined), [by, data]);
  const groups = useGrown(search, by, read, isPlaceholderData);
  const wanted = chosen?.by === by ? chosen?.query : undefined; // null: all are closed
  const [closed, close] = useState<ReadonlySet<string>>(NONE_CLOSED);
  const known = groups?.findIndex((one) => one.query === wanted && !one.issues) ?? -1;
  const openAt = wanted === null || known >= 0 ? known : groups?.length && !groups[0]!.issues ? 0 : -1;
  const open = groups?.[openAt];
  // Counts of the open group change; its filter does not.
  const within = useMemo(() => (by && open ? inside(search, by, open) : search), [search, by, open?.query]);
  const toggle = (query: string) => {
    if (groups?.find((one) => one.query === query)?.issues) close((now) => toggled(now, query));
    else choose({ by, query: query === open?.query ? null : query });
  };
  const last = data?.pages.at(-1);
  const grouped = by &&
    groups &&
    last && {
      by,
      groups,
      total: last.total,
      issues: last.issues,
      isCapped: last.issuesCapped,
      stale: last,
      openAt,
      isSmall: (group: Group) => !!group.issues && !closed.has(group.query),
      toggle,
      more: hasNextPage ? () => void (isFetchingNextPage || nextPage({ data, fetchNextPage })) : undefined,
    };
  return { grouped: grouped || undefined, within, isGrouped: by !== undefined };
}

/** Small groups that grow keep their issues, which are then read on their own: no group closes while somebody reads it. */
function useGrown(search: IssueSearch, by: By | undefined, read: Group[] | undefined, isOfBefore: boolean): Group[] | undefined {
  const filter = JSON.stringify(issueParams(search));
  const small = useMemo(() => new Map<string, Issue[]>(), [by, filter]); // as last shown
  useEffect(() => {
    for (const one of isOfBefore ? [] : (read ?? [])) if (one.issues) small.set(one.query, one.issues as Issue[]);
  }, [read, small, isOfBefore]);
  const grown = useMemo(
    () => (read ?? []).filter((one) => !one.issues && one.count <= PAGE_ROWS && small.has(one.query)).slice(0, MOST_GROWN),
    [read, small],
  );
  const found = useQueries({
    queries: grown.map((one) => issuesOfGroupQuery(issueParams(inside(search, by!, one)))),
    combine: (results) => results.map((one) => one.data),
  });
  return useMemo(() => {
    const issues = new Map(grown.map((one, at) => [one, found[at] ?? small.get(one.query)!]));
    return issues.size ? read?.map((one) => (issues.has(one) ? { ...one, issues: issues.get(one)! } : one)) : read;
  }, [read, grown, found, small]);
}

const MOST_GROWN = 10; // requests beside that of the groups

const NONE_CLOSED: ReadonlySet<string> = new Set();

function toggled(now: ReadonlySet<string>, query: string): ReadonlySet<string> {
  const next = new Set(now);
  if (!next.delete(query)) next.add(query);
  return next;
}

/** The rows below each group, in the order of the groups: those of the open one are given, small groups have theirs. */
export const rowsBelow = (grouped: Grouped, ofOpen: Issue[], isShown: (issue: Issue) => boolean): Issue[][] =>
  grouped.groups.map((group, at) =>
    at === grouped.openAt ? ofOpen : grouped.isSmall(group) ? ((group.issues ?? []) as Issue[]).filter(isShown) : [],
  );

/** The filter of one group. What a filter has a member for goes there, so that new issues of other groups are not announced. */
function inside(search: IssueSearch, by: By, group: Group): IssueSearch {
  const { owner } = group;
  const said = [
    search.q,
    (by === "namespace" || by === "workload") && !group.namespace && "ns:none",
    owner && `kind:${quoted(owner.kind)} owner:${quoted(owner.name)}`,
  ];
  return {
    ...search,
    ...(group.type && { type: group.type }),
    ...(group.cluster && { cluster: group.cluster }),
    ...(group.namespace && { namespace: group.namespace }),
    q: said.filter(Boolean).join(" ") || undefined,
  };
}

const nameOf = (group: Group): string => group.owner?.name ?? group.type ?? group.namespace ?? group.cluster ?? "No namespace";
/** What tells two groups of the same name apart. */
const placeOf = (group: Group): string =>
  group.owner ? [group.owner.kind, group.namespace, group.cluster].filter(Boolean).join(" · ") : "";

function openedText({ opened }: Group): string {
  const total = opened.reduce((sum, one) => sum + one, 0);
  return total ? `${total.toLocaleString()} opened in the last 24 hours` : "None opened in the last 24 hours";
}

export function GroupRow({ group, isOpen, top, onToggle }: { group: Group; isOpen: boolean; top: number; onToggle: () => void }) {
  return (
    <div
      role="row"
      style={{ transform: `translateY(${top}px)`, height: GROUP_PX }}
      className="absolute inset-x-0 border-b border-line bg-surface"
    >
      <div role="cell" className="h-full">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={onToggle}
          className="flex h-full w-full items-center gap-2 px-4 text-left font-medium outline-offset-[-2px] hover:bg-hover"
        >
          <ChevronRight aria-hidden className={cx("size-3.5 shrink-0 text-muted", isOpen && "rotate-90")} />
          <span className="truncate">
            {nameOf(group)}
            <span className="sr-only">,</span>
          </span>
          {placeOf(group) && (
            <span className="min-w-0 shrink-[2] truncate text-xs font-normal text-muted">
              {placeOf(group)}
              <span className="sr-only">,</span>
            </span>
          )}
          <span className="shrink-0 text-xs font-normal text-muted">
            {group.count.toLocaleString()}
            <span className="sr-only"> {group.count === 1 ? "issue" : "issues"}, the worst: </span>
          </span>
          <span title={group.title} className="min-w-0 flex-1 shrink-[3] truncate text-xs font-normal text-muted @max-2xl:hidden">
            {group.title}
          </span>
          <span className="ml-auto flex shrink-0 items-center gap-3 text-xs font-normal">
            <span className="flex @max-2xl:hidden">
              <Sparkline values={group.opened} label={openedText(group)} />
            </span>
            {SEVERITIES.filter((one) => group.severities[one] > 0).map((one) => (
              <Mark key={one} tone={one}>
                {group.severities[one].toLocaleString()} <span className="@max-2xl:sr-only">{one}</span>
              </Mark>
            ))}
          </span>
        </button>
      </div>
    </div>
  );
}

/** The last row while there are groups that are not read yet. */
export function MoreGroups({ grouped, top }: { grouped: Grouped; top: number }) {
  const left = grouped.total - grouped.groups.length;
  return (
    <div
      role="row"
      style={{ transform: `translateY(${top}px)`, height: GROUP_PX }}
      className="absolute inset-x-0 border-b border-line bg-surface"
    >
      <div role="cell" className="h-full">
        <button
          type="button"
          onClick={grouped.more}
          className="flex h-full w-full items-center px-4 pl-9 text-left text-accent outline-offset-[-2px] hover:bg-hover"
        >
          Show more groups ({left.toLocaleString()} left)
        </button>
      </div>
    </div>
  );
}
