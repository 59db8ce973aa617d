// The result of an execution, and the facts about it.

import { Link } from "@tanstack/react-router";
import { Clock, cx, Facts, Glyph, Section, Time } from "../../parts";
import { asSentence } from "../../parts/casing";
import { usePeople, withNames } from "../people";
import { Person } from "../settings/person";
import { countText } from "./approvals";
import { targetText, took } from "./labels";
import { type Execution, verificationOf } from "./queries";
import { WaitingLine, waitingWords } from "./waiting";

/** The one line a reader wants first: what came of it, or what it waits for. */
export function Outcome({ execution }: { execution: Execution }) {
  const { failure, status, approval } = execution;
  const { all } = usePeople();
  const verification = verificationOf(execution);
  if (failure) {
    const changed =
      failure.changed === false
        ? "Nothing was changed."
        : failure.changed === true
          ? "It made changes before it failed."
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
            {asSentence(withNames(failure.message, all))} {!failure.message.includes("changed") && changed}
          </p>
          {failure.rollback && <Rollback of={failure.rollback} />}
          {failure.check && <p>Check {targetText(failure.check)} to find out.</p>}
          <p className="font-mono text-xs">{failure.code}</p>
        </div>
      </div>
    );
  }
  if (status === "pendingApproval" && (approval?.ready ?? true))
    return (
      <p role="status" className="border-b border-line bg-medium-tint px-4 py-3 text-medium">
        {execution.waitingFor ? waitingWords(execution.waitingFor) : "Waiting for approval"}
        {countText(approval) && `, ${countText(approval)}`}
        {approval?.expiresAt && (
          <>
            {" "}
            until <Clock at={approval.expiresAt} />
          </>
        )}
        . {soFar(execution)}
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
  return <WaitingLine execution={execution} />;
}

/** What was changed up to now, in an execution that has not ended. */
export const soFar = (execution: Execution) =>
  (execution.steps ?? []).some((step, at) => step.state === "succeeded" && execution.plan?.steps[at]?.isWrite)
    ? "Earlier steps made changes."
    : "Nothing was changed.";

function Rollback({ of: rollback }: { of: NonNullable<NonNullable<Execution["failure"]>["rollback"]> }) {
  return (
    <>
      {rollback.executionId && (
        <p>
          The earlier steps are undone in{" "}
          <Link to="/executions/$executionId" params={{ executionId: rollback.executionId }} className="rounded-sm underline">
            another execution
          </Link>
          .
        </p>
      )}
      {rollback.refused && <p className="break-words">The rollback did not start: {rollback.refused}.</p>}
      {rollback.notUndone.map((one) => (
        <p key={one.step} className="break-words">
          Step {one.step} cannot be undone: {one.reason}.
        </p>
      ))}
    </>
  );
}

export function About({ execution }: { execution: Execution }) {
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
          ["Mode", execution.dryRun ? "dry run, no changes" : execution.byPullRequest ? "pull request, no direct change" : null],
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
          ["Despite a freeze", execution.breakGlass],
          [
            "Requested",
            <>
              <Time at={execution.createdAt} /> by <Person id={execution.requestedBy} />
            </>,
          ],
          ["Approved by", execution.approvedBy && !execution.approval?.decisions ? <Person id={execution.approvedBy} /> : null],
          ["Started", execution.startedAt ? <Time at={execution.startedAt} /> : null],
          ["Duration", took(execution.startedAt ?? execution.createdAt, execution.finishedAt)],
          [
            "Undo of",
            execution.undoOf ? (
              <Link to="/executions/$executionId" params={{ executionId: execution.undoOf }} className="rounded-sm text-accent underline">
                an earlier execution
              </Link>
            ) : null,
          ],
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
