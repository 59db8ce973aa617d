// Why an analysis did not help, in words.
import type { Schemas } from "../api/client";

export type Reason = NonNullable<Schemas["MemberFeedback"]["reason"]>;

export const REASONS: [value: Reason, text: string][] = [
  ["wrongCause", "Wrong cause"],
  ["incomplete", "Incomplete"],
  ["wrongRemedy", "Wrong remedy"],
  ["notAProblem", "Not a problem"],
  ["other", "Something else"],
];

/** The text of a reason; of `none`, which counts use, and of values of a later version too. */
export const reasonText = (reason: string): string =>
  REASONS.find(([one]) => one === reason)?.[1] ?? (reason === "none" ? "No reason" : reason);
