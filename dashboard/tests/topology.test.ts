// Where the nodes of a topology stand, and how edges run between them.
import { expect, test } from "vitest";
import { COLUMN_GAP, drawn, NODE_GAP, NODE_HEIGHT, pathOf, placed } from "../src/pages/issues/topologylayout";

type Given = Parameters<typeof placed>[0];
const node = (id: string, layer: Given["nodes"][number]["layer"]) =>
  ({ id, kind: "Pod", name: id, layer, state: "ok", isSubject: false, isCause: false }) as Given["nodes"][number];
const edge = (source: string, target: string) => ({ source, target, relation: "runs", broken: false });

test("empty layers take no column, and a column is centered beside a taller one", () => {
  const found = placed({ nodes: [node("web", "workload"), node("a", "pod"), node("b", "pod")], edges: [edge("web", "a")], leftOut: [] });
  expect(found.columns.map((one) => one.layer)).toEqual(["workload", "pod"]);
  expect(found.height).toBe(2 * NODE_HEIGHT + NODE_GAP);
  expect(found.places.get("web")!.y).toBe((NODE_HEIGHT + NODE_GAP) / 2);
});

test("neighbours stand in the same order, and what is left out comes last", () => {
  const nodes = [node("a", "pod"), node("b", "pod"), node("x", "dependency"), node("y", "dependency")];
  const found = placed({
    nodes,
    edges: [edge("a", "y"), edge("b", "x")],
    leftOut: [{ beside: "a", kind: "ConfigMap", relation: "reads", count: 12 }],
  });
  expect(found.columns[1]!.cells.map((cell) => cell.node?.id ?? cell.more)).toEqual(["y", "x", "12 more ConfigMaps"]);
});

test("nothing is drawn to a node that is not there", () => {
  const { places } = placed({ nodes: [node("a", "pod")], edges: [edge("a", "gone")], leftOut: [] });
  expect(drawn(places.get("a"), places.get("gone"), 100)).toBeNull();
});

test("an edge leaves at the side of the other column, and below within one", () => {
  const { places } = placed({ nodes: [node("a", "pod"), node("b", "pod"), node("n", "dependency")], edges: [], leftOut: [] });
  const [a, b, n] = ["a", "b", "n"].map((id) => places.get(id));
  expect(drawn(a, n, 100)).toMatchObject({ fromX: 100, toX: 100 + COLUMN_GAP, isSideways: true });
  expect(drawn(n, a, 100)).toMatchObject({ fromX: 100 + COLUMN_GAP, toX: 100 });
  expect(drawn(a, b, 100)).toMatchObject({ fromX: 50, fromY: NODE_HEIGHT, toY: NODE_HEIGHT + NODE_GAP, isSideways: false });
  expect(pathOf(drawn(a, b, 100)!)).toBe(`M50 ${NODE_HEIGHT}L50 ${NODE_HEIGHT + NODE_GAP}`);
});

test("an empty topology has no column", () => {
  expect(placed({ nodes: [], edges: [], leftOut: [] })).toMatchObject({ columns: [] });
});
