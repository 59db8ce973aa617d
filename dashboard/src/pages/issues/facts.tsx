// The facts a detector wrote down, for people: names as words, bytes and times in their units. Values come from a cluster: text only.
import type { ReactNode } from "react";
import { Time } from "../../parts";

export const factLabel = (name: string) =>
  name
    .replace(/(Bytes|Seconds|Ms|At)$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/^./, (first) => first.toUpperCase());

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
  if (typeof value === "string") return isTime(value) ? <Time at={value} /> : value;
  if (Array.isArray(value)) return value.map((one) => (typeof one === "object" ? sentence(one ?? {}) : String(one))).join(", ");
  const members = Object.entries(value);
  if (members.every(([, one]) => typeof one === "string" || typeof one === "number"))
    return <code className="font-mono text-xs break-all">{members.map(([key, one]) => `${key}=${one}`).join(", ")}</code>;
  return <code className="font-mono text-xs break-all">{JSON.stringify(value)}</code>;
}
