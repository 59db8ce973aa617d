// The histogram: opened upwards and filled, resolved downwards and hollow, so that it reads without colour, with a tick below each bucket that
// had rollouts. Drawn on a canvas by uPlot; the numbers are in a table beside it. This file and the library are a chunk of their own.
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { cx, dateText } from "../../parts";
import { timeZone } from "../../parts/preferences";
import { useTheme } from "../theme";
import type { Trends } from "./queries";
import { rolledOut } from "./rollouts";

const HEIGHT = 196;
const FALLBACK_PX = 600;
const BELOW = 0.04; // of the height, under the bars, where nothing was resolved
const LEFT_PX = 36; // the axis of numbers
const RIGHT_PX = 24;

export function Histogram({ of }: { of: Trends }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [at, point] = useState<number | null>(null);
  const chart = useRef<uPlot>(null);
  const newest = useRef(of);
  newest.current = of;
  useEffect(() => {
    const target = box.current;
    if (!target) return;
    const made = new uPlot(options(newest, target.clientWidth || FALLBACK_PX, point), dataOf(newest.current), target);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: target.clientWidth || FALLBACK_PX, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [of.range, theme]);
  useEffect(() => chart.current?.setData(dataOf(of)), [of]); // in place: what somebody points at stays
  return (
    <figure aria-label="Issues opened and resolved" className="flex h-full flex-col">
      <div ref={box} aria-hidden className="min-w-0" style={{ height: HEIGHT }} />
      <Ticks of={of} at={at} />
      <Legend of={of} at={at} />
    </figure>
  );
}

/** Under the axis, where rollouts were: a tick for a bucket, a higher one for several. */
function Ticks({ of, at }: { of: Trends; at: number | null }) {
  return (
    <div aria-hidden className="flex h-3 items-end border-b border-line" style={{ marginLeft: LEFT_PX, marginRight: RIGHT_PX }}>
      {of.buckets.map((one, index) => (
        <span key={one.at} className={cx("flex h-full flex-1 items-end justify-center", index === at && "bg-hover")}>
          {!!one.rollouts && <span className={cx("bg-muted", one.rollouts > 1 ? "h-3 w-1" : "h-2 w-0.5")} />}
        </span>
      ))}
    </div>
  );
}

/** Names the two kinds of bars; under the pointer, the numbers of that bucket. */
function Legend({ of, at }: { of: Trends; at: number | null }) {
  const bucket = at === null ? undefined : of.buckets[at];
  return (
    <figcaption className="mt-1 flex h-4 flex-wrap items-center gap-x-4 overflow-hidden text-xs text-muted max-sm:h-8">
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 rounded-[2px] bg-accent" />
        Opened{bucket ? `: ${bucket.opened}` : ""}
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 rounded-[2px] border-[1.5px] border-ok-solid" />
        Resolved{bucket ? `: ${bucket.resolved}` : ""}
      </span>
      {of.buckets.some((one) => one.rollouts != null) && (
        <span className="inline-flex min-w-0 items-center gap-1.5">
          <span aria-hidden className="h-2.5 w-1 shrink-0 bg-muted" />
          <span className="truncate">Rollouts{bucket?.rollouts == null ? "" : `: ${rolledOut(bucket)}`}</span>
        </span>
      )}
      {bucket && <span className="ml-auto whitespace-nowrap text-text">{period(bucket.at, of.bucketSeconds)}</span>}
    </figcaption>
  );
}

const DAY = { month: "short", day: "numeric" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;

function period(from: string, seconds: number): string {
  const start = Date.parse(from);
  return `${dateText(start, DAY)}, ${dateText(start, CLOCK)}–${dateText(start + seconds * 1000, CLOCK)}`;
}

function dataOf(of: Trends): uPlot.AlignedData {
  const middle = of.bucketSeconds / 2;
  return [
    of.buckets.map((one) => Date.parse(one.at) / 1000 + middle),
    of.buckets.map((one) => one.opened || null),
    of.buckets.map((one) => -one.resolved || null),
  ];
}

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** `newest` is read whenever the chart draws: a range that goes on keeps its chart. */
function options(newest: { current: Trends }, width: number, point: (at: number | null) => void): uPlot.Options {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: color("muted"), font, ticks: { show: false } };
  const bars = uPlot.paths.bars!({ size: [0.72, 40], radius: 0.15, align: 0 });
  return {
    width,
    height: HEIGHT,
    padding: [8, RIGHT_PX, 0, 0],
    ...(timeZone() && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), timeZone()!) }),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: () => rangeOf(newest.current) },
      y: { range: () => heightOf(newest.current) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        values: (_chart, splits) => splits.map((one) => tick(one, newest.current.bucketSeconds)),
        space: 64,
      },
      {
        ...axis,
        size: LEFT_PX,
        grid: { stroke: color("line"), width: 1 },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
        values: (_chart, splits) => splits.map((one) => Math.abs(one).toLocaleString()),
        space: 28,
      },
    ],
    series: [
      {},
      { label: "Opened", paths: bars, fill: color("accent"), stroke: color("accent"), width: 0, points: { show: false } },
      { label: "Resolved", paths: bars, fill: color("ok-tint"), stroke: color("ok-solid"), width: 1.5, points: { show: false } },
    ],
    hooks: { setCursor: [(chart) => point(chart.cursor.idx ?? null)] },
  };
}

function rangeOf(of: Trends): [number, number] {
  const first = Date.parse(of.buckets[0]!.at) / 1000;
  return [first, first + of.buckets.length * of.bucketSeconds];
}

function heightOf(of: Trends): [number, number] {
  const opened = roomFor(Math.max(...of.buckets.map((one) => one.opened)));
  const resolved = Math.max(...of.buckets.map((one) => one.resolved));
  return [resolved ? -roomFor(resolved) : -opened * BELOW, opened];
}

/** A little more than the highest bar, and never nothing. */
const roomFor = (highest: number) => Math.max(1, Math.ceil(highest * 1.1));

function tick(seconds: number, width: number): string {
  const time = dateText(seconds * 1000, CLOCK);
  return width >= 6 * 3600 || time === "00:00" ? dateText(seconds * 1000, DAY) : time;
}
