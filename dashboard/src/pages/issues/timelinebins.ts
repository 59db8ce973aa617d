// Many moments on one axis of time, counted: bins of one round width, with long empty times folded. The edges of bins are multiples of their
// width, so a new moment changes the count of the last bin and moves no other edge.
import { FOLD_MS, type Fold, type Lane, type Moment } from "./timelinelayout";

export const DENSE = 200; // more moments than these are counted, not drawn one by one

interface Count {
  all: number;
  errors: number;
}

export interface Bin {
  from: number;
  to: number;
  /** Indexes into the moments that were given; empty for a short time without any. */
  members: number[];
  lanes: Map<Lane, Count>;
}
export type Column = Bin | Omit<Fold, "x">;
export const isBin = (one: Column): one is Bin => "members" in one;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 5, 15, 30].map((one) => one * SECOND),
  ...[1, 5, 15, 30].map((one) => one * MINUTE),
  ...[1, 3, 6, 12].map((one) => one * HOUR),
  ...[1, 7, 30].map((one) => one * DAY),
];
const EMPTY = 3; // so many empty bins in a row are always drawn
export const FOLD_COLUMNS = 2; // a fold is as wide as so many bins

/** The finest bins that need no more than `most` columns; a fold counts as `FOLD_COLUMNS`. */
export function binned(moments: Moment[], most: number): Column[] {
  if (!moments.length) return [];
  const times = moments.map((one) => one.at).sort((a, b) => a - b);
  let step = STEPS.find((one) => columnsOf(times, one) <= most) ?? STEPS.at(-1)!;
  while (columnsOf(times, step) > Math.max(most, 1)) step *= 2;
  return columns(moments, step);
}

const isFolded = (number: number, step: number) => number > EMPTY && number * step >= FOLD_MS;

function columnsOf(times: number[], step: number): number {
  let number = 1;
  for (let index = 1; index < times.length; index += 1) {
    const apart = Math.floor(times[index]! / step) - Math.floor(times[index - 1]! / step);
    if (apart) number += isFolded(apart - 1, step) ? FOLD_COLUMNS + 1 : apart;
  }
  return number;
}

function columns(moments: Moment[], step: number): Column[] {
  const bins = new Map<number, Bin>();
  moments.forEach((one, index) => {
    const place = Math.floor(one.at / step);
    const bin = bins.get(place) ?? empty(place, step);
    const count = bin.lanes.get(one.lane) ?? { all: 0, errors: 0 };
    bin.lanes.set(one.lane, { all: count.all + 1, errors: count.errors + (one.isFailure ? 1 : 0) });
    bin.members.push(index);
    bins.set(place, bin);
  });
  const places = [...bins.keys()].sort((a, b) => a - b);
  return places.flatMap((place, index) => [...between(places[index - 1], place, step), bins.get(place)!]);
}

function between(before: number | undefined, place: number, step: number): Column[] {
  const number = before === undefined ? 0 : place - before - 1;
  if (isFolded(number, step)) return [{ seconds: (number * step) / SECOND }];
  return Array.from({ length: number }, (_, index) => empty(before! + 1 + index, step));
}

const empty = (place: number, step: number): Bin => ({ from: place * step, to: (place + 1) * step, members: [], lanes: new Map() });
