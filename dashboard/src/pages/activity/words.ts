import type { AuditRecord } from "./queries";

export const GROUPS: Record<string, string> = {
  issue: "Issues",
  execution: "Executions",
  command: "Commands to clusters",
  cluster: "Clusters",
  agent: "Agents",
  runbook: "Runbooks",
  analysis: "Analyses",
  logs: "Captured logs",
  webhook: "Webhooks",
  muteRule: "Mute rules",
  key: "API keys",
  member: "Members",
  session: "Sign-ins",
  settings: "Settings",
  certificates: "Certificates",
  audit: "Exports of this log",
  server: "Server",
};

/** How long back, in seconds, by the word in the address. */
export const RANGES: Record<string, [label: string, seconds: number]> = {
  "1h": ["Last hour", 3600],
  "24h": ["Last 24 hours", 86_400],
  "7d": ["Last 7 days", 7 * 86_400],
  "30d": ["Last 30 days", 30 * 86_400],
};

/** Where objects are shown that the type does not tell apart, by what stands before the dot of the action. */
const PLACES: Record<string, string> = {
  detector: "/settings/detectors",
  owners: "/settings/owners",
  alert_receiver: "/alerts?view=receivers",
  identity: "/settings/sign-in",
  scim: "/settings/sign-in",
  scim_group: "/settings/sign-in",
  scim_user: "/settings/members",
};

/** Where the object of a record is shown; undefined where it has no page, or is known to be gone. */
export function placeOf(record: AuditRecord): string | undefined {
  const { type, id } = record.object;
  if (record.action.endsWith(".delete")) return undefined;
  switch (type) {
    case "cluster":
      return record.cluster ? `/clusters/${id}` : undefined;
    case "issue":
      return `/issues/${id}`;
    case "execution":
      return `/executions/${id}`;
    case "runbook":
      return `/runbooks/${id}`;
    case "key":
      return "/settings/api-keys";
    case "member":
    case "invite":
      return "/settings/members";
    case "webhook":
      return "/settings/webhooks";
    case "muteRule":
      return "/settings/mute-rules";
    case "fleetToken":
      return "/clusters/fleet";
    default:
      return PLACES[record.action.split(".")[0]!];
  }
}

/** The sentence in three parts, of which the middle one is the name of the object; the name is empty where the sentence has none. */
export function parts(record: AuditRecord): [before: string, name: string, after: string] {
  const name = [record.object.name, String(record.detail.target ?? "")].find((one) => one && record.summary.includes(one));
  if (!name) return [record.summary, "", ""];
  const at = record.summary.lastIndexOf(name);
  const end = at + name.length;
  return [record.summary.slice(0, at), record.summary.slice(at, end), record.summary.slice(end)];
}

export const who = (record: AuditRecord) => (record.actorKind === "agent" ? `Agent of ${record.actorName}` : record.actorName);

/** Records under the day they belong to, in the given order. */
export function byDay(records: AuditRecord[], day: (at: string) => string): [day: string, records: AuditRecord[]][] {
  const days: [string, AuditRecord[]][] = [];
  for (const record of records) {
    const name = day(record.at);
    const last = days.at(-1);
    if (last?.[0] === name) last[1].push(record);
    else days.push([name, [record]]);
  }
  return days;
}
