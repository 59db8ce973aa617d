// From a runbook's declared parameters to a form and back: what it starts with, what is wrong with it, what is sent.

import type { Problem } from "../../api/problem";
import type { Issue } from "../../api/queries";
import type { Parameter } from "./queries";

/** What stands in the form: text for all but booleans and the parts of a resource. */
export type Values = Record<string, string | boolean | { kind: string; namespace: string; name: string }>;

const REFERENCE = /^\$\{target\.([A-Za-z]+)\}$/;
const QUANTITY = /^\d{1,15}(\.\d{1,9})?(m|k|K|Ki|M|Mi|G|Gi|T|Ti)?$/;

/** What `${target.…}` stands for: the subject of an issue. The same rules as the server's. */
export function targetOf(
  issue: Pick<Issue, "resource" | "resourceKind" | "namespace" | "container" | "owner"> | undefined,
): Record<string, string | undefined> {
  if (!issue) return {};
  const owner = issue.owner as { kind: string; name: string } | null | undefined;
  const kind = (owner?.kind ?? issue.resourceKind ?? "").split(".")[0] || undefined;
  const name = owner?.name ?? issue.resource;
  return {
    kind,
    namespace: issue.namespace ?? undefined,
    name,
    container: issue.container ?? undefined,
    pod: issue.resourceKind?.split(".")[0] === "Pod" ? issue.resource : undefined,
    node: kind === "Node" ? name : undefined,
  };
}

/** `given` (from the address) wins over the issue, which wins over the declared default. */
export function startValues(
  parameters: readonly Parameter[],
  given: Record<string, unknown>,
  target: Record<string, string | undefined>,
): Values {
  return Object.fromEntries(parameters.map((one) => [one.name, startValue(one, given[one.name] ?? declared(one, target))]));
}

/** Whether a person still has to decide a value: what the issue says about its own object is decided. */
export function isOpenToChoice(one: Parameter, start: Values, target: Record<string, string | undefined>): boolean {
  const reference = typeof one.default === "string" ? REFERENCE.exec(one.default) : null;
  return mistake(one, start[one.name]) !== null || !reference || target[reference[1]!] === undefined;
}

function declared(one: Parameter, target: Record<string, string | undefined>): unknown {
  const reference = typeof one.default === "string" ? REFERENCE.exec(one.default) : null;
  if (!reference) return one.default;
  const found = target[reference[1]!];
  return one.type === "enum" && found && !one.enum?.includes(found) ? undefined : found;
}

function startValue(one: Parameter, value: unknown): Values[string] {
  if (one.type === "boolean") return value === true;
  if (one.type === "resource") {
    const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof given[name] === "string" ? (given[name] as string) : "");
    return { kind: text("kind"), namespace: text("namespace"), name: text("name") };
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** What is wrong with each value, before the server is asked; empty when nothing is. */
export function mistakes(parameters: readonly Parameter[], values: Values): Record<string, string> {
  const found = parameters.map((one) => [one.name, mistake(one, values[one.name])] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null));
}

function mistake(one: Parameter, value: Values[string] | undefined): string | null {
  if (one.type === "boolean") return null;
  if (typeof value === "object") return one.required && !(value.kind && value.name) ? "Kind and name are required." : null;
  const text = String(value ?? "").trim();
  if (!text) return one.required ? "This field is required." : null;
  if (one.type === "integer") {
    if (!/^-?\d+$/.test(text)) return "Enter a whole number.";
    if (typeof one.minimum === "number" && Number(text) < one.minimum) return `At least ${one.minimum}.`;
    if (typeof one.maximum === "number" && Number(text) > one.maximum) return `At most ${one.maximum}.`;
  }
  if (one.type === "quantity") {
    if (!QUANTITY.test(text)) return "Enter a quantity such as 500m, 256Mi or 2Gi.";
    if (one.minimum !== undefined && amount(text) < amount(String(one.minimum))) return `At least ${one.minimum}.`;
    if (one.maximum !== undefined && amount(text) > amount(String(one.maximum))) return `At most ${one.maximum}.`;
  }
  if (one.type === "enum" && one.enum && !one.enum.includes(text)) return `One of ${one.enum.join(", ")}.`;
  if (one.pattern && !fits(one.pattern, text)) return `Must match ${one.pattern}.`;
  return null;
}

/** The server judges patterns (RE2); what this browser cannot read it lets pass. */
function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(text);
  } catch {
    return true;
  }
}

const FACTORS: Record<string, number> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity as a number; NaN when it is none. */
export function amount(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text);
  return parts ? Number(parts[1]) * (FACTORS[parts[2]!] ?? Number.NaN) : Number.NaN;
}

/** What is sent: typed, and without what was left empty. */
export function requestParameters(parameters: readonly Parameter[], values: Values): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const one of parameters) {
    const value = values[one.name];
    if (one.type === "boolean") sent[one.name] = value === true;
    else if (typeof value === "object") {
      if (value.kind && value.name)
        sent[one.name] = { kind: value.kind, name: value.name, ...(value.namespace ? { namespace: value.namespace } : {}) };
    } else {
      const text = String(value ?? "").trim();
      if (text) sent[one.name] = one.type === "integer" ? Number(text) : text;
    }
  }
  return sent;
}

/** What the address says of the parameters: JSON, or nothing that can be used. */
export function givenIn(text: string | undefined): Record<string, unknown> {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The name that has to be typed before something is taken away. */
export function nameToType(values: Values): string {
  for (const name of ["name", "pod", "node"]) {
    const value = values[name];
    if (typeof value === "string" && value.trim()) return value.trim();
  }
  return "";
}

/** The namespace of the change: undefined for a runbook without one, empty while it is not filled in. */
export const namespaceIn = (values: Values): string | undefined =>
  "namespace" in values ? String(values.namespace ?? "").trim() : undefined;

/** What a request to run a runbook was refused for, by parameter; the cluster stands at " cluster", which no parameter is called. */
export const refusedFields = ({ errors }: Problem): Record<string, string> =>
  Object.fromEntries(
    errors.map((one) => [one.field === "clusterId" ? " cluster" : one.field.replace(/^parameters\./, "").split(".")[0]!, one.message]),
  );
