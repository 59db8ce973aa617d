// Where the panel of an issue shows a runbook in place of the issue, by what stands behind the `#` of its address: the list does not
// filter by it, and the next issue starts without it. The code is loaded when it is needed.
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo } from "react";
import type { Issue } from "../../api/queries";
import { Spinner } from "../../parts";
import { lazyPage } from "../lazy";
import { type CureAddress, cureHash } from "./cureaddress";
import { ExecutionState } from "./labels";
import { executionsQuery } from "./queries";

const Cure = lazyPage(() => import("./cure"), "Cure");

export function IssueCure({ issue, otherwise }: { issue: Issue; otherwise: ReactNode }) {
  const hash = useLocation({ select: (at) => at.hash });
  const at = useMemo(() => Object.fromEntries(new URLSearchParams(hash)) as CureAddress, [hash]);
  const go = useNavigate();
  const show = useCallback(
    (next: CureAddress, replace: boolean) => void go({ to: ".", search: true, hash: cureHash(next), replace } as never),
    [go],
  );
  const close = useCallback(() => show({}, false), [show]);
  const { run } = at;
  const onStarted = useCallback((execution: string) => show({ run, execution }, true), [show, run]);
  if (!run)
    return (
      <>
        <Unfinished issue={issue} />
        {otherwise}
      </>
    );
  return <Cure issue={issue} address={at} onClose={close} onStarted={onStarted} />;
}

/** What still runs for the issue, or waits for an approval. */
function Unfinished({ issue }: { issue: Issue }) {
  const { data } = useQuery(executionsQuery({ issue: issue.id, status: "pendingApproval,queued,running,verifying", pageSize: "3" }));
  const found = data?.executions.filter((one) => !one.dryRun) ?? [];
  return found.map((one) => (
    <p key={one.id} className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2">
      {one.status === "pendingApproval" ? null : <Spinner />}
      <span className="font-medium">{one.runbook.name}</span>
      <ExecutionState of={one} />
      <Link
        to="/issues/$issueId"
        params={{ issueId: issue.id }}
        search={true}
        hash={cureHash({ run: one.runbook.slug, execution: one.id })}
        className="ml-auto rounded-sm font-medium text-accent hover:underline"
      >
        Show
      </Link>
    </p>
  ));
}
