// Where moments stand on the axis of time.
import { expect, test } from "vitest";
import { type Bin, binned, FOLD_COLUMNS, isBin } from "../src/pages/issues/timelinebins";
import { laidOut, type Moment, shownFirst } from "../src/pages/issues/timelinelayout";
import { momentsOf } from "../src/pages/issues/timelinemoments";
import { rolledOut } from "../src/pages/overview/rollouts";

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

const filled = (moments: Moment[], most: number): Bin[] =>
  binned(moments, most)
    .filter((one) => isBin(one))
    .filter((one) => one.members.length > 0);
const widthOf = (moments: Moment[], most: number) => binned(moments, most).reduce((sum, one) => sum + (isBin(one) ? 1 : FOLD_COLUMNS), 0);

test("each moment is in the bin of its time and lane", () => {
  const bins = filled([at(0), at(0.5, "Events", true), at(0.9, "Changes"), at(10)], 20);
  expect(bins.map((one) => [(one.to - one.from) / MINUTE, one.members])).toEqual([
    [1, [0, 1, 2]],
    [1, [3]],
  ]);
  expect(bins[0]!.lanes.get("Events")).toEqual({ all: 2, errors: 1 });
  expect(bins[0]!.lanes.get("Changes")).toEqual({ all: 1, errors: 0 });
});

test("a long time without anything is one fold, a short one is drawn", () => {
  const columns = binned([at(0), at(2), at(3), at(600), at(601), at(602), at(603)], 12);
  expect(columns.map((one) => (isBin(one) ? one.members.length : one.seconds))).toEqual([1, 0, 1, 1, 596 * 60, 1, 1, 1, 1]);
});

test.each([1, 8, 22, 40])("months of moments fit into %d columns", (most) => {
  const moments = Array.from({ length: 3_000 }, (_, index) => at((index * 7919) % (60 * 24 * 90)));
  expect(widthOf(moments, most)).toBeLessThanOrEqual(most);
  expect(filled(moments, most).reduce((sum, one) => sum + one.members.length, 0)).toBe(3_000);
});

test("a new moment moves no edge while the width of the bins is enough", () => {
  const before = Array.from({ length: 300 }, (_, index) => at(index / 10));
  const edges = (moments: Moment[]) => filled(moments, 40).map((one) => one.from);
  expect(edges([...before, at(31)]).slice(0, 30)).toEqual(edges(before));
});

test("no moments have no bins, and moments at one time have one", () => {
  expect(binned([], 20)).toEqual([]);
  expect(filled([at(5), at(5, "Issue")], 20).map((one) => one.members)).toEqual([[0, 1]]);
});

const rollout = (name: string) => ({ namespace: "shop", name }) as never;

test.each([
  [undefined, undefined, "not counted"],
  [0, [], "0"],
  [2, [rollout("api"), rollout("api")], "2 (shop/api)"],
  [5, [rollout("api"), rollout("web"), rollout("db")], "5 (shop/api, shop/web, shop/db, …)"],
])("the rollouts of a bucket in words: %s", (rollouts, newestRollouts, text) => {
  expect(rolledOut({ rollouts, newestRollouts })).toBe(text);
});

const words = { name: () => "Ann", clock: (time: string) => time };
const issue = { type: "ReadinessProbeFailed", firstSeenAt: "2026-01-01T10:00:00Z", lastSeenAt: "2026-01-01T10:05:00Z" };
const pod = { kind: "Pod", namespace: "shop", name: "api-1" };
const event = (reason: string, second: number, of = pod) =>
  ({ ...of, type: "Warning", reason, message: "HTTP probe failed", count: 9, lastAt: `2026-01-01T10:04:${second}Z` }) as never;
const shown = (analysis: object, captured: object) =>
  momentsOf({ issue, analysis: analysis as never, captured: { events: [], changes: [], ...captured } as never, activity: [] }, words);

test("an Event that the analysis cites and the cluster counts is one moment, with its evidence", () => {
  const analysis = {
    evidence: [{ id: "ev_1", kind: "event", ref: pod }],
    timeline: [{ at: "2026-01-01T10:04:31Z", text: "Unhealthy: HTTP probe failed", evidenceId: "ev_1" }],
  };
  const marks = shown(analysis, {
    events: [event("Unhealthy", 30), event("Unhealthy", 31, { ...pod, name: "api-2" }), event("Killing", 30)],
  });
  const events = marks.filter((one) => one.lane === "Events").map((one) => [one.text, one.about, one.evidenceId]);
  expect(events).toContainEqual(["Unhealthy (9 times, counted by Kubernetes): HTTP probe failed", "Pod `api-1`", "ev_1"]);
  expect(events).toContainEqual(["Killing (9 times, counted by Kubernetes): HTTP probe failed", "Pod `api-1`", undefined]);
});

test("when the issue was first seen stands there once", () => {
  const marks = shown({ timeline: [{ at: "2026-01-01T10:00:01Z", text: "ReadinessProbeFailed was first seen" }] }, {});
  expect(marks.map((one) => one.text)).toEqual(["Last seen in the cluster", "First seen in the cluster"]);
});

test("a change is there once, and names who made it once", () => {
  const ref = { kind: "Deployment", namespace: "shop", name: "api" };
  const path = "spec/template/spec/containers/api/env/MODE";
  const to = `${path}: nothing → {"name":"MODE"} by kubectl`;
  const analysis = {
    evidence: [{ id: "ev_1", kind: "change", ref }],
    timeline: [{ at: "2026-01-01T10:00:00Z", text: to.slice(0, 60), evidenceId: "ev_1" }],
    changes: [{ ref, path, from: null, to, manager: "kubectl", at: "2026-01-01T10:00:00Z", evidenceId: "ev_1" }],
  };
  const diff = [{ op: "add", path: "/spec/template/spec/containers/0/env/1" }];
  const marks = shown(analysis, { changes: [{ ...ref, at: "2026-01-01T10:00:01Z", manager: "kubectl", diff }] });
  const changes = marks.filter((one) => one.lane === "Changes");
  expect(changes.map((one) => one.text)).toEqual(['`containers/api/env/MODE`: `nothing → {"name":"MODE"}` by kubectl']);
});
