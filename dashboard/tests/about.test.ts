// What the pages are built with is named with its license.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PARTS } from "../src/pages/settings/about";

const WITHIN: Record<string, string> = { lezer: "codemirror" };

test("every dependency is named", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  const named = PARTS.map(([name]) => name.toLowerCase()).join(" ");
  const makers = Object.keys(dependencies).map((one) => one.replace(/^@([^/]+)\/.*|-(dom|ui|react)$/g, "$1").replace(/-ui$/, ""));
  expect(makers.filter((one) => !named.includes(WITHIN[one] ?? one))).toEqual([]);
});
