import { describe, expect, test } from "vitest";
import { shown } from "../src/pages/resources/diff";
import { grouped, namespaces, statusWord, toneOf } from "../src/pages/resources/kinds";
import { conditions, containers, managedFields, memory, parsed, withoutStatus } from "../src/pages/resources/manifest";
import type { KindCount, Resource, Tree } from "../src/pages/resources/queries";
import { GROUP_CAP, linesOf, treeOf } from "../src/pages/resources/tree";

const count = (kind: string, namespace: string | null, number: number, group?: string): KindCount =>
  ({ cluster: "c", clusterId: "cls_1", kind, namespace, count: number, ...(group ? { group } : {}) }) as KindCount;

describe("kinds with their counts", () => {
  const counts = [
    count("Pod", "shop", 3),
    count("Pod", "web", 2),
    count("Deployment", "shop", 1, "apps"),
    count("Node", null, 4),
    count("Widget", "shop", 1, "example.com"),
    count("Widget", "shop", 2, "example.org"),
  ];
  test("stand in groups, over all clusters, with custom ones under their API group", () =>
    expect(grouped(counts).map((group) => [group.title, group.kinds.map((kind) => [kind.value, kind.count])])).toEqual([
      [
        "Workloads",
        [
          ["Pod", 5],
          ["Deployment", 1],
        ],
      ],
      ["Cluster", [["Node", 4]]],
      ["example.com", [["Widget.example.com", 1]]],
      ["example.org", [["Widget.example.org", 2]]],
    ]));
  test("are those of one namespace when one is chosen", () =>
    expect(grouped(counts, "web").flatMap((group) => group.kinds)).toEqual([{ value: "Pod", kind: "Pod", count: 2 }]));
  test("namespaces count the chosen kind", () =>
    expect(namespaces(counts, "Pod")).toEqual([
      { name: "shop", count: 3 },
      { name: "web", count: 2 },
    ]));
});

test.each([
  ["Running", "ok"],
  ["3/3", "ok"],
  ["2/3", "medium"],
  ["0/3", "critical"],
  ["0/0", "info"],
  ["Pending", "medium"],
  ["Succeeded", "info"],
  ["CrashLoopBackOff", "critical"],
  ["NotReady", "critical"],
  [null, "info"],
] as const)("the status %s looks %s", (status, tone) => expect(toneOf(status)).toBe(tone));

test("a status keeps the words Kubernetes has for it", () => {
  expect(statusWord("CrashLoopBackOff")).toBe("CrashLoopBackOff");
  expect(statusWord("2/3")).toBe("2/3 ready");
  expect(statusWord(null)).toBe("–");
});

const POD = `kind: Pod
metadata:
  name: api
  managedFields:
  - manager: kubelet
    operation: Update
  - manager: kubectl
  generation: 2
spec:
  containers:
  - name: api
    image: registry.example/api:1
    resources:
      limits:
        memory: 64Mi
  initContainers:
  - name: wait
    image: busybox
status:
  startTime: "2026-01-01T00:00:00Z"
  containerStatuses:
  - name: api
    ready: false
    restartCount: 3
    state:
      waiting:
        reason: CrashLoopBackOff
        message: back-off
    lastState:
      terminated:
        exitCode: 137
        reason: OOMKilled
  conditions:
  - type: Ready
    status: 'False'
  - type: MemoryPressure
    status: 'False'
  - type: Odd
    status: Unknown
`;

describe("a manifest", () => {
  test("tells containers and their state", () => {
    const [api, wait] = containers(parsed(POD));
    expect(api).toMatchObject({
      name: "api",
      limits: "memory 64Mi",
      restarts: 3,
      startedAt: "2026-01-01T00:00:00Z",
      isReady: false,
      state: { word: "CrashLoopBackOff", tone: "critical" },
      last: { word: "OOMKilled", detail: "exit code 137" },
    });
    expect(wait).toMatchObject({ name: "wait", kind: "init" });
    expect(wait?.state).toBeUndefined();
  });
  test("tells conditions, and which way round they are good", () =>
    expect(conditions(parsed(POD)).map((one) => [one.type, one.tone])).toEqual([
      ["Ready", "critical"],
      ["MemoryPressure", "ok"],
      ["Odd", "medium"],
    ]));
  test.each(["", "- a\n- b", "kind: [unclosed", "spec: 7\nstatus: text", "spec:\n  containers: [1, null, {}]"])(
    "that makes no sense says nothing: %s",
    (text) => {
      expect(() => [containers(parsed(text)), conditions(parsed(text))]).not.toThrow();
    },
  );
  test("folds its managedFields and nothing else", () => {
    const found = managedFields(POD)!;
    expect(POD.slice(found.from, found.to)).toBe("\n  - manager: kubelet\n    operation: Update\n  - manager: kubectl");
    expect(managedFields("kind: Pod\n")).toBeNull();
  });
  test("can be read without its status", () => {
    expect(withoutStatus(POD)).not.toContain("containerStatuses");
    expect(withoutStatus(POD)).toContain("registry.example/api:1");
    expect(withoutStatus("status:\n  a: 1\nkind: Pod\n")).toBe("kind: Pod\n");
    expect(withoutStatus("kind: Pod\n")).toBe("kind: Pod\n");
  });
});

const STATES: Record<string, Resource["state"]> = { Running: "healthy", CrashLoopBackOff: "failing", ImagePullBackOff: "failing" };
const resource = (kind: string, name: string, owner?: [string, string], status?: string): Resource =>
  ({
    id: `${kind}/${name}`,
    kind,
    name,
    owner: owner ? { kind: owner[0], name: owner[1] } : null,
    status,
    state: STATES[status ?? ""],
  }) as Resource;
const tree = (over: Partial<Tree>): Tree =>
  ({ root: resource("ReplicaSet", "web-1"), owners: [], children: [], truncated: false, ...over }) as Tree;

describe("the tree of owners", () => {
  const whole = tree({
    owners: [resource("Deployment", "web")],
    children: [
      resource("Pod", "web-1-a", ["ReplicaSet", "web-1"], "Running"),
      resource("Pod", "web-1-b", ["ReplicaSet", "web-1"], "CrashLoopBackOff"),
    ],
  });
  test("begins with the topmost owner and shows failures first", () =>
    expect(linesOf(treeOf(whole), new Set()).map((line) => [line.level, line.node.resource.name])).toEqual([
      [1, "web"],
      [2, "web-1"],
      [3, "web-1-b"],
      [3, "web-1-a"],
    ]));
  test("keeps what is closed to itself", () => expect(linesOf(treeOf(whole), new Set(["ReplicaSet/web-1"]))).toHaveLength(2));
  test("cuts a long group and says by how much", () => {
    const children = Array.from({ length: GROUP_CAP + 7 }, (_, index) => resource("Pod", `p${index}`, ["ReplicaSet", "web-1"]));
    const top = treeOf(tree({ children }));
    expect(top.children).toHaveLength(GROUP_CAP);
    expect(top.hidden).toEqual([["Pod", 7]]);
  });
  test("ends where owners go in a circle", () => {
    const children = [
      resource("A", "a", ["ReplicaSet", "web-1"]),
      resource("B", "b", ["A", "a"]),
      resource("ReplicaSet", "web-1", ["B", "b"]),
    ];
    expect(linesOf(treeOf(tree({ children })), new Set()).length).toBeLessThan(6);
  });
});

test.each([
  ["text", "text"],
  [5, "5"],
  [false, "false"],
  [null, ""],
  [{ a: 1 }, '{\n  "a": 1\n}'],
])("a changed value is shown as text: %j", (value, text) => expect(shown(value)).toBe(text));

test.each([
  ["33554432Ki", "32Gi"],
  ["16777217Ki", "16Gi"],
  ["512Mi", "512Mi"],
  ["8G", "8G"],
  [undefined, "?"],
])("the memory %s is said as %s", (quantity, text) => expect(memory(quantity)).toBe(text));
