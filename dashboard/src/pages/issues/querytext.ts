// What is typed in the search box, and the members of the address: both say the same. The server parses the language (docs/search.md); this file only
// recognizes the plain terms, which a facet can show, and the word at the cursor, for completion.
import { words } from "../search";
import { type IssueSearch, isView, OPEN, VIEWS } from "./filter";

/** The keys in the order in which they are offered. A test compares them with those of the server. */
export const KEYS: [name: string, hint: string][] = [
  ["severity", "critical, high, medium, low"],
  ["status", "open, acknowledged, resolved"],
  ["type", "OOMKilled, Node*"],
  ["cluster", "name or id"],
  ["namespace", "or ns"],
  ["owner", "name of the workload"],
  ["kind", "Deployment, Node"],
  ["resource", "name of the object"],
  ["container", "name"],
  ["category", "area"],
  ["label", "name=value"],
  ["assignee", "me, none"],
  ["team", "owner of what fails, none"],
  ["substatus", "new, escalating"],
  ["after", "2h, 7d, 2026-01-31"],
  ["before", "2h, 7d, 2026-01-31"],
  ["parent", "any, none"],
  ["snoozed", "true, false"],
  ["muted", "true, false"],
];
export const VALUES: Record<string, string[]> = {
  severity: ["critical", "high", "medium", "low"],
  status: ["open", "acknowledged", "resolved"],
  substatus: ["new", "ongoing", "escalating", "regressed", "flapping", "preexisting", "snoozed", "muted"],
  after: ["1h", "24h", "7d", "30d"],
  before: ["1h", "24h", "7d", "30d"],
  parent: ["any", "none"],
  snoozed: ["true", "false"],
  muted: ["true", "false"],
};
const MEMBERS = [
  "severity",
  "status",
  "type",
  "cluster",
  "namespace",
  "category",
  "label",
  "assignee",
  "team",
  "parent",
  "snoozed",
  "muted",
] as const;
type Member = (typeof MEMBERS)[number];
const ALIASES: Record<string, Member> = { ns: "namespace" };
/** Of a view: shown in the box only where no view says it. */
const OF_VIEWS: Member[] = ["status", "assignee", "snoozed", "muted"];
const TERM = /(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+/g;
const PLAIN = /^([a-z]+):([A-Za-z0-9._/=-]+(?:,[A-Za-z0-9._/=-]+)*)$/i;
const HAS_KEY = /^-?(?:"|[A-Za-z]+:\S)|^-\S/;

const memberOf = (key: string): Member | undefined => ALIASES[key] ?? MEMBERS.find((one) => one === key);

/** The members that a query says, all others undefined; what no member can say stays in `q`. */
export function read(text: string, now: IssueSearch): Partial<IssueSearch> {
  const found: Partial<IssueSearch> = Object.fromEntries(MEMBERS.filter((one) => shows(now, one)).map((one) => [one, undefined]));
  const rest: Piece[] = [];
  let last: Piece | undefined; // a text that goes on with the next word
  for (const word of text.match(TERM) ?? []) {
    const [, key = "", written = ""] = PLAIN.exec(word) ?? [];
    const member = memberOf(key.toLowerCase());
    const value = member && readValue(member, written);
    if (member && value && (member === "label" || found[member] === undefined)) {
      found[member] = member === "label" ? [found.label, value.replace("=", ":")].filter(Boolean).join(",") : value;
      last = undefined;
    } else if (HAS_KEY.test(word)) {
      rest.push({ text: word, isPlain: false });
      last = undefined;
    } else if (last) last.text += ` ${word}`;
    else {
      last = { text: word, isPlain: true };
      rest.push(last);
    }
  }
  return { ...found, q: joined(rest) };
}

/** The value as the address says it; undefined if the address cannot: then it stays in the query, which the server explains. */
function readValue(member: Member, value: string): string | undefined {
  const lower = value.toLowerCase();
  switch (member) {
    case "label":
      return value.includes("=") && !value.includes(",") ? value : undefined;
    case "severity":
    case "status":
      return words(lower).every((one) => VALUES[member]!.includes(one)) ? lower : undefined;
    case "snoozed":
    case "muted":
      return VALUES[member]!.includes(lower) ? lower : undefined;
    default:
      return value;
  }
}

/** Whether a term of the query has this key, negated or not. */
export const mentions = (query: string, key: string): boolean =>
  (query.match(TERM) ?? []).some((term) => new RegExp(`^-?${key}:\\S`, "i").test(term));

interface Piece {
  text: string;
  isPlain: boolean;
}

/** Neighboring words are one text: where the term between two texts has gone into a member, quotation marks keep them two. */
function joined(pieces: Piece[]): string | undefined {
  const marked = (one: Piece, at: number) =>
    one.isPlain && (pieces[at - 1]?.isPlain || pieces[at + 1]?.isPlain) && !/["\\]/.test(one.text) ? `"${one.text}"` : one.text;
  return pieces.map(marked).join(" ") || undefined;
}

/** Whether the box shows this member: what a view or a menu says is shown there. */
function shows(search: IssueSearch, member: Member): boolean {
  if (search[member] === undefined || search[member] === "any" || search[member] === "all") return false;
  if (member === "status" && search.status === OPEN) return false;
  return !OF_VIEWS.includes(member) || !VIEWS.some((view) => isView(search, view.is));
}

/** The query that says the same as the address. */
export function write(search: IssueSearch): string {
  const terms = MEMBERS.filter((one) => shows(search, one)).flatMap((member) => {
    if (member === "label") return words(search.label).map((one) => `label:${one.replace(":", "=")}`);
    return [`${member === "namespace" ? "ns" : member}:${words(search[member]).map(quoted).join(",")}`];
  });
  return [...terms, ...(search.q ? [search.q] : [])].join(" ");
}

export interface Word {
  /** Where the part that is completed begins and ends. */
  from: number;
  to: number;
  /** Of the value; undefined while the key is typed. */
  key?: string;
  typed: string;
}

/** The word at the cursor. */
export function wordAt(text: string, cursor: number): Word {
  const from = text.slice(0, cursor).search(/\S+$/);
  const start = from < 0 ? cursor : from;
  const word = text.slice(start, cursor);
  const value = /^(-?)([A-Za-z]+):((?:[^,"]*,)*)([^,"]*)$/.exec(word);
  if (value) {
    const typed = value[4]!;
    const key = value[2]!.toLowerCase();
    return { from: cursor - typed.length, to: cursor, key: ALIASES[key] ?? key, typed };
  }
  const minus = word.startsWith("-") ? 1 : 0;
  return { from: start + minus, to: cursor, typed: word.slice(minus) };
}

/** A value as the language writes it. */
export const quoted = (value: string): string => (/[\s,"*:\\]|^-|^$/.test(value) ? `"${value.replace(/[\\"]/g, "\\$&")}"` : value);
