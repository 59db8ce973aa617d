// Objects of all clusters in one list: workloads with what they own folded below them, unless a kind or a query asks for other objects. The
// server filters, sorts and pages; the page draws only the rows in view.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Search, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { clustersQuery } from "../../api/queries";
import { Button, cx, Empty, Failed, Input, Loading, Options, PageHeader, Select, StaleNotice, useKeys } from "../../parts";
import { isUnfinished, MAX_QUERY, refusal, toggled, words } from "../search";
import { Grid } from "./grid";
import { grouped, type KindGroup, namespaces } from "./kinds";
import type { KindColumn } from "./layout";
import { countsQuery, type ResourcePage, resourcesQuery } from "./queries";

const SEARCH_WAIT_MS = 200;
const WORST_FIRST = "status";
const EVERY_KIND = "all"; // in the address; without a kind the list has workloads
/** Of the query language. A test compares them with those of the server. */
const KEYS = ["kind", "cluster", "namespace", "name", "owner", "node", "status", "state", "label"];

interface Asked {
  cluster?: string;
  kind?: string;
  group?: string;
  namespace?: string;
  q?: string;
  status?: string;
  state?: string;
  label?: string;
  sort?: string;
  full?: string;
}

export function ResourceList() {
  const asked = useSearch({ strict: false }) as Asked;
  const { resourceId } = useParams({ strict: false }) as { resourceId?: string };
  const go = useNavigate();
  const { full, cluster, kind, group, namespace, q, status, state, label, sort } = asked; // the address may hold what only the detail knows
  const filter = { cluster, kind, group, namespace, q, status, state, label, sort };
  const set = (change: Partial<Asked>) =>
    void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  const isAlone = !!resourceId && full === "1";
  return (
    <div className="flex min-h-0 flex-1">
      {!isAlone && <Browser filter={filter} set={set} open={resourceId} />}
      <Outlet />
    </div>
  );
}

function Browser({ filter, set, open }: { filter: Omit<Asked, "full">; set: (change: Partial<Asked>) => void; open: string | undefined }) {
  const counts = useQuery(countsQuery(filter.cluster));
  const groups = useMemo(() => grouped(counts.data?.counts ?? [], filter.namespace), [counts.data, filter.namespace]);
  const spaces = useMemo(
    () => namespaces(counts.data?.counts ?? [], filter.kind === EVERY_KIND ? undefined : filter.kind),
    [counts.data, filter.kind],
  );
  const total = groups.reduce((sum, group) => sum + group.kinds.reduce((one, kind) => one + kind.count, 0), 0);
  const reason = refusal(useInfiniteQuery(listed(filter)).error);
  return (
    <>
      <nav
        aria-label="Kinds"
        className={cx("w-52 shrink-0 overflow-y-auto border-r border-line py-2 max-lg:hidden", open && "max-2xl:hidden")}
      >
        <Kinds groups={groups} total={counts.data && total} filter={filter} set={set} />
      </nav>
      <section className="@container flex min-w-0 flex-1 flex-col">
        <PageHeader title={titleOf(filter)}>
          <Find value={filter.q} onChange={(q) => set({ q })} isBelow={!!open} error={reason} />
          <Select
            aria-label="Kind"
            className={cx("w-auto max-w-44 max-sm:w-0 max-sm:flex-1", open && "max-2xl:w-32", !open && "lg:hidden", open && "2xl:hidden")}
            value={choiceOf(filter)}
            onChange={(event) => set(chosen(event.target.value))}
          >
            <option value="">Workloads</option>
            <option value={EVERY_KIND}>All kinds</option>
            {groups.map((group) => (
              <optgroup key={group.title} label={group.title}>
                {group.apiGroup && <option value={OF_GROUP + group.apiGroup}>All of {group.apiGroup}</option>}
                {group.kinds.map((kind) => (
                  <option key={kind.value} value={kind.value}>
                    {kind.kind} ({kind.count})
                  </option>
                ))}
              </optgroup>
            ))}
          </Select>
          <Select
            aria-label="Namespace"
            className={cx("w-auto max-w-48 max-sm:w-0 max-sm:flex-1", open && "max-2xl:w-38")}
            value={filter.namespace ?? ""}
            onChange={(event) => set({ namespace: event.target.value || undefined })}
          >
            <option value="">All namespaces</option>
            {filter.namespace && !spaces.some((one) => one.name === filter.namespace) && (
              <option value={filter.namespace}>{filter.namespace}</option>
            )}
            {spaces.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name} ({one.count})
              </option>
            ))}
          </Select>
          <Select
            aria-label="State"
            className={cx("w-auto max-w-44 max-sm:w-full max-sm:max-w-none", open && "max-2xl:w-37")}
            value={filter.state ?? ""}
            onChange={(event) => set({ state: event.target.value || undefined })}
          >
            <Options of={STATES} />
          </Select>
        </PageHeader>
        <Chosen filter={filter} set={set} />
        <Rows filter={filter} set={set} open={open} />
      </section>
    </>
  );
}

const STATES = [
  ["", "Any state"],
  ["failing,pending", "Needs attention"],
  ["failing", "Failing"],
  ["pending", "Pending"],
  ["healthy", "Healthy"],
] as const;

/** What the list is narrowed to beside the boxes above: labels and exact statuses, each of which can be taken out. */
function Chosen({ filter, set }: { filter: Omit<Asked, "full">; set: (change: Partial<Asked>) => void }) {
  const chips = [
    ...words(filter.label).map((one) => ({ member: "label" as const, value: one, shown: one.replace(":", "=") })),
    ...words(filter.status).map((one) => ({ member: "status" as const, value: one, shown: `status ${one}` })),
  ];
  if (!chips.length) return null;
  return (
    <ul aria-label="Filters" className="flex flex-wrap gap-1.5 border-b border-line px-4 py-2">
      {chips.map((chip) => (
        <li key={chip.member + chip.value} className="min-w-0">
          <button
            type="button"
            aria-label={`Remove the filter ${chip.shown}`}
            className="inline-flex h-6 max-w-full items-center gap-1 rounded-sm border border-control px-1.5 text-xs hover:bg-hover"
            onClick={() => set({ [chip.member]: toggled(filter[chip.member], chip.value) })}
          >
            <span className="truncate">{chip.shown}</span>
            <X aria-hidden className="size-3 shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Whether the list has workloads: nothing asks for a kind or for what only objects below a workload have. */
const isOfWorkloads = ({ kind, group, label, status, q }: Asked) =>
  !kind && !group && !label && !status && !/(^|\s)-?(kind|owner|node|label|status):/i.test(q ?? "");

/** The chosen entry of the kinds. */
function choiceOf(filter: Asked): string {
  if (filter.group) return OF_GROUP + filter.group;
  return filter.kind ?? (isOfWorkloads(filter) ? "" : EVERY_KIND);
}

function titleOf(filter: Asked): string {
  if (filter.kind && filter.kind !== EVERY_KIND) return plural(filter.kind);
  return filter.group ?? (isOfWorkloads(filter) ? "Workloads" : "Resources");
}

const OF_GROUP = "group:"; // of a choice that is an API group and no kind
const chosen = (value: string): Partial<Asked> =>
  value.startsWith(OF_GROUP) ? { kind: undefined, group: value.slice(OF_GROUP.length) } : { kind: value || undefined, group: undefined };

const plural = (kind: string) => {
  const name = kind.split(".")[0]!;
  return name.endsWith("s") ? `${name}es` : name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
};

function Kinds({
  groups,
  total,
  filter,
  set,
}: {
  groups: KindGroup[];
  total: number | undefined; // while they are loading
  filter: Asked;
  set: (change: Partial<Asked>) => void;
}) {
  const current = choiceOf(filter);
  const item = (value: string, label: string, count: number | undefined) => (
    <button
      key={label}
      type="button"
      aria-current={current === value ? "true" : undefined}
      onClick={() => set(chosen(value))}
      className={cx(
        "flex min-h-7 w-full items-center justify-between gap-2 rounded-sm px-2 text-left",
        current === value ? "bg-selected font-medium" : "text-muted hover:bg-hover hover:text-text",
      )}
    >
      <span className="truncate">{label}</span>
      <span className="text-xs text-muted">{count?.toLocaleString()}</span>
    </button>
  );
  return (
    <div className="flex flex-col gap-3 px-2">
      <div>
        {item("", "Workloads", undefined)}
        {item(EVERY_KIND, "All kinds", total)}
      </div>
      {groups.map((group) => (
        <div key={group.title}>
          <h2 className="truncate px-2 pb-1 text-xs font-medium text-muted">
            {group.apiGroup ? (
              <button
                type="button"
                title={`All objects of ${group.apiGroup}`}
                aria-current={filter.group === group.apiGroup ? "true" : undefined}
                className={cx("max-w-full truncate hover:text-text hover:underline", filter.group === group.apiGroup && "text-text")}
                onClick={() => set(chosen(OF_GROUP + group.apiGroup))}
              >
                {group.title}
              </button>
            ) : (
              group.title
            )}
          </h2>
          {group.kinds.map((kind) => item(kind.value, kind.kind, kind.count))}
        </div>
      ))}
    </div>
  );
}

function Find({
  value,
  onChange,
  isBelow,
  error,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  isBelow: boolean;
  /** Why the server refused the query. */
  error: string | undefined;
}) {
  const [text, setText] = useState(value ?? "");
  const box = useRef<HTMLLabelElement>(null);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => setText(value ?? ""), [value]);
  useEffect(() => {
    if (text === (value ?? "") || isUnfinished(text)) return;
    const timer = setTimeout(() => tell.current(text.trim() || undefined), SEARCH_WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  useKeys({ "/": () => box.current?.querySelector("input")?.focus() });
  return (
    <label
      ref={box}
      className={cx(
        "relative w-64 max-w-full max-sm:w-full",
        isBelow ? "max-2xl:order-last max-2xl:w-full" : "sm:max-xl:basis-96", // the choices are a second line, all of them
      )}
    >
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted" />
      <Input
        type="search"
        aria-label="Search resources"
        aria-invalid={error ? true : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="Search, or state:failing"
        maxLength={MAX_QUERY}
        className="pl-8"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && onChange(text.trim() || undefined)}
      />
      {error && (
        <span role="status" className="sr-only">
          {error}
        </span>
      )}
    </label>
  );
}

const listed = ({ kind, ...filter }: Omit<Asked, "full">) =>
  resourcesQuery({
    ...filter,
    kind: kind === EVERY_KIND ? undefined : kind,
    workloads: isOfWorkloads({ ...filter, kind }) ? "true" : undefined,
    sort: filter.sort ?? WORST_FIRST,
  });

function Rows({ filter, set, open }: { filter: Omit<Asked, "full">; set: (change: Partial<Asked>) => void; open: string | undefined }) {
  const query = useInfiniteQuery(listed(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.resources) ?? [], [query.data]);
  const columns = useMemo(() => columnsOf(query.data?.pages ?? []), [query.data]);
  if (query.isPending) return <Loading rows={14} label="Loading resources" />;
  const reason = refusal(query.error);
  if (reason)
    return (
      <Empty title="The query is not valid" action={<Button onClick={() => set({ q: undefined })}>Clear the query</Button>}>
        {reason}. Keys: {KEYS.join(", ")}.
      </Empty>
    );
  if (query.isLoadingError) return <Failed error={query.error} what="Could not load resources" retry={() => void query.refetch()} />;
  const total = query.data?.pages[0]?.total ?? rows.length;
  if (!rows.length) return <Nothing filter={filter} set={set} />;
  return (
    <>
      <StaleNotice rows={rows} />
      <Grid
        rows={rows}
        total={total}
        sort={filter.sort ?? WORST_FIRST}
        columns={columns}
        withKind={!filter.kind || filter.kind === EVERY_KIND}
        isFolded={isOfWorkloads(filter)}
        isOneCluster={!!filter.cluster}
        open={open}
        onSort={(sort) => set({ sort: sort === WORST_FIRST ? undefined : sort })}
        more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null}
        isRenewing={query.isFetching && query.isPlaceholderData}
      />
    </>
  );
}

/** Those of the one kind that these pages have; none where they have several. */
function columnsOf(pages: readonly ResourcePage[]): readonly KindColumn[] {
  const kinds = new Map(pages.flatMap((page) => page.columns).map((one) => [`${one.kind}.${one.group ?? ""}`, one.columns]));
  return kinds.size === 1 ? [...kinds.values()][0]! : [];
}

function Nothing({ filter, set }: { filter: Omit<Asked, "full">; set: (change: Partial<Asked>) => void }) {
  const clear = {
    kind: undefined,
    group: undefined,
    namespace: undefined,
    q: undefined,
    cluster: undefined,
    state: undefined,
    status: undefined,
    label: undefined,
  };
  const active = (["q", "kind", "group", "namespace", "cluster", "state", "status", "label"] as const)
    .filter((name) => filter[name] && filter[name] !== EVERY_KIND)
    .map((name) => `${name === "q" ? "" : `${name} `}“${filter[name]}”`);
  const { data } = useQuery(clustersQuery({}));
  if (active.length)
    return (
      <Empty
        title={isOfWorkloads(filter) ? "No matching workloads" : "No matching resources"}
        action={
          <>
            {isOfWorkloads(filter) && (
              <Button kind="primary" onClick={() => set({ kind: EVERY_KIND })}>
                Search all kinds
              </Button>
            )}
            <Button onClick={() => set(clear)}>Clear filters</Button>
          </>
        }
      >
        No {isOfWorkloads(filter) ? "workload" : "resource"} matches {active.join(" and ")}.
      </Empty>
    );
  return data?.total === 0 ? (
    <Empty
      title="No clusters yet"
      action={
        <Link
          to="/clusters/new"
          className="inline-flex h-8 items-center rounded-sm border border-accent bg-accent px-3 font-medium text-on-accent"
        >
          Connect a cluster
        </Link>
      }
    >
      Resources show the current objects of your clusters: pods, workloads, nodes and more.
    </Empty>
  ) : (
    <Empty title="No resources yet">No agent has sent an inventory yet. It arrives a few seconds after an agent connects.</Empty>
  );
}
