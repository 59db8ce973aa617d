// The rows of the issue list: only those in view are in the page. Keyboard shortcuts move the mark and change issues.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Issue } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { counted, cx, plural, useKeys } from "../../parts";
import { useNarrow, useWidth } from "../../parts/narrow";
import { usePreferences } from "../../parts/preferences";
import { choose } from "../chosen";
import { usePeople } from "../people";
import { useIssueActions } from "./actions";
import { BulkBar } from "./bulk";
import { COLUMNS, fitting, template } from "./columns";
import { type IssueSearch, SORT, sorted } from "./filter";
import type { ChangeFilter as Change } from "./filterbar";
import { GROUP_PX, type Grouped, GroupRow, MoreGroups } from "./groups";
import { useRunnable, useSeveralClusters } from "./issuetext";
import { COMPACT_CARD_PX, GRID, IssueRow, NARROW_BELOW_PX, ROW_PX } from "./row";
import { useSelection } from "./selection";
import { SnoozeDialog } from "./triage";
import { displayed, queryOf } from "./views";

const WIDTH_STEP_PX = 8; // drawn again once for so many
const AHEAD_ROWS = 30; // load the next window before its first row comes into view

interface RowsProps {
  rows: Issue[];
  /** The same below each group; without groups one list. */
  below: Issue[][];
  total: number;
  search: IssueSearch;
  grouped: Grouped | undefined;
  change: Change;
  open: string | undefined;
  fresh: number;
  reload: () => void;
  filterBox: React.RefObject<HTMLInputElement | null>;
  more: (() => void) | undefined;
  busy: boolean;
}

export function Rows({ rows, below, total, search, grouped, change, open, fresh, reload, filterBox, more, busy }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const go = useNavigate();
  const actions = useIssueActions();
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "issues:write");
  const { name } = usePeople();
  const [selected, selectRows, pickRow] = useSelection(rows);
  const [matching, selectMatching] = useMatching(search);
  const select = useCallback(
    (next: Set<string>) => {
      selectMatching(null);
      selectRows(next);
    },
    [selectRows, selectMatching],
  );
  const pick = useCallback(
    (id: string, isRange: boolean) => {
      selectMatching(null);
      pickRow(id, isRange);
    },
    [pickRow, selectMatching],
  );
  const [snoozing, snooze] = useState<Issue[]>([]);
  const [current, setCurrent] = useState(open);
  const [opened, setOpened] = useState(open); // before the address says so
  const [announced, setAnnounced] = useState(open);
  if (announced !== open) {
    setAnnounced(open);
    setOpened(open);
    if (open) setCurrent(open);
  }
  const at = rows.findIndex((one) => one.id === current);
  const marked = rows[at];
  const chosen = useMemo(() => rows.filter((one) => selected.has(one.id)), [rows, selected]);
  useEffect(() => {
    choose(matching !== null ? [] : chosen.length ? chosen : marked ? [marked] : []);
    return () => choose([]);
  }, [chosen, marked, matching]);
  const place = useRef(0); // of the mark, also after its row has left the list
  const wanted = useRef<string | null>(null); // the row that is to be focused as soon as it is drawn
  useLayoutEffect(() => {
    if (at >= 0) place.current = at;
    const link = wanted.current && box.current?.querySelector<HTMLElement>(`[data-id="${wanted.current}"] a`);
    if (!link) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  const isOpen = opened !== undefined;
  const onFocus = useCallback((id: string) => !isOpen && setCurrent(id), [isOpen]); // beside an open issue keys are about that one
  const isNarrow = useNarrow(box, NARROW_BELOW_PX);
  const { density, columns: issueColumns } = displayed(search, usePreferences());
  const lines = isNarrow ? "card" : density === "compact" ? "one" : "two";
  const rowPx = isNarrow && density === "compact" ? COMPACT_CARD_PX : ROW_PX[lines];
  const hasCluster = useSeveralClusters(search.cluster);
  const canRun = useRunnable();
  const widthPx = useWidth(box, (width) => Math.floor(width / WIDTH_STEP_PX) * WIDTH_STEP_PX);
  const columns = useMemo(() => fitting(widthPx, issueColumns, search.sort), [widthPx, issueColumns, search.sort]);
  const places = useMemo(() => placed(below, grouped !== undefined), [below, grouped !== undefined]);
  const isMore = (item: number) => item === places.items.length;
  const groupOf = (item: number) => {
    const at = places.items[item] ?? 0;
    return at < 0 ? grouped?.groups[-1 - at] : undefined;
  };
  const count = places.items.length + (grouped?.more ? 1 : 0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: (item) => (groupOf(item) || isMore(item) ? GROUP_PX : rowPx),
    overscan: 8,
  });
  const layout = `${rowPx} ${count} ${grouped ? below.map((one) => one.length).join() : ""}`;
  useEffect(() => virtual.measure(), [layout, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const through = below.slice(0, (grouped?.openAt ?? 0) + 1).reduce((sum, one) => sum + one.length, 0);
  const end = places.rows[through - 1]; // the last row of those that are read in windows
  useEffect(() => {
    if (more && end !== undefined && last > end - AHEAD_ROWS) more();
  }, [last, end, more]);

  const openIssue = (id: string, replace = false) => {
    wanted.current = null;
    setOpened(id);
    void go({ to: "/issues/$issueId", params: { issueId: id }, search: search as never, replace });
  };
  const move = (by: number) => {
    const from = marked ? at + by : current ? place.current - Number(by < 0) : 0;
    const to = Math.min(rows.length - 1, Math.max(0, from));
    const row = rows[to];
    if (!row) return;
    setCurrent(row.id);
    virtual.scrollToIndex(places.rows[to]!, { align: "auto" });
    if (isOpen) openIssue(row.id, true);
    else wanted.current = row.id;
  };
  const resolve = (row: Issue) => {
    // What leaves the list hands its place to the next one.
    if (!isOpen) setCurrent((rows[at + 1] ?? rows[at - 1])?.id);
    void actions.resolve(row);
  };
  const enter = () => {
    const row = marked ?? (current ? undefined : rows[0]);
    if (!row) return;
    setCurrent(row.id);
    openIssue(row.id);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    o: enter,
    Enter: enter,
    a: () => marked && void actions.acknowledge(marked),
    e: () => marked && resolve(marked),
    i: () => marked && void actions.analyse(marked),
    ...(mayWrite && {
      x: () => marked && pick(marked.id, false),
      // With rows selected it is about them.
      s: () => {
        if (matching !== null) return; // the bar asks first
        const chosen = selected.size ? rows.filter((one) => selected.has(one.id)) : marked ? [marked] : [];
        snooze(chosen.filter((one) => one.status !== "resolved"));
      },
    }),
    ...(selected.size > 0 && !open && { Escape: () => select(new Set()) }),
    "/": () => filterBox.current?.focus(),
    ".": () => fresh > 0 && reload(),
  });

  return (
    <div className="@container relative flex min-h-0 flex-1 flex-col">
      {busy && <div aria-hidden className="absolute inset-x-0 top-0 z-10 h-0.5 animate-pulse bg-accent" />}
      <div
        role="table"
        aria-label="Issues"
        aria-rowcount={total + count - rows.length}
        aria-busy={busy}
        className="flex min-h-0 flex-1 flex-col"
      >
        <div role="rowgroup">
          <div
            role="row"
            style={{ gridTemplateColumns: template(columns) }}
            className={cx(GRID, "h-8 border-b border-line bg-surface text-xs text-muted")}
          >
            <span role="columnheader" className="flex items-center">
              {mayWrite ? (
                <label className="-m-1.5 flex p-1.5">
                  <input
                    type="checkbox"
                    aria-label="Select all loaded issues"
                    checked={matching !== null || (selected.size > 0 && selected.size === rows.length)}
                    ref={(box) => {
                      if (box) box.indeterminate = matching === null && selected.size > 0 && selected.size < rows.length;
                    }}
                    onChange={() => select(new Set(matching !== null || selected.size === rows.length ? [] : rows.map((one) => one.id)))}
                  />
                </label>
              ) : (
                <span className="sr-only">Selected</span>
              )}
            </span>
            {columns.includes("severity") && <Head column="severity" now={search.sort} change={change} />}
            <span role="columnheader" className="flex min-w-0 items-center gap-3">
              Issue
              {fresh > 0 && (
                // In the heading, where it covers no row.
                <button
                  type="button"
                  onClick={reload}
                  className="flex h-6 items-center gap-1.5 rounded-full border border-accent bg-accent px-3 text-xs font-medium whitespace-nowrap text-on-accent"
                >
                  {fresh} new <ArrowUp aria-hidden className="size-3" />
                </button>
              )}
            </span>
            {columns
              .filter((one) => one !== "severity")
              .map((column) => (
                <Head key={column} column={column} now={search.sort} change={change} />
              ))}
          </div>
        </div>
        <div ref={box} role="rowgroup" className="min-h-0 flex-1 overflow-y-auto">
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const group = groupOf(item.index);
              if (group)
                return (
                  <GroupRow
                    key={`group ${group.query}`}
                    group={group}
                    isOpen={group === grouped?.groups[grouped.openAt] || !!grouped?.isSmall(group)}
                    top={item.start}
                    onToggle={() => grouped?.toggle(group.query)}
                  />
                );
              if (isMore(item.index)) return <MoreGroups key="more groups" grouped={grouped!} top={item.start} />;
              const issue = rows[places.items[item.index]!]!;
              return (
                <IssueRow
                  key={issue.id}
                  issue={issue}
                  index={item.index}
                  top={item.start}
                  height={rowPx}
                  search={search}
                  isOpen={issue.id === open}
                  isSelected={matching !== null || selected.has(issue.id)}
                  onPick={mayWrite ? pick : undefined}
                  assignee={issue.assignee ? (name(issue.assignee) ?? "a former member") : undefined}
                  onFocus={onFocus}
                  columns={columns}
                  lines={lines}
                  hasCluster={hasCluster}
                  canRun={canRun(issue)}
                />
              );
            })}
          </div>
        </div>
      </div>
      {selected.size > 0 && (
        <BulkBar
          rows={rows.filter((one) => selected.has(one.id))}
          isAll={selected.size === rows.length}
          total={total}
          search={search}
          matching={matching}
          onMatching={selectMatching}
          onAll={() => select(new Set(rows.map((one) => one.id)))}
          onDone={(left) => select(new Set(left))}
        />
      )}
      {snoozing.length > 0 && (
        <SnoozeDialog
          severity={snoozing.length === 1 ? snoozing[0]!.severity : null}
          make={(change, message) =>
            void (snoozing.length === 1
              ? actions.change(snoozing[0]!, change, `${message}: ${snoozing[0]!.title}`, { snooze: null })
              : actions.changeAll(snoozing, change, message).then((left) => select(new Set(left))))
          }
          onClose={() => snooze([])}
        />
      )}
      <footer className="flex h-7 shrink-0 items-center justify-between border-t border-line bg-surface px-4 text-xs text-muted">
        <span>
          {grouped
            ? `${plural(grouped.total, "group")}, ${plural(grouped.issues, "issue")}`
            : rows.length < total
              ? `${rows.length.toLocaleString()} of ${counted(total)} issues`
              : `${counted(total)} ${total === 1 ? "issue" : "issues"}`}
        </span>
        <span className="max-md:hidden">? for shortcuts</span>
      </footer>
    </div>
  );
}

/** What each item of the list is: the index of a row or, below zero, of a group (-1 is the first); and at which item each row is. */
function placed(below: Issue[][], isGrouped: boolean): { items: number[]; rows: number[] } {
  const items: number[] = [];
  const rows: number[] = [];
  below.forEach((those, group) => {
    if (isGrouped) items.push(-1 - group);
    for (let number = 0; number < those.length; number++) {
      rows.push(items.length);
      items.push(rows.length - 1);
    }
  });
  return { items, rows };
}

/** How many issues are selected as all that match; null: only rows are. Another filter is another selection. */
function useMatching(search: IssueSearch): [number | null, (number: number | null) => void] {
  const [matching, select] = useState<{ query: string; number: number } | null>(null);
  const query = queryOf(search);
  const set = useCallback((number: number | null) => select(number === null ? null : { query, number }), [query]);
  return [matching?.query === query ? matching.number : null, set];
}

const SORTS: Record<string, string> = { severity: "severity", detected: "detectedAt", lastSeen: "lastSeenAt", status: "status" };

function Head({ column, now, change }: { column: string; now: string | undefined; change: Change }) {
  const { name } = COLUMNS.find((one) => one.id === column)!;
  const by = SORTS[column];
  const isRight = column === "count";
  if (!by)
    return (
      <span role="columnheader" className={cx("truncate", isRight && "text-right")}>
        {name}
      </span>
    );
  const sort = now ?? SORT;
  const direction = sort === `-${by}` ? "descending" : sort === by ? "ascending" : undefined;
  return (
    <span role="columnheader" aria-sort={direction ?? "none"}>
      <button
        type="button"
        onClick={() => change({ sort: sorted(now, by) })}
        className="flex h-6 items-center gap-1 font-medium hover:text-text"
      >
        {name}
        {direction === "descending" && <ArrowDown aria-hidden className="size-3" />}
        {direction === "ascending" && <ArrowUp aria-hidden className="size-3" />}
      </button>
    </span>
  );
}
