// Where the nodes of a topology stand, and how edges run between them.
import { expect, test } from "vitest";
import { COLUMN_GAP, drawn, NODE_GAP, NODE_HEIGHT, placed } from "../src/pages/issues/topologylayout";

type Given = Parameters<typeof placed>[0];
const node = (id: string, layer: Given["nodes"][number]["layer"]) =>
  ({ id, kind: "Pod", name: id, layer, state: "ok", isSubject: false, isCause: false }) as Given["nodes"][number];
const edge = (source: string, target: string) => ({ source, target, relation: "runs", broken: false });

test("empty layers take no column, and a column is centered beside a taller one", () => {
  const found = placed({ nodes: [node("web", "workload"), node("a", "pod"), node("b", "pod")], edges: [edge("web", "a")], leftOut: [] });
  expect(found.columns.map((one) => one.title)).toEqual(["workload", "pod"]);
  expect(found.height).toBe(2 * NODE_HEIGHT + NODE_GAP);
  expect(found.places.get("web")!.y).toBe((NODE_HEIGHT + NODE_GAP) / 2);
});

test("neighbours stand in the same order, and what is left out comes last", () => {
  const nodes = [node("a", "pod"), { ...node("b", "pod"), status: "Pending" }, node("x", "dependency"), node("y", "dependency")];
  const found = placed({
    nodes,
    edges: [edge("a", "y"), edge("b", "x")],
    leftOut: [{ beside: "a", kind: "ConfigMap", relation: "reads", count: 12 }],
  });
  expect(found.columns[1]!.cells.map((cell) => cell.node?.id ?? cell.more)).toEqual(["y", "x", "12 more ConfigMaps"]);
});

test("nothing is drawn to a node that is not there", () => {
  const layout = placed({ nodes: [node("a", "pod")], edges: [], leftOut: [] });
  expect(drawn(layout, edge("a", "gone"), 100)).toBeNull();
});

const numbers = (path: string) => path.match(/-?[\d.]+/g)!.map(Number);

test("an edge leaves at the side of the other column, and below within one", () => {
  const layout = placed({ nodes: [node("a", "service"), node("b", "service"), node("n", "dependency")], edges: [], leftOut: [] });
  expect(numbers(drawn(layout, edge("a", "n"), 100)!.path)[0]).toBe(100);
  expect(numbers(drawn(layout, edge("n", "a"), 100)!.path)[0]).toBe(100 + COLUMN_GAP);
  expect(drawn(layout, edge("a", "b"), 100)!.path).toBe(`M50 ${NODE_HEIGHT}L50 ${NODE_HEIGHT + NODE_GAP}`);
});

test("an edge over a column passes between its cards", () => {
  const pods = ["a", "b", "c"].map((id) => ({ ...node(id, "pod"), status: id }));
  const layout = placed({ nodes: [node("web", "workload"), ...pods, node("n1", "dependency")], edges: [], leftOut: [] });
  const [, y] = drawn(layout, edge("web", "n1"), 100)!.middle;
  for (const one of pods) {
    const top = layout.places.get(one.id)!.y;
    expect(y < top || y > top + NODE_HEIGHT).toBe(true);
  }
});

test.each([
  ["settings", ["cause", "pod", "workload", "service"]],
  ["api", ["cause", "workload", "pod", "dependency"]],
  ["web", ["cause", "pod", "service", "dependency"]],
])("with the cause %s at the left, what is near to it follows", (cause, titles) => {
  const nodes = [node("api", "service"), node("web", "workload"), node("a", "pod"), node("settings", "dependency")];
  const layout = placed({
    nodes: nodes.map((one) => ({ ...one, isCause: one.id === cause })),
    edges: [edge("api", "web"), edge("web", "a"), edge("a", "settings")],
    leftOut: [],
  });
  expect(layout.columns.map((one) => one.title)).toEqual(titles);
});

test("pods that say the same are one card until it is opened", () => {
  const given = {
    nodes: [node("web", "workload"), node("a", "pod"), node("b", "pod"), { ...node("c", "pod"), state: "failing" as const }],
    edges: [edge("web", "a"), edge("web", "b"), edge("web", "c")],
    leftOut: [],
  };
  const layout = placed(given);
  expect(layout.columns[1]!.cells.map((one) => one.fold?.map((each) => each.id) ?? one.key)).toEqual([["a", "b"], "c"]);
  expect(layout.edges.map((one) => one.target)).toEqual(["a", "c"]);
  expect(placed(given, new Set(["a"])).columns[1]!.cells.map((one) => one.key)).toEqual(["a", "b", "c"]);
});

test("two failing replicas are one card, although the edge to only one of them names the cause", () => {
  const nodes = [{ ...node("web", "workload"), isCause: true }, { ...node("a", "pod"), isSubject: true }, node("b", "pod")];
  const named = { ...edge("web", "a"), broken: true, problem: "The limit is too low" };
  const layout = placed({ nodes, edges: [named, edge("web", "b")], leftOut: [] });
  expect(layout.columns[1]!.cells.map((one) => one.fold?.length)).toEqual([2]);
  expect(layout.edges).toEqual([named]);
});

test.each([
  ["ok", 3],
  ["failing", 4],
] as const)("of two pods on two nodes, of which one is %s, %d cards are left", (state, cards) => {
  const nodes = [node("a", "pod"), node("b", "pod"), node("n1", "dependency"), { ...node("n2", "dependency"), state }];
  const layout = placed({ nodes, edges: [edge("a", "n1"), edge("b", "n2")], leftOut: [] });
  expect([layout.places.size, layout.edges.length]).toEqual([cards, 2]);
});

test("an empty topology has no column", () => {
  expect(placed({ nodes: [], edges: [], leftOut: [] })).toMatchObject({ columns: [] });
});
