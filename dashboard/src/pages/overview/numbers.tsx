// The four numbers on top. Each leads to what it counts; a zero is calm.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleX, CloudOff } from "lucide-react";
import type { ReactNode } from "react";
import { cx, Glyph, Time } from "../../parts";
import { Sparkline } from "../../parts/sparkline";
import { NoneFound, unreadOf } from "../coverage";
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
        mark={<Glyph tone="critical" className="size-3" />}
        label={open.critical === 1 ? "Open critical issue" : "Open critical issues"}
        note={
          open.critical ? (
            <Unacknowledged of={of} severity="critical" />
          ) : (
            <NoneFound unread={unreadOf(of.coverage)}>No critical issues</NoneFound>
          )
        }
        lately={day && <Opened of={day} severity="critical" />}
        to="/issues"
        search={{ severity: "critical", cluster: scope }}
      />
      <Figure
        value={open.high}
        mark={<Glyph tone="high" className="size-3" />}
        label={open.high === 1 ? "Open high issue" : "Open high issues"}
        note={
          open.high ? (
            <Unacknowledged of={of} severity="high" />
          ) : (
            <NoneFound unread={unreadOf(of.coverage)}>No issues of high severity</NoneFound>
          )
        }
        lately={day && <Opened of={day} severity="high" />}
        to="/issues"
        search={{ severity: "high", cluster: scope }}
      />
      {away !== undefined && (
        <Figure
          value={away}
          mark={<CloudOff aria-hidden className="size-4 shrink-0 text-muted" />}
          label={away === 1 ? "Unreachable cluster" : "Unreachable clusters"}
          note={away ? "The agent does not report" : `${of.fleet!.total - of.fleet!.pending} of ${of.fleet!.total} reporting`}
          to="/clusters"
          search={{ status: away ? "offline" : undefined, cluster: scope }}
        />
      )}
      {failed !== undefined && (
        <Figure
          value={failed}
          mark={<CircleX aria-hidden className="size-4 shrink-0 text-muted" />}
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
      {number.toLocaleString()} unacknowledged
      {newest && (
        <>
          {" "}
          <span className="whitespace-nowrap">
            · newest <Time at={newest} />
          </span>
        </>
      )}
    </>
  );
}

interface FigureProps {
  value: number;
  /** Beside the number, unless it is zero. A severity has its own shape; nothing else has one of these. */
  mark: ReactNode;
  label: string;
  note: ReactNode;
  lately?: ReactNode;
  to: "/issues" | "/clusters" | "/executions";
  search: Record<string, string | undefined>;
}

function Figure({ value, mark, label, note, lately, to, search }: FigureProps) {
  return (
    <Link
      to={to}
      search={search as never}
      className="group flex min-w-0 items-center gap-3 bg-bg px-4 py-2 -outline-offset-2 hover:bg-hover max-sm:gap-2 max-sm:px-3"
    >
      {value ? mark : <Glyph tone="ok" className="size-3" />}
      <span className={cx("text-2xl leading-10 font-semibold", !value && "text-muted")}>
        {value.toLocaleString(undefined, value < 10_000 ? {} : { notation: "compact" })}
      </span>
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="font-medium group-hover:underline sm:truncate">{label}</span>
        <span className="text-xs text-muted">{note}</span>
      </span>
      {lately && <span className="flex shrink-0 max-2xl:hidden">{lately}</span>}
    </Link>
  );
}
