import { expect, test } from "vitest";
import type { Issue } from "../src/api/queries";
import { fixedText, isFixed } from "../src/pages/issues/fixed";

test("a fixed issue says when it resolves, in the person's time", () =>
  expect(fixedText(new Date(2026, 2, 2, 21, 49, 30).toISOString())).toMatch(/^Fixed; resolves at 21:49 if it stays healthy$/));

test.each<[Partial<Issue>, boolean]>([
  [{ status: "open", resolvesAt: "2026-03-02T12:02:00Z" }, true],
  [{ status: "acknowledged", resolvesAt: "2026-03-02T12:02:00Z" }, true],
  [{ status: "open" }, false],
  [{ status: "resolved", resolvesAt: "2026-03-02T12:02:00Z" }, false],
])("of %o it is %s that it is fixed", (issue, is) => expect(isFixed(issue as Issue)).toBe(is));
