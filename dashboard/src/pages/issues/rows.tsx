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
import { fitting, template } from "./columns";
import { type IssueSearch, SORT, sorted } from "./filter";
import type { ChangeFilter as Change } from "./filterbar";
import { GROUP_PX, type Grouped, GroupRow, MoreGroups } from "./groups";
import { COMPACT_ROW_PX, GRID, IssueRow, NARROW_BELOW_PX, NARROW_ROW_PX, ROW_PX } from "./row";
import { useSelection } from "./selection";
import { SnoozeDialog } from "./triage";
import { displayed, queryOf } from "./views";

const WIDTH_STEP_PX = 8; // drawn again once for so many
const AHEAD_ROWS = 30; // load the next window before its first row comes into view

interface RowsProps {
  rows: Issue[];
  total: number;
  search: IssueSearch;
  /** The filter of the rows: of the open group, if there are groups. */
  within: IssueSearch;
  grouped: Grouped | undefined;
  change: Change;
  open: string | undefined;
  fresh: number;
  reload: () => void;
  filterBox: React.RefObject<HTMLInputElement | null>;
  more: (() => void) | undefined;
  busy: boolean;
}

export function Rows({ rows, total, search, within, grouped, change, open, fresh, reload, filterBox, more, busy }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const go = useNavigate();
  const actions = useIssueActions();
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "issues:write");
  const { name } = usePeople();
  const [selected, selectRows, pickRow] = useSelection(rows);
  const [matching, selectMatching] = useMatching(within);
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
  const isOneLine = density === "compact" && !isNarrow;
  const rowPx = isOneLine ? COMPACT_ROW_PX : isNarrow && density === "comfortable" ? NARROW_ROW_PX : ROW_PX;
  const widthPx = useWidth(box, (width) => Math.floor(width / WIDTH_STEP_PX) * WIDTH_STEP_PX);
  const isByDetection = search.sort === "detectedAt"; // then the list shows what it is sorted by
  const columns = useMemo(() => {
    const fit = fitting(widthPx, issueColumns);
    return isByDetection && !fit.includes("detected") ? fit.map((one) => (one === "since" ? "detected" : one)) : fit;
  }, [widthPx, issueColumns, isByDetection]);
  const first = grouped ? grouped.openAt + 1 : 0; // place of the first row among the rows and the heads of groups
  const groupOf = (item: number) => {
    if (!grouped || (item >= first && item < first + rows.length)) return undefined;
    return grouped.groups[item < first ? item : item - rows.length];
  };
  const heads = (grouped?.groups.length ?? 0) + (grouped?.more ? 1 : 0);
  const isMore = (item: number) => !!grouped?.more && item === rows.length + grouped.groups.length;
  const virtual = useVirtualizer({
    count: rows.length + heads,
    getScrollElement: () => box.current,
    estimateSize: (item) => (groupOf(item) || isMore(item) ? GROUP_PX : rowPx),
    overscan: 8,
  });
  const places = `${rowPx} ${first} ${rows.length} ${heads}`;
  useEffect(() => virtual.measure(), [places, virtual]);
  const items = virtual.getVirtualItems();
  const last = (items.at(-1)?.index ?? 0) - first;
  useEffect(() => {
    if (more && last > rows.length - AHEAD_ROWS) more();
  }, [last, rows.length, more]);

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
    virtual.scrollToIndex(first + to, { align: "auto" });
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
      <div role="table" aria-label="Issues" aria-rowcount={total + heads} aria-busy={busy} className="flex min-h-0 flex-1 flex-col">
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
            {columns.includes("namespace") && <span role="columnheader">Namespace</span>}
            {columns.includes("cluster") && <span role="columnheader">Cluster</span>}
            {columns.includes("count") && (
              <span role="columnheader" className="text-right">
                Count
              </span>
            )}
            {columns.includes("assignee") && <span role="columnheader">Assignee</span>}
            {columns.includes("since") && <Since now={search.sort} change={change} />}
            {columns.includes("detected") && <Head column="detectedAt" now={search.sort} change={change} />}
            {columns.includes("lastSeen") && <Head column="lastSeenAt" now={search.sort} change={change} />}
            {columns.includes("status") && <Head column="status" now={search.sort} change={change} />}
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
                    isOpen={group === grouped?.groups[grouped.openAt]}
                    top={item.start}
                    onToggle={() => grouped?.toggle(group.query)}
                  />
                );
              if (isMore(item.index)) return <MoreGroups key="more groups" grouped={grouped!} top={item.start} />;
              const issue = rows[item.index - first]!;
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
                  isOneLine={isOneLine}
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
          search={within}
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

/** How many issues are selected as all that match; null: only rows are. Another filter is another selection. */
function useMatching(search: IssueSearch): [number | null, (number: number | null) => void] {
  const [matching, select] = useState<{ query: string; number: number } | null>(null);
  const query = queryOf(search);
  const set = useCallback((number: number | null) => select(number === null ? null : { query, number }), [query]);
  return [matching?.query === query ? matching.number : null, set];
}

/** Of no sort: issues are in the order of their detection, newest first, unless another column is chosen. */
function Since({ now, change }: { now: string | undefined; change: Change }) {
  return (
    <span role="columnheader">
      <button
        type="button"
        title="When the failure began. Sorts by when Optral detected it."
        onClick={() => change({ sort: sorted(now, "detectedAt") })}
        className="flex h-6 items-center font-medium hover:text-text"
      >
        Since
      </button>
    </span>
  );
}

const HEADS = { severity: "Severity", detectedAt: "Detected", lastSeenAt: "Last seen", status: "Status" };

function Head({ column, now, change }: { column: keyof typeof HEADS; now: string | undefined; change: Change }) {
  const sort = now ?? SORT;
  const direction = sort === `-${column}` ? "descending" : sort === column ? "ascending" : undefined;
  return (
    <span role="columnheader" aria-sort={direction ?? "none"}>
      <button
        type="button"
        onClick={() => change({ sort: sorted(now, column) })}
        className="flex h-6 items-center gap-1 font-medium hover:text-text"
      >
        {HEADS[column]}
        {direction === "descending" && <ArrowDown aria-hidden className="size-3" />}
        {direction === "ascending" && <ArrowUp aria-hidden className="size-3" />}
      </button>
    </span>
  );
}
