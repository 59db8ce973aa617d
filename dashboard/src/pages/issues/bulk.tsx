// What can be done with the rows that are selected. The server changes or refuses each on its own; what was refused stays selected.
import { Check, CheckCheck, RotateCcw, X } from "lucide-react";
import type { Issue } from "../../api/queries";
import { Button } from "../../parts";
import { type Change, useIssueActions } from "./actions";
import { AssignMenu, LabelButton, SnoozeMenu } from "./triage";

export function BulkBar({
  rows,
  isAll,
  onAll,
  onDone,
}: {
  rows: Issue[];
  isAll: boolean;
  onAll: () => void;
  onDone: (left: string[]) => void;
}) {
  const { changeAll } = useIssueActions();
  const make = (change: Change, message: string) => void changeAll(rows, change, message).then(onDone);
  const isOver = rows.every((one) => one.status === "resolved");
  return (
    <div
      role="toolbar"
      aria-label="Selected issues"
      className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-selected px-4 py-2"
    >
      <span aria-live="polite" className="font-medium">
        {rows.length.toLocaleString()} selected
      </span>
      {!isAll && (
        <Button small kind="quiet" onClick={onAll}>
          Select all loaded
        </Button>
      )}
      <span className="flex-1 max-md:hidden" />
      {isOver ? (
        <Button small icon={<RotateCcw aria-hidden />} onClick={() => make({ status: "open" }, "Reopened")}>
          Reopen
        </Button>
      ) : (
        <>
          <Button small icon={<Check aria-hidden />} onClick={() => make({ status: "acknowledged" }, "Acknowledged")}>
            Acknowledge
          </Button>
          <Button small icon={<CheckCheck aria-hidden />} onClick={() => make({ status: "resolved" }, "Resolved")}>
            Resolve
          </Button>
          <SnoozeMenu severity={null} make={make} />
          {rows.some((one) => one.snooze) && (
            <Button small onClick={() => make({ snooze: null }, "Snooze ended")}>
              End snooze
            </Button>
          )}
        </>
      )}
      <AssignMenu assignee={undefined} make={make} />
      <LabelButton make={make} />
      <Button small kind="quiet" icon={<X aria-hidden />} aria-label="Clear selection" onClick={() => onDone([])}>
        Clear
      </Button>
    </div>
  );
}
