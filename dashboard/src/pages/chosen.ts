// The issues that a command is about: those selected in the list, or the one that is marked or open there.
import type { Issue } from "../api/queries";

let now: Issue[] = [];

export const chosenIssues = (): Issue[] => now;
export function choose(issues: Issue[]): void {
  now = issues;
}
