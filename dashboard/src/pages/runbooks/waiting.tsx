// What an execution waits for, and until when, in words.
import { Clock } from "../../parts";
import { type Execution, isFinal } from "./queries";

type Waiting = NonNullable<Execution["waitingFor"]>;

const WORDS: Record<Waiting["kind"], string> = {
  plan: "the plan",
  approval: "approval",
  turn: "its turn in the cluster",
  freeze: "the end of a freeze",
  window: "a maintenance window",
  limit: "the hourly limit on changes",
  resume: "executions to be resumed",
  agent: "the agent",
  time: "the set time",
  condition: "a condition",
  retry: "another attempt",
  merge: "the merge of the pull request",
  verification: "the verification",
};

/** "Waiting for approval of step 3 (Look) until 14:05". */
export function waitingWords(one: Waiting): string {
  const of = one.kind === "approval" ? "of" : one.kind === "retry" ? "at" : "in";
  const what = one.what ?? WORDS[one.kind];
  const where = one.step ? ` ${of} step ${one.position} (${one.step})` : one.kind === "approval" ? " of the plan" : "";
  return `Waiting for ${what}${where}`;
}

/** The kinds that can take long; the steps show the others. */
const LASTS = new Set<Waiting["kind"]>(["turn", "freeze", "window", "limit", "resume", "time", "condition", "retry"]);
/** What safeguards make an execution wait for. */
const HOLDS = new Set<Waiting["kind"]>(["freeze", "window", "limit", "resume"]);

/** In lists: what safeguards make an execution wait for; nothing for other reasons. */
export function HeldBy({ execution }: { execution: Execution }) {
  const one = execution.waitingFor;
  if (!one || isFinal(execution.status) || !HOLDS.has(one.kind)) return null;
  return (
    <span className="block text-xs break-words text-muted">
      {waitingWords(one)}
      {one.until && (
        <>
          {" "}
          until <Clock at={one.until} />
        </>
      )}
    </span>
  );
}

export function WaitingLine({ execution }: { execution: Execution }) {
  const one = execution.waitingFor;
  if (!one || isFinal(execution.status) || !LASTS.has(one.kind)) return null;
  return (
    <p role="status" className="border-b border-line bg-low-tint px-4 py-3 break-words text-low">
      {waitingWords(one)}
      {one.until && (
        <>
          {" "}
          until <Clock at={one.until} />
        </>
      )}
      .
    </p>
  );
}
