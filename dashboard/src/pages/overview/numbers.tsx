// The four numbers on top. Each leads to what it counts; a zero is calm.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { cx, Glyph, Time, type Tone } from "../../parts";
import { Sparkline } from "../../parts/sparkline";
import { type Overview, type Trends, trendsQuery } from "./queries";

export function Numbers({ of, scope }: { of: Overview; scope: string | undefined }) {
  const { open } = of.issues;
  const { data: day } = useQuery(trendsQuery("24h", scope));
  const away = of.fleet ? of.fleet.unreachable : undefined;
  const failed = of.executions?.failed;
  return (
    <div className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line lg:grid-cols-4">
      <Figure
        value={open.critical}
        tone="critical"
        label={open.critical === 1 ? "Open critical issue" : "Open critical issues"}
        note={open.critical ? <Unacknowledged of={of} severity="critical" /> : "No critical issues"}
        lately={day && <Opened of={day} severity="critical" />}
        to="/issues"
        search={{ severity: "critical", cluster: scope }}
      />
      <Figure
        value={open.high}
        tone="high"
        label={open.high === 1 ? "Open high issue" : "Open high issues"}
        note={open.high ? <Unacknowledged of={of} severity="high" /> : "No issues of high severity"}
        lately={day && <Opened of={day} severity="high" />}
        to="/issues"
        search={{ severity: "high", cluster: scope }}
      />
      {away !== undefined && (
        <Figure
          value={away}
          tone="medium"
          label={away === 1 ? "Unreachable cluster" : "Unreachable clusters"}
          note={away ? "The agent does not report" : `${of.fleet!.total - of.fleet!.pending} of ${of.fleet!.total} reporting`}
          to="/clusters"
          search={{ status: away ? "offline" : undefined, cluster: scope }}
        />
      )}
      {failed !== undefined && (
        <Figure
          value={failed}
          tone="high"
          label={failed === 1 ? "Failed execution" : "Failed executions"}
          note="Runbooks, last 24 hours"
          to="/executions"
          search={{ status: failed ? "failed,timedOut,lost" : undefined, cluster: scope }}
        />
      )}
    </div>
  );
}

/** How many opened in each of the last 24 hours; the table of "Issues over time" has the numbers. */
function Opened({ of, severity }: { of: Trends; severity: "critical" | "high" }) {
  const values = of.buckets.map((one) => one[severity]);
  const total = values.reduce((sum, one) => sum + one, 0);
  const most = Math.max(...values);
  const label = total
    ? `${total.toLocaleString()} opened in the last 24 hours, at most ${most.toLocaleString()} in an hour`
    : "None opened in the last 24 hours";
  return <Sparkline values={values} label={label} />;
}

/** How many of these nobody has acknowledged, and how old the newest one is if it is among the issues that need attention. */
function Unacknowledged({ of, severity }: { of: Overview; severity: "critical" | "high" }) {
  const number = of.issues.unacknowledged[severity];
  if (number === 0) return "All acknowledged";
  const times = of.issues.urgent.filter((one) => one.severity === severity && one.status === "open").map((one) => one.detectedAt);
  const newest = times.sort().at(-1);
  return (
    <>
      {number.toLocaleString()} not acknowledged
      {newest && (
        <>
          {" "}
          · newest <Time at={newest} />
        </>
      )}
    </>
  );
}

interface FigureProps {
  value: number;
  tone: Tone;
  label: string;
  note: ReactNode;
  lately?: ReactNode;
  to: "/issues" | "/clusters" | "/executions";
  search: Record<string, string | undefined>;
}

function Figure({ value, tone, label, note, lately, to, search }: FigureProps) {
  return (
    <Link
      to={to}
      search={search as never}
      className="group relative flex min-w-0 flex-col gap-0.5 bg-bg px-4 py-3 -outline-offset-2 hover:bg-hover"
    >
      <span className="flex items-center gap-2">
        <Glyph tone={value ? tone : "ok"} className="size-3" />
        <span className={cx("text-2xl leading-8 font-semibold", !value && "text-muted")}>{value.toLocaleString()}</span>
      </span>
      <span className="font-medium group-hover:underline sm:truncate">{label}</span>
      <span className="text-xs text-muted sm:truncate">{note}</span>
      {lately && <span className="absolute top-5 right-4 flex max-sm:hidden">{lately}</span>}
    </Link>
  );
}
