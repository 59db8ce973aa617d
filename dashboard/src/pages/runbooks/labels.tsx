// How risks, states and targets are said and shown.
import { Badge, Mark, statusOf, type Tone } from "../../parts";
import type { Execution, ObjectRef } from "./queries";

const RISKS: Record<string, [Tone, string, string]> = {
  readOnly: ["ok", "Read-only", "Changes nothing"],
  low: ["low", "Low risk", "Changes that are easy to revert"],
  high: ["high", "High risk", "Changes running workloads; requires approval"],
  destructive: ["critical", "Destructive", "Deletes or disrupts; requires approval"],
};
const STATES: Record<string, [Tone, string]> = {
  pending: ["info", "Waiting"],
  checking: ["low", "Checking"],
  pendingApproval: ["medium", "Needs approval"],
  lost: ["medium", "Outcome unknown"],
};

export function Risk({ value }: { value: string }) {
  const [tone, word, why] = RISKS[value] ?? ["info", value, ""];
  return (
    <Badge tone={tone} title={why}>
      {word}
    </Badge>
  );
}

export const stateOf = (word: string): [Tone, string] => STATES[word] ?? statusOf(word);

export function State({ value, quiet = false }: { value: string; quiet?: boolean }) {
  const [tone, word] = stateOf(value);
  return quiet ? <Mark tone={tone}>{word}</Mark> : <Badge tone={tone}>{word}</Badge>;
}

/** An execution's state in words: a dry run that succeeded has only been planned. */
export function ExecutionState({
  of,
  quiet = false,
}: {
  of: Pick<Execution, "status" | "dryRun" | "canceling" | "approval">;
  quiet?: boolean;
}) {
  if (of.canceling) return <State value="canceling" quiet={quiet} />;
  if (of.dryRun && of.status === "succeeded") return quiet ? <Mark tone="ok">Planned</Mark> : <Badge tone="ok">Planned</Badge>;
  if (of.status === "pendingApproval" && of.approval && !of.approval.ready)
    return quiet ? <Mark tone="low">Planning</Mark> : <Badge tone="low">Planning</Badge>;
  return <State value={of.status} quiet={quiet} />;
}

export const targetText = (one: ObjectRef) => `${one.kind} ${one.namespace ? `${one.namespace}/` : ""}${one.name}`;

/** Seconds as "1.4 s", "12 s", "3 min 5 s". */
export function took(from: string | undefined, to: string | undefined): string {
  if (!from || !to) return "";
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 0.1) return "< 0.1 s";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
