// All pods of a cluster in one picture: each is a box as large as its request and colored by its state, and pods of one node are together.
// It is drawn on a canvas, so that 5,000 pods cost one element. For a keyboard and a screen reader it is a list with one option at a time.

import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useWidth } from "../../parts/narrow";
import { useTheme } from "../theme";
import { bytes, cores, type MapNode, type MapPod, type Placed, placed, type Size } from "./maplayout";

const HEIGHT_PX = 280;
const MARKED_FROM_PX = 7; // smaller boxes have no room for the mark of their state
const COLORS: Record<string, string> = { failing: "--critical-solid", pending: "--medium-solid", healthy: "--ok-solid" };

interface TreemapProps {
  nodes: readonly MapNode[];
  unscheduled: readonly MapPod[];
  size: Size;
}

export function Treemap({ nodes, unscheduled, size }: TreemapProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box, Math.floor);
  const theme = useTheme();
  const go = useNavigate();
  const [at, setAt] = useState(-1);
  const pods = useMemo(() => {
    const groups = unscheduled.length ? [...nodes, { name: "", pods: unscheduled }] : nodes;
    return Number.isFinite(width) ? placed(groups, size, { x: 0, y: 0, width, height: HEIGHT_PX }) : [];
  }, [nodes, unscheduled, size, width]);
  const order = useMemo(() => byState(pods), [pods]);
  useEffect(() => {
    const element = canvas.current;
    if (element && Number.isFinite(width)) draw(element, pods, width);
  }, [pods, width, theme]);
  const current = pods[at];
  const open = (one: Placed | undefined) =>
    one && void go({ to: "/resources/$resourceId", params: { resourceId: one.pod.id }, search: {} as never });
  const press = (event: KeyboardEvent) => {
    const here = order.indexOf(at);
    const last = order.length - 1;
    const next = {
      ArrowRight: Math.min(last, here + 1),
      ArrowDown: Math.min(last, here + 1),
      ArrowLeft: Math.max(0, here - 1),
      ArrowUp: Math.max(0, here - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined) setAt(order[next] ?? -1);
    else if (event.key === "Enter") open(current);
    else return;
    event.preventDefault();
  };
  const hover = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setAt(podAt(pods, event.clientX - left, event.clientY - top));
  };
  return (
    <div className="relative">
      <div
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label={`${pods.length.toLocaleString()} pods, failing ones first`}
        aria-activedescendant={current ? `${id}-${current.pod.id}` : undefined}
        onKeyDown={press}
        onFocus={() => at < 0 && setAt(order[0] ?? -1)}
        onPointerMove={hover}
        onPointerLeave={() => setAt(-1)}
        onClick={() => open(current)}
        className="cursor-pointer overflow-hidden rounded-md border border-line bg-surface"
        style={{ height: HEIGHT_PX + 2 }}
      >
        <canvas ref={canvas} aria-hidden style={{ width: "100%", height: HEIGHT_PX }} />
        <div id={current ? `${id}-${current.pod.id}` : id} role="option" aria-selected={!!current} className="sr-only">
          {current ? factsOf(current).join(", ") : "No pod selected"}
        </div>
      </div>
      {current && <Outline of={current.box} />}
      {current && <Tip of={current} width={width} />}
    </div>
  );
}

function factsOf({ pod, node }: Placed): string[] {
  const requests = [pod.cpuMillis && `${cores(pod.cpuMillis)} CPU`, pod.memoryBytes && bytes(pod.memoryBytes)].filter(Boolean).join(", ");
  return [
    `${pod.namespace}/${pod.name}`,
    pod.state,
    ...(pod.owner ? [pod.owner.replace("/", " ")] : []),
    node ? `on ${node}` : "without a node",
    requests ? `requests ${requests}` : "requests nothing",
  ];
}

/** Around the chosen pod: an element of its own, so that the picture is not drawn again. */
function Outline({ of }: { of: Placed["box"] }) {
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute outline-2 outline-text"
      style={{ left: of.x + 1, top: of.y + 1, width: of.width, height: of.height }}
    />
  );
}

function Tip({ of, width }: { of: Placed; width: number }) {
  const [name, ...rest] = factsOf(of);
  const { x, y, height } = of.box;
  const isBelow = y + height < HEIGHT_PX / 2;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-10 max-w-72 rounded-md border border-line bg-raised px-2 py-1 text-xs shadow-raised"
      style={{
        ...(x < width / 2 ? { left: x } : { right: Math.max(0, width - x - of.box.width) }),
        ...(isBelow ? { top: y + height + 6 } : { bottom: HEIGHT_PX - y + 6 }),
      }}
    >
      <p className="font-mono break-all">{name}</p>
      <p className="text-muted">{rest.join(", ")}</p>
    </div>
  );
}

/** Their places in the picture, failing pods first, then pending ones. */
function byState(pods: readonly Placed[]): number[] {
  const rank: Record<string, number> = { failing: 0, pending: 1 };
  return pods.map((_, index) => index).sort((a, b) => (rank[pods[a]!.pod.state] ?? 2) - (rank[pods[b]!.pod.state] ?? 2));
}

const podAt = (pods: readonly Placed[], x: number, y: number) =>
  pods.findIndex(({ box }) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height);

/** Failing pods have a cross and pending ones a dash where there is room: color is never the only sign. */
function draw(canvas: HTMLCanvasElement, pods: readonly Placed[], width: number): void {
  const started = performance.now();
  const density = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * density), Math.round(HEIGHT_PX * density)];
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(name);
  pen.scale(density, density);
  for (const [state, name] of Object.entries(COLORS)) {
    pen.fillStyle = color(name);
    pen.globalAlpha = state === "healthy" ? 0.55 : 1; // what needs attention stands out
    for (const { pod, box } of pods)
      if (pod.state === state) pen.fillRect(box.x, box.y, Math.max(0.5, box.width - 1), Math.max(0.5, box.height - 1));
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = color("--bg");
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const { pod, box } of pods) if (pod.state !== "healthy") mark(pen, pod.state, box);
  pen.stroke();
  performance.measure("map", { start: started, end: performance.now() });
}

function mark(pen: CanvasRenderingContext2D, state: string, { x, y, width, height }: Placed["box"]): void {
  const half = Math.min(width, height, 24) / 4;
  if (half * 4 < MARKED_FROM_PX) return;
  const [middle, center] = [x + width / 2, y + height / 2];
  pen.moveTo(middle - half, state === "failing" ? center - half : center);
  pen.lineTo(middle + half, state === "failing" ? center + half : center);
  if (state !== "failing") return;
  pen.moveTo(middle - half, center + half);
  pen.lineTo(middle + half, center - half);
}
