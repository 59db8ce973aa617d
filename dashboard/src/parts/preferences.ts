// What a person set for this browser: keys of one letter on or off, and the zone in which times are shown.
import { useSyncExternalStore } from "react";

export interface Preferences {
  letterKeys: boolean;
  zone: "local" | "utc";
}
const KEY = "optral.preferences";
const USUAL: Preferences = { letterKeys: true, zone: "local" };
const watchers = new Set<() => void>();

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { letterKeys: kept.letterKeys !== false, zone: kept.zone === "utc" ? "utc" : "local" };
  } catch {
    return USUAL;
  }
}
let now = read();

export const preferences = () => now;
/** For `toLocaleString`: undefined is the browser's own zone. */
export const timeZone = () => (now.zone === "utc" ? "UTC" : undefined);

export function prefer(change: Partial<Preferences>): void {
  now = { ...now, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    // not kept, but in force
  }
  watchers.forEach((tell) => tell());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => now,
  );
}
