// Whatever could be read as "nothing is wrong" asks the record of what was looked at.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unreadOf } from "../src/pages/coverage";

const PAGES = join(import.meta.dirname, "../src/pages");
const CALM = /"Healthy"|looks healthy|No open issues|Nothing (is failing|needs attention)|No (critical issues|issues of high)/;
const OF_OBJECTS = new Set(["clusters/map.tsx", "resources/list.tsx"]); // a word for one object that was read

test("every page with words that calm knows what was not read", () => {
  const sources = readdirSync(PAGES, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".tsx"));
  const calm = sources.filter((path) => CALM.test(readFileSync(join(PAGES, path), "utf8")) && !OF_OBJECTS.has(path));
  expect(calm).toContain("overview/health.tsx");
  expect(calm.filter((path) => !/coverage/i.test(readFileSync(join(PAGES, path), "utf8")))).toEqual([]);
});

test("a record that is not complete says what was not read", () => {
  const record = { complete: false, summary: "Looked at 1 cluster. Service of cluster eu cannot be read." };
  expect(unreadOf(record as never)).toEqual(["Looked at 1 cluster. Service of cluster eu cannot be read"]);
  expect(unreadOf({ ...record, complete: true } as never)).toEqual([]);
});
