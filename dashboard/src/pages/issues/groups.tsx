// Groups of the issue list: what they are by, their counts, and the filter of one of them. One group is open at a time.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { issueCountsQuery } from "../../api/queries";
import { cx } from "../../parts";
import { type IssueSearch, issueParams } from "./filter";

export const GROUPS = [
  ["type", "Type"],
  ["cluster", "Cluster"],
  ["namespace", "Namespace"],
] as const;
export const GROUP_PX = 36;
const NO_NAMESPACE = "";
const MOST_VALUES = 100; // of a facet
const MOST_COUNTED = 10_000; // issues

export interface Group {
  /** Empty: issues without a namespace. */
  value: string;
  count: number;
  /** More issues match than are counted. */
  isAtLeast: boolean;
}

export interface Grouped {
  groups: Group[];
  /** Index of the open group, or -1. */
  openAt: number;
  toggle: (value: string) => void;
}

/** The groups of the list, and the filter of the one that is open; undefined where the list has no groups or they are not known yet. */
export function useGroups(search: IssueSearch): { grouped: Grouped | undefined; within: IssueSearch; isGrouped: boolean } {
  const by = GROUPS.find(([name]) => name === search.group)?.[0];
  const { sort: _sort, ...params } = issueParams(search);
  const { data: facets } = useQuery({ ...issueCountsQuery(params), enabled: by !== undefined });
  const [chosen, choose] = useState<{ by: string | undefined; value: string | null }>();
  const groups = useMemo(() => {
    if (!by || !facets) return undefined;
    const total = facets.severity.reduce((sum, one) => sum + one.count, 0);
    const isAtLeast = total >= MOST_COUNTED;
    const found: Group[] = facets[by].map((one) => ({ ...one, isAtLeast }));
    const rest = total - found.reduce((sum, one) => sum + one.count, 0);
    if (by === "namespace" && rest > 0 && found.length < MOST_VALUES) found.push({ value: NO_NAMESPACE, count: rest, isAtLeast });
    return found;
  }, [by, facets]);
  const wanted = chosen?.by === by ? chosen?.value : undefined; // null: all are closed
  const known = groups?.findIndex((one) => one.value === wanted) ?? -1;
  const openAt = wanted === null || known >= 0 ? known : groups?.length ? 0 : -1;
  const open = groups?.[openAt]?.value;
  const within = useMemo(() => (by && open !== undefined ? inside(search, by, open) : search), [search, by, open]);
  const toggle = (value: string) => choose({ by, value: value === open ? null : value });
  return { grouped: groups && { groups, openAt, toggle }, within, isGrouped: by !== undefined };
}

function inside(search: IssueSearch, by: (typeof GROUPS)[number][0], value: string): IssueSearch {
  if (value === NO_NAMESPACE) return { ...search, q: [search.q, "ns:none"].filter(Boolean).join(" ") };
  return { ...search, [by]: value };
}

export function GroupRow({ group, isOpen, top, onToggle }: { group: Group; isOpen: boolean; top: number; onToggle: () => void }) {
  const name = group.value || "No namespace";
  const count = `${group.count.toLocaleString()}${group.isAtLeast ? "+" : ""}`;
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
            {name}
            <span className="sr-only">,</span>
          </span>
          <span className="shrink-0 text-xs font-normal text-muted">
            {count}
            <span className="sr-only"> {count === "1" ? "issue" : "issues"}</span>
          </span>
        </button>
      </div>
    </div>
  );
}
