// Where the nodes of a topology stand: a column per layer, neighbours near each other. No drawing here.
import type { Schemas } from "../../api/client";

type Topology = Pick<Schemas["IssueTopology"], "nodes" | "edges" | "leftOut">;
type Node = Schemas["TopologyNode"];
export type Layer = Node["layer"];

export const LAYERS: Layer[] = ["caller", "service", "workload", "pod", "dependency"];
export const NODE_HEIGHT = 56;
export const NODE_GAP = 10;
export const COLUMN_GAP = 30;

/** A node, or how many were left out. `y` is its top. */
export interface Placed {
  key: string;
  column: number;
  y: number;
  node?: Node;
  more?: string;
}

export interface Layout {
  columns: { layer: Layer; cells: Placed[] }[];
  height: number;
  places: Map<string, Placed>;
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

export function placed({ nodes, edges, leftOut }: Topology): Layout {
  const layers = new Map(nodes.map((one) => [one.id, one.layer]));
  const cells = new Map<Layer, Placed[]>(LAYERS.map((layer) => [layer, []]));
  for (const node of nodes) cells.get(node.layer)!.push({ key: node.id, column: 0, y: 0, node });
  for (const [index, one] of leftOut.entries()) {
    const words = `${one.count.toLocaleString()} more ${plural(one.kind ?? "object", one.count)}`;
    cells.get(layerOf(one.relation, layers.get(one.beside) ?? "workload"))!.push({ key: `more ${index}`, column: 0, y: 0, more: words });
  }
  const columns = LAYERS.map((layer) => ({ layer, cells: cells.get(layer)! })).filter((one) => one.cells.length > 0);
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
  return { columns, height, places };
}

export interface Ends {
  fromX: number;
  fromY: number;
  toX: number;
  toY: number;
  /** Sideways for two columns, downwards within one. */
  isSideways: boolean;
}

/** Where an edge leaves one node and reaches the other. */
export function drawn(from: Placed | undefined, to: Placed | undefined, columnWidth: number): Ends | null {
  if (!from || !to) return null;
  const left = (cell: Placed) => cell.column * (columnWidth + COLUMN_GAP);
  if (from.column === to.column) {
    const isDown = to.y > from.y;
    const x = left(from) + columnWidth / 2;
    return { fromX: x, fromY: from.y + (isDown ? NODE_HEIGHT : 0), toX: x, toY: to.y + (isDown ? 0 : NODE_HEIGHT), isSideways: false };
  }
  const isRight = to.column > from.column;
  return {
    fromX: left(from) + (isRight ? columnWidth : 0),
    fromY: from.y + NODE_HEIGHT / 2,
    toX: left(to) + (isRight ? 0 : columnWidth),
    toY: to.y + NODE_HEIGHT / 2,
    isSideways: true,
  };
}

export function pathOf({ fromX, fromY, toX, toY, isSideways }: Ends): string {
  if (!isSideways) return `M${fromX} ${fromY}L${toX} ${toY}`;
  const bend = (toX - fromX) / 2;
  return `M${fromX} ${fromY}C${fromX + bend} ${fromY} ${toX - bend} ${toY} ${toX} ${toY}`;
}
