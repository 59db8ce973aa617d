// What the palette offers beside what the server finds: pages, settings, themes, and what was opened last.
import { isLimited, type Me, may } from "../../api/session";

export interface Place {
  to: string;
  label: string;
  /** Other words for it. */
  also?: string;
  keys?: string;
  /** The right that the page needs; without it the place is not offered. */
  scope?: string;
  /** The page concerns the whole organization: not offered to a member who is limited to places. */
  isOfAll?: true;
  /** A button to press there. */
  press?: string;
}

export const PLACES: Place[] = [
  { to: "/", label: "Overview", keys: "g o", also: "home fleet" },
  { to: "/issues", label: "Issues", keys: "g i" },
  { to: "/issues?assignee=me", label: "My issues", also: "assigned mine" },
  { to: "/issues?status=open", label: "Unacknowledged issues" },
  { to: "/issues?status=resolved", label: "Resolved issues" },
  { to: "/clusters", label: "Clusters", keys: "g c" },
  { to: "/clusters/new", label: "Connect a cluster", also: "add create", scope: "clusters:write" },
  { to: "/clusters/fleet", label: "Fleet tokens", also: "enroll", scope: "clusters:write" },
  { to: "/resources", label: "Resources", also: "objects inventory", keys: "g r" },
  { to: "/runbooks", label: "Runbooks", keys: "g b" },
  { to: "/alerts", label: "Alerts", also: "alertmanager prometheus", keys: "g l" },
  { to: "/activity", label: "Activity", also: "audit log", scope: "audit:read" },
  { to: "/triggers", label: "Triggers", also: "schedule automatic cron stop freeze", isOfAll: true },
  { to: "/executions", label: "Executions", also: "runs history" },
  { to: "/runbooks/new", label: "New runbook", also: "create add", scope: "runbooks:write" },
  { to: "/settings/profile", label: "Settings: Profile", keys: "g s", also: "account sessions" },
  { to: "/settings/api-keys", label: "Settings: API keys", scope: "keys:read" },
  { to: "/settings/members", label: "Settings: Members", also: "people users invite", scope: "members:read" },
  { to: "/settings/notifications", label: "Settings: Notifications" },
  { to: "/settings/mute-rules", label: "Settings: Mute rules" },
  { to: "/settings/owners", label: "Settings: Owners", also: "teams codeowners rules", isOfAll: true },
  { to: "/settings/approvals", label: "Settings: Approvals", also: "delegation rules", scope: "runbooks:read" },
  {
    to: "/settings/safeguards",
    label: "Settings: Safeguards",
    also: "freeze maintenance window limit",
    scope: "runbooks:read",
    isOfAll: true,
  },
  { to: "/settings/webhooks", label: "Settings: Webhooks", also: "notifications", scope: "webhooks:read" },
  { to: "/settings/gitops", label: "Settings: GitOps", also: "github gitlab gitea git provider pull requests", scope: "forges:read" },
  { to: "/settings/detectors", label: "Settings: Detectors" },
  { to: "/settings/analysis", label: "Settings: Analysis", also: "language model ai logs" },
  { to: "/settings/plan", label: "Settings: Plan and rate limits" },
  { to: "/settings/appearance", label: "Settings: Appearance", also: "theme dark light" },
  { to: "/settings/about", label: "Settings: About", also: "version" },
  { to: "/clusters/fleet", label: "Create fleet token", also: "new", scope: "clusters:write", press: "Create fleet token" },
  { to: "/triggers", label: "New trigger", also: "create", scope: "runbooks:write", isOfAll: true, press: "New trigger" },
  { to: "/triggers", label: "Stop all executions", also: "pause freeze", scope: "runbooks:execute", isOfAll: true, press: "Stop all" },
  { to: "/settings/api-keys", label: "Create API Key", also: "new token", scope: "keys:write", press: "Create API Key" },
  { to: "/settings/members", label: "Invite a member", also: "new person user", scope: "members:write", press: "Invite" },
  { to: "/settings/mute-rules", label: "New mute rule", also: "create silence", scope: "issues:write", press: "New mute rule" },
  { to: "/settings/webhooks", label: "New webhook", also: "create notification slack", scope: "webhooks:write", press: "New webhook" },
  {
    to: "/settings/gitops",
    label: "Connect a Git provider",
    also: "github gitlab gitea",
    scope: "forges:write",
    press: "Connect a Git provider",
  },
  { to: "/settings/safeguards", label: "New freeze", also: "create", scope: "runbooks:write", isOfAll: true, press: "New freeze" },
  {
    to: "/settings/safeguards",
    label: "New maintenance window",
    also: "create",
    scope: "runbooks:write",
    isOfAll: true,
    press: "New maintenance window",
  },
  { to: "/activity", label: "Export activity", also: "audit csv download", scope: "audit:read", press: "Export" },
];

/** The places that this person can open. */
export const placesFor = (me: Me | undefined): Place[] =>
  PLACES.filter((one) => (!one.scope || may(me, one.scope)) && !(one.isOfAll && isLimited(me)));

const wordsOf = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/**
 * How well a name fits what is typed: 0 it begins with the text, 1 its words begin with the words of the text, 2 they contain them, 3 so do its other
 * words begin; undefined: it does not fit. Other words never fit from their middle: "cat" is not "notifications".
 */
export function rank(text: string, name: string, also = ""): number | undefined {
  const typed = text.trim().toLowerCase();
  const said = name.toLowerCase();
  const wanted = typed.split(/\s+/);
  const begins = (words: string[]) => wanted.every((one) => words.some((word) => word.startsWith(one)));
  if (said.startsWith(typed)) return 0;
  if (begins([...wordsOf(said), ...said.split(/\s+/)])) return 1;
  if (wanted.every((one) => said.includes(one))) return 2;
  return begins(wordsOf(`${said} ${also.toLowerCase()}`)) ? 3 : undefined;
}

/** The entries that fit, the best first; without a text all of them. */
export function fitting<Entry>(text: string, entries: Entry[], said: (entry: Entry) => [name: string, also?: string]): [Entry, number][] {
  return entries
    .map((entry): [Entry, number | undefined] => [entry, rank(text, ...said(entry))])
    .filter((one): one is [Entry, number] => one[1] !== undefined)
    .sort(([, a], [, b]) => a - b);
}

export interface Recent {
  to: string;
  label: string;
  hint: string;
}
const KEY = "optral.recent";
const MOST_RECENT = 6;

export function recent(): Recent[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as Recent[];
    return kept
      .filter((one) => typeof one.label === "string" && typeof one.hint === "string" && /^\/(?!\/)/.test(one.to))
      .slice(0, MOST_RECENT);
  } catch {
    return [];
  }
}

export function remember(opened: Recent): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([opened, ...recent().filter((one) => one.to !== opened.to)].slice(0, MOST_RECENT)));
  } catch {
    // not kept
  }
}
