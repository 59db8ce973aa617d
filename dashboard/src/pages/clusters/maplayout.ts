// What the map of a cluster shows, and in which order: pure, so that it can be tested without a page.
import type { Schemas } from "../../api/client";

export type MapNode = Schemas["MapNode"];
export type MapPod = Schemas["MapPod"];
type Whole = Pick<Schemas["MapShape"], "nodes" | "unscheduled">;

const RANK: Record<string, number> = { failing: 0, pending: 1, unknown: 2, healthy: 3 };
const MIB = 1024 * 1024;

/** The pods of a namespace and an owner ("" for all) on the nodes that have any; nodes that fail first, then those with most failing pods. */
export function within(map: Whole, namespace: string, owner = ""): { nodes: MapNode[]; unscheduled: MapPod[]; pods: number } {
  const isAll = !namespace && !owner;
  const fits = (one: MapPod) => (!namespace || one.namespace === namespace) && (!owner || ownerOf(one) === owner);
  const only = (pods: MapPod[]) => (isAll ? pods : pods.filter(fits));
  const unscheduled = only(map.unscheduled);
  const nodes = map.nodes.map((one) => ({ ...one, pods: only(one.pods) })).filter((one) => isAll || one.pods.length > 0);
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

/** "shop/web": what the filter by owner is called with; of a pod on its own, its name. */
export const ownerOf = (one: MapPod) => `${one.namespace}/${one.owner?.slice(one.owner.indexOf("/") + 1) ?? one.name}`;

export function ownersOf(map: Whole, namespace: string): string[] {
  const found = new Set<string>();
  for (const pods of [map.unscheduled, ...map.nodes.map((one) => one.pods)])
    for (const pod of pods) if (pod.owner && (!namespace || pod.namespace === namespace)) found.add(ownerOf(pod));
  return [...found].sort();
}

export type Size = "memory" | "cpu" | "same";
const SMALLEST = 1 / 8; // of the mean: what requests little or nothing can still be seen

/** What each pod counts in the picture. */
export function weights(pods: readonly MapPod[], size: Size): number[] {
  const asked = pods.map((one) => (size === "same" ? 1 : ((size === "cpu" ? one.cpuMillis : one.memoryBytes) ?? 0)));
  const mean = asked.reduce((sum, one) => sum + one, 0) / (asked.length || 1) || 1;
  return asked.map((one) => Math.max(one, mean * SMALLEST));
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Boxes that fill `into`, each with its share of the area, as near to squares as the order allows (a squarified treemap). */
export function squarified(values: readonly number[], into: Box): Box[] {
  const whole = values.reduce((sum, one) => sum + one, 0);
  const scale = (into.width * into.height) / (whole || 1);
  const boxes: Box[] = [];
  let { x, y, width, height } = into;
  for (let from = 0; from < values.length; ) {
    const side = Math.min(width, height);
    let to = from;
    let sum = 0;
    let least = Number.POSITIVE_INFINITY;
    let worst = Number.POSITIVE_INFINITY;
    let most = 0;
    while (to < values.length) {
      const area = values[to]! * scale;
      const [nextSum, nextLeast, nextMost] = [sum + area, Math.min(least, area), Math.max(most, area)];
      const next = Math.max((side * side * nextMost) / nextSum ** 2, nextSum ** 2 / (side * side * nextLeast));
      if (to > from && next > worst) break;
      [sum, least, most, worst] = [nextSum, nextLeast, nextMost, next];
      to++;
    }
    const thick = side > 0 ? sum / side : 0;
    let along = 0;
    for (let index = from; index < to; index++) {
      const length = thick > 0 ? (values[index]! * scale) / thick : 0;
      boxes.push(width >= height ? { x, y: y + along, width: thick, height: length } : { x: x + along, y, width: length, height: thick });
      along += length;
    }
    if (width >= height) [x, width] = [x + thick, Math.max(0, width - thick)];
    else [y, height] = [y + thick, Math.max(0, height - thick)];
    from = to;
  }
  return boxes;
}

export interface Placed {
  pod: MapPod;
  node: string;
  box: Box;
}

/** Every pod with its box: nodes side by side by what their pods count, and in each node its pods, largest first. */
export function placed(nodes: readonly { name: string; pods: readonly MapPod[] }[], size: Size, into: Box, gap = 2): Placed[] {
  const filled = nodes.filter((one) => one.pods.length > 0);
  const all = weights(
    filled.flatMap((one) => one.pods),
    size,
  );
  let at = 0;
  const groups = filled.map((one) => {
    const own = one.pods.map((pod) => ({ pod, weight: all[at++]! })).sort((a, b) => b.weight - a.weight);
    return { name: one.name, own, weight: own.reduce((sum, each) => sum + each.weight, 0) };
  });
  groups.sort((a, b) => b.weight - a.weight);
  const areas = squarified(
    groups.map((one) => one.weight),
    into,
  );
  return groups.flatMap(({ name, own }, index) => {
    const { x, y, width, height } = areas[index]!;
    const inner = { x: x + gap / 2, y: y + gap / 2, width: Math.max(0, width - gap), height: Math.max(0, height - gap) };
    const boxes = squarified(
      own.map((one) => one.weight),
      inner,
    );
    return own.map(({ pod }, place) => ({ pod, node: name, box: boxes[place]! }));
  });
}

/** In percent of what there is; at most 100, also where more is requested. */
export const share = (value: number, most: number) => Math.min(100, Math.round((value / most) * 100));

export const cores = (millis: number) => (millis / 1000).toLocaleString("en", { maximumFractionDigits: 2 });

export const bytes = (value: number) =>
  value >= 1024 * MIB
    ? `${(value / MIB / 1024).toLocaleString("en", { maximumFractionDigits: 1 })} GiB`
    : `${Math.round(value / MIB).toLocaleString("en")} MiB`;
