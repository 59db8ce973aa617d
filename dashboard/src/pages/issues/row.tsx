// One row of the issue list.

import { memo, useEffect, useRef } from "react";
import type { Issue } from "../../api/queries";
import { cx, Severity, Time } from "../../parts";
import { template } from "./columns";
import type { IssueSearch } from "./filter";
import { FixNote, isFixed } from "./fixnote";
import { FirstAction, IssueText, type Lines, stateOf } from "./issuetext";

export const ROW_PX: Record<Lines, number> = { one: 32, two: 46, card: 92 };
export const COMPACT_CARD_PX = 72; // the title takes one line
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
  lines: Lines;
  hasCluster: boolean;
  /** Whether the runbook of the first action can be previewed. */
  canRun: boolean;
}

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
  lines,
  hasCluster,
  canRun,
}: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  const look = `${issue.status} ${issue.severity} ${issue.count} ${issue.cause?.id} ${issue.substatus} ${issue.assignee} ${issue.team}`;
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
      {columns.includes("severity") && (
        <span role="cell">
          <Severity value={issue.severity} />
        </span>
      )}
      <div role="cell" className="flex min-w-0 items-center gap-3">
        <IssueText
          issue={issue}
          search={search}
          lines={lines}
          columns={columns}
          isOpen={isOpen}
          onFocus={onFocus}
          assignee={assignee}
          hasCluster={hasCluster}
        />
        {!columns.includes("action") && lines === "card" && <FirstAction issue={issue} lines="card" canRun={canRun} />}
      </div>
      {columns.map(
        (column) => CELLS[column] && <Cell key={column} column={column} issue={issue} assignee={assignee} lines={lines} canRun={canRun} />,
      )}
    </div>
  );
});

type CellProps = Pick<RowProps, "issue" | "assignee" | "lines" | "canRun">;

/** The columns at the right of the issue; `columns` has them in their places. */
const CELLS: Record<string, (of: CellProps) => React.ReactNode> = {
  namespace: ({ issue }) => issue.namespace,
  cluster: ({ issue }) => issue.cluster,
  count: ({ issue }) => (issue.count > 1 ? `×${issue.count}` : ""),
  assignee: ({ assignee }) => assignee,
  team: ({ issue }) => issue.team,
  since: ({ issue }) => <Time at={issue.firstSeenAt} />,
  detected: ({ issue }) => <Time at={issue.detectedAt} />,
  lastSeen: ({ issue }) => <Time at={issue.lastSeenAt} />,
  status: ({ issue }) => (isFixed(issue) ? <FixNote issue={issue} /> : stateOf(issue)),
  action: (of) => <FirstAction {...of} />,
};

function Cell({ column, ...of }: CellProps & { column: string }) {
  const shown = CELLS[column]!(of);
  const className = cx("min-w-0", column === "action" ? "flex" : "truncate text-muted", column === "count" && "text-right");
  return (
    <span role="cell" title={typeof shown === "string" ? shown : undefined} className={className}>
      {shown}
    </span>
  );
}
