// The histogram: opened upwards and filled, resolved downwards and hollow, so that it reads without colour. Drawn on a canvas by uPlot;
// the numbers are in a table beside it. This file and the library are a chunk of their own.
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../theme";
import type { Trends } from "./queries";

const HEIGHT = 196;
const FALLBACK_PX = 600;
const BELOW = 0.04; // of the height, under the bars, where nothing was resolved

export function Histogram({ of }: { of: Trends }) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [at, point] = useState<number | null>(null);
  useEffect(() => {
    const target = box.current;
    if (!target) return;
    const chart = new uPlot(options(of, target.clientWidth || FALLBACK_PX, point), dataOf(of), target);
    const observer = new ResizeObserver(() => chart.setSize({ width: target.clientWidth || FALLBACK_PX, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [of, theme]);
  return (
    <figure aria-label="Issues opened and resolved" className="flex h-full flex-col">
      <div ref={box} aria-hidden className="min-w-0" style={{ height: HEIGHT }} />
      <Legend of={of} at={at} />
    </figure>
  );
}

/** Names the two kinds of bars; under the pointer, the numbers of that bucket. */
function Legend({ of, at }: { of: Trends; at: number | null }) {
  const bucket = at === null ? undefined : of.buckets[at];
  return (
    <figcaption className="mt-1 flex flex-wrap items-center gap-x-4 text-xs text-muted">
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 rounded-[2px] bg-accent" />
        Opened{bucket ? `: ${bucket.opened}` : ""}
      </span>
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 rounded-[2px] border-[1.5px] border-ok-solid" />
        Resolved{bucket ? `: ${bucket.resolved}` : ""}
      </span>
      {bucket && <span className="ml-auto whitespace-nowrap text-text">{period(bucket.at, of.bucketSeconds)}</span>}
    </figcaption>
  );
}

function period(from: string, seconds: number): string {
  const start = new Date(from);
  const end = new Date(start.getTime() + seconds * 1000);
  const day = start.toLocaleDateString(undefined, { month: "short", day: "numeric" });
  const clock = (one: Date) => one.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
  return `${day}, ${clock(start)}–${clock(end)}`;
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

function options(of: Trends, width: number, point: (at: number | null) => void): uPlot.Options {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: color("muted"), font, ticks: { show: false } };
  const bars = uPlot.paths.bars!({ size: [0.72, 40], radius: 0.15, align: 0 });
  const first = Date.parse(of.buckets[0]!.at) / 1000;
  const opened = roomFor(Math.max(...of.buckets.map((one) => one.opened)));
  const resolved = Math.max(...of.buckets.map((one) => one.resolved));
  return {
    width,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: [first, first + of.buckets.length * of.bucketSeconds] },
      y: { range: () => [resolved ? -roomFor(resolved) : -opened * BELOW, opened] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, values: (_chart, splits) => splits.map((one) => tick(one, of.bucketSeconds)), space: 64 },
      {
        ...axis,
        size: 36,
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

/** A little more than the highest bar, and never nothing. */
const roomFor = (highest: number) => Math.max(1, Math.ceil(highest * 1.1));

function tick(seconds: number, width: number): string {
  const at = new Date(seconds * 1000);
  const isDay = width >= 6 * 3600 || (at.getHours() === 0 && at.getMinutes() === 0);
  return isDay
    ? at.toLocaleDateString(undefined, { month: "short", day: "numeric" })
    : at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
}
