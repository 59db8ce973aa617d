import { describe, expect, test } from "vitest";
import { phases } from "../src/pages/runbooks/cureexecution";
import { type ExecutionLog, follow } from "../src/pages/runbooks/executionlog";
import { freezeOf, glassMistake } from "../src/pages/runbooks/freeze";
import { took } from "../src/pages/runbooks/labels";
import {
  amount,
  givenIn,
  isOpenToChoice,
  mistakes,
  nameToType,
  requestParameters,
  startValues,
  targetOf,
} from "../src/pages/runbooks/parameters";
import { type Execution, type LogEntry, type Parameter, verificationOf } from "../src/pages/runbooks/queries";
import { wayBack } from "../src/pages/runbooks/restart";
import { forKeys, scopesOf, wordFor } from "../src/pages/settings/scopes";
import type { ChangeWindow } from "../src/pages/triggers/queries";

const PARAMETERS: Parameter[] = [
  { name: "kind", type: "enum", required: true, enum: ["Deployment", "StatefulSet"], default: "${target.kind}" },
  { name: "name", type: "string", required: true, default: "${target.name}", pattern: "[a-z0-9-]+" },
  { name: "limit", type: "quantity", required: true, minimum: "4Mi", maximum: "64Gi" },
  { name: "replicas", type: "integer", required: false, minimum: 1, maximum: 100 },
  { name: "force", type: "boolean", required: false },
  { name: "on", type: "resource", required: false },
];
const ISSUE = {
  resource: "web-1-abc",
  resourceKind: "Pod",
  namespace: "shop",
  container: "api",
  owner: { kind: "Deployment", name: "web" },
};
const VALUES = { kind: "Deployment", name: "web", limit: "256Mi", replicas: "", force: false, on: { kind: "", namespace: "", name: "" } };

describe("a form begins with", () => {
  test("what the issue is about", () =>
    expect(startValues(PARAMETERS, {}, targetOf(ISSUE as never))).toMatchObject({ kind: "Deployment", name: "web", limit: "" }));
  test("what the address says, before what the issue says", () =>
    expect(startValues(PARAMETERS, { name: "other", limit: "1Gi", replicas: 3 }, targetOf(ISSUE as never))).toMatchObject({
      name: "other",
      limit: "1Gi",
      replicas: "3",
    }));
  test("nothing where the issue's kind is not among the choices", () =>
    expect(startValues(PARAMETERS, {}, { kind: "DaemonSet" }).kind).toBe(""));
  test("no reference left in it", () => expect(JSON.stringify(startValues(PARAMETERS, {}, {}))).not.toContain("${"));
  test.each([undefined, "", "[1]", "null", "{broken", '"text"'])("nothing when the address says nonsense: %s", (text) =>
    expect(givenIn(text)).toEqual({}),
  );
});

describe("before the server is asked", () => {
  test("a good form has no mistakes", () => expect(mistakes(PARAMETERS, VALUES)).toEqual({}));
  test.each([
    [{ kind: "" }, "kind"],
    [{ kind: "Pod" }, "kind"],
    [{ name: "Not This" }, "name"],
    [{ limit: "lots" }, "limit"],
    [{ limit: "1Mi" }, "limit"],
    [{ limit: "65Gi" }, "limit"],
    [{ replicas: "1.5" }, "replicas"],
    [{ replicas: "0" }, "replicas"],
    [{ replicas: "101" }, "replicas"],
  ])("%j is named", (change, field) => expect(Object.keys(mistakes(PARAMETERS, { ...VALUES, ...change }))).toEqual([field]));
  test("a pattern this browser cannot read is left to the server", () =>
    expect(mistakes([{ name: "a", type: "string", required: true, pattern: "(?P<x>a)" }], { a: "b" })).toEqual({}));
});

test("what is sent has types, and not what was left empty", () => {
  expect(requestParameters(PARAMETERS, { ...VALUES, replicas: "3" })).toEqual({
    kind: "Deployment",
    name: "web",
    limit: "256Mi",
    replicas: 3,
    force: false,
  });
  expect(requestParameters(PARAMETERS, { ...VALUES, on: { kind: "Pod", namespace: "", name: "a" } }).on).toEqual({
    kind: "Pod",
    name: "a",
  });
});

test.each([
  ["128Mi", 134217728],
  ["1Gi", 1073741824],
  ["500m", 0.5],
  ["2", 2],
])("the quantity %s", (text, number) => expect(amount(text)).toBe(number));

test("the name to type is that of the target", () => {
  expect(nameToType({ namespace: "shop", pod: "web-1" })).toBe("web-1");
  expect(nameToType({})).toBe("");
});

test.each([
  ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01.400Z", "1.4 s"],
  ["2026-01-01T00:00:00Z", "2026-01-01T00:00:42Z", "42 s"],
  ["2026-01-01T00:00:00Z", "2026-01-01T00:03:05Z", "3 min 5 s"],
])("from %s to %s it took %s", (from, to, text) => expect(took(from, to)).toBe(text));

test("a verification is read from the API and from an event", () => {
  const one = (verification: unknown) => ({ verification }) as Execution;
  expect(verificationOf(one("passed"))).toEqual({ status: "passed" });
  expect(verificationOf(one({ status: "failed", checks: [] }))?.status).toBe("failed");
  expect(verificationOf(one(undefined))).toBeNull();
});

describe("following a log", () => {
  const entry = (offset: number): LogEntry => ({ offset, at: "2026-01-01T00:00:00Z", level: "info", message: `line ${offset}` });
  const play = async (pages: (Error | { logs: LogEntry[]; nextOffset: number; completed: boolean })[]) => {
    const logs: ExecutionLog[] = [];
    const offsets: number[] = [];
    const read = (_: string, offset: number) => {
      offsets.push(offset);
      const page = pages.shift();
      return page instanceof Error || !page ? Promise.reject(page ?? new Error("no more")) : Promise.resolve(page);
    };
    await follow(
      "exe_1",
      new AbortController().signal,
      (log) => logs.push(log),
      read,
      () => Promise.resolve(),
    );
    return { logs, offsets };
  };
  test("goes on where it stopped until it is complete", async () => {
    const { logs, offsets } = await play([
      { logs: [entry(0), entry(1)], nextOffset: 2, completed: false },
      { logs: [], nextOffset: 2, completed: false },
      { logs: [entry(2)], nextOffset: 3, completed: true },
    ]);
    expect(offsets).toEqual([0, 2, 2]);
    expect(logs.at(-1)).toMatchObject({ isComplete: true, error: null });
    expect(logs.at(-1)?.entries.map((one) => one.offset)).toEqual([0, 1, 2]);
  });
  test("keeps its lines over a failure, tells of it, and tries again", async () => {
    const { logs } = await play([
      { logs: [entry(0)], nextOffset: 1, completed: false },
      new Error("away"),
      { logs: [entry(1)], nextOffset: 2, completed: true },
    ]);
    expect(logs[1]).toMatchObject({ isComplete: false, error: new Error("away") });
    expect(logs.at(-1)?.entries).toHaveLength(2);
  });
  test("stops when nobody looks any more", async () => {
    const aborter = new AbortController();
    let calls = 0;
    const read = () => {
      calls += 1;
      aborter.abort();
      return Promise.resolve({ logs: [], nextOffset: 0, completed: false });
    };
    await follow(
      "exe_1",
      aborter.signal,
      () => undefined,
      read,
      () => Promise.resolve(),
    );
    expect(calls).toBe(1);
  });
});

describe("the scopes of a key", () => {
  const own = ["clusters:read", "events:read", "issues:read", "issues:write", "keys:write", "resources:read", "runbooks:read"];
  test("are never more than one's own", () =>
    expect(scopesOf("write", own)).toEqual([
      "clusters:read",
      "events:read",
      "issues:read",
      "issues:write",
      "resources:read",
      "runbooks:read",
    ]));
  test("of a read-only key change nothing", () => expect(scopesOf("read", own).every((scope) => scope.endsWith(":read"))).toBe(true));
  test("leave out what only people do, and what a limit to clusters forbids", () => {
    expect(forKeys(["issues:read", "members:read", "members:write"], false)).toEqual(["issues:read", "members:read"]);
    expect(forKeys([...own, "audit:read", "runbooks:write"], true)).toEqual(own.filter((scope) => scope !== "keys:write"));
  });
  test("are said in a word where there is one", () => {
    expect(wordFor(scopesOf("admin", own), own)).toBe("Admin");
    expect(wordFor(["issues:read", "events:read"], own)).toBe("2 scopes");
  });
});

describe("what a preview asks for", () => {
  const target = { kind: "Deployment", name: "web" };
  const parameter = (more: Partial<Parameter>): Parameter => ({ name: "x", type: "string", required: true, ...more });

  test.each([
    ["the object of the issue", { default: "${target.name}" }, "web", false],
    ["an object that the issue does not name", { default: "${target.pod}" }, "", true],
    ["a value of the analysis, which a person may change", { type: "quantity" as const }, "384Mi", true],
    ["a target that does not fit", { type: "enum" as const, enum: ["Pod"], default: "${target.kind}" }, "", true],
  ])("%s", (_, more, value, isOpen) => {
    expect(isOpenToChoice(parameter(more), { x: value }, target)).toBe(isOpen);
  });
});

describe("the phases of an execution", () => {
  const execution = (more: object) => ({ status: "running", steps: [], approval: { required: true }, ...more }) as unknown as Execution;
  const step = (state: string) => ({ state });
  const plan = {};
  const startedAt = "2026-05-01T12:00:00Z";

  test.each([
    ["planning", { status: "pendingApproval" }, "now later later later"],
    ["waiting", { status: "pendingApproval", plan }, "done now later later"],
    ["running", { plan, approvedBy: "usr_1", startedAt, steps: [step("running")] }, "done done now later"],
    ["verifying", { status: "verifying", plan, approvedBy: "usr_1", startedAt, steps: [step("succeeded")] }, "done done done now"],
    [
      "verified",
      { status: "succeeded", plan, approvedBy: "usr_1", startedAt, steps: [step("succeeded")], verification: "passed" },
      "done done done done",
    ],
    ["rejected", { status: "rejected", plan, steps: [step("skipped")] }, "done failed later later"],
    ["a failed step", { status: "failed", plan, approvedBy: "usr_1", startedAt, steps: [step("failed")] }, "done done failed later"],
    [
      "did not help",
      { status: "failed", plan, approvedBy: "usr_1", startedAt, steps: [step("succeeded")], verification: "failed" },
      "done done done failed",
    ],
  ])("%s", (_, more, states) => {
    expect(
      phases(execution(more))
        .map(([, state]) => state)
        .join(" "),
    ).toBe(states);
  });
});

test("an undo shows the changes the other way round, the last one first", () => {
  const execution = {
    steps: [
      { preImage: { a: 1 }, result: { after: { a: 2 } } },
      { name: "reads" },
      { preImage: { b: null }, result: { after: { b: true } } },
    ],
  } as unknown as Execution;
  expect(wayBack(execution)).toEqual([
    { path: "b", from: true, to: null },
    { path: "a", from: 2, to: 1 },
  ]);
});

describe("a freeze", () => {
  const made = (more: object) =>
    ({ id: "win_1", kind: "freeze", name: "sale", activeUntil: "2026-11-30T00:00:00Z", timeZone: "UTC", ...more }) as ChangeWindow;
  test.each([
    ["of the organization", {}, "cls_1", "shop", true],
    ["of the cluster", { clusterId: "cls_1" }, "cls_1", "shop", true],
    ["of another cluster", { clusterId: "cls_2" }, "cls_1", "shop", false],
    ["of the namespace", { namespace: "shop" }, "cls_1", "shop", true],
    ["of another namespace", { namespace: "pay" }, "cls_1", "shop", false],
    ["of a namespace, for a node", { namespace: "pay" }, "cls_1", undefined, true],
    ["of a namespace that is not filled in yet", { namespace: "pay" }, "cls_1", "", false],
    ["that has ended", { activeUntil: undefined }, "cls_1", "shop", false],
    ["that is a maintenance window", { kind: "maintenance" }, "cls_1", "shop", false],
  ] as const)("%s", (_, more, cluster, namespace, holds) => {
    expect(Boolean(freezeOf([made(more)], cluster, namespace))).toBe(holds);
  });
  test("is overridden by a reason of ten characters", () => {
    expect(glassMistake("")).toBeUndefined();
    expect(glassMistake("  urgent  ")).toMatch("at least 10");
    expect(glassMistake("checkout is down")).toBeUndefined();
  });
});
