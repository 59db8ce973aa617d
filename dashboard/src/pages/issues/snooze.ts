// Snoozing in words: what people usually choose, and what a snooze waits for.
import type { Issue } from "../../api/queries";

export interface Wish {
  until?: string;
  occurrences?: number;
  severityRises?: boolean;
}
const HOUR_MS = 3_600_000;

/** Tomorrow, or in `days`, at nine o'clock where the browser is. */
export function morning(now: Date, days = 1): Date {
  const then = new Date(now);
  then.setDate(then.getDate() + days);
  then.setHours(9, 0, 0, 0);
  return then;
}

const at = (moment: number | Date) => new Date(moment).toISOString();

/** The usual ones. `severity` is that of the issue, null where it is about many. */
export function usual(now: Date, severity: string | null): { word: string; wish: Wish }[] {
  return [
    { word: "For 1 hour", wish: { until: at(now.getTime() + HOUR_MS) } },
    { word: "For 4 hours", wish: { until: at(now.getTime() + 4 * HOUR_MS) } },
    { word: "Until tomorrow, 09:00", wish: { until: at(morning(now)) } },
    { word: "For 1 week", wish: { until: at(morning(now, 7)) } },
    { word: "Until it occurs again", wish: { occurrences: 1 } },
    ...(severity === "critical" ? [] : [{ word: "Until it becomes more severe", wish: { severityRises: true } }]),
  ];
}

/** "Jan 16, 09:00, 3 more times or a higher severity": what ends it, whichever comes first. */
export function endOf(snooze: NonNullable<Issue["snooze"]>, clock: (at: string) => string): string {
  const left = snooze.occurrencesLeft ?? snooze.occurrences;
  const ends = [
    snooze.until && clock(snooze.until),
    typeof left === "number" && (left === 1 ? "it occurs again" : `it occurs ${left} more times`),
    snooze.severityRises && "it becomes more severe",
  ].filter((one): one is string => !!one);
  return ends.length > 1 ? `${ends.slice(0, -1).join(", ")} or ${ends.at(-1)}` : (ends[0] ?? "the snooze is ended");
}

/** For an input of type `datetime-local`: the browser's own time, to the minute. */
export function localInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
