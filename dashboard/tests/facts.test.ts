import { expect, test } from "vitest";
import { containerOf, fact, factLabel, isShown } from "../src/pages/issues/facts";

test.each([
  ["words of its own", [{ case: "callersUseAnother", port: 8200, says: "it has only port 80" }], "it has only port 80"],
  ["a text", [{ blocker: "claimUnbound", nodes: null, text: "pod has unbound claims" }], "pod has unbound claims"],
  ["members with a value", [{ nodeName: "w1", free: 0, note: null, why: "" }], "node name w1 free 0"],
  ["plain values", ["a", 1], "a, 1"],
])("a list of %s is read as words, never as JSON", (_, value, said) => {
  expect(fact("things", value)).toBe(said);
});

test.each([
  ["checkout", {}, "checkout"],
  ["ConfigMap/cart/features.json", {}, null],
  ["KernelDeadlock", {}, null],
  ["exporter-tls", { volume: "exporter-tls" }, null],
  [null, {}, null],
])("%s is a container only where it can be one", (container, facts, said) => {
  expect(containerOf({ container, facts })).toBe(said);
});

test.each([
  ["isCordoned", "Cordoned"],
  ["isNodeOutOfMemory", "Node out of memory"],
  ["issuer", "Issuer"],
  ["limitBytes", "Limit"],
])("%s is labelled %s", (name, label) => {
  expect(factLabel(name)).toBe(label);
});

test.each([
  ["case", "selectorMismatch", "selector mismatch"],
  ["cause", "notFound", "not found"],
  ["image", "myRegistry/someImage:1", "myRegistry/someImage:1"],
])("of %s, %s is read as %s", (name, value, said) => {
  expect(fact(name, value)).toBe(said);
});

test("the settings of a probe are read with their units", () => {
  const probe = { action: "httpGet", path: "/ready", port: 8080, periodSeconds: 10, failureThreshold: 3 };
  expect(fact("probe", probe)).toBe("action httpGet, path /ready, port 8080, period 10 s, failure threshold 3");
});

test("that a container is a main one is not worth a line", () => {
  expect([isShown("containerKind", "main"), isShown("containerKind", "init"), isShown("message", "x")]).toEqual([false, true, false]);
});
