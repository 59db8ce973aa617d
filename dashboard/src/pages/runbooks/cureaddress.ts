// The address of a runbook in the panel of an issue: what stands behind its `#`. Apart from the panel, so that a row can link to it without its code.
import type { Action } from "../../api/analysis";
import type { Issue } from "../../api/queries";
import { stringifySearch } from "../search";

/** The runbook with its parameters (JSON), and once it has begun, the execution. */
export interface CureAddress {
  run?: string;
  p?: string;
  execution?: string;
}

export const cureHash = (of: CureAddress): string => stringifySearch(of).slice(1);

/** Where a runbook is started for this issue: in its panel, with the parameters filled in. */
export const runbookLink = (issue: Pick<Issue, "id">, action: Pick<Action, "runbook" | "parameters">) => ({
  to: "/issues/$issueId" as const,
  params: { issueId: issue.id },
  search: true,
  hash: cureHash({ run: action.runbook ?? "", p: action.parameters ? JSON.stringify(action.parameters) : undefined }),
});

/** Where an execution for this issue is shown: in its panel. */
export const executionLink = (issueId: string, runbook: string, execution: string) => ({
  to: "/issues/$issueId" as const,
  params: { issueId },
  search: true as const,
  hash: cureHash({ run: runbook, execution }),
});
