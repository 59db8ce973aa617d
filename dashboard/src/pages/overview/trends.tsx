// Issues over time: a histogram of a range, how long they took, and which types and owners open the most issues.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { cx, dateText, Failed, Glyph, Loading, plural, severityOf, span } from "../../parts";
import { lazyPage } from "../lazy";
import { Card, Quiet } from "./card";
import { type Delay, type Overview, type Range, type Trends, trendsQuery } from "./queries";
import { nameOf } from "./rollouts";

const Histogram = lazyPage(() => import("./histogram"), "Histogram");
const RANGES: [Range, string][] = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];
const AT_MOST_EVERY_MS = 5_000;

export const rangeOf = (text: string | undefined): Range => RANGES.find(([one]) => one === text)?.[0] ?? "24h";

/** Read the trends again when the overview shows other counts, but not for each of many issues. */
function useRenewal(of: Overview): void {
  const client = useQueryClient();
  const counts = JSON.stringify([of.issues.open, of.issues.lastHour]);
  const seen = useRef(counts);
  const last = useRef(0);
  useEffect(() => {
    if (seen.current === counts) return;
    seen.current = counts;
    const wait = Math.max(0, last.current + AT_MOST_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      void client.invalidateQueries({ queryKey: ["trends"] });
    }, wait);
    return () => clearTimeout(timer);
  }, [counts, client]);
}

interface TrendsProps {
  of: Overview;
  range: Range;
  scope: string | undefined;
  onRange: (range: Range) => void;
}

export function IssuesOverTime({ of, range, scope, onRange }: TrendsProps) {
  useRenewal(of);
  const found = useQuery(trendsQuery(range, scope));
  const trends = found.data;
  const choice = (
    <div role="group" aria-label="Range" className="flex overflow-hidden rounded-sm border border-line">
      {RANGES.map(([one, label]) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === range}
          onClick={() => onRange(one)}
          className={cx(
            "h-6 px-2 text-xs -outline-offset-2 pointer-coarse:h-11 [&+&]:border-l [&+&]:border-line",
            one === range ? "bg-selected font-medium" : "text-muted hover:bg-hover",
          )}
        >
          {label}
        </button>
      ))}
    </div>
  );
  return (
    <Card
      title="Issues over time"
      note={trends && `${plural(trends.opened, "issue")} opened, ${trends.resolved} resolved`}
      action={choice}
      className="xl:col-span-2"
    >
      {found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the trends" retry={() => void found.refetch()} />
      ) : (
        <div className="flex flex-1 flex-col px-4 py-3">
          <div className="h-58 overflow-hidden max-sm:h-62">
            {trends ? <Histogram of={trends} /> : <Loading rows={5} label="Loading the trends" />}
          </div>
          {trends && <Values of={trends} />}
        </div>
      )}
    </Card>
  );
}

export function Ranking({ range, scope }: { range: Range; scope: string | undefined }) {
  const { data: of } = useQuery(trendsQuery(range, scope));
  if (!of) return null;
  const note = of.sampled ? "of the newest 10,000 issues" : undefined;
  return (
    <div className="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
      <Card title="Median times" note={RANGES.find(([one]) => one === of.range)![1]}>
        <dl className="flex flex-1 flex-col divide-y divide-line">
          <Median of={of.timeToExplain} name="to explain" what="From detection to an analysis that names the cause" />
          <Median of={of.timeToAcknowledge} name="to acknowledge" what="From detection to the first acknowledgment" />
          <Median of={of.timeToResolve} name="to resolve" what="From detection to resolution" />
        </dl>
      </Card>
      <Card title="Noisiest types" note={note}>
        <Types of={of} scope={scope} />
      </Card>
      <Card title="Noisiest owners" note={note} className="lg:max-xl:col-span-2">
        <Owners of={of} />
      </Card>
    </div>
  );
}

function Median({ of, name, what }: { of: Delay; name: string; what: string }) {
  const { medianSeconds: seconds } = of;
  return (
    <div className="flex flex-1 items-center gap-3 px-4 py-2.5">
      <dt className="min-w-0 flex-1">
        <span className="font-medium">Time {name}</span>
        <span className="block text-xs text-muted">{what}</span>
      </dt>
      <dd className="shrink-0 text-right">
        <span className={cx("text-xl font-semibold", seconds == null && "text-muted")}>{seconds == null ? "–" : span(seconds)}</span>
        <span className="block text-xs text-muted">{of.issues ? plural(of.issues, "issue") : "no issues"}</span>
      </dd>
    </div>
  );
}

/** The numbers of the picture, for whoever cannot see it or wants them exactly. */
function Values({ of }: { of: Trends }) {
  const hasRollouts = of.buckets.some((one) => one.rollouts != null);
  return (
    <details className="mt-2 text-xs">
      <summary className="w-fit cursor-pointer rounded-sm text-muted">Show as a table</summary>
      <div className="mt-1 max-h-64 overflow-y-auto" tabIndex={0} role="region" aria-label="Issues opened and resolved, and rollouts">
        <table className="text-left">
          <thead>
            <tr>
              {["From", "Opened", "Critical", "High", "Resolved", ...(hasRollouts ? ["Rollouts"] : [])].map((one) => (
                <th key={one} scope="col" className="py-0.5 pr-6 font-medium text-muted">
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {of.buckets.map((one) => (
              <tr key={one.at}>
                <td className="pr-6 text-muted">{dateText(one.at, { dateStyle: "medium", timeStyle: "short" })}</td>
                <td className="pr-6">{one.opened}</td>
                <td className="pr-6">{one.critical}</td>
                <td className="pr-6">{one.high}</td>
                <td className="pr-6">{one.resolved}</td>
                {hasRollouts && (
                  <td className="min-w-40 pr-6 break-words">
                    <RolledOut of={one} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** How many, and links to the changes of the newest of them. */
function RolledOut({ of }: { of: Trends["buckets"][number] }) {
  return (
    <>
      {of.rollouts?.toLocaleString() ?? "not counted"}
      {of.newestRollouts?.map((one) => (
        <Link
          key={`${one.resourceId} ${one.at}`}
          to="/resources/$resourceId"
          params={{ resourceId: one.resourceId }}
          search={{ tab: "history" } as never}
          preload={false}
          title={`${one.kind} in ${one.cluster}`}
          className="ml-2 rounded-sm text-accent hover:underline"
        >
          {nameOf(one)}
        </Link>
      ))}
    </>
  );
}

interface RankedProps {
  label: string;
  rows: { key: string; name: React.ReactNode; opened: number; unresolved: number; severity: string }[];
}

/** Bars behind the names; the number says the same. */
function Ranked({ label, rows }: RankedProps) {
  const most = Math.max(...rows.map((one) => one.opened), 1);
  if (!rows.length) return <Quiet>No issues opened in this range.</Quiet>;
  return (
    <ol aria-label={label} className="py-1.5">
      {rows.map((one) => (
        <li key={one.key} className="relative flex min-h-8 items-center gap-2 px-4 py-1 hover:bg-hover">
          <span
            aria-hidden
            className="absolute inset-y-1 left-2 rounded-sm bg-selected"
            style={{ width: `calc((100% - 16px) * ${one.opened / most})` }}
          />
          <span className="relative flex min-w-0 flex-1 items-center gap-2">
            <Glyph tone={severityOf(one.severity)[0]} />
            <span className="sr-only">{severityOf(one.severity)[1]}: </span>
            {one.name}
          </span>
          <span className="relative shrink-0 text-right text-xs whitespace-nowrap text-muted">
            <span className="text-sm font-medium text-text">{one.opened.toLocaleString()}</span> opened
            {one.unresolved > 0 && `, ${one.unresolved.toLocaleString()} open`}
          </span>
        </li>
      ))}
    </ol>
  );
}

const ROW_LINK = "min-w-0 truncate rounded-sm hover:underline";

function Types({ of, scope }: { of: Trends; scope: string | undefined }) {
  const rows = of.types.slice(0, 7).map((one) => ({
    ...one,
    key: one.type,
    name: (
      <Link to="/issues" search={{ type: one.type, status: "all", cluster: scope } as never} className={ROW_LINK}>
        {one.type}
      </Link>
    ),
  }));
  return <Ranked label="Noisiest types" rows={rows} />;
}

function Owners({ of }: { of: Trends }) {
  const isFleet = new Set(of.owners.map((one) => one.clusterId)).size > 1;
  const rows = of.owners.slice(0, 7).map((one) => ({
    ...one,
    key: `${one.clusterId} ${one.kind} ${one.namespace} ${one.name}`,
    name: (
      <>
        <Link
          to="/issues"
          search={{ q: one.name, namespace: one.namespace ?? undefined, status: "all", cluster: one.cluster } as never}
          className={ROW_LINK}
        >
          <span className="text-muted">{one.kind} </span>
          {one.namespace ? `${one.namespace}/` : ""}
          {one.name}
        </Link>
        {isFleet && <span className="min-w-8 shrink truncate text-xs text-muted">{one.cluster}</span>}
      </>
    ),
  }));
  return <Ranked label="Noisiest owners" rows={rows} />;
}
