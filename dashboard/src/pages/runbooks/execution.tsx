// One execution: what is planned, what is being done, what came of it. Everything is asked from the server, so a reload loses nothing.
import { useMemo, useState, type FormEvent, type ReactNode } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Ban, Check, RotateCw, X } from "lucide-react";
import { Problem, freshKey } from "../../api/client";
import { may, meQuery, type Me } from "../../api/session";
import { Button, CodeBlock, Dialog, Empty, Facts, Failed, Field, FormError, Glyph, Input, Loading, Mark, PageHeader, Section, TextArea, Time, cx, toast, toastError, type Tone } from "../../parts";
import { plain } from "../../parts/logtext";
import { timeZone } from "../../parts/preferences";
import { LogView, type LogLine } from "../../parts/logview";
import { Diff, type Change } from "../resources/diff";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { Person } from "../settings/person";
import { useExecutionLog } from "./executionlog";
import { PlanView } from "./plan";
import { decide, executionQuery, isFinal, verificationOf, type Execution, type Step } from "./queries";
import { ExecutionState, State, stateOf, targetText, took } from "./words";

const RETRIED = new Set(["failed", "timedOut", "canceled", "lost", "expired"]);
type Word = "approve" | "reject" | "cancel";

export function ExecutionDetail() {
  const { executionId } = useParams({ strict: false }) as { executionId: string };
  const query = useQuery(executionQuery(executionId));
  if (query.isPending) return <Loading label="Loading the execution" />;
  if (!query.data)
    return query.error instanceof Problem && query.error.status === 404 ? (
      <Empty title="There is no such execution">It may be older than what is kept.</Empty>
    ) : (
      <Failed error={query.error} what="The execution could not be loaded" retry={() => void query.refetch()} />
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
      const made = await confirmed(() => decide(execution.id, "retry", {}, freshKey()));
      void client.invalidateQueries({ queryKey: ["executions"] });
      void go({ to: "/executions/$executionId", params: { executionId: made.id } });
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
            title={!mayApprove ? "Your role may not approve; an admin or owner can" : !isReady ? "The plan is not there yet" : undefined}
            onClick={() => ask("approve")}
          >
            Approve
          </Button>
          <Button icon={<X aria-hidden />} disabled={!mayApprove} title={mayApprove ? undefined : "Your role may not decide; an admin or owner can"} onClick={() => ask("reject")}>
            Reject
          </Button>
        </>
      )}
      {!isOver && (
        <Button kind="danger" icon={<Ban aria-hidden />} disabled={!mayRun || execution.canceling} title={mayRun ? undefined : "Your role may not cancel; an operator can"} onClick={() => ask("cancel")}>
          {execution.canceling ? "Canceling" : "Cancel"}
        </Button>
      )}
      {RETRIED.has(execution.status) && !execution.dryRun && (
        <Button icon={<RotateCw aria-hidden />} busy={isBusy} disabled={!mayRun} title={mayRun ? "From the step that did not succeed" : "Your role may not run runbooks; an operator can"} onClick={() => void retry()}>
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

const WORDS: Record<Word, [title: string, said: string]> = {
  approve: ["Approve this plan", "Approved"],
  reject: ["Reject this execution", "Rejected"],
  cancel: ["Cancel this execution", "Canceling"],
};

function Decide({ word, execution, isOwn, onClose }: { word: Word; execution: Execution; isOwn: boolean; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [confirm, setConfirm] = useState("");
  const [said, say] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [needsName, needName] = useState(isOwn && word === "approve");
  const [key] = useState(freshKey);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const [title, done] = WORDS[word];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    say(null);
    const body = word === "approve" ? { reason, planHash: execution.plan?.hash, ...(needsName ? { confirm: confirm.trim() } : {}) } : { reason };
    try {
      const after = await confirmed(() => decide(execution.id, word, body, needsName || said ? freshKey() : key));
      client.setQueryData(["execution", execution.id], after);
      toast(done);
      onClose();
    } catch (error) {
      if (isWithdrawn(error)) return;
      if (error instanceof Problem && error.code === "confirmation_needed") needName(true);
      say((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const what: Record<Word, ReactNode> = {
    approve: execution.plan && <PlanView plan={execution.plan} />,
    reject: <p>Nothing is changed in the cluster.</p>,
    cancel: (
      <p>
        {execution.startedAt
          ? "The step at work ends first, for it cannot be stopped halfway; the steps after it are not begun. What was changed stays changed."
          : "Nothing was changed yet, and nothing will be."}
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
          <p className="text-muted">You asked for this yourself. Another member should look at it; only where there is no other may you approve it, with a reason and the target's name.</p>
        )}
        <Field label="Reason" hint={needsName ? "Needed here; at least three characters." : "Kept with the execution and in the audit log."}>
          {(ids) => <TextArea {...ids} className="min-h-14" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {needsName && (
          <Field label={`Type ${execution.target.name} to confirm`}>
            {(ids) => <Input {...ids} autoComplete="off" spellCheck={false} value={confirm} onChange={(event) => setConfirm(event.target.value)} />}
          </Field>
        )}
        <FormError>{said}</FormError>
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
      failure.changed === false ? "Nothing was changed." : failure.changed === true ? "Something was changed before it stopped." : failure.changed === null ? "It is not known whether something was changed." : "";
    const tone = status === "canceled" || status === "rejected" || status === "expired" ? "info" : "critical";
    return (
      <div role="alert" className={cx("flex items-start gap-2 border-b border-line px-4 py-3", tone === "critical" ? "bg-critical-tint text-critical" : "bg-info-tint text-info")}>
        <Glyph tone={tone} className="mt-1.5 text-current" />
        <div className="min-w-0">
          <p className="break-words">
            {sentence(failure.message)} {!failure.message.includes("changed") && changed}
          </p>
          {failure.check && <p>Look at {targetText(failure.check)} to know.</p>}
          <p className="font-mono text-xs">{failure.code}</p>
        </div>
      </div>
    );
  }
  if (status === "pendingApproval" && (approval?.ready ?? true))
    return (
      <p role="status" className="border-b border-line bg-medium-tint px-4 py-3 text-medium">
        The plan waits for somebody to approve it{approval?.expiresAt && <>; the time for that ends <Time at={approval.expiresAt} /></>}. Nothing was changed.
      </p>
    );
  if (status === "succeeded")
    return (
      <p role="status" className="border-b border-line bg-ok-tint px-4 py-3 text-ok">
        {execution.dryRun
          ? "The plan is below. Nothing was changed."
          : verification?.status === "passed"
            ? "It ran, and the checks afterwards passed: it helped."
            : verification?.status === "inconclusive"
              ? "It ran. Whether it helped could not be told."
              : "It ran."}
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
          ["On", <span className="font-mono text-xs">{targetText(execution.target)}</span>],
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
                Open the issue
              </Link>
            ) : null,
          ],
          [
            "Runbook",
            <Link to="/runbooks/$runbookId" params={{ runbookId: execution.runbook.slug }} className="rounded-sm text-accent underline">
              {execution.runbook.slug}, version {execution.runbook.version}
            </Link>,
          ],
          ["Kind", execution.dryRun ? "dry run: changes nothing" : null],
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
            "Asked for",
            <>
              <Time at={execution.createdAt} /> by <Person id={execution.requestedBy} />
            </>,
          ],
          ["Approved by", execution.approvedBy ? <Person id={execution.approvedBy} /> : null],
          ["Started", execution.startedAt ? <Time at={execution.startedAt} /> : null],
          ["Took", took(execution.startedAt ?? execution.createdAt, execution.finishedAt)],
          [
            "Retry of",
            execution.retryOf ? (
              <Link to="/executions/$executionId" params={{ executionId: execution.retryOf }} className="rounded-sm text-accent underline">
                the execution before
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
    <li className={cx("rounded-md border px-3 py-2", isAtWork ? "border-accent" : "border-line")} aria-current={isAtWork ? "step" : undefined}>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Mark tone={tone}>
          <span className="font-medium">{step.name}</span>
        </Mark>
        <span className="text-muted">{isDry && step.state === "skipped" ? "Only planned" : stateOf(step.state)[1]}</span>
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
          <summary className="rounded-sm text-accent">{diff.length ? "What it changed" : "What it found"}</summary>
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

/** A check that does not pass is no failure before the time is over. */
function checkOf(status: string, isSettled: boolean): [Tone, string] {
  if (!isSettled && status === "failed") return ["medium", "not yet"];
  const [tone, word] = stateOf(status);
  return [tone, word.toLowerCase()];
}

function Verdict({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  const found = verificationOf(execution);
  if (!found) return null;
  return (
    <Section title="Did it help?" actions={found.status ? <State value={found.status} /> : !isOver && <State value="verifying" />}>
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
              All pass since <Time at={found.since} />; they must for {found.stableSeconds} s.
            </>
          ) : (
            `Looked at until all pass for ${found.stableSeconds} s.`
          )}
          {found.until && (
            <>
              {" "}
              Settled at the latest <Time at={found.until} />.
            </>
          )}
        </p>
      )}
    </Section>
  );
}

function PlanSection({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  if (!execution.plan && isOver) return null;
  return <Section title="Plan">{execution.plan ? <PlanView plan={execution.plan} /> : <p className="text-muted">The cluster is being asked what would change…</p>}</Section>;
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
      <LogView lines={lines} label="Log of the execution" fileName={`${id}.log`} wraps isLive={!log.isComplete && !isOver} empty={log.isComplete ? "It wrote nothing." : "Nothing yet."} />
      {log.error && <p className="mt-1 text-xs text-medium">The log could not be read just now ({log.error.message}); it is tried again.</p>}
    </Section>
  );
}
