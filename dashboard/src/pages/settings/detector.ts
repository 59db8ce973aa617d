// Detectors as the API gives them, by area, and what is set for them in words.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { severityOf, span } from "../../parts";
import { capitalize } from "../../parts/casing";
import type { WithoutNulls } from "../runbooks/queries";

export type Detector = WithoutNulls<Schemas["DetectorShape"]>;
export type Shift = WithoutNulls<Schemas["ShiftShape"]>;
export type Tuning = Detector["tunings"][number];
export type Threshold = Detector["thresholds"][number];
/** Absent: all clusters, all namespaces. */
export interface Place {
  cluster?: string;
  namespace?: string;
}

export const TIERS: Record<string, [word: string, why: string]> = {
  core: ["Core", "Failures that cause most outages"],
  extended: ["Extended", "Less common failures"],
  risk: ["Risk", "Works today, can fail later"],
};

export const detectorsQuery = (place: Place) =>
  queryOptions({
    queryKey: ["detectors", place],
    queryFn: ({ signal }) =>
      send<{ detectors: Detector[]; riskChecks: boolean; severityShifts: Shift[] }>("GET", "/v1/detectors", {
        query: { ...place },
        signal,
      }),
  });

export const SHIFTS: [value: string, text: string][] = [
  ["1", "one step higher"],
  ["-1", "one step lower"],
  ["0", "as computed"],
];

/** "one step lower in all namespaces in lab". */
export const shiftText = (one: Shift, cluster: (id: string) => string): string =>
  `${SHIFTS.find(([value]) => value === String(one.severityShift))?.[1]} in ${placeText(one, cluster)}`;

/** By area, in the order of the alphabet; risks last. */
export function areas(detectors: Detector[]): [area: string, detectors: Detector[]][] {
  const found = new Map<string, Detector[]>();
  for (const one of detectors) found.set(one.category, [...(found.get(one.category) ?? []), one]);
  const last = (area: string) => (area === "risk" ? 1 : 0);
  return [...found]
    .sort(([a], [b]) => last(a) - last(b) || a.localeCompare(b))
    .map(([area, ones]) => [capitalize(area).replace(/-/g, " "), [...ones].sort((a, b) => a.type.localeCompare(b.type))]);
}

/** "Cannot see PodMetrics in some clusters". */
export function blindness(one: Pick<Detector, "sees" | "blindTo">): string {
  const what = one.blindTo.map((name) => name.split(".")[0]).join(", ");
  if (one.sees === "yes" || !what) return "";
  return one.sees === "no" ? `No data: agents do not report ${what}` : `Limited data: some agents do not report ${what}`;
}

const lasting = (seconds: number) =>
  seconds === 0 ? "immediately" : `after ${seconds % 60 && seconds < 3600 ? `${seconds} s` : span(seconds)}`;

/** "critical, after 5 min": what holds at the place that was asked about. */
export function effectiveSaid({ defaults, effective }: Pick<Detector, "defaults" | "effective">): string {
  const severity = effective.severity ?? defaults.severity;
  return `${severity ? `${severityOf(severity)[1]}, ` : ""}${lasting(effective.openAfterSeconds ?? defaults.openAfterSeconds)}`;
}

/** "off, low, after 2 min, over after 10 min". */
export function tuningText(one: Tuning): string {
  const parts = [
    one.enabled === undefined ? null : one.enabled ? "on" : "off",
    one.severity && severityOf(one.severity)[1].toLowerCase(),
    one.openAfterSeconds !== undefined && `opens ${lasting(one.openAfterSeconds)}`,
    one.resolveAfterSeconds !== undefined && `resolves ${lasting(one.resolveAfterSeconds)}`,
    ...Object.entries(one.thresholds ?? {}).map(([name, value]) => `${name} ${value}`),
  ];
  return parts.filter(Boolean).join(", ");
}

/** "3 to 100 restarts", "60 to 3600 seconds". */
export const rangeText = ({ min, max, unit }: Pick<Threshold, "min" | "max" | "unit">): string =>
  `${min} to ${max} ${unit === "s" ? "seconds" : unit === "share" ? "of 1" : unit}`;

/** What a form changes: the thresholds whose text is another than what is set; an empty one is taken back. */
export function thresholdsChanged(texts: Record<string, string>, set: Record<string, number> = {}): Record<string, number | null> {
  const wanted = Object.entries(texts).map(([name, text]) => [name, text === "" ? null : Number(text)] as const);
  return Object.fromEntries(wanted.filter(([name, value]) => value !== (set[name] ?? null)));
}

export const placeText = (place: Place, cluster: (id: string) => string): string =>
  `${place.namespace ? `namespace ${place.namespace}` : "all namespaces"} in ${place.cluster ? cluster(place.cluster) : "all clusters"}`;
