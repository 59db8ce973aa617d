// What still runs for an issue, or waits for an approval, in place of the button that would start it again.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { may, meQuery } from "../../api/session";
import { Spinner } from "../../parts";
import { usePeople } from "../people";
import { executionLink } from "./cureaddress";
import { ExecutionState } from "./labels";
import { type Execution, executionsQuery } from "./queries";

const NONE: Execution[] = [];
const UNFINISHED = "pendingApproval,queued,running,verifying";
const MOST = 100;

/** The execution that a row of the issue shows in place of its first action; one query for all rows. */
export function useHolding(issueId: string, runbook: string | null | undefined): Execution | undefined {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({
    ...executionsQuery({ status: UNFINISHED, dryRun: "false", pageSize: String(MOST) }),
    enabled: !!runbook && may(me, "runbooks:read"),
  });
  return holding(data?.executions.filter((one) => one.issueId === issueId) ?? NONE, runbook);
}

export function useUnfinished(issueId: string): Execution[] {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({
    ...executionsQuery({ issue: issueId, status: UNFINISHED, dryRun: "false", pageSize: "3" }),
    enabled: may(me, "runbooks:read"),
  });
  return data?.executions ?? NONE;
}

/** The one that would be refused a repetition. A pull request may wait for days, and the cluster can be changed meanwhile. */
export const holding = (unfinished: Execution[], runbook: string | null | undefined) =>
  unfinished.find((one) => one.runbook.slug === runbook && !one.byPullRequest);

export function UnfinishedLine({ of: one, issueId }: { of: Execution; issueId: string }) {
  const { name } = usePeople();
  const by = name(one.requestedBy);
  return (
    <p className="flex flex-wrap items-center gap-2">
      {one.status === "pendingApproval" ? null : <Spinner />}
      <span className="font-medium">{one.runbook.name}</span>
      <ExecutionState of={one} />
      {by && <span className="text-muted">requested by {by}</span>}
      <Link {...executionLink(issueId, one.runbook.slug, one.id)} className="ml-auto rounded-sm font-medium text-accent hover:underline">
        Show
      </Link>
    </p>
  );
}
