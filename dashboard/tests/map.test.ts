import { describe, expect, it } from "vitest";
import {
  bytes,
  cores,
  type MapNode,
  type MapPod,
  namespacesOf,
  ownersOf,
  placed,
  share,
  squarified,
  weights,
  within,
} from "../src/pages/clusters/maplayout";

const pod = (name: string, state: MapPod["state"] = "healthy", namespace = "shop"): MapPod => ({
  id: `res_${name}`,
  name,
  namespace,
  state,
});
const node = (name: string, pods: MapPod[] = [], state: MapNode["state"] = "healthy"): MapNode =>
  ({ name, state, pods, roles: [], cordoned: false, capacity: {}, allocatable: {}, requested: {} }) as MapNode;
const names = (nodes: MapNode[]) => nodes.map((one) => one.name);

describe("the map of a cluster", () => {
  it("shows nodes that fail first, then those with failing pods, then by name with its numbers", () => {
    const nodes = [node("node-10"), node("node-9"), node("waits", [pod("a", "pending")]), node("fails", [pod("b", "failing")])];
    const found = within({ nodes: [...nodes, node("down", [], "failing")], unscheduled: [] }, "");
    expect(names(found.nodes)).toEqual(["down", "fails", "waits", "node-9", "node-10"]);
  });

  it("keeps only the pods of a namespace, and the nodes that have any", () => {
    const nodes = [node("a", [pod("p1"), pod("p2", "failing", "pay")]), node("b", [pod("p3", "healthy", "pay")])];
    const found = within({ nodes, unscheduled: [pod("p4", "pending"), pod("p5", "pending", "pay")] }, "shop");
    expect(names(found.nodes)).toEqual(["a"]);
    expect(found.nodes[0]?.pods.map((one) => one.name)).toEqual(["p1"]);
    expect([found.unscheduled.map((one) => one.name), found.pods]).toEqual([["p4"], 2]);
  });

  it("names every namespace once, also of pods without a node", () => {
    expect(namespacesOf({ nodes: [node("a", [pod("p1"), pod("p2")])], unscheduled: [pod("p3", "pending", "pay")] })).toEqual([
      "pay",
      "shop",
    ]);
  });

  it("fills the whole area, each box with its share, and none outside", () => {
    const values = [6, 6, 4, 3, 2, 2, 1];
    const boxes = squarified(values, { x: 10, y: 20, width: 60, height: 40 });
    boxes.forEach((box, index) => {
      expect(box.width * box.height).toBeCloseTo((values[index]! / 24) * 2400, 5);
      expect(box.x).toBeGreaterThanOrEqual(10);
      expect(box.y + box.height).toBeLessThanOrEqual(60.0001);
      expect(Math.max(box.width / box.height, box.height / box.width)).toBeLessThan(4);
    });
    expect(squarified([], { x: 0, y: 0, width: 1, height: 1 })).toEqual([]);
  });

  it("shows a pod that requests nothing, and keeps the pods of a node together", () => {
    const large = { ...pod("large"), memoryBytes: 7000 };
    expect(weights([large, pod("small")], "memory")).toEqual([7000, 437.5]);
    const found = placed([node("a", [large, pod("small")]), node("b", [])], "memory", { x: 0, y: 0, width: 100, height: 100 });
    expect(found.map((one) => [one.node, one.pod.name])).toEqual([
      ["a", "large"],
      ["a", "small"],
    ]);
  });

  it("filters by the owner that people know", () => {
    const owned = { ...pod("web-1"), owner: "Deployment/web" };
    const map = { nodes: [node("a", [owned, pod("b")]), node("b", [pod("c")])], unscheduled: [] };
    expect(ownersOf(map, "")).toEqual(["shop/web"]);
    expect(within(map, "", "shop/web").pods).toBe(1);
  });

  it("says amounts in cores, MiB and GiB, and never more than the whole", () => {
    expect([cores(1250), cores(1000), cores(0)]).toEqual(["1.25", "1", "0"]);
    expect([bytes(0), bytes(512 * 1024 ** 2), bytes(1.5 * 1024 ** 3)]).toEqual(["0 MiB", "512 MiB", "1.5 GiB"]);
    expect([share(1, 4), share(9, 4)]).toEqual([25, 100]);
  });
});
