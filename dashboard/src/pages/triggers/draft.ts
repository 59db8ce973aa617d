// A trigger as it stands in its form, and what is sent of it.
import { Problem } from "../../api/client";
import { parsed, written } from "../clusters/labels";
import { requestParameters, startValues, type Values } from "../runbooks/parameters";
import type { Parameter } from "../runbooks/queries";
import { fieldsOf } from "../settings/fields";
import type { Trigger } from "./queries";

export interface Draft {
  name: string;
  source: "issue" | "schedule" | "webhook";
  runbook: string;
  /** Of a schedule or a request; a trigger for issues has `clusters`. */
  cluster: string;
  types: string;
  causes: string;
  minConfidence: string;
  minSeverity: string;
  clusters: string;
  namespaces: string;
  labels: string;
  schedule: string;
  timeZone: string;
  values: Values;
  /** Parameters that a request may set; null: those without a value. */
  accepts: string[] | null;
}

export const EMPTY: Draft = {
  name: "",
  source: "issue",
  runbook: "",
  cluster: "",
  types: "",
  causes: "",
  minConfidence: "",
  minSeverity: "",
  clusters: "",
  namespaces: "",
  labels: "",
  schedule: "",
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  values: {},
  accepts: null,
};

export const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);

/** `cluster`: its name by its id. */
export function draftOf(one: Trigger, parameters: readonly Parameter[], cluster: (id: string) => string): Draft {
  const match = one.match ?? {};
  return {
    ...EMPTY,
    name: one.name,
    source: one.source,
    runbook: one.runbook,
    cluster: one.clusterId ?? "",
    types: (match.types ?? []).join(", "),
    causes: (match.causes ?? []).join(", "),
    minConfidence: match.minConfidence === undefined ? "" : String(match.minConfidence),
    minSeverity: match.minSeverity === "low" ? "" : (match.minSeverity ?? ""),
    clusters: (match.clusters ?? []).map(cluster).join(", "),
    namespaces: (match.namespaces ?? []).join(", "),
    labels: written(match.labels ?? {}).replaceAll("\n", ", "),
    schedule: one.schedule ?? "",
    timeZone: one.timeZone ?? EMPTY.timeZone,
    values: startValues(undeclared(parameters), one.parameters, {}),
    accepts: one.accepts ?? null,
  };
}

/** Without defaults: what the trigger leaves empty stays empty. */
const undeclared = (parameters: readonly Parameter[]) => parameters.map(({ default: _, ...one }) => one as Parameter);

/** What an issue is compared with, as the API takes it. Labels that cannot be read are left out. */
export function matchOf(draft: Draft): Record<string, unknown> {
  const labels = parsed(draft.labels);
  const lists = { types: draft.types, causes: draft.causes, clusters: draft.clusters, namespaces: draft.namespaces };
  return {
    ...Object.fromEntries(
      Object.entries(lists)
        .map(([name, text]) => [name, words(text)] as const)
        .filter(([, list]) => list.length),
    ),
    ...(draft.minSeverity && { minSeverity: draft.minSeverity }),
    ...(draft.minConfidence.trim() && { minConfidence: Number(draft.minConfidence) }),
    ...(typeof labels === "object" && Object.keys(labels).length && { labels }),
  };
}

/** The parameters that a request may set. */
export function acceptsOf(draft: Draft, parameters: readonly Parameter[]): string[] {
  const given = requestParameters(parameters, draft.values);
  return draft.accepts ?? parameters.filter((one) => !(one.name in given)).map((one) => one.name);
}

/** The body of the request that creates it; without `source`, of the one that changes it. */
export function bodyOf(draft: Draft, parameters: readonly Parameter[]): Record<string, unknown> {
  const common = { name: draft.name.trim(), runbook: draft.runbook, parameters: requestParameters(parameters, draft.values) };
  if (draft.source === "issue") return { ...common, match: matchOf(draft) };
  if (draft.source === "schedule")
    return { ...common, cluster: draft.cluster, schedule: draft.schedule.trim(), timeZone: draft.timeZone.trim() };
  return { ...common, cluster: draft.cluster, accepts: acceptsOf(draft, parameters) };
}

/** What is missing or cannot be read, by field, before the server is asked. */
export function mistakesIn(draft: Draft): Record<string, string | false | undefined> {
  const isIssue = draft.source === "issue";
  const labels = parsed(draft.labels);
  return {
    name: !draft.name.trim() && "Enter a name.",
    runbook: !draft.runbook && "Choose a runbook.",
    types: isIssue && !words(draft.types).length && !words(draft.causes).length && "Enter at least one issue type or cause.",
    minConfidence: isIssue && !isConfidence(draft.minConfidence) && "Enter a number from 0 to 1.",
    labels: isIssue && typeof labels === "string" && labels,
    cluster: !isIssue && !draft.cluster && "Choose the cluster in which the runbook runs.",
    schedule: draft.source === "schedule" && !draft.schedule.trim() && "Enter a cron expression.",
  };
}

function isConfidence(text: string): boolean {
  const value = Number(text);
  return !text.trim() || (value >= 0 && value <= 1);
}

/** What the server asks about a draft before it is saved: undefined while there is too little to ask about. */
export function previewOf(draft: Draft): Record<string, unknown> | undefined {
  const found = mistakesIn(draft);
  if (draft.source === "schedule") return found.schedule ? undefined : { schedule: draft.schedule.trim(), timeZone: draft.timeZone.trim() };
  if (draft.source === "webhook" || found.types || found.minConfidence || found.labels) return undefined;
  return { match: matchOf(draft) };
}

/** What the server refused, by field; a parameter by its own name after a dot. */
export function errorsOf(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return fieldsOf(error);
  const parameters = error.errors
    .filter((one) => one.field.startsWith("parameters."))
    .map((one) => [`.${one.field.split(".")[1]}`, one.message] as const);
  const { parameters: _, ...rest } = fieldsOf(error);
  return parameters.length ? { ...rest, ...Object.fromEntries(parameters) } : fieldsOf(error);
}
