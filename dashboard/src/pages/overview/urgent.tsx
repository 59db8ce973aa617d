// The issues to look at first, each in the two lines that the issue list has for it, with the first action beside it.
import { Link } from "@tanstack/react-router";
import { Check, EyeOff } from "lucide-react";
import { useRef } from "react";
import { cx, plural, Severity } from "../../parts";
import { useWidth } from "../../parts/narrow";
import { FirstAction, IssueText, type Lines, useRunnable } from "../issues/issuetext";
import { usePeople } from "../people";
import { Card, MORE } from "./card";
import type { Overview, UrgentIssue } from "./queries";

const SHOWN = 12; // on a screen of 1440 × 900 without scrolling
const SEVERITY_FROM_PX = 576;
const ACTION_FROM_PX = 880;

export function Urgent({ of, scope }: { of: Overview; scope: string | undefined }) {
  const { urgent, open } = of.issues;
  const shown = urgent.slice(0, SHOWN);
  const canRun = useRunnable();
  const box = useRef<HTMLDivElement>(null);
  const room = useWidth(box, (width) => (width >= ACTION_FROM_PX ? "wide" : width >= SEVERITY_FROM_PX ? "middle" : "card"));
  return (
    <Card
      title="Needs attention"
      note={open.total ? `${plural(open.total, "open issue")}, ${open.unacknowledged.toLocaleString()} not acknowledged` : undefined}
      action={
        <Link to="/issues" search={{ cluster: scope } as never} className={MORE}>
          All issues
        </Link>
      }
    >
      <div ref={box} className="@container">
        {shown.length ? (
          <ul>
            {shown.map((one) => (
              <UrgentRow
                key={one.id}
                issue={one}
                scope={scope}
                hasCluster={!scope && (of.fleet?.total ?? 2) > 1}
                canRun={canRun(one)}
                room={room}
              />
            ))}
          </ul>
        ) : (
          <Calm low={open.low} isComplete={of.coverage.complete} />
        )}
      </div>
    </Card>
  );
}

function Calm({ low, isComplete }: { low: number; isComplete: boolean }) {
  const Icon = isComplete ? Check : EyeOff;
  return (
    <div className="flex flex-col items-center justify-center gap-1 px-4 py-8 text-center">
      <span
        className={cx(
          "flex size-8 items-center justify-center rounded-full",
          isComplete ? "bg-ok-tint text-ok" : "bg-medium-tint text-medium",
        )}
      >
        <Icon aria-hidden className="size-4" />
      </span>
      <p className="mt-1 font-medium">{isComplete ? "Nothing needs attention" : "Nothing found in what could be read"}</p>
      <p className="text-muted">
        {low ? `${plural(low, "open issue")} of low severity.` : "No issues are open."} Issues of medium severity and up appear here, with
        their cause and the first action.
      </p>
    </div>
  );
}

interface RowProps {
  issue: UrgentIssue;
  scope: string | undefined;
  hasCluster: boolean;
  canRun: boolean;
  room: "wide" | "middle" | "card";
}

function UrgentRow({ issue, scope, hasCluster, canRun, room }: RowProps) {
  const { name } = usePeople();
  const lines: Lines = room === "card" ? "card" : "two";
  return (
    <li
      className={cx(
        "relative flex items-center gap-3 border-b border-line px-4 last:border-b-0 hover:bg-hover has-[a:focus-visible]:bg-hover",
        room === "card" ? "py-2" : "h-11.5",
      )}
    >
      {room !== "card" && (
        <span className="w-20 shrink-0">
          <Severity value={issue.severity} />
        </span>
      )}
      <IssueText
        issue={issue}
        search={{ cluster: scope }}
        lines={lines}
        columns={room === "card" ? undefined : COLUMNS}
        assignee={issue.assignee ? (name(issue.assignee) ?? "a former member") : undefined}
        hasCluster={hasCluster}
      />
      {room !== "middle" && (
        <span className={cx("flex shrink-0", room === "wide" && "w-48")}>
          <FirstAction issue={issue} lines={lines} canRun={canRun} />
        </span>
      )}
    </li>
  );
}

const COLUMNS = ["severity"];
