// What the history of an issue says, in words. What stands between backquotes is a name.
import type { Activity, Issue } from "../../api/queries";
import { capitalize } from "../../parts/casing";
import { endOf } from "./snooze";

export interface Words {
  /** A member's name by id; undefined for an unknown one. */
  name: (id: string) => string | undefined;
  clock: (at: string) => string;
}
type Pair = [from: unknown, to: unknown];

/** Who did it: a person by name, a program by what it is. */
export function actorName(one: Pick<Activity, "actorKind" | "actorId"> & Partial<Pick<Activity, "detail">>, { name }: Words): string {
  if (one.actorKind === "person") return capitalize(name(one.actorId) ?? "a former member");
  if (one.actorKind === "key") return "An API key";
  if (one.actorKind === "detector") return "The detector";
  const { by, through } = one.detail ?? {};
  if (typeof by === "string" && typeof through === "string") return by === through ? by : `${by} in ${through}`;
  return one.actorKind === "rule" ? "A mute rule" : "Optral";
}

const pair = (value: unknown): Pair => (Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : [undefined, value]);
const quoted = (value: unknown) => `\`${String(value).replace(/`/g, "'")}\``;
const plainWords = (word: string) =>
  word
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_.]/g, " ")
    .toLowerCase();

/** What was done, to follow the name of who did it. */
export function activityText(one: Activity, words: Words): string {
  const detail = one.detail as Record<string, unknown>;
  switch (one.action) {
    case "opened":
      return "opened it";
    case "reopened":
      return one.actorKind === "person" || one.actorKind === "key" ? "reopened it" : "detected it again";
    case "resolved":
      return ending(one, detail);
    case "acknowledged":
      return "acknowledged it";
    case "unacknowledged":
      return "removed the acknowledgement";
    case "assigned": {
      const [, to] = pair(detail.assignee);
      if (to === one.actorId) return "self-assigned it";
      return `assigned it to ${typeof to === "string" ? (words.name(to) ?? "a former member") : "somebody"}`;
    }
    case "unassigned":
      return "removed the assignee";
    case "labelled":
      return labelled(pair(detail.labels));
    case "severity_set":
      return `set the severity to ${String(pair(detail.severity)[1])}`;
    case "severity_reset":
      return `returned to the computed severity, ${String(pair(detail.severity)[1])}`;
    case "snoozed": {
      const [, to] = pair(detail.snooze);
      return `snoozed it${to && typeof to === "object" ? ` until ${endOf(to as NonNullable<Issue["snooze"]>, words.clock)}` : ""}`;
    }
    case "unsnoozed":
      return "ended the snooze";
    case "woke":
      return `ended the snooze: ${{ time: "the time was reached", occurrences: "the number of occurrences was reached", severity: "the severity rose" }[String(detail.why)] ?? "its condition was met"}`;
    case "muted":
      return "muted it";
    case "unmuted":
      return "no longer mutes it";
    case "attached":
      return `attached it to its root issue${typeof detail.relation === "string" ? ` (${detail.relation})` : ""}`;
    case "promoted":
      return "detached it from its root issue";
    case "on_call_resolved":
      return "resolved its alert; the failure still stands";
    case "on_call_reassigned":
      return `assigned its alert to ${String(detail.to || "somebody else")}`;
    case "ticketed":
      return "requested a ticket";
    case "commented":
      return "commented";
    case "comment_edited":
      return "edited a comment";
    case "comment_deleted":
      return "deleted a comment";
    case "runbook_started":
      return `started the runbook ${quoted(detail.runbook)}${detail.status === "pendingApproval" ? ", waiting for approval" : ""}`;
    case "runbook_completed":
      return `ran the runbook ${quoted(detail.runbook)}: ${plainWords(String(detail.status ?? "unknown"))}`;
    case "updated":
      return changed(detail);
    default:
      return `${plainWords(one.action)}${plain(detail)}`;
  }
}

function ending(one: Activity, detail: Record<string, unknown>): string {
  const [, how] = pair(detail.resolution);
  if (how === "detector_disabled")
    return one.actorKind === "person" || one.actorKind === "key"
      ? "resolved it by switching off its detector"
      : "resolved it: the detector was switched off";
  if (one.actorKind === "person" || one.actorKind === "key") return "resolved it";
  return typeof how === "string" ? `resolved it: ${plainWords(how)}` : "resolved it";
}

function labelled([from, to]: Pair): string {
  const before = (from ?? {}) as Record<string, string>;
  const after = (to ?? {}) as Record<string, string>;
  const put = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const gone = Object.keys(before).filter((name) => !(name in after));
  const parts = [
    put.length && `set ${put.map(([name, value]) => quoted(`${name}=${value}`)).join(", ")}`,
    gone.length && `removed ${gone.map(quoted).join(", ")}`,
  ];
  return parts.filter(Boolean).join(" and ") || "changed the labels";
}

function changed(detail: Record<string, unknown>): string {
  const parts = Object.entries(detail).filter(
    ([, value]) => Array.isArray(value) && value.length === 2 && value.every((part) => part === null || typeof part !== "object"),
  );
  if (!parts.length) return "updated it";
  return `updated ${parts
    .map(([name, value]) => [name, ...pair(value)] as const)
    .map(([name, from, to]) => `${plainWords(name)} from ${quoted(from ?? "none")} to ${quoted(to ?? "none")}`)
    .join(", ")}`;
}

function plain(detail: Record<string, unknown>): string {
  const parts = Object.entries(detail).filter(([, value]) => typeof value === "string" || typeof value === "number");
  return parts.length ? ` (${parts.map(([name, value]) => `${plainWords(name)} ${quoted(value)}`).join(", ")})` : "";
}
