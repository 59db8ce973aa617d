// Detectors as the API gives them, by area, and what is set for them in words.
import { queryOptions } from "@tanstack/react-query";
import { send, type Schemas } from "../../api/client";
import { severityOf, span } from "../../parts";
import type { Said } from "../runbooks/queries";

export type Detector = Said<Schemas["DetectorShape"]>;
export type Tuning = Detector["tunings"][number];
export type Threshold = Detector["thresholds"][number];
/** Absent: every cluster, every namespace. */
export interface Place {
  cluster?: string;
  namespace?: string;
}

export const TIERS: Record<string, [word: string, why: string]> = {
  core: ["Core", "What most outages are"],
  extended: ["Extended", "Rarer troubles"],
  risk: ["Risk", "Works today and will hurt one day"],
};

export const detectorsQuery = (place: Place) =>
  queryOptions({
    queryKey: ["detectors", place],
    queryFn: ({ signal }) => send<{ detectors: Detector[]; riskChecks: boolean }>("GET", "/v1/detectors", { query: { ...place }, signal }),
  });

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).replace(/-/g, " ");

/** By area, in the order of the alphabet; risks last. */
export function areas(detectors: Detector[]): [area: string, detectors: Detector[]][] {
  const found = new Map<string, Detector[]>();
  for (const one of detectors) found.set(one.category, [...(found.get(one.category) ?? []), one]);
  const last = (area: string) => (area === "risk" ? 1 : 0);
  return [...found].sort(([a], [b]) => last(a) - last(b) || a.localeCompare(b)).map(([area, ones]) => [capital(area), [...ones].sort((a, b) => a.type.localeCompare(b.type))]);
}

/** "Cannot see PodMetrics in some clusters". */
export function blindness(one: Pick<Detector, "sees" | "blindTo">): string {
  const what = one.blindTo.map((name) => name.split(".")[0]).join(", ");
  if (one.sees === "yes" || !what) return "";
  return one.sees === "no" ? `Cannot see: agents do not show ${what}` : `Sees only part: some agents do not show ${what}`;
}

const lasting = (seconds: number) => (seconds === 0 ? "at once" : `after ${seconds % 60 && seconds < 3600 ? `${seconds} s` : span(seconds)}`);

/** "critical, after 5 min": what holds at the place that was asked about. */
export function effectiveSaid({ defaults, effective }: Pick<Detector, "defaults" | "effective">): string {
  const severity = effective.severity ?? defaults.severity;
  return `${severity ? `${severityOf(severity)[1]}, ` : ""}${lasting(effective.openAfterSeconds ?? defaults.openAfterSeconds)}`;
}

/** "off, low, after 2 min, over after 10 min". */
export function tuningSaid(one: Tuning): string {
  const said = [
    one.enabled === undefined ? null : one.enabled ? "on" : "off",
    one.severity && severityOf(one.severity)[1].toLowerCase(),
    one.openAfterSeconds !== undefined && `opens ${lasting(one.openAfterSeconds)}`,
    one.resolveAfterSeconds !== undefined && `ends ${lasting(one.resolveAfterSeconds)}`,
    ...Object.entries(one.thresholds ?? {}).map(([name, value]) => `${name} ${value}`),
  ];
  return said.filter(Boolean).join(", ");
}

/** "3 to 100 restarts", "60 to 3600 seconds". */
export const rangeSaid = ({ min, max, unit }: Pick<Threshold, "min" | "max" | "unit">): string => `${min} to ${max} ${unit === "s" ? "seconds" : unit === "share" ? "of 1" : unit}`;

/** What a form changes: the thresholds whose text is another than what is set; an empty one is taken back. */
export function thresholdsChanged(texts: Record<string, string>, set: Record<string, number> = {}): Record<string, number | null> {
  const wanted = Object.entries(texts).map(([name, text]) => [name, text === "" ? null : Number(text)] as const);
  return Object.fromEntries(wanted.filter(([name, value]) => value !== (set[name] ?? null)));
}

export const placeSaid = (place: Place, cluster: (id: string) => string): string =>
  `${place.namespace ? `namespace ${place.namespace}` : "every namespace"} in ${place.cluster ? cluster(place.cluster) : "every cluster"}`;
