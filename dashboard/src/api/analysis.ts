// An analysis as `GET /v1/issues/:id` gives it. Read leniently: an engine may leave out what it has nothing to say about.

export interface Ref {
  kind: string;
  namespace?: string | null;
  name: string;
}
export interface Claim {
  text: string;
  evidenceIds?: string[];
}
export interface Evidence {
  id: string;
  kind: string;
  ref?: Ref;
  path?: string;
  excerpt: string;
  observedAt?: string;
  trust?: string;
  /** supports or contradicts the root cause */
  stance?: string;
}
export interface Hypothesis {
  id?: string;
  cause?: string;
  title?: string;
  subject?: Ref;
  score?: number;
  verdict?: string;
  why?: string | Claim[];
  evidenceIds?: string[];
}
export interface Action {
  title: string;
  runbook?: string;
  parameters?: Record<string, unknown>;
  risk?: string;
  why?: string;
  evidenceIds?: string[];
}
export interface Change {
  ref?: Ref;
  path: string;
  from?: unknown;
  to?: unknown;
  at?: string;
  manager?: string;
  evidenceId?: string;
}
export interface Moment {
  at: string;
  text: string;
  evidenceId?: string;
}
export interface Analysis {
  id: string;
  status: "queued" | "running" | "ready" | "inconclusive" | "failed";
  summary?: string | Claim;
  rootCause?: { id: string; title: string; category?: string; subject?: Ref; explanation?: string; claims?: Claim[] };
  confidence?: number;
  confidenceLabel?: string;
  hypotheses?: Hypothesis[];
  evidence?: Evidence[];
  changes?: Change[];
  timeline?: Moment[];
  affected?: Ref[];
  recommendedActions?: Action[];
  missingEvidence?: (string | { text: string })[];
  engine?: { name?: string; ruleset?: string; model?: string };
  durationMs?: number;
  createdAt?: string;
  finishedAt?: string;
  failure?: string;
}

/** Whatever form a claim has, as a list of claims. */
export function claims(said: string | Claim | Claim[] | undefined, evidenceIds?: string[]): Claim[] {
  if (!said) return [];
  if (typeof said === "string") return [{ text: said, evidenceIds }];
  return Array.isArray(said) ? said : [said];
}
