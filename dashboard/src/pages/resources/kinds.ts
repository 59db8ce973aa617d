// Kinds as people look for them, and what the status word of an object means.
import type { Tone } from "../../parts";
import type { KindCount, Resource } from "./queries";

const GROUPS: [title: string, kinds: string[]][] = [
  [
    "Workloads",
    ["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
  ],
  ["Network", ["Service", "Ingress", "IngressClass", "EndpointSlice", "NetworkPolicy"]],
  ["Storage", ["PersistentVolumeClaim", "PersistentVolume", "StorageClass", "VolumeAttachment"]],
  ["Configuration", ["ConfigMap", "Secret", "ServiceAccount", "ResourceQuota", "LimitRange"]],
  ["Cluster", ["Node", "Namespace"]],
];
const KNOWN = new Set(GROUPS.flatMap(([, kinds]) => kinds));

export interface KindEntry {
  /** What the filter is called with: `Pod`, or `Widget.example.com` where two groups share a kind. */
  value: string;
  kind: string;
  count: number;
}
export interface KindGroup {
  title: string;
  /** Of custom kinds: what the filter by API group is called with. */
  apiGroup?: string;
  kinds: KindEntry[];
}

/** Kinds with their counts in groups, custom ones under their API group; only what exists, in `namespace` if one is given. */
export function grouped(counts: readonly KindCount[], namespace?: string): KindGroup[] {
  const sums = new Map<string, { kind: string; group: string; count: number }>();
  for (const one of counts) {
    const key = `${one.kind}.${one.group ?? ""}`;
    const sum = sums.get(key) ?? { kind: one.kind, group: one.group ?? "", count: 0 };
    if (!namespace || one.namespace === namespace) sum.count += one.count;
    sums.set(key, sum);
  }
  const all = [...sums.values()].filter((one) => one.count > 0);
  const entry = (one: (typeof all)[number]): KindEntry => {
    const isShared = all.some((other) => other.kind === one.kind && other.group !== one.group);
    return { value: isShared && one.group ? `${one.kind}.${one.group}` : one.kind, kind: one.kind, count: one.count };
  };
  const known = GROUPS.map(([title, kinds]) => ({
    title,
    kinds: kinds.flatMap((kind) => all.filter((one) => one.kind === kind)).map(entry),
  }));
  const customGroups = [...new Set(all.filter((one) => !KNOWN.has(one.kind)).map((one) => one.group))].sort();
  const custom = customGroups.map((group) => ({
    title: group || "Other",
    ...(group ? { apiGroup: group } : {}),
    kinds: all
      .filter((one) => one.group === group && !KNOWN.has(one.kind))
      .sort((a, b) => a.kind.localeCompare(b.kind))
      .map(entry),
  }));
  return [...known, ...custom].filter((group) => group.kinds.length > 0);
}

/** Namespaces with how many objects of `kind` (or of all kinds) they hold. */
export function namespaces(counts: readonly KindCount[], kind?: string): { name: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const one of counts) {
    if (!one.namespace) continue;
    const fits = !kind || one.kind === kind || `${one.kind}.${one.group ?? ""}` === kind;
    sums.set(one.namespace, (sums.get(one.namespace) ?? 0) + (fits ? one.count : 0));
  }
  return [...sums].map(([name, count]) => ({ name, count })).sort((a, b) => a.name.localeCompare(b.name));
}

const GOOD = new Set(["Running", "Ready", "Active", "Bound", "Complete", "Succeeded", "Available"]);
const WAITING = new Set(["Pending", "Terminating", "Released", "Unknown"]);

/** How the status word of an object looks. `2/3` is ready of wanted. */
export function toneOf(status: string | null | undefined): Tone {
  if (!status) return "info";
  const ready = /^(\d+)\/(\d+)$/.exec(status);
  if (ready) {
    const [have, want] = [Number(ready[1]), Number(ready[2])];
    return want === 0 ? "info" : have >= want ? "ok" : have === 0 ? "critical" : "medium";
  }
  if (status === "Complete" || status === "Succeeded") return "info";
  return GOOD.has(status) ? "ok" : WAITING.has(status) ? "medium" : "critical";
}

const TONES: Record<NonNullable<Resource["state"]>, Tone> = { failing: "critical", pending: "medium", healthy: "ok" };

/** How an object of the inventory looks: what the server says of it, and quiet if it has ended well. */
export function toneOfResource(one: Pick<Resource, "state" | "status">): Tone {
  if (!one.state || (one.state === "healthy" && toneOf(one.status) === "info")) return "info";
  return TONES[one.state];
}

/** Failures first, then by name; for groups in a tree. */
export const RANK: Record<Tone, number> = { critical: 0, high: 1, medium: 2, low: 3, ai: 4, ok: 5, info: 6 };

/** As Kubernetes says it: people search for these very words. */
export function statusWord(status: string | null | undefined): string {
  if (!status) return "–";
  return /^\d+\/\d+$/.test(status) ? `${status} ready` : status;
}

/** An owner for `ObjectLink`: in the namespace of what it owns, unless it is in none. */
export const ownerOf = (owner: { kind: string; name: string }, namespace: string | null) => ({
  ...owner,
  namespace: owner.kind === "Node" ? undefined : namespace,
});
