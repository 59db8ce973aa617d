// One execution: what is planned, what is being done, what came of it. All state is on the server, so a reload loses nothing.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Ban, Check, FileText, RotateCw, Siren, X } from "lucide-react";
import { useState } from "react";
import { freshKey, Problem } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, Empty, Failed, Loading, PageHeader, toastError } from "../../parts";
import { ChangeRecord } from "../documents";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { useDelegators } from "../settings/delegation";
import { useTitle } from "../title";
import { Approvals, BreakGlass } from "./approvals";
import { Decide, selfOf, useBreakGlass, type Word } from "./decide";
import { ExecutionState, targetText } from "./labels";
import { About, Outcome } from "./outcome";
import { hasRepository, ProposeButton, PullRequest } from "./pullrequest";
import { decide, type Execution, executionQuery, isFinal } from "./queries";
import { Restart, RestartButtons } from "./restart";
import { Log, PlanSection, Steps, Verdict } from "./steps";

const RETRIED = new Set(["failed", "timedOut", "canceled", "lost", "expired"]);

export function ExecutionDetail() {
  const { executionId } = useParams({ strict: false }) as { executionId: string };
  const query = useQuery(executionQuery(executionId));
  useTitle(query.data && `${query.data.runbook.name} on ${targetText(query.data.target)}`);
  if (query.isPending)
    return (
      <>
        <PageHeader title="Execution" />
        <Loading label="Loading execution" />
      </>
    );
  if (!query.data)
    return query.error instanceof Problem && query.error.status === 404 ? (
      <Empty title="Execution not found">It may have been deleted after the retention period.</Empty>
    ) : (
      <>
        <PageHeader title="Execution" />
        <Failed error={query.error} what="Could not load the execution" retry={() => void query.refetch()} />
      </>
    );
  return <Body execution={query.data} />;
}

function Body({ execution }: { execution: Execution }) {
  const isOver = isFinal(execution.status);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 whitespace-normal">
            {execution.runbook.name} <ExecutionState of={execution} />
          </span>
        }
      >
        <Actions execution={execution} />
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <BreakGlass execution={execution} />
        <Outcome execution={execution} />
        <PullRequest execution={execution} />
        <div className="xl:grid xl:grid-cols-2">
          <div className="border-line xl:border-r">
            <About execution={execution} />
            <Approvals execution={execution} actions={<SkipApprovals execution={execution} />} />
            {!execution.byPullRequest && <Steps execution={execution} />}
            <Verdict execution={execution} isOver={isOver} />
          </div>
          <div>
            {!execution.pullRequest && <PlanSection execution={execution} isOver={isOver} />}
            <Log id={execution.id} isOver={isOver} />
          </div>
        </div>
      </div>
    </div>
  );
}

function SkipApprovals({ execution }: { execution: Execution }) {
  const mayBreakGlass = useBreakGlass();
  const [isAsking, ask] = useState(false);
  if (!mayBreakGlass || execution.status !== "pendingApproval") return null;
  return (
    <>
      <Button small icon={<Siren aria-hidden />} onClick={() => ask(true)}>
        Skip missing approvals
      </Button>
      {isAsking && <Decide word="breakGlass" execution={execution} isOwn={false} onClose={() => ask(false)} />}
    </>
  );
}

function Actions({ execution }: { execution: Execution }) {
  const { data: me } = useQuery(meQuery);
  const [asking, ask] = useState<Word | "document" | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [frozen, setFrozen] = useState<Problem | null>(null);
  const [sheet, confirmed] = useConfirmed();
  const go = useNavigate();
  const open = (id: string) => void go({ to: "/executions/$executionId", params: { executionId: id } });
  const client = useQueryClient();
  const isOver = isFinal(execution.status);
  const isWaiting = execution.status === "pendingApproval";
  const isReady = isWaiting && (execution.approval?.ready ?? !!execution.plan);
  const mayApprove = may(me, "runbooks:approve");
  const isDelegate = useDelegators(execution.requestedBy, isWaiting).length > 0;
  const mayRun = may(me, "runbooks:execute");
  const retry = async () => {
    setBusy(true);
    try {
      const created = await confirmed(() => decide(execution.id, "retry", {}, freshKey()));
      void client.invalidateQueries({ queryKey: ["executions"] });
      open(created.id);
    } catch (error) {
      if (error instanceof Problem && error.code === "frozen") setFrozen(error);
      else if (!isWithdrawn(error)) toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {isWaiting && (
        <>
          <Button
            kind="primary"
            icon={<Check aria-hidden />}
            disabled={!isReady || !(mayApprove || isDelegate)}
            title={
              !(mayApprove || isDelegate)
                ? "Your role cannot approve; admins and owners can"
                : !isReady
                  ? "The plan is not ready yet"
                  : undefined
            }
            onClick={() => ask("approve")}
          >
            Approve
          </Button>
          <Button
            icon={<X aria-hidden />}
            disabled={!mayApprove}
            title={mayApprove ? undefined : "Your role cannot reject; admins and owners can"}
            onClick={() => ask("reject")}
          >
            Reject
          </Button>
        </>
      )}
      {!isOver && (
        <Button
          kind="danger"
          icon={<Ban aria-hidden />}
          disabled={!mayRun || execution.canceling}
          title={mayRun ? undefined : "Your role cannot cancel; operators can"}
          onClick={() => ask("cancel")}
        >
          {execution.canceling ? "Canceling" : "Cancel"}
        </Button>
      )}
      {RETRIED.has(execution.status) && !execution.dryRun && (
        <Button
          icon={<RotateCw aria-hidden />}
          busy={isBusy}
          disabled={!mayRun}
          title={mayRun ? "Completed steps are not repeated" : "Your role cannot run runbooks; operators can"}
          onClick={() => void retry()}
        >
          Retry from the failed step
        </Button>
      )}
      {isOver && execution.dryRun && hasRepository(execution.plan) && mayRun && <ProposeButton execution={execution} onStarted={open} />}
      {isOver && <RestartButtons execution={execution} onStarted={open} />}
      <Button icon={<FileText aria-hidden />} onClick={() => ask("document")}>
        Change record
      </Button>
      {asking === "document" && <ChangeRecord id={execution.id} onClose={() => ask(null)} />}
      {asking && asking !== "document" && (
        <Decide word={asking} execution={execution} isOwn={selfOf(me) === execution.requestedBy} onClose={() => ask(null)} />
      )}
      {frozen && <Restart word="retry" execution={execution} refusal={frozen} onClose={() => setFrozen(null)} onStarted={open} />}
      {sheet}
    </>
  );
}
