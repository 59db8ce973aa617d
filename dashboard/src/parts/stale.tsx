// What is shown of a cluster whose agent is not connected: always with the time it is from, never as if it were current.
import { CloudOff } from "lucide-react";
import { Badge } from "./badge";
import { Time } from "./time";

export interface Stale {
  stale?: boolean;
  staleSince?: string | null;
}

const WHY = "The agent of this cluster is not connected, or does not watch this kind. The object may have changed.";

/** "As of 5 min ago", where a thing has a header of its own. */
export function StaleBadge({ of }: { of: Stale }) {
  if (!of.stale) return null;
  return (
    <Badge tone="medium" title={WHY}>
      {of.staleSince ? (
        <>
          As of <Time at={of.staleSince} />
        </>
      ) : (
        "Out of date"
      )}
    </Badge>
  );
}

/** The same for a dense row; `className` may hide the words where there is no room for them. */
export function StaleMark({ of, className }: { of: Stale; className?: string }) {
  if (!of.stale) return null;
  return (
    <span title={WHY} className="inline-flex shrink-0 items-center gap-1 text-xs text-medium">
      <CloudOff aria-hidden className="size-3" />
      <span className="sr-only">out of date, </span>
      <span className={className}>{of.staleSince ? <Time at={of.staleSince} /> : "out of date"}</span>
    </span>
  );
}

/** Above a list: which clusters its rows are out of date for, and since when. */
export function StaleNotice({ rows }: { rows: (Stale & { cluster: string })[] }) {
  const stale = rows.filter((row) => row.stale);
  const names = [...new Set(stale.map((row) => row.cluster))];
  const since = stale
    .map((row) => row.staleSince)
    .filter((at) => !!at)
    .sort()[0];
  if (!names.length) return null;
  return (
    <p role="status" className="border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
      {names.length === 1
        ? `The data of ${names[0]} is out of date`
        : `The data of ${names.length} clusters is out of date (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""})`}
      {since && (
        <>
          : last update <Time at={since} />
        </>
      )}
      .
    </p>
  );
}
