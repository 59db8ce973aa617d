// An execution in the panel of its issue: waiting for approval, running, verifying, ended.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useState } from "react";
import { may, meQuery } from "../../api/session";
import { Button, cx, Failed, Form, FormError, Glyph, Loading, Section, Spinner, type Tone } from "../../parts";
import { usePeople } from "../people";
import { useDelegators } from "../settings/delegation";
import { BreakGlass, countText } from "./approvals";
import { ABOVE_FOOTER, CureFooter } from "./curefooter";
import { approverText, Decide, selfOf, useDecision, type Word } from "./decide";
import { Outcome, soFar } from "./outcome";
import { PermissionText, PlanView } from "./plan";
import { PullRequest } from "./pullrequest";
import { type Execution, executionQuery, isFinal, verificationOf } from "./queries";
import { RestartButtons } from "./restart";
import { Steps, Verdict } from "./steps";

export function CureExecution({ id, onClose, onStarted }: { id: string; onClose: () => void; onStarted: (id: string) => void }) {
  const query = useQuery(executionQuery(id));
  if (query.isPending) return <Loading label="Loading execution" rows={4} />;
  if (!query.data) return <Failed error={query.error} what="Could not load the execution" retry={() => void query.refetch()} />;
  const execution = query.data;
  const isWaiting = execution.status === "pendingApproval";
  return (
    <>
      <Progress of={execution} />
      {execution.undoOf && (
        <p className="border-b border-line px-4 py-2 text-muted">
          Undo: restores the values from before{" "}
          <Link to="/executions/$executionId" params={{ executionId: execution.undoOf }} className="rounded-sm text-accent underline">
            the earlier execution
          </Link>
          .
        </p>
      )}
      <BreakGlass execution={execution} />
      {!isWaiting && <Outcome execution={execution} />}
      {isWaiting ? <Waiting execution={execution} /> : <Running execution={execution} onClose={onClose} onStarted={onStarted} />}
    </>
  );
}

type State = "done" | "now" | "later" | "failed";

/** Where an execution stands: each phase is done, is the present one, is still to come, or ended it. */
export function phases(of: Execution): [name: string, state: State][] {
  const isOver = isFinal(of.status);
  const verdict = verificationOf(of)?.status;
  const isApproved = !!of.approvedBy || of.status === "queued" || of.status === "running" || of.status === "verifying" || !!of.startedAt;
  const steps = of.steps ?? [];
  const hasRun = steps.length > 0 && steps.every((step) => step.state === "succeeded" || step.state === "skipped") && !!of.startedAt;
  const state = (isDone: boolean, isNow: boolean): State => (isDone ? "done" : isOver ? "failed" : isNow ? "now" : "later");
  const isPlanned = !!of.plan || isApproved;
  const found: [string, State][] = [["Plan", state(isPlanned, true)]];
  if (of.approval?.required) found.push(["Approval", state(isApproved, isPlanned)]);
  if (of.byPullRequest) {
    const at = of.pullRequest?.state;
    const isMerged = at === "merged" || at === "synced";
    found.push(["Pull request", state(at === "open" || isMerged, isPlanned)]);
    found.push(["Merge", state(isMerged, at === "open")]);
    found.push(["Sync", state(at === "synced", at === "merged")]);
  } else found.push(["Run", state(hasRun, isApproved)]);
  found.push(["Verification", verdict ? (verdict === "passed" ? "done" : "failed") : state(of.status === "succeeded", hasRun)]);
  const first = found.findIndex(([, one]) => one === "failed");
  return found.map(([name, one], index) => [name, first >= 0 && index > first && one === "failed" ? "later" : one]);
}

const TONES: Record<State, Tone> = { done: "ok", now: "low", later: "info", failed: "critical" };
const WORDS: Record<State, string> = { done: "done", now: "in progress", later: "not started", failed: "not completed" };

function Progress({ of }: { of: Execution }) {
  const isWaiting = of.status === "pendingApproval" && !!of.plan;
  return (
    <ol aria-label="Progress" className="flex flex-wrap gap-x-4 gap-y-1 border-b border-line px-4 py-2">
      {phases(of).map(([name, state]) => (
        <li
          key={name}
          aria-current={state === "now" ? "step" : undefined}
          className={cx("flex items-center gap-1.5", state === "now" ? "font-semibold" : state === "later" && "text-muted")}
        >
          {state === "now" && !isWaiting ? <Spinner /> : <Glyph tone={state === "now" ? "medium" : TONES[state]} />}
          {name}
          <span className="sr-only">: {WORDS[state]}</span>
        </li>
      ))}
    </ol>
  );
}

function Waiting({ execution }: { execution: Execution }) {
  const { data: me } = useQuery(meQuery);
  const isAlone = usePeople().isAlone && !execution.needsAnotherPerson;
  const [asking, ask] = useState<Word | null>(null);
  const isOwn = selfOf(me) === execution.requestedBy;
  const mayApprove = may(me, "runbooks:approve");
  const isReady = execution.approval?.ready ?? !!execution.plan;
  const isDelegate = useDelegators(execution.requestedBy, true).length > 0;
  const isForMe = (mayApprove && (!isOwn || isAlone)) || isDelegate;
  const decision = useDecision({ word: "approve", execution, isOwn });
  return (
    <Form
      aria-label="Approve this plan"
      className={`flex-1 gap-0! ${ABOVE_FOOTER}`}
      isBusy={decision.isBusy || !isReady}
      onSubmit={decision.submit}
    >
      <div className="flex flex-col gap-3 px-4 py-3">
        {execution.plan ? (
          <PlanView plan={execution.plan} />
        ) : (
          <p className="flex items-center gap-2 text-muted">
            <Spinner /> Planning: the API server of {execution.cluster} computes what would change…
          </p>
        )}
        {isReady && isForMe && decision.fields}
        <FormError>{decision.error}</FormError>
      </div>
      <CureFooter
        buttons={
          <>
            {isForMe && (
              <Button kind="primary" type="submit" icon={<Check aria-hidden />} busy={decision.isBusy} disabled={!isReady}>
                Approve and run
              </Button>
            )}
            {mayApprove && isForMe && !isOwn && (
              <Button disabled={!isReady} onClick={() => ask("reject")}>
                Reject
              </Button>
            )}
            <OpenExecution id={execution.id} />
            <CancelButton execution={execution} onClick={() => ask("cancel")} />
          </>
        }
      >
        <p className="text-muted">
          {isReady && countText(execution.approval) && `${countText(execution.approval)}. `}
          {!isReady
            ? "The plan is not ready yet."
            : (approverText(isOwn, isAlone) ?? (isForMe ? "Your approval is required." : "Admins and owners can approve it."))}{" "}
          {soFar(execution)}
        </p>
        {execution.plan && <PermissionText plan={execution.plan} />}
      </CureFooter>
      {asking && <Decide word={asking} execution={execution} isOwn={isOwn} onClose={() => ask(null)} />}
      {decision.sheet}
    </Form>
  );
}

function Running({ execution, onClose, onStarted }: { execution: Execution; onClose: () => void; onStarted: (id: string) => void }) {
  const [asking, ask] = useState<Word | null>(null);
  const isOver = isFinal(execution.status);
  return (
    <>
      <PullRequest execution={execution} />
      {!execution.byPullRequest && <Steps execution={execution} />}
      <Verdict execution={execution} isOver={isOver} />
      {execution.plan && !execution.pullRequest && (
        <Section title="Plan">
          <PlanView plan={execution.plan} />
        </Section>
      )}
      <CureFooter
        buttons={
          <>
            {isOver && (
              <>
                <Button kind="primary" onClick={onClose}>
                  Back to the issue
                </Button>
                <RestartButtons execution={execution} onStarted={onStarted} />
              </>
            )}
            <OpenExecution id={execution.id} />
            {!isOver && <CancelButton execution={execution} onClick={() => ask("cancel")} />}
          </>
        }
      />
      {asking && <Decide word={asking} execution={execution} isOwn={false} onClose={() => ask(null)} />}
    </>
  );
}

/** At the right edge: at the left is the button that started the execution, and a double click on it must not cancel. */
function CancelButton({ execution, onClick }: { execution: Execution; onClick: () => void }) {
  const { data: me } = useQuery(meQuery);
  const mayRun = may(me, "runbooks:execute");
  return (
    <Button
      kind="danger"
      disabled={!mayRun || execution.canceling}
      title={mayRun ? undefined : "Your role cannot cancel; operators can"}
      onClick={onClick}
    >
      {execution.canceling ? "Canceling" : "Cancel"}
    </Button>
  );
}

const OpenExecution = ({ id }: { id: string }) => (
  <Link to="/executions/$executionId" params={{ executionId: id }} className="ml-auto rounded-sm text-accent hover:underline">
    Open execution
  </Link>
);
