// What a key may do, as three choices that most people need, and each scope for the rest. `make contracts` writes the table of the server.

import table from "../../api/scopes.json";

type Rule = { least: string; keys: string };
const RULES: Readonly<Record<string, Rule>> = table.scopes;
const ROLES = ["viewer", "operator", "admin"];

export interface Preset {
  id: "read" | "write" | "admin";
  word: keyof typeof table.presets;
  why: string;
}
export const PRESETS: readonly Preset[] = [
  { id: "read", word: "Read-only", why: "View clusters, issues, resources, runbooks, events and members" },
  { id: "write", word: "Read and write", why: "Also change and analyze issues, run runbooks and probes, and read logs and manifests" },
  { id: "admin", word: "Admin", why: "Also connect clusters, approve executions, and change settings, runbooks and webhooks" },
];

/** Of a person's scopes, those that a key can have; `isLimited` to clusters. */
export const forKeys = (own: readonly string[], isLimited: boolean) =>
  own.filter((scope) => (isLimited ? ["all"] : ["all", "whole"]).includes(RULES[scope]?.keys ?? ""));

/** The scopes of a preset, no more than the person has. */
export function scopesOf(preset: Preset["id"], own: readonly string[]): string[] {
  const { word } = PRESETS.find((one) => one.id === preset)!;
  const level = ROLES.indexOf(table.presets[word]);
  return own.filter((scope) => ROLES.slice(0, level + 1).includes(RULES[scope]?.least ?? "")).sort();
}

/** The presets for somebody with these scopes, without those that add nothing to the one before. */
export const presetsFor = (own: readonly string[]) =>
  PRESETS.filter((one, at) => at === 0 || scopesOf(one.id, own).length > scopesOf(PRESETS[at - 1]!.id, own).length);

/** "Read-only", or how many scopes where it is none of the presets. */
export function wordFor(scopes: readonly string[], own: readonly string[]): string {
  const same = (other: string[]) => other.length === scopes.length && other.every((scope) => scopes.includes(scope));
  const found = PRESETS.find((preset) => same(scopesOf(preset.id, own)));
  return found?.word ?? (scopes.length === 1 ? scopes[0]! : `${scopes.length} scopes`);
}
