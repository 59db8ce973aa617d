// What a key may do, as three choices that most people need, and each scope for the rest.

export interface Preset {
  id: "read" | "write" | "admin";
  word: string;
  why: string;
}
export const PRESETS: readonly Preset[] = [
  { id: "read", word: "Read-only", why: "View clusters, issues, resources, runbooks and events" },
  { id: "write", word: "Read and write", why: "Also change and analyze issues, run runbooks and probes, and read logs and manifests" },
  { id: "admin", word: "Admin", why: "All of your own permissions, except managing members" },
];
const READ = ["clusters:read", "issues:read", "resources:read", "runbooks:read", "events:read"];
const WRITE = [...READ, "issues:write", "issues:analyze", "resources:manifest", "resources:probe", "runbooks:execute", "logs:read"];

// As the server has it: members are for people to manage, and these concern the whole organisation.
const NOT_FOR_KEYS = ["members:write"];
const NOT_FOR_LIMITED_KEYS = ["audit:read", "forges:read", "forges:write", "keys:read", "keys:write", "members:read", "runbooks:write"];

/** Of a person's scopes, those that a key can have; `isLimited` to clusters. */
export const forKeys = (own: readonly string[], isLimited: boolean) =>
  own.filter((scope) => !NOT_FOR_KEYS.includes(scope) && !(isLimited && NOT_FOR_LIMITED_KEYS.includes(scope)));

/** The scopes of a preset, no more than the person has. */
export function scopesOf(preset: Preset["id"], own: readonly string[]): string[] {
  const wanted = preset === "admin" ? own : preset === "write" ? WRITE : READ;
  return wanted.filter((scope) => own.includes(scope)).sort();
}

/** "Read-only", or how many scopes where it is none of the presets. */
export function wordFor(scopes: readonly string[], own: readonly string[]): string {
  const same = (other: string[]) => other.length === scopes.length && other.every((scope) => scopes.includes(scope));
  const found = PRESETS.find((preset) => same(scopesOf(preset.id, own)));
  return found?.word ?? (scopes.length === 1 ? scopes[0]! : `${scopes.length} scopes`);
}
