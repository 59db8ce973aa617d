// One row of the issue list.

import { Link } from "@tanstack/react-router";
import { MessageSquare, ScanSearch } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import type { Issue } from "../../api/queries";
import { Chip, cx, Mark, Name, Severity, StaleMark, Status, Time } from "../../parts";
import { template } from "./columns";
import type { IssueSearch } from "./filter";
import { FixNote, isFixed } from "./fixnote";

export const ROW_PX = 46;
export const COMPACT_ROW_PX = 32; // one line
export const NARROW_ROW_PX = 66; // the title takes up to two lines
export const NARROW_BELOW_PX = 672; // the container size 2xl
export const GRID = "grid items-center gap-3 px-4";

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
  /** Ids of the columns that are shown; the same list as long as they are. */
  columns: string[];
  /** Title and place in one line. */
  isOneLine: boolean;
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
  columns,
  isOneLine,
}: RowProps) {
  const has = (column: string) => columns.includes(column);
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
      style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: template(columns) }}
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
      {has("severity") && (
        <span role="cell">
          <Severity value={issue.severity} />
        </span>
      )}
      <div role="cell" className={cx("min-w-0", isOneLine && "flex items-center gap-3")}>
        <div className={cx("flex min-w-0", isOneLine && "shrink-[2]")}>
          <Link
            to="/issues/$issueId"
            params={{ issueId: issue.id }}
            search={search as never}
            preload={false}
            aria-current={isOpen ? "true" : undefined}
            onFocus={() => onFocus(issue.id)}
            className={cx(
              "min-w-0 font-medium outline-offset-0 after:absolute after:inset-0",
              height === NARROW_ROW_PX ? "line-clamp-2 leading-5" : "truncate",
            )}
            title={issue.title}
          >
            {issue.title}
          </Link>
        </div>
        <div className={cx("flex h-5 min-w-0 items-center gap-1.5 overflow-hidden text-xs text-muted", isOneLine && "flex-1")}>
          {!has("severity") && (
            <>
              <span className="shrink-0">
                <Severity quiet value={issue.severity} />
              </span>
              <span aria-hidden>·</span>
            </>
          )}
          {issue.status !== "resolved" && <StaleMark of={issue} className={isOneLine ? "hidden" : "@max-5xl:hidden"} />}
          <span className="min-w-10 shrink-[4] truncate @max-xl:hidden">{issue.type}</span>
          <span aria-hidden className="@max-xl:hidden">
            ·
          </span>
          <Name className="min-w-12 shrink-[2] font-mono">{`${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`}</Name>
          {!has("cluster") && (
            <>
              <span aria-hidden className="@max-4xl:hidden">
                ·
              </span>
              <span className="min-w-8 shrink-[2] truncate @max-4xl:hidden">{issue.cluster}</span>
            </>
          )}
          {assignee && !has("assignee") && (
            <span title="Assignee" className="min-w-8 truncate">
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
          {!has("status") && (isFixed(issue) || issue.status !== "open") && (
            <span className="shrink-0">{isFixed(issue) ? <FixNote issue={issue} /> : <Status quiet value={issue.status} />}</span>
          )}
          {MARKED.has(issue.substatus) && issue.status !== "resolved" && (
            <span className="shrink-0 @max-lg:hidden">
              <Chip>{issue.substatus}</Chip>
            </span>
          )}
        </div>
      </div>
      {has("namespace") && (
        <span role="cell" title={issue.namespace ?? undefined} className="truncate text-muted">
          {issue.namespace}
        </span>
      )}
      {has("cluster") && (
        <span role="cell" title={issue.cluster} className="truncate text-muted">
          {issue.cluster}
        </span>
      )}
      {has("count") && (
        <span role="cell" className="text-right text-muted">
          {issue.count > 1 ? `×${issue.count}` : ""}
        </span>
      )}
      {has("assignee") && (
        <span role="cell" title={assignee} className="truncate text-muted">
          {assignee}
        </span>
      )}
      {has("since") && (
        <span role="cell" className="text-muted">
          <Time at={issue.firstSeenAt} />
        </span>
      )}
      {has("detected") && (
        <span role="cell" className="text-muted">
          <Time at={issue.detectedAt} />
        </span>
      )}
      {has("lastSeen") && (
        <span role="cell" className="text-muted">
          <Time at={issue.lastSeenAt} />
        </span>
      )}
      {has("status") && (
        <span role="cell">
          {isFixed(issue) ? (
            <FixNote issue={issue} />
          ) : issue.status !== "resolved" && QUIET[issue.substatus] ? (
            <Mark tone="info">{QUIET[issue.substatus]}</Mark>
          ) : (
            <Status quiet value={issue.status} />
          )}
        </span>
      )}
    </div>
  );
});
