// What the map of a cluster shows, and in which order: pure, so that it can be tested without a page.
import type { Schemas } from "../../api/client";

export type MapNode = Schemas["MapNode"];
export type MapPod = Schemas["MapPod"];
type Whole = Pick<Schemas["MapShape"], "nodes" | "unscheduled">;

const RANK: Record<string, number> = { failing: 0, pending: 1, unknown: 2, healthy: 3 };
const MIB = 1024 * 1024;

/** The pods of one namespace ("" for all) on the nodes that have any; nodes that fail first, then those with most failing pods. */
export function within(map: Whole, namespace: string): { nodes: MapNode[]; unscheduled: MapPod[]; pods: number } {
  const only = (pods: MapPod[]) => (namespace ? pods.filter((one) => one.namespace === namespace) : pods);
  const unscheduled = only(map.unscheduled);
  const nodes = map.nodes.map((one) => ({ ...one, pods: only(one.pods) })).filter((one) => !namespace || one.pods.length > 0);
  const ranked = nodes.map((one) => ({ one, rank: [RANK[one.state] ?? 2, -count(one, "failing"), -count(one, "pending")] }));
  ranked.sort((a, b) => difference(a.rank, b.rank) || a.one.name.localeCompare(b.one.name, undefined, { numeric: true }));
  const pods = unscheduled.length + nodes.reduce((sum, one) => sum + one.pods.length, 0);
  return { nodes: ranked.map(({ one }) => one), unscheduled, pods };
}

const count = (node: MapNode, state: string) => node.pods.filter((one) => one.state === state).length;

function difference(a: number[], b: number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

export function namespacesOf(map: Whole): string[] {
  const found = new Set(map.unscheduled.map((one) => one.namespace));
  for (const node of map.nodes) for (const pod of node.pods) found.add(pod.namespace);
  return [...found].sort();
}

/** In percent of what there is; at most 100, also where more is requested. */
export const share = (value: number, most: number) => Math.min(100, Math.round((value / most) * 100));

export const cores = (millis: number) => (millis / 1000).toLocaleString("en", { maximumFractionDigits: 2 });

export const bytes = (value: number) =>
  value >= 1024 * MIB
    ? `${(value / MIB / 1024).toLocaleString("en", { maximumFractionDigits: 1 })} GiB`
    : `${Math.round(value / MIB).toLocaleString("en")} MiB`;
