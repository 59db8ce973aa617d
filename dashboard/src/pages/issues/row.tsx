// One row of the issue list.

import { Link } from "@tanstack/react-router";
import { MessageSquare, ScanSearch } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import type { Issue } from "../../api/queries";
import { Chip, cx, Mark, Name, Severity, StaleMark, Status, Time } from "../../parts";
import type { IssueSearch } from "./filter";

export const ROW_PX = 46;
export const NARROW_ROW_PX = 66; // the title takes up to two lines
export const NARROW_BELOW_PX = 672; // the container size 2xl
export const GRID =
  "grid items-center gap-3 px-4 grid-cols-[16px_minmax(0,1fr)] @xl:grid-cols-[16px_92px_minmax(0,1fr)_84px_116px] @2xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_84px_116px] @3xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_84px_84px_116px] @7xl:grid-cols-[16px_92px_minmax(0,1fr)_48px_128px_84px_84px_116px]";

interface RowProps {
  issue: Issue;
  index: number;
  top: number;
  height: number;
  search: IssueSearch;
  isOpen: boolean;
  isSelected: boolean;
  /** Absent where the person may not change issues. */
  onPick: ((id: string, isRange: boolean) => void) | undefined;
  assignee: string | undefined;
  onFocus: (id: string) => void;
}

/** Snoozed and muted are shown before the status, because they explain why no notifications are sent. */
const QUIET: Record<string, string> = { snoozed: "Snoozed", muted: "Muted" };

/** What is worth a word beside the title. */
const MARKED = new Set(["escalating", "regressed", "flapping"]);

export const IssueRow = memo(function IssueRow({
  issue,
  index,
  top,
  height,
  search,
  isOpen,
  isSelected,
  onPick,
  assignee,
  onFocus,
}: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  const look = `${issue.status} ${issue.severity} ${issue.count} ${issue.hasAnalysis} ${issue.substatus} ${issue.assignee}`;
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
      style={{ transform: `translateY(${top}px)`, height }}
      className={cx(
        GRID,
        "absolute inset-x-0 border-b border-line",
        isOpen || isSelected ? "bg-selected" : "hover:bg-hover has-[a:focus-visible]:bg-hover",
      )}
    >
      <span role="cell" className="flex items-center">
        {onPick && (
          // The whole corner can be hit, above the link that covers the row.
          <label className="relative z-[1] -m-3.5 flex p-3.5">
            <input
              type="checkbox"
              aria-label={`Select ${issue.title}`}
              checked={isSelected}
              onChange={(event) => onPick(issue.id, (event.nativeEvent as MouseEvent).shiftKey)}
              onFocus={() => onFocus(issue.id)}
            />
          </label>
        )}
      </span>
      <span role="cell" className="@max-xl:hidden">
        <Severity value={issue.severity} />
      </span>
      <div role="cell" className="min-w-0">
        <div className="flex min-w-0">
          <Link
            to="/issues/$issueId"
            params={{ issueId: issue.id }}
            search={search as never}
            preload={false}
            aria-current={isOpen ? "true" : undefined}
            onFocus={() => onFocus(issue.id)}
            className="min-w-0 font-medium @2xl:truncate @max-2xl:line-clamp-2 @max-2xl:leading-5 outline-offset-0 after:absolute after:inset-0"
            title={issue.title}
          >
            {issue.title}
          </Link>
        </div>
        <div className="flex h-5 min-w-0 items-center gap-1.5 overflow-hidden text-xs text-muted">
          <span className="shrink-0 @xl:hidden">
            <Severity quiet value={issue.severity} />
          </span>
          <span aria-hidden className="@xl:hidden">
            ·
          </span>
          {issue.status !== "resolved" && <StaleMark of={issue} className="@max-5xl:hidden" />}
          <span className="min-w-8 shrink truncate @max-xl:hidden">{issue.type}</span>
          <span aria-hidden className="@max-xl:hidden">
            ·
          </span>
          <Name className="min-w-16 shrink-[8] font-mono">{`${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`}</Name>
          <span aria-hidden className="@max-4xl:hidden">
            ·
          </span>
          <span className="min-w-8 shrink-[2] truncate @max-4xl:hidden">{issue.cluster}</span>
          {assignee && (
            <span title="Assignee" className="min-w-8 truncate @7xl:hidden">
              <span aria-hidden>· </span>
              {assignee}
            </span>
          )}
          {issue.hasAnalysis && (
            <span title="Analysis ready" className="inline-flex shrink-0">
              <ScanSearch aria-hidden className="size-3 text-muted" />
              <span className="sr-only">analysis ready</span>
            </span>
          )}
          {issue.commentCount > 0 && (
            <span
              title={`${issue.commentCount} ${issue.commentCount === 1 ? "comment" : "comments"}`}
              className="inline-flex shrink-0 items-center gap-0.5 text-xs text-muted"
            >
              <MessageSquare aria-hidden className="size-3" />
              {issue.commentCount}
              <span className="sr-only"> comments</span>
            </span>
          )}
          {issue.symptomCount > 0 && (
            <span className="shrink-0">
              <Chip title="Issues that this one explains">
                {issue.symptomCount} {issue.symptomCount === 1 ? "symptom" : "symptoms"}
              </Chip>
            </span>
          )}
          {issue.parentIssueId && (
            <span className="shrink-0">
              <Chip title="Explained by another issue">symptom</Chip>
            </span>
          )}
          {MARKED.has(issue.substatus) && issue.status !== "resolved" && (
            <span className="shrink-0 @max-lg:hidden">
              <Chip>{issue.substatus}</Chip>
            </span>
          )}
        </div>
      </div>
      <span role="cell" className="text-right text-muted @max-2xl:hidden">
        {issue.count > 1 ? `×${issue.count}` : ""}
      </span>
      <span role="cell" title={assignee} className="truncate text-muted @max-7xl:hidden">
        {assignee}
      </span>
      <span role="cell" className="text-muted @max-3xl:hidden">
        <Time at={issue.detectedAt} />
      </span>
      <span role="cell" className="text-muted @max-xl:hidden">
        <Time at={issue.lastSeenAt} />
      </span>
      <span role="cell" className="@max-xl:hidden">
        {issue.status !== "resolved" && QUIET[issue.substatus] ? (
          <Mark tone="info">{QUIET[issue.substatus]}</Mark>
        ) : (
          <Status quiet value={issue.status} />
        )}
      </span>
    </div>
  );
});
