import { describe, expect, test } from "vitest";
import { parsed } from "../src/pages/clusters/labels";
import { bytes, factLabel } from "../src/pages/issues/facts";
import { relative, span } from "../src/parts/time";

test.each([
  [134217728, "128 MiB"],
  [1536, "1.5 KiB"],
  [0, "0 B"],
  [2 ** 50, "1024 TiB"],
])("%d bytes are %s", (count, words) => expect(bytes(count)).toBe(words));

test("names of facts are words", () => {
  expect(factLabel("limitBytes")).toBe("Limit");
  expect(factLabel("readyReplicas")).toBe("Ready replicas");
});

describe("times", () => {
  test.each([
    [5, "5 s"],
    [59 * 60, "59 min"],
    [3600 * 25, "1 d"],
  ])("%d s is %s", (seconds, words) => expect(span(seconds)).toBe(words));
  test("before and after", () => {
    expect(relative(0, 120_000)).toBe("2 min ago");
    expect(relative(120_000, 0)).toBe("in 2 min");
    expect(relative(0, 3_000)).toBe("just now");
  });
});

test("labels are read line by line", () => {
  expect(parsed("env=prod\n region = eu , a=")).toEqual({ env: "prod", region: "eu", a: "" });
  expect(parsed("nonsense")).toMatch(/is not a label/);
});

test("a port is a number without separators", async () => {
  const { fact } = await import("../src/pages/issues/facts");
  expect(fact("port", 8200)).toBe("8200");
  expect(fact("targetPort", 8200)).toBe("8200");
  expect(fact("restarts", 8200)).toBe((8200).toLocaleString());
});
