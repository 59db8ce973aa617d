// What a person set for this browser: keys of one letter on or off, the zone in which times are shown, and how the issue list looks.
import { useSyncExternalStore } from "react";

export interface Preferences {
  letterKeys: boolean;
  zone: "local" | "utc";
  density: "comfortable" | "compact";
  /** Ids of columns; null: as usual. */
  issueColumns: string[] | null;
  /** Whether the guided tour is to be shown. */
  tour: boolean;
}
const KEY = "optral.preferences";
const USUAL: Preferences = { letterKeys: true, zone: "local", density: "comfortable", issueColumns: null, tour: false };
const watchers = new Set<() => void>();

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    const { issueColumns: columns } = kept;
    return {
      letterKeys: kept.letterKeys !== false,
      zone: kept.zone === "utc" ? "utc" : "local",
      density: kept.density === "compact" ? "compact" : "comfortable",
      issueColumns: Array.isArray(columns) && columns.every((one) => typeof one === "string") ? columns : null,
      tour: kept.tour === true,
    };
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

/** The guided tour, from its first step: the list of issues. */
export function startTour(go: (to: { to: "/issues" }) => unknown): void {
  prefer({ tour: true });
  go({ to: "/issues" });
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
