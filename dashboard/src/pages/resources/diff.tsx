// What a change changed: the place, what stood there, what stands there now. Always as text.
import { cx } from "../../parts";

export interface Change {
  path: string;
  from?: unknown;
  to?: unknown;
  op?: string;
}

/** A value on one line, or as many as it needs. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value, null, 2);
}

const isThere = (value: unknown) => value !== undefined && value !== null;

export function Diff({ changes, label = "Changes" }: { changes: readonly Change[]; label?: string }) {
  return (
    <ul aria-label={label} className="flex flex-col gap-2">
      {changes.map((change, index) => (
        <li key={`${index} ${change.path}`} className="overflow-hidden rounded-md border border-line font-mono text-xs">
          <p className="border-b border-line bg-surface px-3 py-1 break-words text-muted">{change.path}</p>
          {isThere(change.from) && <Side sign="−" word="before" value={change.from} className="bg-critical-tint text-critical" />}
          {isThere(change.to) && <Side sign="+" word="after" value={change.to} className="bg-ok-tint text-ok" />}
          {!isThere(change.from) && !isThere(change.to) && <p className="px-3 py-1 text-muted">no value</p>}
        </li>
      ))}
    </ul>
  );
}

function Side({ sign, word, value, className }: { sign: string; word: string; value: unknown; className: string }) {
  return (
    <p className={cx("flex gap-2 px-3 py-1", className)}>
      <span aria-hidden className="select-none">
        {sign}
      </span>
      <span className="sr-only">{word}: </span>
      <span className="max-h-60 min-w-0 overflow-auto break-words whitespace-pre-wrap">{shown(value) || "“”"}</span>
    </p>
  );
}
