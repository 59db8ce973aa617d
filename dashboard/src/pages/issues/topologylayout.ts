// Where the nodes of a topology stand: a column per layer, neighbors near each other, the cause at the left. No drawing here.
import type { Schemas } from "../../api/client";

type Topology = Pick<Schemas["IssueTopology"], "nodes" | "edges" | "leftOut">;
type Node = Schemas["TopologyNode"];
type Edge = Topology["edges"][number];
export type Layer = Node["layer"];
export type Title = Layer | "cause";

export const LAYERS: Layer[] = ["caller", "service", "workload", "pod", "dependency"];
const FROM_CAUSE: Layer[] = ["pod", "workload", "service", "caller", "dependency"];
export const NODE_HEIGHT = 56;
export const NODE_GAP = 10;
export const COLUMN_GAP = 30;

/** A node, or how many were left out. `y` is its top; `fold` are the nodes that it stands for. */
export interface Placed {
  key: string;
  column: number;
  y: number;
  node?: Node;
  fold?: Node[];
  more?: string;
}

export interface Layout {
  columns: { title: Title; cells: Placed[] }[];
  height: number;
  places: Map<string, Placed>;
  edges: Edge[];
}

/** Pods that say the same and are connected alike, as one node with the id of the first; except those of `open`. Healthy nodes and
 * configuration that they use tell them apart no more than their names do. */
export function folded({ nodes, edges }: Pick<Topology, "nodes" | "edges">, open: ReadonlySet<string>) {
  const quiet = new Set(nodes.filter((one) => one.layer === "dependency" && one.state === "ok").map((one) => one.id));
  const causes = new Set(nodes.filter((one) => one.isCause).map((one) => one.id));
  const around = (id: string) =>
    edges
      .filter((one) => (one.source === id || one.target === id) && (one.broken || !(quiet.has(one.source) || quiet.has(one.target))))
      .map(({ source, target, relation, problem }) => {
        const told = causes.has(source) || causes.has(target) ? "" : problem; // only the edge to the object of the issue names the cause
        return [source === id ? "" : source, target === id ? "" : target, relation, told ?? ""].join(" ");
      })
      .sort();
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const alike =
      node.layer === "pod" && !node.isCause ? [node.kind, node.namespace, node.state, node.status, ...around(node.id)] : [node.id];
    const key = alike.join("\n");
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const folds = [...groups.values()].filter((group) => group.length > 1 && !open.has(group[0]!.id));
  const stands = new Map(folds.flatMap((group) => group.map((one) => [one.id, group[0]!.id] as const)));
  const at = (id: string) => stands.get(id) ?? id;
  const kept = new Map<string, Edge>();
  for (const one of edges) {
    const [source, target] = [at(one.source), at(one.target)];
    if (!kept.get(`${source} ${target}`)?.broken) kept.set(`${source} ${target}`, { ...one, source, target });
  }
  return {
    nodes: nodes.filter((one) => at(one.id) === one.id),
    edges: [...kept.values()],
    folds: new Map(folds.map((group) => [group[0]!.id, group])),
  };
}

/** Where the members of a group that are not shown would stand. */
function layerOf(relation: string, beside: Layer): Layer {
  if (relation === "runs") return "pod";
  if (relation === "calls") return beside === "service" ? "caller" : "dependency";
  if (relation === "reads" || relation === "mounts") return "dependency";
  if (relation === "selects") return beside === "service" ? "workload" : "service";
  return beside === "dependency" || beside === "service" ? "workload" : "service";
}

const plural = (kind: string, count: number) => (count === 1 ? kind : kind.endsWith("s") || kind.endsWith("y") ? kind : `${kind}s`);

/** The cause, and then the layers by how many edges lead to them from there. */
function fromCause(nodes: Node[], edges: Edge[]): Title[] {
  const steps = new Map(nodes.filter((one) => one.isCause).map((one) => [one.id, 0]));
  for (const [id, step] of steps)
    for (const { source, target } of edges) {
      const next = source === id ? target : target === id ? source : id;
      if (!steps.has(next)) steps.set(next, step + 1); // a Map iterates over what is added meanwhile
    }
  const near = (layer: Layer) =>
    Math.min(...nodes.filter((one) => one.layer === layer && !one.isCause).map((one) => steps.get(one.id) ?? LAYERS.length));
  return ["cause", ...[...FROM_CAUSE].sort((a, b) => near(a) - near(b) || FROM_CAUSE.indexOf(a) - FROM_CAUSE.indexOf(b))];
}

/** The cause is at the left, and what depends on it to the right; without a cause callers are at the left. */
export function placed(given: Topology, open: ReadonlySet<string> = new Set()): Layout {
  const { nodes, edges, folds } = folded(given, open);
  const hasCause = nodes.some((one) => one.isCause) && nodes.length > 1;
  const titles: Title[] = hasCause ? fromCause(nodes, edges) : LAYERS;
  const titleOf = (node: Node): Title => (hasCause && node.isCause ? "cause" : node.layer);
  const layers = new Map(given.nodes.map((one) => [one.id, one.layer]));
  const cells = new Map<Title, Placed[]>(titles.map((title) => [title, []]));
  for (const node of nodes) cells.get(titleOf(node))!.push({ key: node.id, column: 0, y: 0, node, fold: folds.get(node.id) });
  for (const [index, one] of given.leftOut.entries()) {
    const words = `${one.count.toLocaleString()} more ${plural(one.kind ?? "object", one.count)}`;
    cells.get(layerOf(one.relation, layers.get(one.beside) ?? "workload"))!.push({ key: `more ${index}`, column: 0, y: 0, more: words });
  }
  const columns = titles.map((title) => ({ title, cells: cells.get(title)! })).filter((one) => one.cells.length > 0);
  const tallest = Math.max(...columns.map((one) => one.cells.length), 0);
  const height = tallest * (NODE_HEIGHT + NODE_GAP) - NODE_GAP;
  const places = new Map<string, Placed>();
  columns.forEach((column, index) => {
    const near = (cell: Placed) => {
      const ends = edges.flatMap((edge) => (edge.target === cell.key ? [edge.source] : edge.source === cell.key ? [edge.target] : []));
      const at = ends.flatMap((id) => places.get(id)?.y ?? []);
      return at.length ? at.reduce((sum, y) => sum + y, 0) / at.length : Number.NaN;
    };
    const wanted = new Map(column.cells.map((cell, order) => [cell, [near(cell), order] as const]));
    column.cells.sort((a, b) => {
      const [nearA, orderA] = wanted.get(a)!;
      const [nearB, orderB] = wanted.get(b)!;
      if (!a.node !== !b.node) return a.node ? -1 : 1;
      return Number.isNaN(nearA) || Number.isNaN(nearB) || nearA === nearB ? orderA - orderB : nearA - nearB;
    });
    const top = (height - column.cells.length * (NODE_HEIGHT + NODE_GAP) + NODE_GAP) / 2;
    column.cells.forEach((cell, row) => {
      cell.column = index;
      cell.y = top + row * (NODE_HEIGHT + NODE_GAP);
      places.set(cell.key, cell);
    });
  });
  return { columns, height, places, edges };
}

/** An edge as a path that crosses no card, with the middle of its longest part, where a mark fits. */
export interface Drawn {
  path: string;
  middle: [x: number, y: number];
}

const CLEAR = 4; // between an edge and the cards that it passes
const MIDDLE = NODE_HEIGHT / 2;

/** How an edge leaves one node and reaches the other: through the gaps between columns and between cards. */
export function drawn(layout: Layout, edge: Pick<Edge, "source" | "target">, columnWidth: number): Drawn | null {
  const from = layout.places.get(edge.source);
  const to = layout.places.get(edge.target);
  if (!from || !to || from === to) return null;
  const left = (column: number) => column * (columnWidth + COLUMN_GAP);
  const right = (column: number) => left(column) + columnWidth;
  const [fromY, toY] = [from.y + MIDDLE, to.y + MIDDLE];
  if (from.column === to.column) {
    const isNext = Math.abs(from.y - to.y) <= NODE_HEIGHT + NODE_GAP;
    if (isNext) {
      const [x, isDown] = [left(from.column) + columnWidth / 2, to.y > from.y];
      const [start, end] = [from.y + (isDown ? NODE_HEIGHT : 0), to.y + (isDown ? 0 : NODE_HEIGHT)];
      return { path: `M${x} ${start}L${x} ${end}`, middle: [x, (start + end) / 2] };
    }
    const [x, bend] = [right(from.column), right(from.column) + COLUMN_GAP * 0.6];
    return { path: `M${x} ${fromY}C${bend} ${fromY} ${bend} ${toY} ${x} ${toY}`, middle: [x + COLUMN_GAP * 0.45, (fromY + toY) / 2] };
  }
  const isRight = to.column > from.column;
  const start = isRight ? right(from.column) : left(from.column);
  const end = isRight ? left(to.column) : right(to.column);
  const between = layout.columns.slice(Math.min(from.column, to.column) + 1, Math.max(from.column, to.column));
  if (!between.length) return { path: curve(start, fromY, end, toY), middle: [(start + end) / 2, (fromY + toY) / 2] };
  const y = lane(
    between.flatMap((one) => one.cells),
    layout.height,
    fromY,
    toY,
  );
  const step = isRight ? COLUMN_GAP : -COLUMN_GAP;
  const [a, b] = [start + step, end - step];
  return {
    path: `M${start} ${fromY}${curve(start, fromY, a, y, false)}L${b} ${y}${curve(b, y, end, toY, false)}`,
    middle: [(a + b) / 2, y],
  };
}

function curve(x: number, y: number, toX: number, toY: number, isFirst = true): string {
  const bend = (x + toX) / 2;
  return `${isFirst ? `M${x} ${y}` : ""}C${bend} ${y} ${bend} ${toY} ${toX} ${toY}`;
}

/** A height at which no card is in the way, as near to both ends as there is. */
function lane(cards: Placed[], height: number, fromY: number, toY: number): number {
  const edges = cards.flatMap((one) => [one.y - NODE_GAP / 2, one.y + NODE_HEIGHT + NODE_GAP / 2]);
  const isFree = (y: number) => cards.every((one) => y <= one.y - CLEAR || y >= one.y + NODE_HEIGHT + CLEAR);
  const cost = (y: number) => Math.abs(y - fromY) + Math.abs(y - toY);
  const free = [fromY, toY, ...edges, -NODE_GAP / 2, height + NODE_GAP / 2].filter(isFree);
  return free.reduce((best, y) => (cost(y) < cost(best) ? y : best), free[0]!);
}
