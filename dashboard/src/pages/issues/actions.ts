// What a person does to an issue from the list or its panel. A change shows at once; when the server refuses it, it is taken back.
import { useQueryClient } from "@tanstack/react-query";
import { Problem, send } from "../../api/client";
import type { Issue } from "../../api/queries";
import { patched } from "../../live/apply";
import { toast, toastError } from "../../parts";

type Status = "open" | "acknowledged" | "resolved";
const DONE: Record<Status, string> = { open: "Reopened", acknowledged: "Acknowledged", resolved: "Resolved" };

export function useIssueActions() {
  const client = useQueryClient();
  const show = (change: { id: string } & Partial<Issue>) => {
    for (const name of ["issue", "issues"]) client.setQueriesData({ queryKey: [name] }, (held: unknown) => patched(held, change));
  };
  const renew = () => {
    for (const name of ["issueCounts", "openCritical", "issueActivity"]) void client.invalidateQueries({ queryKey: [name] });
  };

  const set = async (issue: Issue, status: Status, isUndo = false): Promise<void> => {
    if (issue.status === status) return;
    const before = issue.status;
    show({ id: issue.id, status });
    try {
      const after = await send<Issue>("PATCH", `/v1/issues/${issue.id}`, { body: { status } });
      show(after);
      renew();
      if (!isUndo) toast(`${DONE[status]}: ${issue.title}`, { action: { label: "Undo", run: () => void set(after, before, true) } });
    } catch (error) {
      show({ id: issue.id, status: before });
      toastError(error);
    }
  };

  const analyse = async (issue: Pick<Issue, "id">): Promise<void> => {
    try {
      await send<unknown>("POST", `/v1/issues/${issue.id}/analyze`, { body: {} });
      toast("Analysis started", { tone: "low" });
    } catch (error) {
      if (error instanceof Problem && error.code === "issue_resolved") toast("A resolved issue is not analysed again", { tone: "info" });
      else toastError(error);
    }
    await client.invalidateQueries({ queryKey: ["issue", issue.id] });
  };

  return {
    acknowledge: (issue: Issue) => set(issue, issue.status === "acknowledged" ? "open" : "acknowledged"),
    resolve: (issue: Issue) => set(issue, issue.status === "resolved" ? "open" : "resolved"),
    analyse,
  };
}
