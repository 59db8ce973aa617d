import { expect, test } from "vitest";
import { containerOf, fact } from "../src/pages/issues/facts";

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
