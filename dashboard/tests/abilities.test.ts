import { expect, test } from "vitest";
import { abilities } from "../src/pages/clusters/abilities";

test("what an agent can do is read in words, without versions of the protocol", () => {
  const of = [
    "commands.v1",
    "sync.v1",
    "verb:get",
    "verb:logs",
    "verb:deletePod",
    "verb:scale",
    "namespace:*",
    "metrics:off",
    "prometheus:on",
  ];
  expect(abilities(of)).toEqual([
    ["Agent reads", "objects, logs"],
    ["Agent changes", "delete pod, scale"],
    ["Kubelet metrics", "off"],
    ["Prometheus", "on"],
  ]);
});

test.each([
  [["verb:get", "read-only"], "nothing: it is read-only"],
  [["verb:get", "verb:restart", "namespace:shop", "namespace:pay"], "restart, in shop, pay"],
  [
    ["verb:restart", ...Array.from({ length: 32 }, () => "namespace:shop")],
    `restart, in ${Array(32).fill("shop").join(", ")} and perhaps more`,
  ],
])("%s changes %s", (of, said) => {
  expect(abilities(of).find(([label]) => label === "Agent changes")![1]).toBe(said);
});

test("an agent that was never connected says nothing", () => {
  expect(abilities([])).toEqual([]);
});
