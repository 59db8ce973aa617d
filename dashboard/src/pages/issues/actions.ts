// What people do to issues from the list or the panel. A change of status shows at once; when the server refuses it, it is taken back.
import { useQueryClient } from "@tanstack/react-query";
import { freshKey, Problem, type Schemas, send } from "../../api/client";
import type { Issue } from "../../api/queries";
import { patched } from "../../live/apply";
import { toast, toastError } from "../../parts";

type Status = Issue["status"];
export type Change = Partial<Pick<Schemas["IssueChange"], "status" | "assignee" | "labels" | "severity">> & {
  snooze?: Partial<Schemas["SnoozeConditionsInput"]> | null;
};
type Results = Schemas["BulkResults"];
const DONE: Record<Status, string> = { open: "Reopened", acknowledged: "Acknowledged", resolved: "Resolved" };
const AT_ONCE = 500; // what the server takes in one request
/** What an answer leaves out when there is none. */
const NONE = {
  assignee: null,
  snooze: null,
  muteRuleId: null,
  parentIssueId: null,
  resolvedAt: null,
  resolvedBy: null,
  resolution: null,
  severitySetBy: null,
  computedSeverity: null,
};

export function useIssueActions() {
  const client = useQueryClient();
  const show = (change: { id: string } & Record<string, unknown>) => {
    for (const name of ["issue", "issues"]) client.setQueriesData({ queryKey: [name] }, (held: unknown) => patched(held, change));
  };
  const renew = () => {
    for (const name of ["issueCounts", "openCritical", "issueActivity"]) void client.invalidateQueries({ queryKey: [name] });
  };

  /** Change one issue; `undo` reverts it. Returns false when it was refused, after showing the error. */
  const change = async (issue: Issue, wanted: Change, message: string, undo?: Change): Promise<boolean> => {
    const before = issue.status;
    if (wanted.status) show({ id: issue.id, status: wanted.status });
    try {
      const after = await send<Issue>("PATCH", `/v1/issues/${issue.id}`, { body: wanted });
      show({ ...NONE, ...after });
      renew();
      toast(message, undo && { action: { label: "Undo", run: () => void change(after, undo, "Undone") } });
      return true;
    } catch (error) {
      if (wanted.status) show({ id: issue.id, status: before });
      toastError(error);
      return false;
    }
  };

  const set = async (issue: Issue, status: Status): Promise<void> => {
    if (issue.status !== status) await change(issue, { status }, `${DONE[status]}: ${issue.title}`, { status: issue.status });
  };

  /** Change many at once; each is changed or refused on its own. Gives the ids of those that were refused. */
  const changeAll = async (issues: Issue[], wanted: Change, message: string): Promise<string[]> => {
    const results: Results["results"] = [];
    try {
      for (let from = 0; from < issues.length; from += AT_ONCE) {
        const ids = issues.slice(from, from + AT_ONCE).map((one) => one.id);
        const body = { ids, change: wanted };
        results.push(...(await send<Results>("POST", "/v1/issues/bulk", { body, idempotencyKey: freshKey() })).results);
      }
    } catch (error) {
      toastError(error);
    }
    const changed = new Set(results.filter((one) => one.result === "changed").map((one) => one.id));
    const refused = results.filter((one) => one.result === "refused");
    const rows = issues.filter((one) => changed.has(one.id));
    for (const row of rows) show({ id: row.id, ...shownAs(wanted) });
    renew();
    for (const name of ["issues", "issue"]) void client.invalidateQueries({ queryKey: [name] });
    if (refused.length)
      toast(`${message}: ${changed.size}. Refused: ${refused.length} (${refused[0]!.detail ?? refused[0]!.code})`, { tone: "medium" });
    else if (results.length)
      toast(
        `${message}: ${changed.size}${changed.size < results.length ? `, ${results.length - changed.size} unchanged` : ""}`,
        undoOf(rows, wanted, changeAll),
      );
    return refused.map((one) => one.id);
  };

  /**
   * Change every issue that the query finds, 500 in each request; `progress` gets the number done so far. Throws what the first request is refused
   * for, when nothing has changed; a later failure is shown with what was done before it.
   */
  const changeMatching = async (
    query: string,
    expected: number,
    wanted: Change,
    message: string,
    progress: (done: number) => void,
  ): Promise<void> => {
    const done = { changed: 0, unchanged: 0, refused: 0 };
    let reason: string | undefined;
    let cursor: string | undefined;
    do {
      const body = { query, change: wanted, ...(cursor ? { cursor } : { expected }) };
      let part: Results;
      try {
        part = await send<Results>("POST", "/v1/issues/bulk", { body, idempotencyKey: freshKey() });
      } catch (error) {
        if (!cursor) throw error;
        toastError(error);
        break;
      }
      for (const name of ["changed", "unchanged", "refused"] as const) done[name] += part[name];
      reason ??= part.results.find((one) => one.result === "refused")?.detail ?? undefined;
      cursor = part.nextCursor ?? undefined;
      progress(done.changed + done.unchanged + done.refused);
    } while (cursor);
    renew();
    for (const name of ["issues", "issue"]) void client.invalidateQueries({ queryKey: [name] });
    const unchanged = done.unchanged ? `, ${done.unchanged.toLocaleString()} unchanged` : "";
    const refused = done.refused ? `. Refused: ${done.refused.toLocaleString()}${reason ? ` (${reason})` : ""}` : "";
    toast(`${message}: ${done.changed.toLocaleString()}${unchanged}${refused}`, { tone: done.refused ? "medium" : "ok" });
  };

  const analyse = async (issue: Pick<Issue, "id">): Promise<void> => {
    try {
      await send<unknown>("POST", `/v1/issues/${issue.id}/analyze`, { body: {} });
      toast("Analysis started", { tone: "low" });
    } catch (error) {
      if (error instanceof Problem && error.code === "issue_resolved") toast("Resolved issues are not analyzed", { tone: "info" });
      else toastError(error);
    }
    await client.invalidateQueries({ queryKey: ["issue", issue.id] });
  };

  return {
    acknowledge: (issue: Issue) => set(issue, issue.status === "acknowledged" ? "open" : "acknowledged"),
    resolve: (issue: Issue) => set(issue, issue.status === "resolved" ? "open" : "resolved"),
    change,
    changeAll,
    changeMatching,
    analyse,
  };
}

/** What a row shows of a change until the list has been read again. */
const shownAs = ({ status, assignee, snooze, severity }: Change) => ({
  ...(severity && { severity }),
  ...(status && { status }),
  ...(assignee !== undefined && assignee !== "me" && { assignee }),
  ...(snooze !== undefined && { snooze, ...(snooze && { substatus: "snoozed" }) }),
});

/** Undoing a change of status: each goes back to what it was. */
function undoOf(rows: Issue[], wanted: Change, change: (issues: Issue[], wanted: Change, message: string) => Promise<unknown>) {
  if (!wanted.status || !rows.length) return undefined;
  const run = async () => {
    for (const status of ["open", "acknowledged", "resolved"] as const) {
      const those = rows.filter((one) => one.status === status);
      if (those.length) await change(those, { status }, "Undone");
    }
  };
  return { action: { label: "Undo", run: () => void run() } };
}
