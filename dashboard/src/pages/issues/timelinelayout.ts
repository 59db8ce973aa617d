// Where moments stand on one axis of time with long gaps folded, and which of them are too near each other to be drawn alone.

export const LANES = ["Changes", "Events", "Issue", "Executions"] as const;
export type Lane = (typeof LANES)[number];

export interface Moment {
  at: number;
  lane: Lane;
  isFailure?: boolean;
}

/** Moments of a lane at one place of the axis, as indexes into those that were given. */
export interface Spot {
  lane: Lane;
  x: number;
  members: number[];
  isFailure: boolean;
}

export interface Fold {
  x: number;
  seconds: number;
}

export const FOLD_MS = 10 * 60_000; // a shorter gap is drawn as it is
const FOLD_SHARE = 0.25; // of what is not folded; a gap that takes more would leave no room for the rest
const FOLD_PX = 44; // room for "2 h"
const NEAR_PX = 16;

/** The places of the moments on an axis of so many pixels, and the gaps that are folded. */
export function laidOut(moments: Moment[], width: number): { spots: Spot[]; folds: Fold[] } {
  const times = [...new Set(moments.map((one) => one.at))].sort((a, b) => a - b);
  const isFolded = foldedGaps(times);
  const open = times.slice(1).reduce((sum, at, index) => sum + (isFolded[index] ? 0 : at - times[index]!), 0);
  const room = Math.max(width - isFolded.filter(Boolean).length * FOLD_PX - NEAR_PX, 0);
  const places = new Map<number, number>();
  const folds: Fold[] = [];
  let x = NEAR_PX / 2;
  times.forEach((at, index) => {
    const gap = index ? at - times[index - 1]! : 0;
    if (index && isFolded[index - 1]) {
      folds.push({ x: x + FOLD_PX / 2, seconds: gap / 1000 });
      x += FOLD_PX;
    } else if (index) x += open ? (gap / open) * room : 0;
    places.set(at, x);
  });
  return { spots: spotsOf(moments, places), folds };
}

/** For each gap between two times, whether it is folded: the longest first, as long as it would take too much of the axis. */
function foldedGaps(times: number[]): boolean[] {
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const folded = gaps.map(() => false);
  let open = gaps.reduce((sum, gap) => sum + gap, 0);
  for (const index of gaps.map((_, index) => index).sort((a, b) => gaps[b]! - gaps[a]!)) {
    if (gaps[index]! < FOLD_MS || gaps[index]! < open * FOLD_SHARE) break;
    folded[index] = true;
    open -= gaps[index]!;
  }
  return folded;
}

function spotsOf(moments: Moment[], places: Map<number, number>): Spot[] {
  const spots: Spot[] = [];
  const last = new Map<Lane, Spot & { end: number }>();
  const inOrder = moments.map((one, index) => ({ one, index })).sort((a, b) => a.one.at - b.one.at);
  for (const { one, index } of inOrder) {
    const x = places.get(one.at)!;
    const before = last.get(one.lane);
    if (before && x - before.end < NEAR_PX) {
      before.members.push(index);
      before.end = x;
      before.isFailure ||= !!one.isFailure;
    } else {
      const spot = { lane: one.lane, x, members: [index], isFailure: !!one.isFailure, end: x };
      spots.push(spot);
      last.set(one.lane, spot);
    }
  }
  return spots;
}

/** Which of the rows are shown before somebody asks for all: the first few, and every error. */
export const shownFirst = (marks: { isFailure?: boolean }[], most: number): number[] =>
  marks.flatMap((one, index) => (index < most || one.isFailure ? [index] : []));
