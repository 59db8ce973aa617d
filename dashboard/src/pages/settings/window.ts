// A freeze or maintenance window as it stands in its form, and in words.
import type { ChangeWindow } from "../triggers/queries";

export type Kind = ChangeWindow["kind"];

export const KINDS: Record<Kind, { name: string; title: string; text: string; verb: string }> = {
  freeze: {
    name: "Freeze",
    title: "New freeze",
    text: "Executions make no changes while it is in force. An execution can override it with a reason.",
    verb: "In force",
  },
  maintenance: {
    name: "Maintenance window",
    title: "New maintenance window",
    text: "Where a maintenance window is defined, triggers make changes only while one is open. It does not restrict people.",
    verb: "Open",
  },
};

export interface WindowDraft {
  name: string;
  reason: string;
  cluster: string;
  namespace: string;
  isRecurring: boolean;
  /** As inputs of the type `datetime-local` have them, in the browser's time zone. */
  startsAt: string;
  endsAt: string;
  schedule: string;
  timeZone: string;
  minutes: string;
}

export const BROWSER_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const MOST_MINUTES = 7 * 24 * 60;

const two = (value: number) => String(value).padStart(2, "0");
export const localOf = (at: string | undefined) => {
  if (!at) return "";
  const of = new Date(at);
  return `${of.getFullYear()}-${two(of.getMonth() + 1)}-${two(of.getDate())}T${two(of.getHours())}:${two(of.getMinutes())}`;
};
const isoOf = (local: string) => new Date(local).toISOString();

export const draftOf = (one?: ChangeWindow): WindowDraft => ({
  name: one?.name ?? "",
  reason: one?.reason ?? "",
  cluster: one?.clusterId ?? "",
  namespace: one?.namespace ?? "",
  isRecurring: one?.schedule !== undefined,
  startsAt: localOf(one?.startsAt),
  endsAt: localOf(one?.endsAt),
  schedule: one?.schedule ?? "",
  timeZone: one?.timeZone ?? BROWSER_ZONE,
  minutes: one?.durationMinutes === undefined ? "" : String(one.durationMinutes),
});

/** What is missing or cannot be read, by field, before the server is asked. */
export function mistakesIn(draft: WindowDraft): Record<string, string | false> {
  const minutes = Number(draft.minutes);
  const isOnce = !draft.isRecurring;
  return {
    name: !draft.name.trim() && "Enter a name.",
    startsAt: isOnce && !draft.startsAt && "Enter a start time.",
    endsAt:
      isOnce &&
      (!draft.endsAt ? "Enter an end time." : draft.endsAt <= draft.startsAt && "Enter an end time that is after the start time."),
    schedule: draft.isRecurring && !draft.schedule.trim() && "Enter a cron expression.",
    durationMinutes:
      draft.isRecurring &&
      !(Number.isInteger(minutes) && minutes >= 1 && minutes <= MOST_MINUTES) &&
      "Enter a number of minutes, up to 7 days (10080).",
  };
}

/** What is sent. A moment that was not touched keeps its seconds. */
export function timesOf(draft: WindowDraft, of?: ChangeWindow): Record<string, unknown> {
  if (draft.isRecurring)
    return { schedule: draft.schedule.trim(), timeZone: draft.timeZone.trim(), durationMinutes: Number(draft.minutes) };
  const moment = (name: "startsAt" | "endsAt") => (of && localOf(of[name]) === draft[name] ? {} : { [name]: isoOf(draft[name]) });
  return { ...moment("startsAt"), ...moment("endsAt") };
}

/** "The whole organization", "prod", "Namespace shop in prod". */
export function placeText(of: { clusterId?: string; namespace?: string }, cluster: (id: string) => string): string {
  if (of.namespace) return `Namespace ${of.namespace} ${of.clusterId ? `in ${cluster(of.clusterId)}` : "in each cluster"}`;
  return of.clusterId ? cluster(of.clusterId) : "The whole organization";
}
