// One execution: what is planned, what is being done, what came of it. All state is on the server, so a reload loses nothing.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Ban, Check, RotateCw, X } from "lucide-react";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { freshKey, Problem } from "../../api/client";
import { type Me, may, meQuery } from "../../api/session";
import {
  Button,
  CodeBlock,
  cx,
  Dialog,
  Empty,
  Facts,
  Failed,
  Field,
  FormError,
  Glyph,
  Input,
  Loading,
  Mark,
  PageHeader,
  Section,
  TextArea,
  Time,
  type Tone,
  toast,
  toastError,
} from "../../parts";
import { plain } from "../../parts/logtext";
import { type LogLine, LogView } from "../../parts/logview";
import { timeZone } from "../../parts/preferences";
import { type Change, Diff } from "../resources/diff";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { Person } from "../settings/person";
import { useExecutionLog } from "./executionlog";
import { ExecutionState, State, stateOf, targetText, took } from "./labels";
import { PlanView } from "./plan";
import { decide, type Execution, executionQuery, isFinal, type Step, verificationOf } from "./queries";

const RETRIED = new Set(["failed", "timedOut", "canceled", "lost", "expired"]);
type Word = "approve" | "reject" | "cancel";

export function ExecutionDetail() {
  const { executionId } = useParams({ strict: false }) as { executionId: string };
  const query = useQuery(executionQuery(executionId));
  if (query.isPending) return <Loading label="Loading execution" />;
  if (!query.data)
    return query.error instanceof Problem && query.error.status === 404 ? (
      <Empty title="Execution not found">It may have been deleted after the retention period.</Empty>
    ) : (
      <Failed error={query.error} what="Could not load the execution" retry={() => void query.refetch()} />
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
        <Outcome execution={execution} />
        <div className="xl:grid xl:grid-cols-2">
          <div className="border-line xl:border-r">
            <About execution={execution} />
            <Steps execution={execution} />
            <Verdict execution={execution} isOver={isOver} />
          </div>
          <div>
            <PlanSection execution={execution} isOver={isOver} />
            <Log id={execution.id} isOver={isOver} />
          </div>
        </div>
      </div>
    </div>
  );
}

function Actions({ execution }: { execution: Execution }) {
  const { data: me } = useQuery(meQuery);
  const [asking, ask] = useState<Word | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [sheet, confirmed] = useConfirmed();
  const go = useNavigate();
  const client = useQueryClient();
  const isOver = isFinal(execution.status);
  const isWaiting = execution.status === "pendingApproval";
  const isReady = isWaiting && (execution.approval?.ready ?? !!execution.plan);
  const mayApprove = may(me, "runbooks:approve");
  const mayRun = may(me, "runbooks:execute");
  const retry = async () => {
    setBusy(true);
    try {
      const created = await confirmed(() => decide(execution.id, "retry", {}, freshKey()));
      void client.invalidateQueries({ queryKey: ["executions"] });
      void go({ to: "/executions/$executionId", params: { executionId: created.id } });
    } catch (error) {
      if (!isWithdrawn(error)) toastError(error);
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
            disabled={!isReady || !mayApprove}
            title={!mayApprove ? "Your role cannot approve; admins and owners can" : !isReady ? "The plan is not ready yet" : undefined}
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
          title={mayRun ? "Start again from the failed step" : "Your role cannot run runbooks; operators can"}
          onClick={() => void retry()}
        >
          Retry
        </Button>
      )}
      {asking && <Decide word={asking} execution={execution} isOwn={selfOf(me) === execution.requestedBy} onClose={() => ask(null)} />}
      {sheet}
    </>
  );
}

/** The person behind the session, or behind the key. */
const selfOf = (me: Me | undefined) => (me?.member as { id?: string } | undefined)?.id ?? me?.actor.id;

const WORDS: Record<Word, [title: string, message: string]> = {
  approve: ["Approve this plan", "Approved"],
  reject: ["Reject this execution", "Rejected"],
  cancel: ["Cancel this execution", "Canceling"],
};

function Decide({ word, execution, isOwn, onClose }: { word: Word; execution: Execution; isOwn: boolean; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [confirm, setConfirm] = useState("");
  const [message, setMessage] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [needsName, needName] = useState(isOwn && word === "approve");
  const [key] = useState(freshKey);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const [title, done] = WORDS[word];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setMessage(null);
    const body =
      word === "approve" ? { reason, planHash: execution.plan?.hash, ...(needsName ? { confirm: confirm.trim() } : {}) } : { reason };
    try {
      const after = await confirmed(() => decide(execution.id, word, body, needsName || message ? freshKey() : key));
      client.setQueryData(["execution", execution.id], after);
      toast(done);
      onClose();
    } catch (error) {
      if (isWithdrawn(error)) return;
      if (error instanceof Problem && error.code === "confirmation_needed") needName(true);
      setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const what: Record<Word, ReactNode> = {
    approve: execution.plan && <PlanView plan={execution.plan} />,
    reject: <p>Nothing changes in the cluster.</p>,
    cancel: (
      <p>
        {execution.startedAt
          ? "The running step finishes first, because it cannot be interrupted. Later steps do not start. Completed changes are not reverted."
          : "Nothing was changed yet, and nothing will change."}
      </p>
    ),
  };
  return (
    <Dialog
      open
      wide={word === "approve"}
      onClose={onClose}
      title={title}
      description={`${execution.runbook.name} on ${targetText(execution.target)} in ${execution.cluster}`}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button kind={word === "approve" ? "primary" : "danger"} type="submit" form="decide" busy={isBusy}>
            {title.split(" ")[0]}
            {word === "approve" && " and run"}
          </Button>
        </>
      }
    >
      <form id="decide" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {what[word]}
        {word === "approve" && isOwn && (
          <p className="text-muted">
            You requested this execution, so another member has to approve it. Only if you are the only member can you approve it yourself,
            with a reason and the target's name.
          </p>
        )}
        <Field
          label="Reason"
          hint={needsName ? "Required; at least three characters." : "Recorded with the execution and in the audit log."}
        >
          {(ids) => (
            <TextArea {...ids} className="min-h-14" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
        {needsName && (
          <Field label={`Type ${execution.target.name} to confirm`}>
            {(ids) => (
              <Input {...ids} autoComplete="off" spellCheck={false} value={confirm} onChange={(event) => setConfirm(event.target.value)} />
            )}
          </Field>
        )}
        <FormError>{message}</FormError>
      </form>
      {sheet}
    </Dialog>
  );
}

/** The one line a reader wants first: what came of it, or what it waits for. */
function Outcome({ execution }: { execution: Execution }) {
  const { failure, status, approval } = execution;
  const verification = verificationOf(execution);
  if (failure) {
    const changed =
      failure.changed === false
        ? "Nothing was changed."
        : failure.changed === true
          ? "Something was changed before it failed."
          : failure.changed === null
            ? "It is unknown whether anything was changed."
            : "";
    const tone = status === "canceled" || status === "rejected" || status === "expired" ? "info" : "critical";
    return (
      <div
        role="alert"
        className={cx(
          "flex items-start gap-2 border-b border-line px-4 py-3",
          tone === "critical" ? "bg-critical-tint text-critical" : "bg-info-tint text-info",
        )}
      >
        <Glyph tone={tone} className="mt-1.5 text-current" />
        <div className="min-w-0">
          <p className="break-words">
            {sentence(failure.message)} {!failure.message.includes("changed") && changed}
          </p>
          {failure.check && <p>Check {targetText(failure.check)} to find out.</p>}
          <p className="font-mono text-xs">{failure.code}</p>
        </div>
      </div>
    );
  }
  if (status === "pendingApproval" && (approval?.ready ?? true))
    return (
      <p role="status" className="border-b border-line bg-medium-tint px-4 py-3 text-medium">
        Waiting for approval
        {approval?.expiresAt && (
          <>
            . Expires <Time at={approval.expiresAt} />
          </>
        )}
        . Nothing was changed.
      </p>
    );
  if (status === "succeeded")
    return (
      <p role="status" className="border-b border-line bg-ok-tint px-4 py-3 text-ok">
        {execution.dryRun
          ? "See the plan below. Nothing was changed."
          : verification?.status === "passed"
            ? "Succeeded. The verification passed."
            : verification?.status === "inconclusive"
              ? "Succeeded. The verification was inconclusive."
              : "Succeeded."}
      </p>
    );
  return null;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

function About({ execution }: { execution: Execution }) {
  const given = Object.entries(execution.parameters);
  return (
    <Section title="About">
      <Facts
        of={[
          ["Target", <span className="font-mono text-xs">{targetText(execution.target)}</span>],
          [
            "Cluster",
            <Link to="/clusters/$clusterId" params={{ clusterId: execution.clusterId }} className="rounded-sm text-accent underline">
              {execution.cluster}
            </Link>,
          ],
          [
            "Issue",
            execution.issueId ? (
              <Link to="/issues/$issueId" params={{ issueId: execution.issueId }} className="rounded-sm text-accent underline">
                Open issue
              </Link>
            ) : null,
          ],
          [
            "Runbook",
            <Link to="/runbooks/$runbookId" params={{ runbookId: execution.runbook.slug }} className="rounded-sm text-accent underline">
              {execution.runbook.slug}, version {execution.runbook.version}
            </Link>,
          ],
          ["Mode", execution.dryRun ? "dry run, no changes" : null],
          [
            "Parameters",
            given.length ? (
              <ul>
                {given.map(([name, value]) => (
                  <li key={name} className="font-mono text-xs leading-5 break-words">
                    <span className="text-muted">{name}</span> {typeof value === "object" ? JSON.stringify(value) : String(value)}
                  </li>
                ))}
              </ul>
            ) : null,
          ],
          ["Reason", execution.reason],
          [
            "Requested",
            <>
              <Time at={execution.createdAt} /> by <Person id={execution.requestedBy} />
            </>,
          ],
          ["Approved by", execution.approvedBy ? <Person id={execution.approvedBy} /> : null],
          ["Started", execution.startedAt ? <Time at={execution.startedAt} /> : null],
          ["Duration", took(execution.startedAt ?? execution.createdAt, execution.finishedAt)],
          [
            "Retry of",
            execution.retryOf ? (
              <Link to="/executions/$executionId" params={{ executionId: execution.retryOf }} className="rounded-sm text-accent underline">
                the previous execution
              </Link>
            ) : null,
          ],
        ]}
      />
    </Section>
  );
}

function Steps({ execution }: { execution: Execution }) {
  const steps = execution.steps ?? [];
  return (
    <Section title="Steps">
      <ol aria-label="Steps" className="flex flex-col gap-2">
        {steps.map((step) => (
          <StepItem key={step.id} of={step} isDry={execution.dryRun} />
        ))}
      </ol>
    </Section>
  );
}

function StepItem({ of: step, isDry }: { of: Step; isDry: boolean }) {
  const [tone] = stateOf(step.state);
  const isAtWork = step.state === "running" || step.state === "checking";
  const result = step.result ?? {};
  const diff = Array.isArray(result.diff) ? (result.diff as Change[]) : [];
  const text = typeof result.text === "string" ? result.text : typeof result.logs === "string" ? result.logs : null;
  const rest = !diff.length && text === null && Object.keys(result).length > 0 ? JSON.stringify(result, null, 2) : null;
  return (
    <li
      className={cx("rounded-md border px-3 py-2", isAtWork ? "border-accent" : "border-line")}
      aria-current={isAtWork ? "step" : undefined}
    >
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Mark tone={tone}>
          <span className="font-medium">{step.name}</span>
        </Mark>
        <span className="text-muted">{isDry && step.state === "skipped" ? "Planned only" : stateOf(step.state)[1]}</span>
        {isAtWork && <span aria-hidden className="size-3 animate-spin rounded-full border-2 border-accent border-t-transparent" />}
        {step.attempt > 1 && <span className="text-muted">attempt {step.attempt}</span>}
        <span className="flex-1" />
        <span className="text-xs text-muted">{took(step.startedAt, step.finishedAt)}</span>
      </p>
      <p className="mt-0.5 font-mono text-xs break-words text-muted">
        {step.verb} {targetText(step.object)}
      </p>
      {step.message && <p className="mt-1 break-words">{step.message}</p>}
      {(diff.length > 0 || text !== null || rest !== null) && (
        <details className="mt-1">
          <summary className="rounded-sm text-accent">{diff.length ? "Changes" : "Result"}</summary>
          <div className="mt-2">
            {diff.length > 0 && <Diff changes={diff} />}
            {text !== null && <CodeBlock text={plain(text)} label={`Output of ${step.name}`} />}
            {rest !== null && <CodeBlock text={rest} label={`Result of ${step.name}`} />}
          </div>
        </details>
      )}
    </li>
  );
}

/** A check that does not pass yet is not a failure before the timeout. */
function checkOf(status: string, isSettled: boolean): [Tone, string] {
  if (!isSettled && status === "failed") return ["medium", "not started"];
  const [tone, word] = stateOf(status);
  return [tone, word.toLowerCase()];
}

function Verdict({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  const found = verificationOf(execution);
  if (!found) return null;
  return (
    <Section title="Verification" actions={found.status ? <State value={found.status} /> : !isOver && <State value="verifying" />}>
      <ul aria-label="Checks" className="flex flex-col divide-y divide-line">
        {found.checks?.map((check) => (
          <li key={check.name} className="flex flex-wrap items-baseline gap-x-3 py-1">
            <Mark tone={checkOf(check.status, !!found.status)[0]}>{check.name}</Mark>
            <span className="min-w-0 flex-1 break-words text-muted">
              {checkOf(check.status, !!found.status)[1]}
              {check.message && `: ${check.message}`}
            </span>
          </li>
        ))}
      </ul>
      {!found.status && found.stableSeconds !== undefined && (
        <p className="mt-2 text-muted">
          {found.since ? (
            <>
              All checks pass since <Time at={found.since} />; required for {found.stableSeconds} s.
            </>
          ) : (
            `All checks must pass for ${found.stableSeconds} s.`
          )}
          {found.until && (
            <>
              {" "}
              Ends at the latest <Time at={found.until} />.
            </>
          )}
        </p>
      )}
    </Section>
  );
}

function PlanSection({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  if (!execution.plan && isOver) return null;
  return (
    <Section title="Plan">
      {execution.plan ? (
        <PlanView plan={execution.plan} />
      ) : (
        <p className="text-muted">Planning: the cluster computes what would change…</p>
      )}
    </Section>
  );
}

function Log({ id, isOver }: { id: string; isOver: boolean }) {
  const log = useExecutionLog(id);
  const lines = useMemo(
    () =>
      log.entries.map(
        (one): LogLine => ({
          lead: new Date(one.at).toLocaleTimeString(undefined, { hour12: false, timeZone: timeZone() }),
          text: plain((one.step ? `${one.step}: ` : "") + one.message),
          tone: one.level === "info" ? undefined : one.level,
        }),
      ),
    [log.entries],
  );
  return (
    <Section title="Log">
      <LogView
        lines={lines}
        label="Log of the execution"
        fileName={`${id}.log`}
        wraps
        isLive={!log.isComplete && !isOver}
        empty={log.isComplete ? "No log entries." : "No log entries yet."}
      />
      {log.error && <p className="mt-1 text-xs text-medium">Could not load the log ({log.error.message}). Retrying.</p>}
    </Section>
  );
}
