import { expect, test } from "vitest";
import { COLUMNS, fitting, template, USUAL_COLUMNS } from "../src/pages/issues/columns";

test.each<[number, string | undefined, string[]]>([
  [300, undefined, []],
  [600, undefined, ["severity"]],
  [1000, undefined, ["severity", "action"]],
  [1000, "-severity", ["severity", "action"]],
  [1000, "detectedAt", ["severity", "detected", "action"]],
  [1000, "-lastSeenAt", ["severity", "lastSeen", "action"]],
  [300, "detectedAt", []],
  [1600, undefined, USUAL_COLUMNS],
])("without a choice a list of %i px that is sorted by %s shows %o", (width, sort, shown) =>
  expect(fitting(width, null, sort)).toEqual(shown),
);

test.each<[number, string[], string[]]>([
  [1400, ["cluster", "namespace"], ["namespace", "cluster"]],
  [600, ["cluster", "severity", "assignee"], ["severity", "assignee"]],
  [568, ["count", "cluster"], []],
  [1400, [], []],
  [1400, ["gone"], []],
])("a list of %i px shows of %o what fits", (width, chosen, shown) => expect(fitting(width, chosen)).toEqual(shown));

test("whatever is chosen, the issue keeps its room", () => {
  for (let width = 320; width <= 1600; width += 8) {
    const shown = fitting(
      width,
      COLUMNS.map((one) => one.id),
    );
    const taken = COLUMNS.filter((one) => shown.includes(one.id)).reduce((sum, one) => sum + one.widthPx + 12, 0);
    expect(taken === 0 || width - 48 - 12 - taken >= 240).toBe(true);
  }
});

test("without a choice, the columns leave the issue more room than they take", () => {
  for (let width = 680; width <= 1600; width += 8) {
    const taken = COLUMNS.filter((one) => fitting(width, null).includes(one.id)).reduce((sum, one) => sum + one.widthPx + 12, 0);
    expect(width - 48 - 12 - taken).toBeGreaterThanOrEqual(280);
  }
});

test("the columns stand in their places", () =>
  expect(template(["status", "severity", "cluster"])).toBe("16px 92px minmax(0, 1fr) 128px 116px"));
