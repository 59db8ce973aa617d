// Times on every page are in the zone that the person chose, and midnight is 00:00.
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { prefer } from "../src/parts/preferences";
import { dateText, exact, relative, timeOfDay, upcoming } from "../src/parts/time";

afterEach(() => prefer({ zone: "local" }));

test("a moment is shown in the chosen zone", () => {
  prefer({ zone: "utc" });
  expect(timeOfDay("2026-01-01T22:04:05+05:00")).toBe("17:04:05");
  expect(exact("2026-01-01T17:04:05Z")).toContain("17:04:05 UTC");
});

test("midnight is 00:00, not 24:00", () => {
  prefer({ zone: "utc" });
  expect(timeOfDay("2026-01-01T00:03:00Z")).toBe("00:03:00");
  expect(dateText("2026-01-01T00:03:00Z", { hour: "2-digit", minute: "2-digit" })).toBe("00:03");
});

test("what is planned is never said to have happened just now", () => {
  expect(relative(1_000, 0)).toBe("just now");
  expect(upcoming(1_000, 0)).toBe("in a moment");
  expect(upcoming(0, 30_000)).toBe("in a moment");
  expect(upcoming(120_000, 0)).toBe("in 2 min");
});

test("no page makes the text of a time by itself", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && name !== "parts/time.tsx",
  );
  const byItself = /toLocale(Date|Time)String\(|Date\([^)]*\)\.toLocaleString\(/;
  expect(sources.filter((name) => byItself.test(readFileSync(`src/${name}`, "utf8")))).toEqual([]);
});
