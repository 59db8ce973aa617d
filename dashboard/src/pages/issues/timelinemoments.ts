// The moments of an issue from all sources, each once: its analysis, what was captured, its history, and when it was seen.
import type { Analysis } from "../../api/analysis";
import type { Activity, Captured, Issue } from "../../api/queries";
import { capitalize } from "../../parts/casing";
import { activityText, actorName, type Words } from "./activitytext";
import type { Moment } from "./timelinelayout";

export interface Mark extends Moment {
  time: string;
  /** What happened. What stands between backquotes is a name. */
  text: string;
  /** The object that it happened to, where the text does not name it. */
  about?: string;
  evidenceId?: string | null;
}

interface Sources {
  issue: Pick<Issue, "type" | "firstSeenAt" | "lastSeenAt">;
  analysis: Analysis | undefined;
  captured: Captured | undefined;
  activity: Activity[];
}

/** What belongs on the line of time: when it began, ended and came back. All of it is under Activity. */
const TURNS: Record<string, string> = {
  opened: "Opened",
  reopened: "Reopened",
  resolved: "Resolved",
  attached: "Attached to its root issue",
  promoted: "Detached from its root issue",
};
const RUNS = new Set(["runbook_started", "runbook_completed"]);
const SAME_MS = 2_000; // a server, an agent and the cluster round their times differently
const SAME_TEXT = 60; // the analysis shortens long messages

type Given = Omit<Mark, "at">;
/** `same` is equal for what may be one moment in two sources. */
type Candidate = Given & { same?: string };

/** All moments, newest first. */
export function momentsOf({ issue, analysis, captured, activity }: Sources, words: Words): Mark[] {
  const candidates = [...ofAnalysis(issue, analysis), ...ofCaptured(captured)];
  const marks = [...once(candidates), ...ofActivity(activity, words), ...ofIssue(issue, analysis)]
    .map(({ same: _, ...one }): Mark => ({ ...one, at: Date.parse(one.time) }))
    .filter((one) => !Number.isNaN(one.at));
  return marks.sort((a, b) => b.at - a.at);
}

function ofIssue(issue: Sources["issue"], analysis: Analysis | undefined): Candidate[] {
  const seen: Candidate[] = [{ time: issue.firstSeenAt, text: "First seen in the cluster", lane: "Issue" }];
  if (issue.lastSeenAt !== issue.firstSeenAt) seen.push({ time: issue.lastSeenAt, text: "Last seen in the cluster", lane: "Issue" });
  if (analysis?.finishedAt)
    seen.push({ time: analysis.finishedAt, text: `Analysis ${analysis.status}`, lane: "Issue", isFailure: analysis.status === "failed" });
  return seen;
}

function ofActivity(activity: Activity[], words: Words): Candidate[] {
  return activity.flatMap((one): Candidate[] => {
    if (RUNS.has(one.action)) {
      const text = `${actorName(one, words)} ${activityText(one, words)}`;
      return [{ time: one.at, text, lane: "Executions", isFailure: one.detail.status === "failed" }];
    }
    return TURNS[one.action] ? [{ time: one.at, text: TURNS[one.action]!, lane: "Issue" }] : [];
  });
}

function ofAnalysis(issue: Sources["issue"], analysis: Analysis | undefined): Candidate[] {
  const evidence = new Map((analysis?.evidence ?? []).map((one) => [one.id, one]));
  const changes = (analysis?.changes ?? []).filter((one) => one.at);
  const ofChange = new Map(changes.map((one) => [one.evidenceId, one]));
  const moments = (analysis?.timeline ?? [])
    .filter((one) => one.text !== `${issue.type} was first seen` && !ofChange.has(one.evidenceId ?? ""))
    .map((one): Candidate => {
      const cited = evidence.get(one.evidenceId ?? "");
      const isChange = cited?.kind === "change";
      const same = cited && (isChange ? ofObject(cited.ref) : eventOf(cited.ref, one.text));
      return { time: one.at, text: capitalize(one.text), lane: isChange ? "Changes" : "Events", evidenceId: one.evidenceId, same };
    });
  return [
    ...moments,
    ...changes.map(
      (one): Candidate => ({
        time: one.at!,
        text: changeText(one.path, one.from, one.to, one.manager),
        about: `${one.ref.kind} \`${one.ref.name}\``,
        lane: "Changes",
        evidenceId: one.evidenceId,
        same: ofObject(one.ref),
      }),
    ),
  ];
}

function ofCaptured(captured: Captured | undefined): Candidate[] {
  const events = (captured?.events ?? []).map((one): Candidate => {
    const times = (one.count ?? 1) > 1 ? ` (${one.count} times, counted by Kubernetes)` : "";
    const reason = one.reason || "Event";
    return {
      time: one.lastAt,
      text: `${reason}${times}: ${one.message ?? ""}`,
      about: `${one.kind} ${quoted(one.name)}`,
      lane: "Events",
      isFailure: one.type === "Warning",
      same: eventOf(one, `${reason}: ${one.message ?? ""}`),
    };
  });
  const changes = (captured?.changes ?? []).map((one): Candidate => {
    const [first] = one.diff;
    const more = one.diff.length > 1 ? ` and ${one.diff.length - 1} more` : "";
    const text = `${quoted(first?.path)} changed${more}${one.manager ? ` by ${one.manager}` : ""}`;
    return { time: one.at, text, about: `${one.kind} ${quoted(one.name)}`, lane: "Changes", same: ofObject(one) };
  });
  return [...events, ...changes];
}

/** An Event that is in two sources is one row, that of the cluster with the evidence of the analysis; a change stays as in the analysis. */
function once(candidates: Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const one of candidates) {
    const before = kept.find((other) => isSame(other, one));
    if (!before) kept.push(one);
    else if (one.lane === "Events") Object.assign(before, { ...one, evidenceId: before.evidenceId ?? one.evidenceId });
  }
  return kept;
}

function isSame(one: Candidate, other: Candidate): boolean {
  if (one.lane !== other.lane || !one.same || one.same !== other.same) return false;
  if (!!one.evidenceId === !!other.evidenceId) return false; // one source has each once
  if (one.lane === "Events" && one.evidenceId) return true; // the analysis has one of the times that the cluster counts
  return Math.abs(Date.parse(one.time) - Date.parse(other.time)) <= SAME_MS;
}

/** Which object, for comparing two sources. */
const ofObject = (of: { kind: string; name: string; namespace?: string | null }) => `${of.kind} ${of.namespace ?? ""} ${of.name}`;
const eventOf = (of: Parameters<typeof ofObject>[0], text: string) => `${ofObject(of)} ${text.slice(0, SAME_TEXT)}`;

const quoted = (value: unknown) =>
  `\`${(value === undefined || value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value)).replace(/`/g, "'")}\``;

const POD_TEMPLATE = /^spec\/template\/spec\//;

/** A change in words. An object that was added or removed has its text in the evidence, as one line that names its path. */
function changeText(path: string, from: unknown, to: unknown, manager?: string | null): string {
  const by = manager ? ` by ${manager}` : "";
  const field = path.replace(POD_TEMPLATE, "");
  const line = [from, to].find((one): one is string => typeof one === "string" && one.startsWith(`${path}:`));
  if (!line) return `${quoted(field)} changed from ${quoted(from)} to ${quoted(to)}${by}`;
  const whole = line.slice(path.length + 1).trim();
  const values = by && whole.endsWith(by) ? whole.slice(0, -by.length) : whole;
  return `${quoted(field)}: ${quoted(values)}${by}`;
}
