// The issues to look at first, each with the cause that its analysis names.
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { Glyph, Name, plural, Severity, StaleMark, Status, severityOf, Time } from "../../parts";
import { Card, MORE } from "./card";
import type { Overview, UrgentIssue } from "./queries";

const SHOWN = 7;
const DAY_MS = 86_400_000;

export function Urgent({ of, scope }: { of: Overview; scope: string | undefined }) {
  const { urgent, open } = of.issues;
  const shown = urgent.slice(0, SHOWN);
  return (
    <Card
      title="Needs attention"
      note={open.total ? `${plural(open.total, "open issue")}, ${open.unacknowledged} not acknowledged` : undefined}
      action={
        <Link to="/issues" search={{ cluster: scope } as never} className={MORE}>
          All issues
        </Link>
      }
    >
      {shown.length ? (
        <ul>
          {shown.map((one) => (
            <UrgentRow key={one.id} issue={one} scope={scope} isUnchanged={Date.parse(of.at) - Date.parse(one.unchangedSince) > DAY_MS} />
          ))}
        </ul>
      ) : (
        <div className="flex flex-1 flex-col items-center justify-center gap-1 px-4 py-10 text-center">
          <span className="flex size-8 items-center justify-center rounded-full bg-ok-tint text-ok">
            <Check aria-hidden className="size-4" />
          </span>
          <p className="mt-1 font-medium">Nothing needs attention</p>
          <p className="text-muted">{open.low ? `${plural(open.low, "open issue")} of low severity.` : "No issues are open."}</p>
        </div>
      )}
    </Card>
  );
}

interface RowProps {
  issue: UrgentIssue;
  scope: string | undefined;
  isUnchanged: boolean;
}

function UrgentRow({ issue, scope, isUnchanged }: RowProps) {
  return (
    <li className="relative flex gap-3 border-b border-line px-4 py-2 last:border-b-0 hover:bg-hover has-[a:focus-visible]:bg-hover">
      <span className="w-20 shrink-0 pt-px max-sm:hidden">
        <Severity value={issue.severity} />
      </span>
      <Glyph tone={severityOf(issue.severity)[0]} className="mt-1.5 sm:hidden" />
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 gap-3">
          <Link
            to="/issues/$issueId"
            params={{ issueId: issue.id }}
            search={{ cluster: scope } as never}
            preload={false}
            title={issue.title}
            className="line-clamp-2 min-w-0 flex-1 font-medium break-words outline-offset-0 after:absolute after:inset-0"
          >
            <span className="sr-only sm:hidden">{severityOf(issue.severity)[1]}: </span>
            {issue.title}
          </Link>
          <span className="shrink-0 text-xs leading-5 text-muted">
            <span className="sr-only">Since </span>
            <Time at={issue.firstSeenAt} />
            {isUnchanged && ", unchanged"}
          </span>
        </div>
        {issue.cause && (
          <p className="line-clamp-2 break-words" title={issue.cause.explanation}>
            <span className="text-muted">Cause: </span>
            {issue.cause.title}
            {issue.cause.confidenceLabel && <span className="text-muted"> · {issue.cause.confidenceLabel} confidence</span>}
          </p>
        )}
        <div className="flex h-5 min-w-0 items-center gap-1.5 overflow-hidden text-xs text-muted">
          <StaleMark of={issue} />
          <Name className="min-w-10 shrink-[4] font-mono">{`${issue.namespace ? `${issue.namespace}/` : ""}${issue.owner?.name ?? issue.resource}`}</Name>
          <span aria-hidden>·</span>
          <span className="min-w-8 shrink truncate">{issue.cluster}</span>
          {issue.status === "acknowledged" && (
            <>
              <span aria-hidden>·</span>
              <span className="shrink-0">
                <Status quiet value={issue.status} />
              </span>
            </>
          )}
        </div>
      </div>
    </li>
  );
}
