// The facts a detector wrote down, for people: names as words, bytes and times in their units. Values come from a cluster: text only.
import type { ReactNode } from "react";
import { Time } from "../../parts";

const inWords = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();

export const factLabel = (name: string) =>
  inWords(name.replace(/(Bytes|Seconds|Ms|At)$/, "").replace(/^is(?=[A-Z])/, "")).replace(/^./, (first) => first.toUpperCase());

/** What detectors write as a code of their own, such as `selectorMismatch`. */
const CODES = new Set(["case", "cause"]);

/** Whether a fact says something that people do not see anyway: nearly every container is a main one. */
export const isShown = (name: string, value: unknown) =>
  name !== "message" && name !== "reason" && !(name === "containerKind" && value === "main");

/** 134217728 → "128 MiB"; whole where it can be. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(count) ? count : count.toFixed(1)} ${units[unit]}`;
}

/** What an object says of itself in words; without such words its members that have a value. */
function sentence(of: Record<string, unknown>): string {
  const said = of.says ?? of.text;
  if (typeof said === "string" && said) return said;
  return Object.entries(of)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${factLabel(name).toLowerCase()} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" ");
}

/** The container that an issue is about. `container` may also hold a volume, a condition or a reference; those are among the facts. */
export function containerOf(issue: { container?: string | null; facts: Record<string, unknown> }): string | null {
  const name = issue.container;
  return name && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && !Object.values(issue.facts).includes(name) ? name : null;
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));

export function fact(name: string, value: unknown): ReactNode {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && /(^p|P)orts?$/.test(name)) return String(value);
  if (typeof value === "number") return /Bytes$/.test(name) ? bytes(value) : /Seconds$/.test(name) ? `${value} s` : value.toLocaleString();
  if (typeof value === "string") return isTime(value) ? <Time at={value} /> : CODES.has(name) ? inWords(value) : value;
  if (Array.isArray(value)) return value.map((one) => (typeof one === "object" ? sentence(one ?? {}) : String(one))).join(", ");
  const members = Object.entries(value);
  const isPlain = members.every(([, one]) => typeof one === "string" || typeof one === "number");
  if (isPlain && members.some(([, one]) => typeof one === "number"))
    // settings such as those of a probe; labels and quantities are texts
    return members.map(([key, one]) => `${factLabel(key).toLowerCase()} ${fact(key, one)}`).join(", ");
  if (isPlain) return <code className="font-mono text-xs break-all">{members.map(([key, one]) => `${key}=${one}`).join(", ")}</code>;
  return <code className="font-mono text-xs break-all">{JSON.stringify(value)}</code>;
}
