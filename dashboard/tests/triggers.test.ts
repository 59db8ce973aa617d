import { describe, expect, test } from "vitest";
import { Problem } from "../src/api/problem";
import type { Parameter } from "../src/pages/runbooks/queries";
import { bodyOf, type Draft, draftOf, EMPTY, errorsOf, mistakesIn, previewOf } from "../src/pages/triggers/draft";
import type { Trigger } from "../src/pages/triggers/queries";

const PARAMETERS = [
  { name: "kind", type: "enum", enum: ["Deployment", "StatefulSet"], required: true, default: "Deployment" },
  { name: "name", type: "string", required: true },
] as unknown as Parameter[];
const STORED = {
  name: "on oom",
  runbook: "restart-workload",
  actsFor: "usr_1",
  enabled: true,
  failures: 0,
  version: 3,
  createdBy: "usr_1",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  id: "trg_1",
};
const SOURCES: [string, Partial<Trigger>][] = [
  [
    "an issue",
    {
      source: "issue",
      parameters: { name: "web" },
      match: {
        types: ["OOMKilled", "CrashLoopBackOff"],
        causes: ["memory_limit_too_low"],
        minConfidence: 0.8,
        minSeverity: "high",
        clusters: ["cls_1"],
        namespaces: ["shop"],
        labels: { team: "pay", tier: "1" },
      },
    },
  ],
  [
    "a schedule",
    {
      source: "schedule",
      clusterId: "cls_1",
      schedule: "30 3 * * *",
      timeZone: "Europe/Berlin",
      parameters: { kind: "Deployment", name: "web" },
    },
  ],
  ["a request", { source: "webhook", clusterId: "cls_1", accepts: ["name"], parameters: { kind: "Deployment" } }],
];

describe("a trigger", () => {
  test.each(SOURCES)("for %s is sent as it was when nothing was edited", (_, more) => {
    const one = { ...STORED, ...more } as Trigger;
    const draft = draftOf(one, PARAMETERS, () => "prod");
    const { match, accepts, parameters, schedule, timeZone } = one;
    const expected = {
      name: one.name,
      runbook: one.runbook,
      parameters,
      ...(match && { match: { ...match, clusters: ["prod"] } }),
      ...(one.clusterId && { cluster: "cls_1" }),
      ...(schedule && { schedule, timeZone }),
      ...(accepts && { accepts }),
    };
    expect(bodyOf(draft, PARAMETERS)).toEqual(expected);
    expect(Object.values(mistakesIn(draft)).filter(Boolean)).toEqual([]);
  });
  test("lets a request set what has no value, until that is chosen", () => {
    const draft: Draft = { ...EMPTY, source: "webhook", values: { kind: "Deployment", name: "" } };
    expect(bodyOf(draft, PARAMETERS).accepts).toEqual(["name"]);
    expect(bodyOf({ ...draft, accepts: [] }, PARAMETERS).accepts).toEqual([]);
  });
  test.each([
    ["types", {}],
    ["minConfidence", { types: "OOMKilled", minConfidence: "80 %" }],
    ["minConfidence", { types: "OOMKilled", minConfidence: "1.5" }],
    ["labels", { types: "OOMKilled", labels: "team" }],
    ["cluster", { source: "webhook" }],
    ["schedule", { source: "schedule" }],
  ] as const)("names a mistake at %s", (field, change) => {
    expect(mistakesIn({ ...EMPTY, name: "n", runbook: "r", ...change })[field]).toBeTruthy();
  });
  test("by cause alone is complete", () => {
    expect(mistakesIn({ ...EMPTY, causes: "memory_limit_too_low" }).types).toBe(false);
  });
});

describe("a preview", () => {
  test("is requested once there is something to ask about", () => {
    expect(previewOf(EMPTY)).toBeUndefined();
    expect(previewOf({ ...EMPTY, types: "OOMKilled", labels: "team" })).toBeUndefined();
    expect(previewOf({ ...EMPTY, types: "OOMKilled" })).toEqual({ match: { types: ["OOMKilled"] } });
    expect(previewOf({ ...EMPTY, source: "webhook" })).toBeUndefined();
    expect(previewOf({ ...EMPTY, source: "schedule", schedule: " 0 3 * * * ", timeZone: "UTC" })).toEqual({
      schedule: "0 3 * * *",
      timeZone: "UTC",
    });
  });
});

describe("a refusal", () => {
  const refused = (...fields: string[]) =>
    new Problem(
      422,
      "invalid_trigger",
      "no",
      null,
      fields.map((field) => ({ field, code: "x", message: field })),
    );
  test("stands at its field, that of a parameter at the parameter", () => {
    expect(errorsOf(refused("match.clusters", "schedule"))).toEqual({ clusters: "match.clusters", schedule: "schedule" });
    expect(errorsOf(refused("parameters.name"))).toEqual({ ".name": "parameters.name" });
    expect(errorsOf(refused("parameters"))).toEqual({ parameters: "parameters" });
  });
});
