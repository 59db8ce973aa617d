// Browser notifications. Of many tabs the one that holds a lock shows them, and only while no tab is in view: each tab in view holds
// another lock. Candidates wait until the server has grouped symptoms under their cause, then one request tells which of them still count.
import { type Schemas, send } from "../api/client";
import type { Me } from "../api/session";
import { follow } from "./live";
import type { LiveEvent } from "./stream";

export type Settings = Schemas["NotificationsShape"];
export interface Note {
  title: string;
  body: string;
  /** Where a click leads. */
  path: string;
}
interface Candidates {
  issues: Set<string>;
  executions: Set<string>;
}

export const SETTLE_MS = 4_000; // the server groups issues within about three seconds
const MAX_HELD = 500;
const MAX_TEXT = 120;
const [NOTIFIER, IN_VIEW] = ["optral-notifier", "optral-in-view"];

/** Without a shared worker, a hidden tab follows no events; without locks, every tab would show the same. */
export const canNotify = () => "Notification" in globalThis && "locks" in navigator && "SharedWorker" in globalThis;

const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Whether this moment is in the quiet hours, which may cross midnight. A time zone that the browser does not know is its own. */
export function isQuiet(hours: Settings["quietHours"], now: Date): boolean {
  if (!hours) return false;
  const format = (timeZone?: string) =>
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(timeZone && { timeZone }) }).format(now);
  let time: string;
  try {
    time = format(hours.timeZone);
  } catch {
    time = format();
  }
  const [at, start, end] = [minutes(time), minutes(hours.start), minutes(hours.end)];
  return start <= end ? start <= at && at < end : at >= start || at < end;
}

/** The kind of notification that an event may lead to. */
export function kindOf(event: LiveEvent): keyof Candidates | null {
  if (event.type === "approval.requested") return "executions";
  const { severity, parentIssueId } = event.data;
  if (severity !== "critical" || parentIssueId) return null;
  if (event.type === "issue.created") return "issues";
  if (event.type !== "issue.updated") return null;
  const changes = (event.data.changes ?? {}) as Record<string, { from?: unknown; to?: unknown } | undefined>;
  const isNews = changes.severity || changes.parentIssueId || changes.status?.from === "resolved";
  return isNews ? "issues" : null;
}

const cut = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text);

/** One notification for all of these, however many. */
export function noteOfIssues(found: Pick<Schemas["IssueShape"], "id" | "title" | "cluster">[]): Note | null {
  const [first] = found;
  if (!first) return null;
  if (found.length === 1) return { title: "Critical issue", body: cut(`${first.title} (${first.cluster})`), path: `/issues/${first.id}` };
  const rest = found.length > 2 ? `\nand ${found.length - 2} more` : "";
  const body = found.slice(0, 2).map((one) => cut(one.title));
  return { title: `${found.length} critical issues`, body: body.join("\n") + rest, path: "/issues?severity=critical" };
}

export function noteOfApprovals(found: Pick<Schemas["ExecutionShape"], "id" | "runbook" | "target" | "cluster">[]): Note | null {
  const [first] = found;
  if (!first) return null;
  const target = [first.target.namespace, first.target.name].filter(Boolean).join("/");
  const body = cut(`${first.runbook.name} on ${target} (${first.cluster})`);
  if (found.length === 1) return { title: "Approval needed", body, path: `/executions/${first.id}` };
  return {
    title: `${found.length} approvals needed`,
    body: `${body}\nand ${found.length - 1} more`,
    path: "/executions?status=pendingApproval",
  };
}

/** The critical issues among these that are open, and neither symptoms nor snoozed, muted or preexisting. */
async function stillCritical(ids: Set<string>): Promise<Note | null> {
  const query = { severity: "critical", status: "open", snoozed: "false", muted: "false", sort: "-detectedAt", pageSize: 100 };
  const { issues } = await send<Schemas["IssueList"]>("GET", "/v1/issues", { query, quiet: true });
  return noteOfIssues(issues.filter((one) => ids.has(one.id) && one.substatus !== "preexisting"));
}

/** The executions among these that this person can approve: their own only for an only member. */
async function stillWaiting(ids: Set<string>, me: Me): Promise<Note | null> {
  if (!me.actor.scopes?.includes("runbooks:approve")) return null;
  const query = { status: "pendingApproval", pageSize: 100 };
  const { executions } = await send<Schemas["ExecutionList"]>("GET", "/v1/executions", { query, quiet: true });
  const own = (me.member as { id?: string } | undefined)?.id ?? me.actor.id;
  return noteOfApprovals(executions.filter((one) => ids.has(one.id) && one.requestedBy !== own));
}

async function isInView(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some((lock) => lock.name === IN_VIEW);
}

export function show(note: Note, open: (path: string) => void): void {
  const shown = new Notification(note.title, { body: note.body, tag: note.path, icon: "/favicon.svg" });
  shown.onclick = () => {
    window.focus();
    shown.close();
    open(note.path);
  };
}

/** Show what these led to, if the person wants it now. */
async function notify(of: Candidates, me: Me, open: (path: string) => void): Promise<void> {
  if (Notification.permission !== "granted" || (await isInView())) return;
  const settings = await send<Settings>("GET", "/v1/me/notifications", { quiet: true });
  if (!settings.enabled || isQuiet(settings.quietHours, new Date())) return;
  const notes = [
    settings.criticals && of.issues.size > 0 && (await stillCritical(of.issues)),
    settings.approvals && of.executions.size > 0 && (await stillWaiting(of.executions, me)),
  ];
  for (const note of notes) if (note) show(note, open);
}

/** Hold the lock of tabs in view for as long as this tab is one. */
function holdWhileInView(signal: AbortSignal): void {
  let release: (() => void) | null = null;
  const change = () => {
    if (document.visibilityState === "visible" && !signal.aborted) {
      if (release) return;
      const held = new Promise<void>((done) => {
        release = done;
      });
      void navigator.locks.request(IN_VIEW, { mode: "shared" }, () => held);
    } else {
      release?.();
      release = null;
    }
  };
  change();
  document.addEventListener("visibilitychange", change, { signal });
  signal.addEventListener("abort", change);
}

/** Begin in this tab; another one shows the notifications while it is open. Returns how to stop. */
export function start(me: Me, open: (path: string) => void): () => void {
  const stopping = new AbortController();
  holdWhileInView(stopping.signal);
  const stopped = new Promise<void>((done) => stopping.signal.addEventListener("abort", () => done()));
  navigator.locks
    .request(NOTIFIER, { signal: stopping.signal }, async () => {
      const stop = following(me, open);
      await stopped;
      stop();
    })
    .catch(() => undefined); // stopped before it was this tab's turn
  return () => stopping.abort();
}

function following(me: Me, open: (path: string) => void): () => void {
  let waiting: Candidates | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    const due = waiting;
    waiting = null;
    if (due) notify(due, me, open).catch(() => undefined); // the server is away: the page shows it, and the issue is in the list
  };
  const stop = follow((event) => {
    const kind = kindOf(event);
    if (!kind) return;
    if (!waiting) {
      waiting = { issues: new Set(), executions: new Set() };
      timer = setTimeout(flush, SETTLE_MS);
    }
    if (waiting[kind].size < MAX_HELD) waiting[kind].add(String(event.data.id));
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
