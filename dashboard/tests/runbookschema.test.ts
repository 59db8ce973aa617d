import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { descriptionAt, offersAt, parameters, placeAt, type Schema } from "../src/pages/runbooks/editor/schema";

const SCHEMA: Schema = JSON.parse(readFileSync("../contracts/runbook.schema.json", "utf8"));
/** The text without its `|`, and where that stood. */
const at = (marked: string): [string, number] => [marked.replace("|", ""), marked.indexOf("|")];
const labels = (marked: string) => offersAt(SCHEMA, ...at(marked)).offers.map((one) => one.label);

const HEAD = `slug: a
name: A
risk: low
parameters:
  - name: name
    type: string
  - {name: on, type: resource}
`;

describe("what can be written", () => {
  test.each([
    ["an empty text", "|", ["slug", "name", "risk", "steps"], ["issueTypes"]],
    ["the beginning of a key", "slug: a\nri|", ["risk", "name"], ["slug"]],
    ["a value of an enumeration", "risk: |", ["readOnly", "destructive"], ["slug"]],
    ["a mapping", "verify:\n  |", ["stableSeconds", "timeoutSeconds"], ["slug"]],
    ["a mapping with a key", "verify:\n  stableSeconds: 5\n  |", ["timeoutSeconds"], ["stableSeconds"]],
    ["a mapping whose next key is there", "verify:\n  |\n  timeoutSeconds: 70\n", ["stableSeconds"], ["timeoutSeconds"]],
    ["after a mapping", "verify:\n  stableSeconds: 5\n|", ["slug"], ["verify", "timeoutSeconds"]],
    ["a mapping on one line", "approval: {|", ["required", "expiresAfterSeconds"], []],
    ["its value", "approval: {required: |", ["always"], []],
    ["its second key", "approval: {required: always, |", ["expiresAfterSeconds"], ["required"]],
    ["issue types", "match: {issueTypes: [|", ["OOMKilled"], []],
    ["a step", "steps:\n  - |", ["name", "action", "with"], ["slug"]],
    ["a step at the column of its list", "steps:\n- name: a\n  |", ["action", "with"], ["name"]],
    ["the next step", "steps:\n  - name: a\n    action: restart\n  - |", ["name", "action"], []],
    ["an action", "steps:\n  - name: a\n    action: |", ["restart", "drain"], []],
    ["its values", "steps:\n  - name: a\n    action: scale\n    with:\n      |", ["kind", "namespace", "name", "replicas"], ["container"]],
    ["its values on one line", "steps:\n  - name: a\n    action: scale\n    with: {|", ["replicas"], ["container"]],
    ["its values before the action", "steps:\n  - with:\n      |\n    action: cordon\n", ["node"], ["kind"]],
    ["a step on one line", "steps:\n  - {name: a, action: |", ["restart"], []],
    ["a value inside a value", "steps:\n  - action: setResources\n    with:\n      limits:\n        |", ["cpu", "memory"], ["kind"]],
    ["a value of an action", "steps:\n  - action: restart\n    with:\n      kind: |", ["Deployment", "${target.kind}"], []],
    ["a boolean", "steps:\n  - optional: |", ["true", "false"], []],
    ["the default of a parameter", "parameters:\n  - name: a\n    default: |", ["${target.name}"], ["${parameters.a}"]],
    ["the type of a parameter", "parameters:\n  - {name: a, type: |", ["quantity"], []],
    ["a bound", "steps:\n  - name: a\n    bounds:\n      - |", ["path", "maxFactor"], ["action"]],
    ["the default of a parameter from the analysis", "parameters:\n  - name: a\n    default: |", ["${analysis.cause}"], []],
    ["a condition", "steps:\n  - name: a\n    if:\n      |", ["field", "is", "not"], ["kind"]],
    ["its operator", "steps:\n  - name: a\n    if: {field: object.spec.replicas, is: |", ["equals"], []],
    ["a key that the action does not have", "steps:\n  - name: a\n    action: notify\n    |", ["with", "if"], ["retry"]],
    ["an unknown mapping", "hooks:\n  |", [], ["slug"]],
  ])("%s", (_, marked, some, none) => {
    const found = labels(marked);
    expect(found).toEqual(expect.arrayContaining(some));
    for (const one of none) expect(found).not.toContain(one);
  });

  test("references to the parameters of the text", () => {
    expect(labels(`${HEAD}steps:\n  - action: restart\n    with:\n      name: |`)).toEqual(
      expect.arrayContaining(["${parameters.name}", "${parameters.on.kind}", "${target.pod}"]),
    );
    expect(parameters(HEAD).map((one) => one.label)).toEqual([
      "${parameters.name}",
      "${parameters.on.kind}",
      "${parameters.on.namespace}",
      "${parameters.on.name}",
    ]);
    expect(parameters("slug: a\n")).toEqual([]);
  });

  test("the word that is replaced", () => {
    const [text, position] = at("steps:\n  - name: a\n    action: re|");
    expect(text.slice(offersAt(SCHEMA, text, position).from, position)).toBe("re");
    const [reference, end] = at(`${HEAD}steps:\n  - action: restart\n    with:\n      name: \${par|`);
    expect(reference.slice(offersAt(SCHEMA, reference, end).from, end)).toBe("${par");
  });

  test("a new key opens what belongs to it", () => {
    const offer = (marked: string, label: string) => offersAt(SCHEMA, ...at(marked)).offers.find((one) => one.label === label)?.apply;
    expect(offer("|", "risk")).toBe("risk: ");
    expect(offer("|", "verify")).toBe("verify:\n  ");
    expect(offer("|", "steps")).toBe("steps:\n  - ");
    expect(offer("steps:\n  - name: a\n    action: restart\n    |", "with")).toBe("with:\n      ");
    expect(offer("approval: {|", "required")).toBe("required: ");
  });
});

test("a key is described", () => {
  const said = (marked: string) => descriptionAt(SCHEMA, ...at(marked))?.text;
  expect(said("ri|sk: low")).toContain("One of readOnly, low, high, destructive.");
  expect(said("verify: {stable|Seconds: 5}")).toContain("From 0 to 3600. Default: 60.");
  expect(said("steps:\n  - action: scale\n    with:\n      repl|icas: 3")).toBe("Number of replicas.");
  expect(said("ho|oks: 1")).toBeUndefined();
  expect(said("risk: lo|w")).toBeUndefined();
});

test("a text that is hostile or large is read", () => {
  for (const text of ["{".repeat(2000), "- ".repeat(2000), "a: {b: ".repeat(300), "\u0000: <img src=x onerror=alert(1)>\n  - ["])
    expect(placeAt(text, text.length).path).toBeInstanceOf(Array);
});
