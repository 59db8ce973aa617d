// What a thing's state looks like: always a shape and a word, never colour alone.

import type { ReactNode } from "react";
import { asWords } from "./casing";
import { cx } from "./style";

export type Tone = "critical" | "high" | "medium" | "low" | "info" | "ok" | "ai";
const TINTS: Record<Tone, string> = {
  critical: "bg-critical-tint text-critical",
  high: "bg-high-tint text-high",
  medium: "bg-medium-tint text-medium",
  low: "bg-low-tint text-low",
  info: "bg-info-tint text-info",
  ok: "bg-ok-tint text-ok",
  ai: "bg-ai-tint text-ai",
};
const SOLIDS: Record<Tone, string> = {
  critical: "text-critical-solid",
  high: "text-high-solid",
  medium: "text-medium-solid",
  low: "text-low-solid",
  info: "text-info-solid",
  ok: "text-ok-solid",
  ai: "text-ai-solid",
};
const GLYPHS: Record<Tone, ReactNode> = {
  critical: <path d="M5 0 10 5 5 10 0 5Z" />,
  high: <path d="M5 .8 10 9.4H0Z" />,
  medium: <path d="M.8.8h8.4v8.4H.8Z" />,
  low: <circle cx="5" cy="5" r="4.2" />,
  info: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  ok: <path d="M1 5.4 3.9 8.2 9.2 2" fill="none" stroke="currentColor" strokeWidth="1.9" />,
  ai: <path d="M5 0 6.3 3.7 10 5 6.3 6.3 5 10 3.7 6.3 0 5 3.7 3.7Z" />,
};

export function Glyph({ tone, className }: { tone: Tone; className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 10 10" fill="currentColor" className={cx("size-2.5 shrink-0", SOLIDS[tone], className)}>
      {GLYPHS[tone]}
    </svg>
  );
}

/** A tinted word with its shape. */
export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className={cx("inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap", TINTS[tone])}
    >
      <Glyph tone={tone} className="text-current" />
      {children}
    </span>
  );
}

/** The quiet form for dense rows: shape and word without a tint. */
export function Mark({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  return (
    <span title={title} className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <Glyph tone={tone} />
      {children}
    </span>
  );
}

const SEVERITY: Record<string, [Tone, string]> = {
  critical: ["critical", "Critical"],
  high: ["high", "High"],
  medium: ["medium", "Medium"],
  low: ["low", "Low"],
};
const STATUS: Record<string, [Tone, string]> = {
  // issues
  open: ["info", "Open"], // the triangle is that of high severity
  acknowledged: ["low", "Acknowledged"],
  resolved: ["ok", "Resolved"],
  // clusters
  pending: ["info", "Never connected"],
  online: ["ok", "Online"],
  degraded: ["medium", "Degraded"],
  offline: ["critical", "Offline"],
  // executions and their steps, commands, analyses
  planned: ["info", "Planned"],
  queued: ["info", "Queued"],
  sent: ["low", "Sent"],
  received: ["low", "Received"],
  awaitingApproval: ["medium", "Awaiting approval"],
  running: ["low", "Running"],
  verifying: ["low", "Verifying"],
  succeeded: ["ok", "Succeeded"],
  completed: ["ok", "Completed"],
  passed: ["ok", "Passed"],
  failed: ["critical", "Failed"],
  rejected: ["critical", "Rejected"],
  canceled: ["info", "Canceled"],
  canceling: ["medium", "Canceling"],
  skipped: ["info", "Skipped"],
  timedOut: ["critical", "Timed out"],
  expired: ["medium", "Expired"],
  unknown: ["medium", "Outcome unknown"],
  ready: ["ok", "Ready"],
  inconclusive: ["medium", "Inconclusive"],
};

export const severityOf = (word: string): [Tone, string] => SEVERITY[word] ?? ["info", asWords(word)];
export const statusOf = (word: string): [Tone, string] => STATUS[word] ?? ["info", asWords(word)];

export function Severity({ value, quiet = false }: { value: string; quiet?: boolean }) {
  const [tone, word] = severityOf(value);
  return quiet ? <Mark tone={tone}>{word}</Mark> : <Badge tone={tone}>{word}</Badge>;
}

export function Status({ value, quiet = false, title }: { value: string; quiet?: boolean; title?: string }) {
  const [tone, word] = statusOf(value);
  return quiet ? (
    <Mark tone={tone} title={title}>
      {word}
    </Mark>
  ) : (
    <Badge tone={tone} title={title}>
      {word}
    </Badge>
  );
}

/** A plain label: `key: value` of a label, a scope, a version. */
export function Chip({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span
      title={title}
      className="inline-block h-5 max-w-full truncate rounded-sm border border-line px-1.5 align-bottom text-xs leading-4.5 text-muted"
    >
      {children}
    </span>
  );
}
