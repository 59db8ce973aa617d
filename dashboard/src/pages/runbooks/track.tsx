// How often a runbook helped, in words.
import type { Schemas } from "../../api/client";
import { Glyph } from "../../parts";

type TrackRecord = Schemas["RecordShape"];

/** "4 of 5 verified, median 3 min"; "No earlier runs" without any run. */
export function trackText(of: TrackRecord | null | undefined): string {
  if (!of?.runs) return "No earlier runs";
  const verified = `${of.verified} of ${of.runs} verified`;
  return of.medianSeconds === null || of.medianSeconds === undefined ? verified : `${verified}, median ${about(of.medianSeconds)}`;
}

function about(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

const PERIOD = "Executions in the last 90 days that made changes, without dry runs and undos";

export function Track({ of }: { of: TrackRecord | null | undefined }) {
  const tone = !of?.runs ? "info" : of.verified === of.runs ? "ok" : of.verified ? "medium" : "high";
  return (
    <span title={PERIOD} className="inline-flex items-center gap-1.5 text-xs text-muted">
      <Glyph tone={tone} />
      {trackText(of)}
    </span>
  );
}
