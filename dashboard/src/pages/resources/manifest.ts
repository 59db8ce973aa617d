// What a page reads out of an object's manifest. Everything may be missing or of another type; then it is left out.
import { CORE_SCHEMA, load } from "js-yaml";
import type { Tone } from "../../parts";

type Json = Record<string, unknown>;
const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const map = (value: unknown): Json => (isMap(value) ? value : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isMap) : []);
const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;

/** The manifest as a value; null when it cannot be read. */
export function parsed(manifest: string | undefined | null): Json | null {
  if (!manifest) return null;
  try {
    const value = load(manifest, { schema: CORE_SCHEMA });
    return isMap(value) ? value : null;
  } catch {
    return null;
  }
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  since?: string;
  tone: Tone;
}
// Conditions whose "True" is bad news.
const BAD_WHEN_TRUE = /Pressure|Unavailable|Failed|Failure|Degraded|Stalled|Disrupted|DisruptionTarget|Suspended/;

export function conditions(manifest: Json | null): Condition[] {
  return list(map(manifest?.status).conditions).flatMap((one) => {
    const type = text(one.type);
    const status = text(one.status) ?? String(one.status ?? "Unknown");
    if (!type) return [];
    const isGood = BAD_WHEN_TRUE.test(type) ? status === "False" : status === "True";
    const tone: Tone = status === "Unknown" ? "medium" : isGood ? "ok" : "critical";
    return [{ type, status, reason: text(one.reason), message: text(one.message), since: text(one.lastTransitionTime), tone }];
  });
}

export interface Container {
  name: string;
  kind: "container" | "init" | "ephemeral";
  image: string;
  limits: string;
  requests: string;
  /** Absent for a pod template. */
  state?: { word: string; tone: Tone; since?: string; detail?: string };
  last?: { word: string; at?: string; detail: string };
  restarts?: number;
  /** When the pod was started, from which its restarts are counted. */
  startedAt?: string;
  isReady?: boolean;
}

/** Containers of a pod with their state, or of a workload's pod template. */
export function containers(manifest: Json | null): Container[] {
  const spec = podSpec(manifest);
  const status = map(manifest?.status);
  const statuses = [...list(status.initContainerStatuses), ...list(status.containerStatuses), ...list(status.ephemeralContainerStatuses)];
  const read =
    (kind: Container["kind"]) =>
    (one: Json): Container => {
      const name = text(one.name) ?? "?";
      const found = statuses.find((other) => other.name === name);
      const resources = map(one.resources);
      return {
        name,
        kind,
        image: text(one.image) ?? "",
        limits: amounts(resources.limits),
        requests: amounts(resources.requests),
        ...(found
          ? {
              state: stateOf(map(found.state)),
              last: lastOf(map(found.lastState)),
              restarts: Number(found.restartCount ?? 0),
              startedAt: text(status.startTime),
              isReady: found.ready === true,
            }
          : {}),
      };
    };
  return [
    ...list(spec.containers).map(read("container")),
    ...list(spec.initContainers).map(read("init")),
    ...list(spec.ephemeralContainers).map(read("ephemeral")),
  ];
}

function podSpec(manifest: Json | null): Json {
  const spec = map(manifest?.spec);
  if (Array.isArray(spec.containers)) return spec;
  const template = isMap(spec.jobTemplate) ? map(map(spec.jobTemplate.spec).template) : map(spec.template);
  return map(template.spec);
}

const amounts = (value: unknown) =>
  Object.entries(map(value))
    .map(([name, amount]) => `${name} ${String(amount)}`)
    .join(", ");

function stateOf(state: Json): Container["state"] {
  if (isMap(state.running)) return { word: "Running", tone: "ok", since: text(state.running.startedAt) };
  if (isMap(state.waiting)) {
    const reason = text(state.waiting.reason) ?? "Waiting";
    return { word: reason, tone: /Creating|Initializing/.test(reason) ? "medium" : "critical", detail: text(state.waiting.message) };
  }
  if (isMap(state.terminated)) {
    const code = Number(state.terminated.exitCode ?? 0);
    return {
      word: text(state.terminated.reason) ?? "Terminated",
      tone: code === 0 ? "info" : "critical",
      since: text(state.terminated.finishedAt),
      detail: `exit code ${code}`,
    };
  }
  return { word: "Unknown", tone: "medium" };
}

function lastOf(state: Json): Container["last"] {
  if (!isMap(state.terminated)) return undefined;
  const { reason, exitCode, finishedAt } = state.terminated;
  return { word: text(reason) ?? "Terminated", at: text(finishedAt), detail: `exit code ${String(exitCode ?? "?")}` };
}

/** "33554432Ki" as people say it: "32Gi". */
export function memory(quantity: string | undefined): string {
  const units = ["Ki", "Mi", "Gi", "Ti"];
  const parts = /^(\d+)(Ki|Mi|Gi)$/.exec(quantity ?? "");
  if (!parts) return quantity ?? "?";
  let [size, unit] = [Number(parts[1]), units.indexOf(parts[2]!)];
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${Math.round(size * 10) / 10}${units[unit]}`;
}

/** Lines worth seeing first, by what the object has. */
export function highlights(manifest: Json | null): [string, string][] {
  const spec = map(manifest?.spec);
  const status = map(manifest?.status);
  const ports = list(spec.ports).map((port) => [text(port.port), text(port.protocol)].filter(Boolean).join("/"));
  const info = map(status.nodeInfo);
  const capacity = map(status.capacity);
  const found: [string, string | undefined][] = [
    ["Node", text(spec.nodeName)],
    ["Pod IP", text(status.podIP)],
    ["QoS class", text(status.qosClass)],
    ["Service account", text(spec.serviceAccountName)],
    ["Replicas", spec.replicas === undefined ? undefined : `${String(status.readyReplicas ?? 0)} of ${String(spec.replicas)} ready`],
    ["Strategy", text(map(spec.strategy).type) ?? text(map(spec.updateStrategy).type)],
    ["Schedule", text(spec.schedule)],
    ["Type", text(spec.type)],
    ["Cluster IP", text(spec.clusterIP)],
    ["Ports", ports.join(", ") || undefined],
    ["Storage class", text(spec.storageClassName)],
    [
      "Capacity",
      text(capacity.storage) ?? (capacity.cpu ? `${text(capacity.cpu)} CPU, ${memory(text(capacity.memory))} memory` : undefined),
    ],
    ["Kubelet", text(info.kubeletVersion)],
    ["Unschedulable", spec.unschedulable === true ? "yes, cordoned" : undefined],
  ];
  return found.filter((one): one is [string, string] => one[1] !== undefined);
}

/** The YAML without its `status`, which is what somebody wrote rather than what happened. */
export function withoutStatus(yaml: string): string {
  const lines = yaml.split("\n");
  const start = lines.findIndex((line) => /^status:/.test(line));
  if (start < 0) return yaml;
  const length = lines.slice(start + 1).findIndex((line) => line !== "" && !/^[\s-]/.test(line));
  return [...lines.slice(0, start), ...(length < 0 ? [] : lines.slice(start + 1 + length))].join("\n").replace(/\n*$/, "\n");
}

/** Where `managedFields` stands: the end of its own line and the end of its last line, as offsets; null when there is none. */
export function managedFields(yaml: string): { from: number; to: number } | null {
  const found = /^( *)managedFields:[^\n]*/m.exec(yaml);
  if (!found) return null;
  const from = found.index + found[0].length;
  const indent = found[1]!.length;
  let to = from;
  for (const line of yaml.slice(from + 1).split("\n")) {
    const own = line.length - line.trimStart().length;
    if (line.trim() !== "" && (own < indent || (own === indent && !line.trimStart().startsWith("-")))) break;
    to += line.length + 1;
  }
  return to > from ? { from, to: Math.min(to, yaml.length) } : null;
}
