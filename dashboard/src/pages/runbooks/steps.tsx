// The steps of an execution, the verification, the plan and the log.

import { useMemo } from "react";
import { CodeBlock, cx, Mark, Section, Time, type Tone, timeOfDay } from "../../parts";
import { asSentence } from "../../parts/casing";
import { plain } from "../../parts/logtext";
import { type LogLine, LogView } from "../../parts/logview";
import { usePeople, withNames } from "../people";
import { type Change, Diff } from "../resources/diff";
import { useExecutionLog } from "./executionlog";
import { State, stateOf, targetText, took } from "./labels";
import { PlanView } from "./plan";
import { type Execution, type Step, verificationOf } from "./queries";

export function Steps({ execution }: { execution: Execution }) {
  const steps = execution.steps ?? [];
  const longest = Math.max(...steps.map(secondsOf), 0);
  return (
    <Section title="Steps">
      <ol aria-label="Steps" className="flex flex-col gap-2">
        {steps.map((step) => (
          <StepItem key={step.id} of={step} isDry={execution.dryRun} longest={longest} />
        ))}
      </ol>
    </Section>
  );
}

/** How long a step took; 0 while it runs. */
const secondsOf = (step: Step) =>
  step.startedAt && step.finishedAt ? (Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000 : 0;

/** Steps without an object of their own. */
const ABOUT_NOTHING = new Set(["approval", "notify"]);

const BARS: Partial<Record<Tone, string>> = { ok: "bg-ok-solid", critical: "bg-critical-solid", medium: "bg-medium-solid" };

function StepItem({ of: step, isDry, longest }: { of: Step; isDry: boolean; longest: number }) {
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
        {step.verb} {!ABOUT_NOTHING.has(step.verb) && targetText(step.object)}
      </p>
      {longest > 0 && secondsOf(step) > 0 && (
        <span aria-hidden className="mt-1.5 block h-1 overflow-hidden rounded-full bg-line">
          <span
            className={cx("block h-full min-w-1 rounded-full", BARS[tone] ?? "bg-accent")}
            style={{ width: `${(100 * secondsOf(step)) / longest}%` }}
          />
        </span>
      )}
      {step.message && <p className="mt-1 break-words">{step.message}</p>}
      {(diff.length > 0 || text !== null || rest !== null) && (
        <details className="mt-1" open={step.verb === "report"}>
          <summary className="rounded-sm text-accent">{diff.length ? "Changes" : "Result"}</summary>
          <div className="mt-2">
            {diff.length > 0 && <Diff changes={diff} />}
            {text !== null && <CodeBlock text={plain(text)} label={`Output of ${step.name}`} wrap={step.verb === "report"} />}
            {rest !== null && <CodeBlock text={rest} label={`Result of ${step.name}`} />}
          </div>
        </details>
      )}
    </li>
  );
}

/** A check that does not pass yet is not a failure before the timeout. */
function checkOf(status: string, isSettled: boolean): [Tone, string] {
  if (!isSettled && status === "failed") return ["medium", "not yet"];
  const [tone, word] = stateOf(status);
  return [tone, word.toLowerCase()];
}

export function Verdict({ execution, isOver }: { execution: Execution; isOver: boolean }) {
  const found = verificationOf(execution);
  if (!found) return null;
  return (
    <Section title="Verification" actions={found.status ? <State value={found.status} /> : !isOver && <State value="verifying" />}>
      <ul aria-label="Checks" className="flex flex-col divide-y divide-line">
        {found.checks?.map((check) => (
          <li key={check.name} className="flex flex-wrap items-baseline gap-x-3 py-1">
            <Mark tone={checkOf(check.status, !!found.status)[0]}>{checkOf(check.status, !!found.status)[1]}</Mark>
            <span className="min-w-0 flex-1 break-words">
              {asSentence(check.message || check.name)}
              {check.message && check.name.includes(" ") && <span className="text-muted"> {check.name.replace(/^\S+ /, "")}</span>}
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
              Ends no later than <Time at={found.until} />.
            </>
          )}
        </p>
      )}
    </Section>
  );
}

export function PlanSection({ execution, isOver }: { execution: Execution; isOver: boolean }) {
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

export function Log({ id, isOver }: { id: string; isOver: boolean }) {
  const log = useExecutionLog(id);
  const { all } = usePeople();
  const lines = useMemo(
    () =>
      log.entries.map(
        (one): LogLine => ({
          lead: timeOfDay(one.at),
          text: plain((one.step ? `${one.step}: ` : "") + withNames(one.message, all)),
          tone: one.level === "info" ? undefined : one.level,
        }),
      ),
    [log.entries, all],
  );
  return (
    <Section title="Log">
      <LogView
        lines={lines}
        label="Execution log"
        fileName={`${id}.log`}
        wraps
        isLive={!log.isComplete && !isOver}
        empty={log.isComplete ? "No log entries." : "No log entries yet."}
      />
      {log.error && <p className="mt-1 text-xs text-medium">Could not load the log ({log.error.message}). Retrying.</p>}
    </Section>
  );
}
