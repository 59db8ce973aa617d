// What stands behind the `?` of an address: plain words, lists with commas, the same spelling as the REST API.

import { Problem } from "../api/problem";
import { capitalize } from "../parts/casing";

export const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

export function stringifySearch(search: object): string {
  const params = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replace(/%2C/g, ",").replace(/%20/g, "+")}`);
  return params.length ? `?${params.join("&")}` : "";
}

/** For `validateSearch`: the members a page knows; others are dropped from its address. */
export const pick =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): Partial<Record<Name, string>> =>
    Object.fromEntries(
      names.filter((name) => typeof search[name] === "string" && search[name] !== "").map((name) => [name, search[name]]),
    ) as Partial<Record<Name, string>>;

export const words = (list: string | undefined): string[] => (list ? list.split(",").filter(Boolean) : []);

/** `list` with `word` added, or taken out; undefined when nothing is left. */
export function toggled(list: string | undefined, word: string): string | undefined {
  const now = words(list);
  const next = now.includes(word) ? now.filter((one) => one !== word) : [...now, word];
  return next.length ? next.join(",") : undefined;
}

/** Where to go after signing in: a path of this site, never elsewhere. */
export function safePath(wanted: string | undefined): string {
  if (!wanted?.startsWith("/") || wanted.startsWith("//") || wanted.includes("\\")) return "/";
  try {
    const url = new URL(wanted, location.origin);
    return url.origin === location.origin && !url.pathname.startsWith("//") ? url.pathname + url.search : "/"; // "/.//host" is "//host"
  } catch {
    return "/";
  }
}

export const MAX_QUERY = 500;

/** Why the server refused the query, without the position: it counts in what the address says, which is not what is typed. */
export function refusal(error: Error | null): string | undefined {
  if (!(error instanceof Problem) || error.code !== "bad_query") return undefined;
  const text = (error.errors[0]?.message ?? error.detail).replace(/^invalid query at character \d+: /, "");
  return capitalize(text);
}

/** Whether something is still to come: a key without a value, a comma, an open quotation mark. */
export const isUnfinished = (text: string): boolean =>
  /(?:^|\s)-?[A-Za-z]+:(?:\S*,)?$/.test(text) || (text.replace(/\\./g, "").match(/"/g) ?? []).length % 2 === 1;
