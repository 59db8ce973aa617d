// The stream as a page sees it: its state, and each event once. While paused, the newest 500 events wait and are delivered on resume.
import { useSyncExternalStore } from "react";
import { type LiveEvent, type LiveState, type Message, Stream } from "./stream";
import type { Ask } from "./worker";

export type Shown = { state: LiveState | "paused"; since: number };
const MAX_HELD = 500;

let state: LiveState = "connecting";
let since = Date.now();
let paused = false;
let held: LiveEvent[] = [];
let pausedAt = 0;
let hasGap = false; // while paused: events were missed, or more came than are held
let shown: Shown = { state, since };
let ask: ((what: Ask) => void) | null = null;
const watchers = new Set<() => void>();
const followers = new Set<(event: LiveEvent) => void>();
const gapListeners = new Set<() => void>();
const backListeners = new Set<() => void>();

function changed(): void {
  shown = paused ? { state: "paused", since: pausedAt } : { state, since };
  watchers.forEach((tell) => tell());
}

function onMessage(message: Message): void {
  if (message.kind === "state") {
    state = message.state;
    since = message.since;
    changed();
    if (state === "live") tellBack();
    if (state !== "live" || message.isGapless) return;
    if (paused) hasGap = true;
    else tellGap();
  } else if (paused) {
    hasGap ||= held.length === MAX_HELD;
    held = [...held.slice(1 - MAX_HELD), message.event];
  } else followers.forEach((tell) => tell(message.event));
}

const tellGap = () => gapListeners.forEach((tell) => tell());
const tellBack = () => backListeners.forEach((tell) => tell());

/** Begin. Where it has begun already, events may have been missed while nobody followed. */
export function connect(): void {
  if (ask) {
    if (state === "live") tellGap();
    return;
  }
  ask = "SharedWorker" in globalThis ? throughWorker() : alone();
  ask({ kind: "hello" });
  addEventListener("pagehide", () => ask?.({ kind: "bye" }));
  addEventListener("pageshow", (event) => (event as PageTransitionEvent).persisted && ask?.({ kind: "hello" }));
  addEventListener("online", () => ask?.({ kind: "wake" }));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask?.({ kind: "wake" }));
}

function throughWorker(): (what: Ask) => void {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "optral-live" });
  worker.port.onmessage = (message: MessageEvent<Message>) => onMessage(message.data);
  return (what) => worker.port.postMessage(what);
}

/** Without shared workers: a stream of this page's own, open while the page is in view. */
function alone(): (what: Ask) => void {
  const stream = new Stream(onMessage);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? stream.stop() : stream.start()));
  return (what) => {
    if (what.kind === "hello") stream.start();
    else if (what.kind === "bye") stream.stop();
    else if (what.kind === "wake") stream.wake();
    else stream.restart();
  };
}

/** After signing in. */
export const reconnect = () => ask?.({ kind: "restart" });

export function togglePaused(): void {
  paused = !paused;
  pausedAt = state === "live" ? Date.now() : since;
  if (!paused) {
    const waiting = held;
    held = [];
    waiting.forEach((event) => followers.forEach((tell) => tell(event)));
    if (hasGap) tellGap();
    hasGap = false;
  }
  changed();
}

/** Calls `follower` with every event. Returns how to stop. */
export function follow(follower: (event: LiveEvent) => void): () => void {
  followers.add(follower);
  return () => void followers.delete(follower);
}

/** Calls `listener` whenever events may have been missed up to now: the stream has just become live without a place to go on from. */
export function onGap(listener: () => void): () => void {
  gapListeners.add(listener);
  return () => void gapListeners.delete(listener);
}

/** Calls `listener` whenever it is worth trying what failed before: the server is reached again, or the person asks. Returns how to stop. */
export function onBack(listener: () => void): () => void {
  backListeners.add(listener);
  return () => void backListeners.delete(listener);
}

/** Try to reach the server at once. */
export function tryNow(): void {
  ask?.({ kind: "wake" });
  tellBack();
}

export function useLive(): Shown {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => shown,
  );
}

export type { LiveEvent };
