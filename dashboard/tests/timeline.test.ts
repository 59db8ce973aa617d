// Where moments stand on the axis of time.
import { expect, test } from "vitest";
import { laidOut, type Moment, shownFirst } from "../src/pages/issues/timelinelayout";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (minutes: number, lane: Moment["lane"] = "Events", isFailure = false): Moment => ({ at: minutes * MINUTE, lane, isFailure });

test("without a long gap, the axis keeps proportions", () => {
  const { spots, folds } = laidOut([at(0), at(1), at(4)], 416);
  expect(folds).toEqual([]);
  const [first, second, third] = spots.map((one) => one.x);
  expect((third! - first!) / (second! - first!)).toBeCloseTo(4);
});

test("a long gap is folded, and what happens around it has room", () => {
  const { spots, folds } = laidOut([at(0), at(3), at(180), at(183)], 416);
  expect(folds.map((one) => one.seconds)).toEqual([(177 * MINUTE) / 1000]);
  expect(spots).toHaveLength(4);
  expect(spots[1]!.x - spots[0]!.x).toBeGreaterThan(100);
});

test("two moments far apart are two spots around one fold", () => {
  const { spots, folds } = laidOut([at(0), { at: 30 * 24 * HOUR, lane: "Issue" }], 300);
  expect(folds).toHaveLength(1);
  expect(spots[1]!.x).toBeGreaterThan(spots[0]!.x);
});

test("a burst is one spot with a count, an error in it is an error, and lanes do not mix", () => {
  const burst = Array.from({ length: 30 }, (_, second) => at(second / 60, "Events", second === 7));
  const { spots } = laidOut([...burst, at(0.1, "Changes"), at(9)], 400);
  expect(spots.map((one) => [one.lane, one.members.length, one.isFailure])).toContainEqual(["Changes", 1, false]);
  const events = spots.filter((one) => one.lane === "Events");
  expect(events.reduce((sum, one) => sum + one.members.length, 0)).toBe(31);
  expect(events.length).toBeLessThan(6);
  expect(events[0]!.isFailure).toBe(true);
});

test("moments at the same time, and none, are laid out", () => {
  expect(laidOut([at(5), at(5, "Issue")], 300).spots.map((one) => one.x)).toEqual([8, 8]);
  expect(laidOut([], 300)).toEqual({ spots: [], folds: [] });
});

test("an error is shown though it is old", () => {
  const marks = Array.from({ length: 20 }, (_, index) => ({ isFailure: index === 18 }));
  expect(shownFirst(marks, 3)).toEqual([0, 1, 2, 18]);
});
