// What stands above the list of issues: views with their counts, a text, facets with counts, and switches for what a list leaves out.

import { useQuery } from "@tanstack/react-query";
import { ChevronDown, SlidersHorizontal, X } from "lucide-react";
import { useState } from "react";
import { clustersQuery, type Facets, issueCountsQuery } from "../../api/queries";
import { Button, counted, cx, Menu, MenuCheck, Severity, severityOf } from "../../parts";
import { capitalize } from "../../parts/casing";
import { usePeople } from "../people";
import { toggled, words } from "../search";
import { type IssueSearch, issueParams, isView, NOT_NARROWED, narrowed, OPEN, VIEWS, viewed } from "./filter";
import { SearchBox } from "./searchbox";
import { SaveView } from "./viewmenu";
import { NO_FILTER } from "./views";

export type ChangeFilter = (next: Partial<IssueSearch>) => void;
type Change = ChangeFilter;
const sum = (facet: { count: number }[]) => facet.reduce((all, one) => all + one.count, 0);
const of = (facet: { value: string; count: number }[], value: string | undefined) => facet.find((one) => one.value === value)?.count ?? 0;

export const cleared = (search: IssueSearch): Partial<IssueSearch> => ({
  ...NOT_NARROWED,
  ...(search.assignee !== "me" && { assignee: undefined }),
  ...(search.parent !== "any" && { parent: undefined }),
});

const teamName = (team: string) => (team === "none" ? "No team" : team);

const shown = (count: number | undefined) => count !== undefined && counted(count);

export function Views({ search, change }: { search: IssueSearch; change: Change }) {
  const { me } = usePeople();
  const { status: _status, sort: _sort, snoozed, muted, assignee: _assignee, ...rest } = issueParams(search);
  const needsWork = useQuery(
    issueCountsQuery({
      ...rest,
      status: OPEN,
      snoozed: search.snoozed === "any" ? undefined : "false",
      muted: search.muted === "any" ? undefined : "false",
    }),
  ).data;
  const all = useQuery(issueCountsQuery(rest)).data;
  const counts: Record<string, number | undefined> = {
    Open: needsWork && sum(needsWork.status),
    Unacknowledged: needsWork && of(needsWork.status, "open"),
    Mine: needsWork && of(needsWork.assignee, me),
    Snoozed: all && of(all.substatus, "snoozed"),
    Muted: all && of(all.substatus, "muted"),
    Resolved: all && of(all.status, "resolved"),
    All: all && sum(all.status),
  };
  return (
    <div role="group" aria-label="Views" className="flex min-w-0 gap-x-1 max-sm:overflow-x-auto sm:flex-wrap">
      {VIEWS.map((view) => (
        <button
          key={view.label}
          type="button"
          aria-pressed={!search.view && isView(search, view.is)}
          onClick={() => change({ ...(search.view && NO_FILTER), ...viewed(view.is) })}
          className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-2 font-medium whitespace-nowrap text-muted hover:text-text aria-pressed:border-accent aria-pressed:text-text"
        >
          {view.label}
          <span className="text-xs font-normal text-muted">{shown(counts[view.label])}</span>
        </button>
      ))}
    </div>
  );
}

interface BarProps {
  search: IssueSearch;
  change: Change;
  /** The whole filter in place of the one before. */
  show: (search: IssueSearch) => void;
  box: React.RefObject<HTMLInputElement | null>;
  /** Why the server refused the query. */
  error: string | undefined;
}

export function FilterBar({ search, change, show, box, error }: BarProps) {
  // What a facet offers is counted within the view, not within the other facets: a choice can be changed without taking it back first.
  const { status, cluster, q, snoozed, muted, parent } = issueParams(search);
  const assignee = search.assignee === "me" ? "me" : undefined;
  const { data: facets } = useQuery(issueCountsQuery({ status, cluster, q, snoozed, muted, parent, assignee }));
  const clusters = useQuery(clustersQuery({})).data?.clusters.map((one) => one.name) ?? [];
  const people = usePeople();
  const owner = (id: string) => (id === "none" ? "Unassigned" : id === "me" ? "Me" : capitalize(people.name(id) ?? id));
  const [isAll, showAll] = useState(false);
  const hidden = [
    search.type,
    search.category,
    search.namespace,
    search.assignee !== "me" && search.assignee,
    search.team,
    search.label,
  ].filter(Boolean).length;
  return (
    <div className="@container border-b border-line px-4 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox search={search} change={change} box={box} facets={facets} clusters={clusters} error={error} />
        <Facet
          name="Severity"
          order={["critical", "high", "medium", "low"]}
          value={search.severity}
          options={facets?.severity}
          shown={(one) => <Severity quiet value={one} />}
          label={(one) => severityOf(one)[1]}
          onChange={(severity) => change({ severity })}
        />
        <div className={cx("contents", !isAll && "@max-3xl:hidden")}>
          <Facet name="Type" value={search.type} options={facets?.type} onChange={(type) => change({ type })} />
          <Facet name="Area" value={search.category} options={facets?.category} onChange={(category) => change({ category })} />
          <Facet name="Namespace" value={search.namespace} options={facets?.namespace} onChange={(namespace) => change({ namespace })} />
          {search.assignee !== "me" && (
            <Facet
              name="Assignee"
              value={search.assignee}
              options={facets?.assignee}
              shown={owner}
              label={owner}
              onChange={(next) => change({ assignee: next })}
            />
          )}
          {(facets?.team.some((one) => one.value !== "none") || search.team) && (
            <Facet
              name="Team"
              value={search.team}
              options={facets?.team}
              shown={teamName}
              label={teamName}
              onChange={(team) => change({ team })}
            />
          )}
          {(!!facets?.label.length || search.label) && (
            <Facet name="Label" value={search.label} options={facets?.label} onChange={(label) => change({ label })} />
          )}
          <Also search={search} change={change} />
        </div>
        <button
          type="button"
          aria-expanded={isAll}
          onClick={() => showAll(!isAll)}
          className={cx(
            "flex h-8 items-center gap-1.5 rounded-sm border px-2 text-sm hover:bg-hover pointer-coarse:h-11 @3xl:hidden",
            hidden > 0 ? "border-accent bg-selected" : "border-control/60",
          )}
        >
          <SlidersHorizontal aria-hidden className="size-3.5 text-muted" />
          {isAll ? "Fewer" : "Filters"}
          {hidden > 0 && !isAll && <span className="text-xs text-muted">{hidden}</span>}
        </button>
        {narrowed(search) > 0 && (
          <Button kind="quiet" small icon={<X />} onClick={() => change(cleared(search))}>
            Clear
          </Button>
        )}
        {narrowed(search) > 0 && !search.view && !error && <SaveView search={search} show={show} />}
      </div>
    </div>
  );
}

const ALSO: { name: "parent" | "snoozed" | "muted"; word: string }[] = [
  { name: "parent", word: "Symptoms of other issues" },
  { name: "snoozed", word: "Snoozed issues" },
  { name: "muted", word: "Muted issues" },
];

/** What a list leaves out as long as nobody asks for it. */
function Also({ search, change }: { search: IssueSearch; change: Change }) {
  const isOn = (name: (typeof ALSO)[number]["name"]) => search[name] === "any";
  const on = ALSO.filter((one) => isOn(one.name));
  const needsWork = issueParams(search);
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={cx(
            "flex h-8 max-w-60 items-center gap-1.5 pointer-coarse:h-11 rounded-sm border px-2 text-sm hover:bg-hover",
            on.length ? "border-accent bg-selected" : "border-control/60",
          )}
        >
          <span className="truncate">
            {on.length ? `With ${on.map((one) => one.word.split(" ")[0]!.toLowerCase()).join(", ")}` : "Also show"}
          </span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
    >
      {ALSO.filter((one) => one.name === "parent" || isOn(one.name) || needsWork[one.name] === "false").map((one) => (
        <MenuCheck key={one.name} checked={isOn(one.name)} onChange={(next) => change({ [one.name]: next ? "any" : undefined })}>
          {one.word}
        </MenuCheck>
      ))}
    </Menu>
  );
}

function Facet({
  name,
  value,
  options,
  shown = (one) => one,
  label = (one) => one,
  order = [],
  onChange,
}: {
  name: string;
  value: string | undefined;
  options: Facets["type"] | undefined;
  shown?: (value: string) => React.ReactNode;
  label?: (value: string) => string;
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
          className={cx(
            "flex h-8 max-w-60 items-center gap-1.5 pointer-coarse:h-11 rounded-sm border px-2 text-sm hover:bg-hover",
            chosen.length ? "border-accent bg-selected" : "border-control/60",
          )}
        >
          <span className="truncate">
            {name}
            {chosen.length > 0 && `: ${chosen.map(label).join(", ")}`}
          </span>
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
        </button>
      }
    >
      {all.length === 0 && <p className="px-2 py-1.5 text-muted">No values</p>}
      {all.map((one) => (
        <MenuCheck key={one} checked={chosen.includes(one)} count={counts.get(one) ?? 0} onChange={() => onChange(toggled(value, one))}>
          {shown(one)}
        </MenuCheck>
      ))}
    </Menu>
  );
}
