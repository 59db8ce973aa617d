// What can be done with the rows that are selected, or with every issue that matches the filter. The server changes or refuses each on its own; of
// rows, what was refused stays selected.
import { Check, CheckCheck, RotateCcw, X } from "lucide-react";
import { useState } from "react";
import { Problem, send } from "../../api/client";
import type { Issue, IssuePage } from "../../api/queries";
import { Button, counted, FormDialog, plural, toast, toastError } from "../../parts";
import { type Change, useIssueActions } from "./actions";
import type { IssueSearch } from "./filter";
import { AssignMenu, LabelButton, SeverityMenu, SnoozeMenu } from "./triage";
import { queryOf } from "./views";

const MOST = 10_000; // what the server changes by one query

/** How many issues match now. */
const countOf = async (query: string) => {
  const page = await send<IssuePage>("GET", "/v1/issues", { query: { q: query, pageSize: 1 } });
  return page.totalCapped ? MOST + 1 : page.total;
};

interface BulkBarProps {
  /** The selected rows. */
  rows: Issue[];
  /** Whether every loaded row is selected. */
  isAll: boolean;
  /** How many issues match the filter, by the list. */
  total: number;
  search: IssueSearch;
  /** How many issues are selected beyond the rows: all that match. Null: only the rows are. */
  matching: number | null;
  onAll: () => void;
  onMatching: (number: number | null) => void;
  onDone: (left: string[]) => void;
}

export function BulkBar({ rows, isAll, total, search, matching, onAll, onMatching, onDone }: BulkBarProps) {
  const { changeAll } = useIssueActions();
  const [asked, ask] = useState<{ change: Change; message: string } | null>(null);
  const make = (change: Change, message: string) =>
    matching === null ? void changeAll(rows, change, message).then(onDone) : ask({ change, message });
  const selectMatching = async () => {
    try {
      const number = await countOf(queryOf(search));
      if (number > MOST) toast("More than 10,000 issues match. Narrow the filter to select them all.", { tone: "medium" });
      else onMatching(number);
    } catch (error) {
      toastError(error);
    }
  };
  const isOver = rows.every((one) => one.status === "resolved");
  return (
    <div
      role="toolbar"
      aria-label="Selected issues"
      className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-selected px-4 py-2"
    >
      <span aria-live="polite" className="font-medium">
        {matching === null ? `${rows.length.toLocaleString()} selected` : `All ${matching.toLocaleString()} matching issues selected`}
      </span>
      {!isAll && (
        <Button small kind="quiet" onClick={onAll}>
          Select all loaded
        </Button>
      )}
      {isAll && matching === null && rows.length < total && (
        <Button small kind="quiet" onClick={() => void selectMatching()}>
          Select all {counted(total)} that match
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
      {!isOver && <SeverityMenu make={make} />}
      <LabelButton make={make} />
      <Button small kind="quiet" icon={<X aria-hidden />} aria-label="Clear selection" onClick={() => onDone([])}>
        Clear
      </Button>
      {asked && matching !== null && (
        <ConfirmDialog
          {...asked}
          query={queryOf(search)}
          number={matching}
          onNumber={onMatching}
          onDone={() => onDone([])}
          onClose={() => ask(null)}
        />
      )}
    </div>
  );
}

/** What a change does, as a verb that issues follow. */
function verbOf({ status, assignee, snooze, severity }: Change): string {
  if (status) return { acknowledged: "Acknowledge", resolved: "Resolve", open: "Reopen" }[status];
  if (snooze !== undefined) return snooze ? "Snooze" : "End the snooze of";
  if (assignee !== undefined) return assignee ? "Assign" : "Unassign";
  if (severity !== undefined) return "Set the severity of";
  return "Label";
}

interface ConfirmDialogProps {
  change: Change;
  message: string;
  query: string;
  number: number;
  onNumber: (number: number) => void;
  onDone: () => void;
  onClose: () => void;
}

/** Asked before issues are changed that nobody has looked at; the number that it names is the number that is changed. */
function ConfirmDialog({ change, message, query, number, onNumber, onDone, onClose }: ConfirmDialogProps) {
  const { changeMatching } = useIssueActions();
  const [done, progress] = useState<number | null>(null);
  const [refused, refuse] = useState<string | null>(null);
  const run = async () => {
    progress(0);
    refuse(null);
    try {
      await changeMatching(query, number, change, message, progress);
      onDone();
      onClose();
    } catch (error) {
      progress(null);
      refuse((error as Error).message);
      if (error instanceof Problem && error.code === "issue_count_changed") {
        const now = await countOf(query).catch(() => number);
        refuse(`${plural(now, "issue")} ${now === 1 ? "matches" : "match"} now, not ${number.toLocaleString()}. Nothing was changed.`);
        onNumber(now);
      }
    }
  };
  const what = `${verbOf(change)} ${plural(number, "issue")}`;
  return (
    <FormDialog
      blocking={done !== null}
      onClose={onClose}
      title={`${what}?`}
      description="Applies to every issue that matches the filter, including those that are not loaded. Undo is not available."
      submit={what}
      isBusy={done !== null}
      error={refused}
      onSubmit={run}
    >
      <p className="rounded-sm bg-surface px-3 py-2 font-mono text-xs break-words">{query}</p>
      <p role="status" className="text-muted">
        {done !== null && `${done.toLocaleString()} of ${number.toLocaleString()}`}
      </p>
    </FormDialog>
  );
}
