// Runbooks and their executions as the API gives them.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { send } from "../../api/client";
import type { Change } from "../resources/diff";

export interface Parameter {
  name: string;
  type: "string" | "integer" | "boolean" | "enum" | "quantity" | "resource";
  required: boolean;
  default?: unknown;
  enum?: string[];
  pattern?: string;
  minimum?: number | string;
  maximum?: number | string;
  description?: string;
}

export interface Runbook {
  id: string;
  slug: string;
  name: string;
  description: string;
  version: number;
  builtIn: boolean;
  enabled: boolean;
  risk: string;
  needsApproval: boolean;
  match: { issueTypes: string[] };
  scope: { clusters: string[]; namespaces: string[] };
  parameters: Parameter[];
  steps: { name: string; action: string; with: Record<string, unknown>; bounds?: { path: string; onlyRaise: boolean; maxFactor?: number }[]; optional?: boolean }[];
  approval: { required: string; expiresAfterSeconds: number };
  cooldownSeconds: number;
  verify: { stableSeconds: number; timeoutSeconds: number };
  createdBy: string;
  createdAt?: string;
  updatedAt?: string;
  recentExecutions?: Execution[];
}

export interface ObjectRef {
  kind: string;
  namespace?: string | null;
  name: string;
}

export interface Plan {
  hash: string;
  steps: { name: string; verb: string; object: ObjectRef; values: Record<string, unknown>; isWrite: boolean }[];
  diff: (Change & { step: string })[];
  managers: { step: string; kind: string; name: string }[];
}

export interface Step {
  id: string;
  name: string;
  verb: string;
  object: ObjectRef;
  state: string;
  attempt: number;
  startedAt?: string;
  finishedAt?: string;
  code?: string;
  message?: string;
  result?: Record<string, unknown>;
  preImage?: Record<string, unknown>;
}

export interface Verification {
  status?: string;
  checks?: { name: string; status: string; message: string }[];
  stableSeconds?: number;
  since?: string;
  until?: string;
}

export interface Execution {
  id: string;
  runbook: { id: string; name: string; slug: string; version: number };
  cluster: string;
  clusterId: string;
  issueId?: string;
  status: string;
  target: ObjectRef;
  parameters: Record<string, unknown>;
  dryRun: boolean;
  allowDrift?: boolean;
  reason?: string;
  approval?: { required: boolean; ready: boolean; expiresAt?: string };
  plan?: Plan;
  steps?: Step[];
  requestedBy: string;
  approvedBy?: string;
  canceling?: boolean;
  createdAt: string;
  startedAt?: string;
  finishedAt?: string;
  /** An event carries only its word. */
  verification?: Verification | string;
  failure?: { code: string; message: string; step?: string; changed?: boolean | null; check?: ObjectRef };
  retryOf?: string;
  version: number;
}

export interface LogEntry {
  offset: number;
  at: string;
  step?: string;
  level: "info" | "warning" | "error";
  message: string;
}

type Filter = Record<string, string | undefined>;
const PAGE_ROWS = 100;
const LOOK_AGAIN_MS = 4_000; // behind the stream, which tells sooner
const at = (id: string, part = "") => `/v1/executions/${encodeURIComponent(id)}${part}`;

export const runbooksQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["runbooks", filter],
    queryFn: ({ signal }) => send<{ runbooks: Runbook[]; total: number }>("GET", "/v1/runbooks", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const runbookQuery = (id: string) =>
  queryOptions({ queryKey: ["runbook", id], queryFn: ({ signal }) => send<Runbook>("GET", `/v1/runbooks/${encodeURIComponent(id)}`, { signal }) });

export const executionsQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["executions", filter],
    queryFn: ({ signal }) => send<{ executions: Execution[]; total: number }>("GET", "/v1/executions", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
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

export interface ExecuteAsked {
  clusterId?: string;
  issueId?: string;
  parameters: Record<string, unknown>;
  dryRun?: boolean;
  allowDrift?: boolean;
  reason?: string;
}

export const execute = (runbookId: string, asked: ExecuteAsked, idempotencyKey: string, waitS = 0) =>
  send<Execution>("POST", `/v1/runbooks/${encodeURIComponent(runbookId)}/execute`, { query: { wait: waitS || undefined }, body: asked, idempotencyKey });

export const decide = (id: string, word: "approve" | "reject" | "cancel" | "retry", body: object, idempotencyKey: string) =>
  send<Execution>("POST", at(id, `/${word}`), { body, idempotencyKey });

export const readLog = (id: string, offset: number, waitS: number, signal: AbortSignal) =>
  send<{ logs: LogEntry[]; nextOffset: number; completed: boolean }>("GET", at(id, "/logs"), { query: { offset, limit: 500, wait: waitS || undefined }, signal });

export const verificationOf = (one: Execution): Verification | null =>
  one.verification === undefined || one.verification === null ? null : typeof one.verification === "string" ? { status: one.verification } : one.verification;
