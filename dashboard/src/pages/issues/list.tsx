// The issue list. Filter, sort and the open issue are in the address; rows come in windows from the server and only those in view are in
// the page. Events change rows in place; new issues wait behind a pill, so that nothing moves under the reader's hand.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, MessageSquare, ScanSearch } from "lucide-react";
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { clustersQuery, type Issue, issuesQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { follow } from "../../live/live";
import { Button, Chip, cx, Empty, Failed, Loading, Mark, Name, Severity, StaleMark, StaleNotice, Status, Time, useKeys } from "../../parts";
import { usePeople } from "../people";
import { useIssueActions } from "./actions";
import { BulkBar } from "./bulk";
import { belongs, type IssueSearch, issueParams, type Judged, narrowed, SORT, sorted, stays } from "./filter";
import { type ChangeFilter as Change, cleared, FilterBar, Views } from "./filterbar";
import { SnoozeDialog } from "./triage";

const route = getRouteApi("/framed/issues");
const ROW_PX = 46;
const AHEAD_ROWS = 30; // ask for the next window before its first row comes into view

export function IssueList() {
  const search = route.useSearch() as IssueSearch;
  const { issueId } = useParams({ strict: false });
  const go = useNavigate();
  const list = useInfiniteQuery(issuesQuery(issueParams(search)));
  const { me } = usePeople();
  const rows = useMemo(
    () => (list.data?.pages ?? []).flatMap((page) => page.issues).filter((one) => one.id === issueId || stays(search, one, me)),
    [list.data, search, me, issueId],
  );
  const total = list.data?.pages[0]?.total ?? 0;
  const [fresh, seen] = useFresh(search, rows, me);
  const filterBox = useRef<HTMLInputElement>(null);
  const change = useCallback(
    (next: Partial<IssueSearch>) => void go({ to: ".", search: (before: object) => ({ ...before, ...next }), replace: true } as never),
    [go],
  );
  const reload = () => {
    seen();
    void list.refetch();
  };
  const isFull = search.full === "1" && issueId !== undefined;

  return (
    <div className="flex min-h-0 flex-1">
      <div className={cx("flex min-w-0 flex-1 flex-col", isFull && "hidden")}>
        <header className="flex items-center gap-4 border-b border-line px-4 pt-2">
          <h1 className="sr-only">Issues</h1>
          <Views search={search} change={change} />
        </header>
        <FilterBar search={search} change={change} box={filterBox} />
        {list.isError && !list.data ? (
          <Failed error={list.error} what="Could not load issues" retry={() => void list.refetch()} />
        ) : list.isPending ? (
          <Loading />
        ) : rows.length === 0 ? (
          <Nothing search={search} change={change} fresh={fresh.size} reload={reload} />
        ) : (
          <>
            <StaleNotice rows={rows.filter((one) => one.status !== "resolved")} />
            <Rows
              rows={rows}
              total={Math.max(total, rows.length)}
              search={search}
              change={change}
              open={issueId}
              fresh={fresh.size}
              reload={reload}
              filterBox={filterBox}
              more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
              busy={list.isFetching && !list.isFetchingNextPage}
            />
          </>
        )}
      </div>
      <Outlet />
    </div>
  );
}

/** Members whose change can bring an issue into the list. */
const ENTERS = ["status", "substatus", "parentIssueId"];

/** Issues that came since the list was read and belong to it. */
function useFresh(search: IssueSearch, rows: Issue[], me: string | undefined): [Set<string>, () => void] {
  const [fresh, set] = useState<Set<string>>(new Set());
  const known = useRef(rows);
  useEffect(() => {
    known.current = rows;
  }, [rows]);
  useEffect(() => {
    set(new Set());
    return follow((event) => {
      if (event.type === "stream.reset") return;
      const id = String(event.data.id);
      const changes = (event.data.changes as object | null) ?? {};
      const isNews = event.type === "issue.created" || (event.type === "issue.updated" && ENTERS.some((name) => name in changes));
      if (!isNews && event.type !== "issue.resolved") return;
      set((before) => {
        if (isNews && belongs(search, event.data as unknown as Judged, me) && !known.current.some((row) => row.id === id))
          return new Set(before).add(id);
        if (!before.has(id)) return before;
        const after = new Set(before);
        after.delete(id);
        return after;
      });
    });
  }, [search, me]);
  return [fresh, () => set(new Set())];
}

function Nothing({ search, change, fresh, reload }: { search: IssueSearch; change: Change; fresh: number; reload: () => void }) {
  const { data: clusters } = useQuery(clustersQuery({}));
  const go = useNavigate();
  if (fresh > 0) return <Empty title={`${fresh} new`} action={<Button onClick={reload}>Show</Button>} />;
  if (narrowed(search) || search.cluster)
    return (
      <Empty
        title="No matching issues"
        action={<Button onClick={() => change({ ...cleared(search), cluster: undefined })}>Clear filters</Button>}
      >
        Issues may be hidden by the filters.
      </Empty>
    );
  if (clusters?.total === 0)
    return (
      <Empty
        title="No clusters yet"
        action={
          <Button kind="primary" onClick={() => void go({ to: "/clusters/new" })}>
            Connect a cluster
          </Button>
        }
      >
        Issues appear here as soon as a cluster reports to this server.
      </Empty>
    );
  if (search.assignee === "me") return <Empty title="No issues assigned to you">Issues assigned to you appear here.</Empty>;
  if (search.snoozed === "true")
    return (
      <Empty title="No snoozed issues">
        A snoozed issue stays here until its time is reached, it occurs again or it becomes more severe.
      </Empty>
    );
  if (search.muted === "true")
    return (
      <Empty
        title="No muted issues"
        action={<Button onClick={() => void go({ to: "/settings/$tab", params: { tab: "mute-rules" } })}>Mute rules</Button>}
      >
        Issues that match a mute rule appear here. They send no notifications.
      </Empty>
    );
  if (search.status === "resolved" || search.status === "all")
    return <Empty title="No issues yet">Issues appear here when a detector finds a failure.</Empty>;
  return (
    <Empty title="No open issues" action={<Button onClick={() => change({ status: "resolved" })}>View resolved issues</Button>}>
      All connected clusters look healthy.
    </Empty>
  );
}

interface RowsProps {
  rows: Issue[];
  total: number;
  search: IssueSearch;
  change: Change;
  open: string | undefined;
  fresh: number;
  reload: () => void;
  filterBox: React.RefObject<HTMLInputElement | null>;
  more: (() => void) | undefined;
  busy: boolean;
}

function Rows({ rows, total, search, change, open, fresh, reload, filterBox, more, busy }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const go = useNavigate();
  const actions = useIssueActions();
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "issues:write");
  const { name } = usePeople();
  const [selected, select, pick] = useSelection(rows);
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
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 8 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
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
    virtual.scrollToIndex(to, { align: "auto" });
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
      <div role="table" aria-label="Issues" aria-rowcount={total} aria-busy={busy} className="flex min-h-0 flex-1 flex-col">
        <div role="rowgroup">
          <div role="row" className={cx(GRID, "h-8 border-b border-line bg-surface text-xs text-muted")}>
            <span role="columnheader" className="flex items-center">
              {mayWrite ? (
                <label className="-m-1.5 flex p-1.5">
                  <input
                    type="checkbox"
                    aria-label="Select all loaded issues"
                    checked={selected.size > 0 && selected.size === rows.length}
                    ref={(box) => {
                      if (box) box.indeterminate = selected.size > 0 && selected.size < rows.length;
                    }}
                    onChange={() => select(new Set(selected.size === rows.length ? [] : rows.map((one) => one.id)))}
                  />
                </label>
              ) : (
                <span className="sr-only">Selected</span>
              )}
            </span>
            <Head column="severity" now={search.sort} change={change} className="@max-xl:hidden">
              Severity
            </Head>
            <span role="columnheader">Issue</span>
            <span role="columnheader" className="text-right @max-2xl:hidden">
              Count
            </span>
            <span role="columnheader" className="@max-7xl:hidden">
              Assignee
            </span>
            <Head column="detectedAt" now={search.sort} change={change} className="@max-3xl:hidden">
              Detected
            </Head>
            <Head column="lastSeenAt" now={search.sort} change={change} className="@max-xl:hidden">
              Last seen
            </Head>
            <Head column="status" now={search.sort} change={change} className="@max-xl:hidden">
              Status
            </Head>
          </div>
        </div>
        <div ref={box} role="rowgroup" className="min-h-0 flex-1 overflow-y-auto">
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const issue = rows[item.index]!;
              return (
                <IssueRow
                  key={issue.id}
                  issue={issue}
                  index={item.index}
                  top={item.start}
                  search={search}
                  isOpen={issue.id === open}
                  isSelected={selected.has(issue.id)}
                  onPick={mayWrite ? pick : undefined}
                  assignee={issue.assignee ? (name(issue.assignee) ?? "a former member") : undefined}
                  onFocus={onFocus}
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
          {rows.length < total
            ? `${rows.length.toLocaleString()} of ${total.toLocaleString()} issues`
            : `${total.toLocaleString()} ${total === 1 ? "issue" : "issues"}`}
        </span>
        <span className="max-md:hidden">? for shortcuts</span>
      </footer>
      {fresh > 0 && (
        <button
          type="button"
          onClick={reload}
          className="absolute top-10 left-1/2 z-10 flex h-7 -translate-x-1/2 items-center gap-1.5 rounded-full border border-accent bg-accent px-3 text-xs font-medium text-on-accent shadow-raised"
        >
          {fresh} new <ArrowUp aria-hidden className="size-3" />
        </button>
      )}
    </div>
  );
}

const GRID =
  "grid items-center gap-3 px-4 grid-cols-[16px_minmax(0,1fr)] @xl:grid-cols-[16px_92px_minmax(0,1fr)_84px_116px] @2xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_84px_116px] @3xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_84px_84px_116px] @7xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_128px_84px_84px_116px]";

/** Ids of the selected rows, how to set them, and how to turn one over (with Shift: all from the one turned last). Rows that left are not selected. */
function useSelection(rows: Issue[]): [Set<string>, (next: Set<string>) => void, (id: string, isRange: boolean) => void] {
  const [chosen, select] = useState<Set<string>>(new Set());
  const last = useRef<string | null>(null);
  const now = useRef(rows);
  useEffect(() => {
    now.current = rows;
  }, [rows]);
  const selected = useMemo(() => new Set(rows.filter((one) => chosen.has(one.id)).map((one) => one.id)), [rows, chosen]);
  const pick = useCallback((id: string, isRange: boolean) => {
    const ids = now.current.map((one) => one.id);
    const [from, to] = [ids.indexOf(last.current ?? id), ids.indexOf(id)].sort((a, b) => a - b) as [number, number];
    const range = isRange && from >= 0 ? ids.slice(from, to + 1) : [id];
    last.current = id;
    select((before) => {
      const after = new Set(before);
      if (before.has(id)) range.forEach((one) => after.delete(one));
      else range.forEach((one) => after.add(one));
      return after;
    });
  }, []);
  return [selected, select, pick];
}

function Head({
  column,
  now,
  change,
  children,
  className,
}: {
  column: string;
  now: string | undefined;
  change: Change;
  children: string;
  className?: string;
}) {
  const sort = now ?? SORT;
  const direction = sort === `-${column}` ? "descending" : sort === column ? "ascending" : undefined;
  return (
    <span role="columnheader" aria-sort={direction ?? "none"} className={className}>
      <button
        type="button"
        onClick={() => change({ sort: sorted(now, column) })}
        className="flex h-6 items-center gap-1 font-medium hover:text-text"
      >
        {children}
        {direction === "descending" && <ArrowDown aria-hidden className="size-3" />}
        {direction === "ascending" && <ArrowUp aria-hidden className="size-3" />}
      </button>
    </span>
  );
}

interface RowProps {
  issue: Issue;
  index: number;
  top: number;
  search: IssueSearch;
  isOpen: boolean;
  isSelected: boolean;
  /** Absent where the person may not change issues. */
  onPick: ((id: string, isRange: boolean) => void) | undefined;
  assignee: string | undefined;
  onFocus: (id: string) => void;
}

/** Snoozed and muted are shown before the status, because they explain why no notifications are sent. */
const QUIET: Record<string, string> = { snoozed: "Snoozed", muted: "Muted" };
/** What is worth a word beside the title. */
const MARKED = new Set(["escalating", "regressed", "flapping"]);

const IssueRow = memo(function IssueRow({ issue, index, top, search, isOpen, isSelected, onPick, assignee, onFocus }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  const look = `${issue.status} ${issue.severity} ${issue.count} ${issue.hasAnalysis} ${issue.substatus} ${issue.assignee}`;
  const before = useRef(look);
  useEffect(() => {
    if (before.current === look) return;
    before.current = look;
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches)
      row.current?.animate([{ backgroundColor: "var(--selected)" }, { backgroundColor: "transparent" }], { duration: 1200 });
  }, [look]);
  return (
    <div
      ref={row}
      role="row"
      aria-rowindex={index + 1}
      data-id={issue.id}
      style={{ transform: `translateY(${top}px)`, height: ROW_PX }}
      className={cx(
        GRID,
        "absolute inset-x-0 border-b border-line",
        isOpen || isSelected ? "bg-selected" : "hover:bg-hover has-[a:focus-visible]:bg-hover",
      )}
    >
      <span role="cell" className="flex items-center">
        {onPick && (
          // The whole corner can be hit, above the link that covers the row.
          <label className="relative z-[1] -m-3.5 flex p-3.5">
            <input
              type="checkbox"
              aria-label={`Select ${issue.title}`}
              checked={isSelected}
              onChange={(event) => onPick(issue.id, (event.nativeEvent as MouseEvent).shiftKey)}
              onFocus={() => onFocus(issue.id)}
            />
          </label>
        )}
      </span>
      <span role="cell" className="@max-xl:hidden">
        <Severity value={issue.severity} />
      </span>
      <div role="cell" className="min-w-0">
        <div className="flex min-w-0">
          <Link
            to="/issues/$issueId"
            params={{ issueId: issue.id }}
            search={search as never}
            preload={false}
            aria-current={isOpen ? "true" : undefined}
            onFocus={() => onFocus(issue.id)}
            className="min-w-0 truncate font-medium outline-offset-0 after:absolute after:inset-0"
            title={issue.title}
          >
            {issue.title}
          </Link>
        </div>
        <div className="flex h-5 min-w-0 items-center gap-1.5 overflow-hidden text-xs text-muted">
          <span className="shrink-0 @xl:hidden">
            <Severity quiet value={issue.severity} />
          </span>
          <span aria-hidden className="@xl:hidden">
            ·
          </span>
          {issue.status !== "resolved" && <StaleMark of={issue} />}
          <span className="min-w-8 shrink truncate">{issue.type}</span>
          <span aria-hidden>·</span>
          <Name className="min-w-16 shrink-[8] font-mono">{`${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`}</Name>
          <span aria-hidden className="@max-2xl:hidden">
            ·
          </span>
          <span className="min-w-8 shrink-[2] truncate @max-2xl:hidden">{issue.cluster}</span>
          {assignee && (
            <span title="Assignee" className="min-w-8 truncate @7xl:hidden">
              <span aria-hidden>· </span>
              {assignee}
            </span>
          )}
          {issue.hasAnalysis && (
            <span title="Analysis ready" className="inline-flex shrink-0">
              <ScanSearch aria-hidden className="size-3 text-muted" />
              <span className="sr-only">analysis ready</span>
            </span>
          )}
          {issue.commentCount > 0 && (
            <span
              title={`${issue.commentCount} ${issue.commentCount === 1 ? "comment" : "comments"}`}
              className="inline-flex shrink-0 items-center gap-0.5 text-xs text-muted"
            >
              <MessageSquare aria-hidden className="size-3" />
              {issue.commentCount}
              <span className="sr-only"> comments</span>
            </span>
          )}
          {issue.symptomCount > 0 && (
            <span className="shrink-0">
              <Chip title="Issues that this one explains">
                {issue.symptomCount} {issue.symptomCount === 1 ? "symptom" : "symptoms"}
              </Chip>
            </span>
          )}
          {issue.parentIssueId && (
            <span className="shrink-0">
              <Chip title="Explained by another issue">symptom</Chip>
            </span>
          )}
          {MARKED.has(issue.substatus) && issue.status !== "resolved" && (
            <span className="shrink-0 @max-lg:hidden">
              <Chip>{issue.substatus}</Chip>
            </span>
          )}
        </div>
      </div>
      <span role="cell" className="text-right text-muted @max-2xl:hidden">
        {issue.count > 1 ? `×${issue.count}` : ""}
      </span>
      <span role="cell" title={assignee} className="truncate text-muted @max-7xl:hidden">
        {assignee}
      </span>
      <span role="cell" className="text-muted @max-3xl:hidden">
        <Time at={issue.detectedAt} />
      </span>
      <span role="cell" className="text-muted @max-xl:hidden">
        <Time at={issue.lastSeenAt} />
      </span>
      <span role="cell" className="@max-xl:hidden">
        {issue.status !== "resolved" && QUIET[issue.substatus] ? (
          <Mark tone="info">{QUIET[issue.substatus]}</Mark>
        ) : (
          <Status quiet value={issue.status} />
        )}
      </span>
    </div>
  );
});
