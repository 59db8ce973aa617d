// What every member, key and agent did: the audit log as sentences, newest first, with its filters in the address.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import {
  BellOff,
  BookOpenCheck,
  Bot,
  CircleDot,
  Download,
  KeyRound,
  LogIn,
  type LucideIcon,
  Play,
  ScrollText,
  Server,
  Settings,
  Sparkles,
  Terminal,
  UserRound,
  Webhook,
  X,
} from "lucide-react";
import { useMemo, useState } from "react";
import { nextPage } from "../../api/paging";
import { may, meQuery } from "../../api/session";
import {
  Button,
  ChoiceSelect,
  counted,
  cx,
  dateText,
  Empty,
  exact,
  Failed,
  Loading,
  Menu,
  MenuItem,
  PageHeader,
  timeOfDay,
} from "../../parts";
import { NoAccess } from "../noaccess";
import { usePeople } from "../people";
import { type AuditFilter, type AuditRecord, auditQuery, exportUrl } from "./queries";
import { byDay, GROUPS, parts, placeOf, RANGES, who } from "./words";

interface Search {
  group?: string;
  actor?: string;
  target?: string;
  cluster?: string;
  range?: string;
  since?: string;
  until?: string;
}
type Set = (change: Search) => void;
const CHOICE = "w-auto max-w-56 max-sm:min-w-0 max-sm:max-w-none max-sm:flex-1 max-sm:basis-[40%]";
const ICONS: Record<string, LucideIcon> = {
  issue: CircleDot,
  execution: Play,
  command: Terminal,
  cluster: Server,
  agent: Bot,
  runbook: BookOpenCheck,
  analysis: Sparkles,
  webhook: Webhook,
  muteRule: BellOff,
  key: KeyRound,
  member: UserRound,
  session: LogIn,
  settings: Settings,
};

export function Activity() {
  const { data: me } = useQuery(meQuery);
  if (!may(me, "audit:read"))
    return (
      <>
        <PageHeader title="Activity" />
        <NoAccess to="read the audit log" />
      </>
    );
  return <Log />;
}

function Log() {
  const search = useSearch({ strict: false }) as Search;
  const go = useNavigate();
  const set: Set = (change) => void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  // One moment for all pages of a range: the place where a page ends belongs to its filter.
  const since = useMemo(() => startOf(search.range), [search.range]) ?? search.since;
  const filter = present({
    group: search.group,
    actor: search.actor,
    target: search.target,
    cluster: search.cluster,
    since,
    until: search.until,
  });
  const list = useInfiniteQuery(auditQuery(filter));
  const records = list.data?.pages.flatMap((page) => page.audit) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Activity">
        <Export filter={filter} />
      </PageHeader>
      <Filters search={search} set={set} records={records} />
      <div className="min-h-0 flex-1 overflow-y-auto" aria-busy={list.isPlaceholderData}>
        {list.isPending ? (
          <Loading label="Loading activity" />
        ) : list.isLoadingError ? (
          <Failed error={list.error} what="Could not load the activity" retry={() => void list.refetch()} />
        ) : records.length === 0 ? (
          <Empty
            title={isFiltered ? "No matching activity" : "No activity yet"}
            action={isFiltered && <Button onClick={() => set(NO_FILTER)}>Clear filters</Button>}
          >
            {isFiltered ? "Try another person, kind or time range." : "Changes by people, API keys and agents appear here."}
          </Empty>
        ) : (
          <>
            {byDay(records, dayOf).map(([day, some]) => (
              <section key={day} aria-label={day}>
                <h2 className="sticky top-0 z-10 border-b border-line bg-surface px-4 py-1 text-xs font-medium text-muted">{day}</h2>
                <ol>
                  {some.map((one) => (
                    <Line key={one.id} record={one} set={set} />
                  ))}
                </ol>
              </section>
            ))}
            <p className="flex items-center gap-3 px-4 py-3 text-muted">
              {counted(records.length)} of {counted(total)}
              {list.hasNextPage && (
                <Button small busy={list.isFetchingNextPage} onClick={() => void nextPage(list)}>
                  Show more
                </Button>
              )}
            </p>
          </>
        )}
      </div>
    </div>
  );
}

const NO_FILTER: Search = {
  group: undefined,
  actor: undefined,
  target: undefined,
  cluster: undefined,
  range: undefined,
  since: undefined,
  until: undefined,
} as never;

function startOf(range: string | undefined): string | undefined {
  const known = range === undefined ? undefined : RANGES[range];
  return known && new Date(Date.now() - known[1] * 1000).toISOString();
}

const present = (filter: Record<string, string | undefined>): AuditFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as AuditFilter;

const dayOf = (at: string) => dateText(at, { weekday: "long", year: "numeric", month: "long", day: "numeric" });

function Export({ filter }: { filter: AuditFilter }) {
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={<Download aria-hidden />} title="Export the lines that match the filters, at most 50,000">
          Export
        </Button>
      }
    >
      {(["csv", "jsonl"] as const).map((format) => (
        <MenuItem key={format} onSelect={() => location.assign(exportUrl(filter, format))}>
          {format === "csv" ? "CSV" : "JSON lines"}
        </MenuItem>
      ))}
    </Menu>
  );
}

function Filters({ search, set, records }: { search: Search; set: Set; records: AuditRecord[] }) {
  const { all } = usePeople();
  const actor = records.find((one) => one.actorId === search.actor);
  const target = records.find((one) => one.target === search.target);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <ChoiceSelect
        aria-label="Kind"
        className={CHOICE}
        none="All kinds"
        of={Object.entries(GROUPS)}
        value={search.group}
        onChange={(group) => set({ group })}
      />
      <ChoiceSelect
        aria-label="Person"
        className={CHOICE}
        none="Anyone"
        of={all.map((one) => [one.id, one.email])}
        textOf={(id) => (actor ? who(actor) : id)}
        value={search.actor}
        onChange={(chosen) => set({ actor: chosen })}
      />
      <ChoiceSelect
        aria-label="Time"
        className={CHOICE}
        none="Any time"
        of={Object.entries(RANGES).map(([id, [word]]) => [id, word])}
        textOf={() => "Custom time range"}
        value={search.range ?? (search.since || search.until ? "custom" : "")}
        onChange={(range) => set({ range, since: undefined, until: undefined })}
      />
      {search.target && (
        <Button small icon={<X aria-hidden />} title="Remove this filter" className="max-w-full" onClick={() => set({ target: undefined })}>
          <span className="truncate">{target?.object.name ?? search.target}</span>
        </Button>
      )}
    </div>
  );
}

function Line({ record, set }: { record: AuditRecord; set: Set }) {
  const [isOpen, open] = useState(false);
  const Icon = ICONS[record.group] ?? ScrollText;
  const [before, name, after] = parts(record);
  const [place, query] = placeOf(record)?.split("?") ?? [];
  const isDenied = record.outcome === "denied" || record.outcome === "refused";
  return (
    <li className="border-b border-line px-4 py-2">
      <div className="flex items-start gap-x-3 max-sm:flex-wrap">
        <Icon aria-hidden className={cx("mt-1 size-4 shrink-0", isDenied ? "text-critical" : "text-muted")} />
        <p className="min-w-0 flex-1 leading-6 break-words max-sm:basis-[calc(100%-1.75rem)]">
          <button
            type="button"
            className="rounded-sm text-left font-semibold wrap-anywhere hover:underline"
            title="Show only their activity"
            onClick={() => set({ actor: record.actorId || undefined })}
          >
            {who(record)}
          </button>{" "}
          {before}
          {name &&
            (place ? (
              <Link
                to={place as never}
                search={Object.fromEntries(new URLSearchParams(query)) as never}
                className="rounded-sm text-accent underline"
              >
                {name}
              </Link>
            ) : (
              name
            ))}
          {after}
          {record.cluster && record.object.type !== "cluster" && <span className="text-muted"> in {record.cluster}</span>}
        </p>
        <time
          dateTime={record.at}
          title={exact(record.at)}
          className="shrink-0 text-xs leading-6 text-muted max-sm:ml-7 max-sm:flex-1 max-sm:self-center"
        >
          {timeOfDay(record.at)}
        </time>
        <Button
          small
          kind="quiet"
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Hide" : "Details"}: ${record.action}`}
          onClick={() => open(!isOpen)}
        >
          {isOpen ? "Hide" : "Details"}
        </Button>
      </div>
      {isOpen && <Details record={record} set={set} />}
    </li>
  );
}

function Details({ record, set }: { record: AuditRecord; set: Set }) {
  const rows: [string, string | undefined][] = [
    ["Time", record.at],
    ["Action", record.action],
    ["Outcome", record.outcome],
    ["Actor", `${record.actorKind} ${record.actorId}`],
    ["Address", record.address ?? undefined],
    ["Object", record.target],
    ["Request", record.requestId ?? undefined],
    ["Record", record.id],
  ];
  return (
    <div className="mt-2 ml-7 flex flex-col gap-2 text-xs">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
        {rows.map(
          ([label, value]) =>
            value && (
              <div key={label} className="contents">
                <dt className="text-muted">{label}</dt>
                <dd className="font-mono break-all">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {Object.keys(record.detail).length > 0 && (
        <pre className="overflow-x-auto rounded-sm bg-surface p-2 font-mono" tabIndex={0} role="region" aria-label="Details as JSON">
          {JSON.stringify(record.detail, null, 2)}
        </pre>
      )}
      <p>
        <Button small onClick={() => set({ target: record.target })}>
          Show all activity of this object
        </Button>
      </p>
    </div>
  );
}
