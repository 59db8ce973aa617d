// Runbooks and their executions as the API gives them.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";

/** As the API answers: what it leaves out is absent, never null. */
export type WithoutNulls<T> = T extends (infer One)[]
  ? WithoutNulls<One>[]
  : T extends object
    ? { [Name in keyof T]: WithoutNulls<Exclude<T[Name], null>> }
    : T;

export type Parameter = WithoutNulls<Schemas["ParameterShape"]>;
export type Runbook = WithoutNulls<Schemas["RunbookShape"]>;
export type Plan = WithoutNulls<Schemas["PlanShape"]>;
export type Step = WithoutNulls<Schemas["StepShape"]>;
export type ObjectRef = Pick<Schemas["ObjectShape"], "kind" | "namespace" | "name">;
export type LogEntry = WithoutNulls<Schemas["LogList"]["logs"][number]>;
export type Verification = Partial<Omit<WithoutNulls<Schemas["VerificationShape"]>, "status">> & { status?: string };
export type Execution = Omit<WithoutNulls<Schemas["ExecutionShape"]>, "verification" | "failure"> & {
  /** An event carries only its word. */
  verification?: Verification | string;
  /** `changed` null: not known. */
  failure?: Schemas["FailureShape"];
};

type Filter = Record<string, string | undefined>;
const PAGE_ROWS = 100;
const LOOK_AGAIN_MS = 4_000; // behind the stream, which tells sooner
const at = (id: string, part = "") => `/v1/executions/${encodeURIComponent(id)}${part}`;

export const runbooksQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["runbooks", filter],
    queryFn: ({ signal }) =>
      send<{ runbooks: Runbook[]; total: number }>("GET", "/v1/runbooks", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const runbookQuery = (id: string) =>
  queryOptions({
    queryKey: ["runbook", id],
    queryFn: ({ signal }) => send<Runbook>("GET", `/v1/runbooks/${encodeURIComponent(id)}`, { signal }),
  });

export type Suggestions = WithoutNulls<Schemas["SuggestionsShape"]>;

export const suggestionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["runbookSuggestions", id],
    queryFn: ({ signal }) => send<Suggestions>("GET", `/v1/runbooks/${encodeURIComponent(id)}/suggestions`, { signal }),
  });

export const executionsQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["executions", filter],
    queryFn: ({ signal }) =>
      send<{ executions: Execution[]; total: number }>("GET", "/v1/executions", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["execution", id],
    queryFn: ({ signal }) => send<Execution>("GET", at(id), { signal }),
    refetchInterval: (query) => (query.state.data && isFinal(query.state.data.status) ? false : LOOK_AGAIN_MS),
  });

const FINAL = new Set(["succeeded", "failed", "timedOut", "canceled", "rejected", "expired", "lost"]);
export const isFinal = (status: string) => FINAL.has(status);

/** Whether a run needs an approval: by the runbook, or by what its steps do with these parameters, as its dry run says. */
export const needsApproval = (runbook: Runbook, dryRun: Execution | null | undefined) =>
  runbook.needsApproval || dryRun?.risk === "high" || dryRun?.risk === "destructive";

export interface ExecuteAsked {
  clusterId?: string;
  issueId?: string;
  parameters: Record<string, unknown>;
  dryRun?: boolean;
  allowDrift?: boolean;
  reason?: string;
  /** Why something changes during a freeze. */
  breakGlass?: string;
}

export const execute = (runbookId: string, asked: ExecuteAsked, idempotencyKey: string, waitS = 0) =>
  send<Execution>("POST", `/v1/runbooks/${encodeURIComponent(runbookId)}/execute`, {
    query: { wait: waitS || undefined },
    body: asked,
    idempotencyKey,
  });

export const decide = (
  id: string,
  word: "approve" | "approve-on-behalf" | "reject" | "cancel" | "retry" | "undo" | "again" | "propose",
  body: object,
  idempotencyKey: string,
) => send<Execution>("POST", at(id, `/${word}`), { body, idempotencyKey });

export const readLog = (id: string, offset: number, waitS: number, signal: AbortSignal) =>
  send<{ logs: LogEntry[]; nextOffset: number; completed: boolean }>("GET", at(id, "/logs"), {
    query: { offset, limit: 500, wait: waitS || undefined },
    signal,
  });

export const verificationOf = (one: Execution): Verification | null =>
  one.verification === undefined || one.verification === null
    ? null
    : typeof one.verification === "string"
      ? { status: one.verification }
      : one.verification;
