// Times: relative to read, exact on hover and in the element. One timer for all of them.
import { useSyncExternalStore } from "react";
import { timeZone } from "./preferences";

const TICK_MS = 10_000;
let now = Date.now();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(tell: () => void): () => void {
  watchers.add(tell);
  timer ??= setInterval(() => {
    now = Date.now();
    watchers.forEach((one) => one());
  }, TICK_MS);
  return () => {
    watchers.delete(tell);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export const useNow = () => useSyncExternalStore(watch, () => now);

/** "3 min", "2 h", "5 d": how long `seconds` is, in one unit. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** "3 min ago", "in 2 h"; "just now" within ten seconds. */
export function relative(at: number, from: number): string {
  const seconds = (from - at) / 1000;
  if (Math.abs(seconds) < 10) return "just now";
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
}

/** "in 2 h" of what is planned; "in a moment" also when it is due, or the clock is a little off. */
export const upcoming = (at: number, from: number): string => (at - from < 10_000 ? "in a moment" : relative(at, from));

/** A moment as text, in the zone that the person chose and with 24 hours, of which midnight is 00. */
export const dateText = (at: string | number, options: Intl.DateTimeFormatOptions): string =>
  new Date(at).toLocaleString(undefined, { hourCycle: "h23", timeZone: timeZone(), ...options });

/** "14:03:12" */
export const timeOfDay = (at: string | number): string => dateText(at, { timeStyle: "medium" });

export const exact = (at: string) => `${dateText(at, { dateStyle: "medium", timeStyle: "long" })}\n${at}`;

interface TimeProps {
  at: string | null | undefined;
  short?: boolean;
  /** Something will happen then. */
  planned?: boolean;
  className?: string;
}

export function Time({ at, short = false, planned = false, className }: TimeProps) {
  const from = useNow();
  if (!at) return <span className="text-muted">–</span>;
  const moment = Date.parse(at);
  return (
    <time dateTime={at} title={exact(at)} className={className ?? "whitespace-nowrap"}>
      {planned
        ? upcoming(moment, from)
        : short
          ? span(Math.abs(Math.max(from, Date.now()) - moment) / 1000)
          : relative(moment, Math.max(from, moment <= Date.now() ? moment : from))}
    </time>
  );
}

const dayOf = (at: string | number) => dateText(at, { dateStyle: "short" });

/** The clock's time to the second, for timelines and logs; the day as well when it was another one. */
export function Clock({ at }: { at: string }) {
  const isToday = dayOf(at) === dayOf(Date.now());
  return (
    <time dateTime={at} title={exact(at)} className="whitespace-nowrap">
      {isToday ? timeOfDay(at) : dateText(at, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" })}
    </time>
  );
}
