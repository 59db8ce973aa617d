// The issue list. Filter, sort and the open issue are in the address; rows come in windows from the server and only those in view are in
// the page. Events change rows in place; new issues wait behind a pill, so that nothing moves under the reader's hand.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, ChevronDown, Search, ScanSearch, X } from "lucide-react";
import { clustersQuery, issueCountsQuery, issuesQuery, type Issue } from "../../api/queries";
import { follow } from "../../live/live";
import { Button, Empty, Failed, Loading, Menu, MenuCheck, Name, Severity, Status, Time, cx, severityOf, useKeys } from "../../parts";
import { toggled, words } from "../search";
import { useIssueActions } from "./actions";
import { asked, belongs, narrowed, sorted, SORT, VIEWS, type IssueSearch, type Judged } from "./filter";

const route = getRouteApi("/framed/issues");
const ROW_PX = 46;
const AHEAD_ROWS = 30; // ask for the next window before its first row comes into view

export function IssueList() {
  const search = route.useSearch() as IssueSearch;
  const { issueId } = useParams({ strict: false });
  const go = useNavigate();
  const list = useInfiniteQuery(issuesQuery(asked(search)));
  const wanted = useMemo(() => words(asked(search).status), [search]);
  const rows = useMemo(
    () => (list.data?.pages ?? []).flatMap((page) => page.issues).filter((one) => !wanted.length || wanted.includes(one.status) || one.id === issueId),
    [list.data, wanted, issueId],
  );
  const total = list.data?.pages[0]?.total ?? 0;
  const [fresh, seen] = useFresh(search, rows);
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
          <Failed error={list.error} what="The issues could not be read" retry={() => void list.refetch()} />
        ) : list.isPending ? (
          <Loading />
        ) : rows.length === 0 ? (
          <Nothing search={search} change={change} fresh={fresh.size} reload={reload} />
        ) : (
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
        )}
      </div>
      <Outlet />
    </div>
  );
}

/** Issues that came since the list was read and belong to it. */
function useFresh(search: IssueSearch, rows: Issue[]): [Set<string>, () => void] {
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
      const isNews = event.type === "issue.created" || (event.type === "issue.updated" && "status" in ((event.data.changes as object | null) ?? {}));
      if (!isNews && event.type !== "issue.resolved") return;
      set((before) => {
        if (isNews && belongs(search, event.data as unknown as Judged) && !known.current.some((row) => row.id === id)) return new Set(before).add(id);
        if (!before.has(id)) return before;
        const after = new Set(before);
        after.delete(id);
        return after;
      });
    });
  }, [search]);
  return [fresh, () => set(new Set())];
}

type Change = (next: Partial<IssueSearch>) => void;

function Views({ search, change }: { search: IssueSearch; change: Change }) {
  const { status: _status, sort: _sort, ...rest } = asked(search);
  const { data } = useQuery(issueCountsQuery(rest));
  const count = (status: string | undefined) => {
    const among = status === "all" ? null : words(status ?? "open,acknowledged");
    return data?.status.filter((one) => !among || among.includes(one.value)).reduce((sum, one) => sum + one.count, 0);
  };
  return (
    <div role="group" aria-label="Views" className="flex gap-1 overflow-x-auto">
      {VIEWS.map((view) => (
        <button
          key={view.label}
          type="button"
          aria-pressed={search.status === view.status}
          onClick={() => change({ status: view.status })}
          className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2 font-medium whitespace-nowrap text-muted hover:text-text aria-pressed:border-accent aria-pressed:text-text"
        >
          {view.label}
          <span className="text-xs font-normal text-muted">{count(view.status)}</span>
        </button>
      ))}
    </div>
  );
}

function FilterBar({ search, change, box }: { search: IssueSearch; change: Change; box: React.RefObject<HTMLInputElement | null> }) {
  const { status, cluster, q } = asked(search);
  const { data: facets } = useQuery(issueCountsQuery({ status, cluster, q }));
  const [text, write] = useState(search.q ?? "");
  useEffect(() => write(search.q ?? ""), [search.q]);
  useEffect(() => {
    if (text === (search.q ?? "")) return;
    const timer = setTimeout(() => change({ q: text.trim() || undefined }), 200);
    return () => clearTimeout(timer);
  }, [text, search.q, change]);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <div className="relative min-w-40 flex-1 sm:max-w-72">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2 size-3.5 text-muted" />
        <input
          ref={box}
          type="search"
          aria-label="Filter by title, resource or owner"
          placeholder="Filter by title, resource, owner"
          maxLength={100}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && (text ? write("") : event.currentTarget.blur())}
          className="h-8 w-full rounded-sm border border-control/60 bg-bg pr-2 pl-7 text-sm [&::-webkit-search-cancel-button]:hidden"
        />
      </div>
      <Facet name="Severity" order={["critical", "high", "medium", "low"]} value={search.severity} options={facets?.severity} shown={(one) => <Severity quiet value={one} />} said={(one) => severityOf(one)[1]} onChange={(severity) => change({ severity })} />
      <Facet name="Type" value={search.type} options={facets?.type} onChange={(type) => change({ type })} />
      <Facet name="Namespace" value={search.namespace} options={facets?.namespace} onChange={(namespace) => change({ namespace })} />
      {narrowed(search) > 0 && (
        <Button kind="quiet" small icon={<X />} onClick={() => change({ severity: undefined, type: undefined, namespace: undefined, q: undefined })}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Facet({
  name,
  value,
  options,
  shown = (one) => one,
  said = (one) => one,
  order = [],
  onChange,
}: {
  name: string;
  value: string | undefined;
  options: { value: string; count: number }[] | undefined;
  shown?: (value: string) => React.ReactNode;
  said?: (value: string) => string;
  /** Values that are always there, in this order. */
  order?: string[];
  onChange: (next: string | undefined) => void;
}) {
  const chosen = words(value);
  const counts = new Map(options?.map((one) => [one.value, one.count]));
  const all = [...new Set([...order, ...counts.keys(), ...chosen])];
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={cx("flex h-8 max-w-60 items-center gap-1.5 rounded-sm border px-2 text-sm hover:bg-hover", chosen.length ? "border-accent bg-selected" : "border-control/60")}
        >
          <span className="truncate">
            {name}
            {chosen.length > 0 && `: ${chosen.map(said).join(", ")}`}
          </span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
    >
      {all.length === 0 && <p className="px-2 py-1.5 text-muted">Nothing to choose from</p>}
      {all.map((one) => (
        <MenuCheck key={one} checked={chosen.includes(one)} count={counts.get(one) ?? 0} onChange={() => onChange(toggled(value, one))}>
          {shown(one)}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function Nothing({ search, change, fresh, reload }: { search: IssueSearch; change: Change; fresh: number; reload: () => void }) {
  const { data: clusters } = useQuery(clustersQuery({}));
  const go = useNavigate();
  if (fresh > 0) return <Empty title={`${fresh} new`} action={<Button onClick={reload}>Show</Button>} />;
  if (narrowed(search) || search.cluster)
    return (
      <Empty
        title="Nothing fits these filters"
        action={
          <Button onClick={() => change({ severity: undefined, type: undefined, namespace: undefined, q: undefined, cluster: undefined })}>Clear the filters</Button>
        }
      >
        Other issues may be there, hidden by them.
      </Empty>
    );
  if (clusters?.total === 0)
    return (
      <Empty title="No cluster is connected yet" action={<Button kind="primary" onClick={() => void go({ to: "/clusters/new" })}>Connect a cluster</Button>}>
        Issues appear here as soon as a cluster reports to this server.
      </Empty>
    );
  if (search.status === "resolved" || search.status === "all") return <Empty title="No issues yet">Everything that was ever found would be listed here.</Empty>;
  return (
    <Empty title="No open issues" action={<Button onClick={() => change({ status: "resolved" })}>Look at resolved ones</Button>}>
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
  const [current, setCurrent] = useState<string | null>(open ?? null);
  const at = Math.max(0, rows.findIndex((one) => one.id === (open ?? current)));
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 8 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last > rows.length - AHEAD_ROWS) more();
  }, [last, rows.length, more]);

  const openIssue = (id: string, replace = false) => void go({ to: "/issues/$issueId", params: { issueId: id }, search: search as never, replace });
  const move = (by: number) => {
    const from = current === null && !open ? -by : at;
    const to = Math.min(rows.length - 1, Math.max(0, current === null && !open ? 0 : from + by));
    const row = rows[to];
    if (!row) return;
    setCurrent(row.id);
    virtual.scrollToIndex(to, { align: "auto" });
    if (open) openIssue(row.id, true);
    else setTimeout(() => box.current?.querySelector<HTMLElement>(`[data-id="${row.id}"] a`)?.focus({ preventScroll: true }), 0);
  };
  const onIssue = (act: (issue: Issue) => void) => () => {
    const row = open || current ? rows[at] : undefined;
    if (!row) return;
    // What leaves the list hands its place to the next one.
    if (!open) setCurrent((rows[at + 1] ?? rows[at - 1])?.id ?? null);
    act(row);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    o: () => rows[at] && openIssue(rows[at].id),
    Enter: () => rows[at] && openIssue(rows[at].id),
    a: () => {
      const row = open || current ? rows[at] : undefined;
      if (row) void actions.acknowledge(row);
    },
    e: onIssue((issue) => void actions.resolve(issue)),
    i: () => {
      const row = open || current ? rows[at] : undefined;
      if (row) void actions.analyse(row);
    },
    "/": () => filterBox.current?.focus(),
    ".": () => fresh > 0 && reload(),
  });

  return (
    <div role="table" aria-label="Issues" aria-rowcount={total} className="@container relative flex min-h-0 flex-1 flex-col">
      {busy && <div aria-hidden className="absolute inset-x-0 top-0 z-10 h-0.5 animate-pulse bg-accent" />}
      <div role="rowgroup">
        <div role="row" className={cx(GRID, "h-8 border-b border-line bg-surface text-xs text-muted")}>
          <Head column="severity" now={search.sort} change={change} className="@max-xl:hidden">
            Severity
          </Head>
          <span role="columnheader">Issue</span>
          <span role="columnheader" className="text-right @max-2xl:hidden">
            Count
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
                selected={issue.id === open}
                onFocus={setCurrent}
              />
            );
          })}
        </div>
      </div>
      <footer className="flex h-7 shrink-0 items-center justify-between border-t border-line bg-surface px-4 text-xs text-muted">
        <span>
          {rows.length < total ? `${rows.length.toLocaleString()} of ${total.toLocaleString()} issues` : `${total.toLocaleString()} ${total === 1 ? "issue" : "issues"}`}
        </span>
        <span className="max-md:hidden">? for keys</span>
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
  "grid items-center gap-3 px-4 grid-cols-[minmax(0,1fr)] @xl:grid-cols-[92px_minmax(0,1fr)_84px_116px] @2xl:grid-cols-[92px_minmax(0,1fr)_48px_84px_116px] @3xl:grid-cols-[92px_minmax(0,1fr)_48px_84px_84px_116px]";

function Head({ column, now, change, children, className }: { column: string; now: string | undefined; change: Change; children: string; className?: string }) {
  const sort = now ?? SORT;
  const direction = sort === `-${column}` ? "descending" : sort === column ? "ascending" : undefined;
  return (
    <span role="columnheader" aria-sort={direction ?? "none"} className={className}>
      <button type="button" onClick={() => change({ sort: sorted(now, column) })} className="flex h-6 items-center gap-1 font-medium hover:text-text">
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
  selected: boolean;
  onFocus: (id: string) => void;
}

const IssueRow = memo(function IssueRow({ issue, index, top, search, selected, onFocus }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  const look = `${issue.status} ${issue.severity} ${issue.count} ${issue.hasAnalysis}`;
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
      className={cx(GRID, "absolute inset-x-0 border-b border-line", selected ? "bg-selected" : "hover:bg-hover has-[a:focus-visible]:bg-hover")}
    >
      <span role="cell" className="@max-xl:hidden">
        <Severity value={issue.severity} />
      </span>
      <div role="cell" className="min-w-0">
        <div className="flex min-w-0 items-center gap-2">
          <Link
            to="/issues/$issueId"
            params={{ issueId: issue.id }}
            search={search as never}
            preload={false}
            aria-current={selected ? "true" : undefined}
            onFocus={() => onFocus(issue.id)}
            className="min-w-0 truncate font-medium outline-offset-0 after:absolute after:inset-0"
            title={issue.title}
          >
            {issue.title}
          </Link>
          {issue.hasAnalysis && (
            <span title="An analysis is ready" className="inline-flex shrink-0">
              <ScanSearch aria-hidden className="size-3 text-muted" />
              <span className="sr-only">analysis ready</span>
            </span>
          )}
        </div>
        <div className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
          <span className="shrink-0 @xl:hidden">
            <Severity quiet value={issue.severity} />
          </span>
          <span aria-hidden className="@xl:hidden">
            ·
          </span>
          <span className="min-w-8 shrink-[2] truncate @xl:shrink-0">{issue.type}</span>
          <span aria-hidden>·</span>
          <Name className="font-mono">{`${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`}</Name>
          <span aria-hidden className="@max-2xl:hidden">
            ·
          </span>
          <span className="shrink-0 @max-2xl:hidden">{issue.cluster}</span>
        </div>
      </div>
      <span role="cell" className="text-right text-muted @max-2xl:hidden">
        {issue.count > 1 ? `×${issue.count}` : ""}
      </span>
      <span role="cell" className="text-muted @max-3xl:hidden">
        <Time at={issue.detectedAt} />
      </span>
      <span role="cell" className="text-muted @max-xl:hidden">
        <Time at={issue.lastSeenAt} />
      </span>
      <span role="cell" className="@max-xl:hidden">
        <Status quiet value={issue.status} />
      </span>
    </div>
  );
});
