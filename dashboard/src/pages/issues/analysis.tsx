// The analysis of an issue: what changed just before, the cause, how sure it is, what to do about it, what else was considered, and every claim with the evidence
// it rests on.
// Text that a language model wrote is marked as AI; everything else comes from the rules.

import { Check, CircleHelp, X } from "lucide-react";
import { useState } from "react";
import type { Analysis, Attempt, Change, Claim, Evidence, Hypothesis } from "../../api/analysis";
import type { Issue } from "../../api/queries";
import { Badge, Button, Chip, Clock, cx, Section, Spinner, Status, Time } from "../../parts";
import { ObjectLink } from "../objectlink";
import { DraftRunbook } from "../runbooks/draft";
import { Cite, ClaimText, Prose } from "./claims";
import { Feedback } from "./feedback";
import { Recommended } from "./recommended";

const FIRST_CLAIMS = 2; // more would push the remedy below the fold

export function AnalysisSection({
  issue,
  analysis,
  canAnalyse,
  onAnalyse,
}: {
  issue: Issue;
  analysis: Analysis | undefined;
  canAnalyse: boolean;
  onAnalyse: () => void;
}) {
  const isResolved = issue.status === "resolved";
  const byModel = !!analysis?.engine?.model;
  const isWorking = analysis?.status === "queued" || analysis?.status === "running";
  return (
    <Section
      id="analysis"
      tone={byModel ? "ai" : undefined}
      title={
        <>
          Analysis {byModel && <Badge tone="ai">AI</Badge>}
          {analysis && analysis.status !== "ready" && <Status value={analysis.status} />}
          {analysis?.finishedAt && !isWorking && (
            <span className="text-xs font-normal text-muted">
              as of <Time at={analysis.finishedAt} />
              <Since issue={issue} analysis={analysis} />
            </span>
          )}
        </>
      }
      actions={
        canAnalyse &&
        !isResolved &&
        !isWorking && (
          <Button small kind={analysis ? "quiet" : issue.parentIssueId ? "plain" : "primary"} onClick={onAnalyse}>
            {analysis ? "Analyze again" : "Analyze"}
          </Button>
        )
      }
    >
      {!analysis && (
        <p className="text-muted">
          {isResolved
            ? "This issue was resolved before it was analyzed."
            : issue.parentIssueId
              ? "Not analyzed on its own: the analysis of its root issue explains it."
              : "Not analyzed yet. Issues of medium severity and up are analyzed automatically."}
        </p>
      )}
      {isWorking && (
        <p role="status" className="flex items-center gap-2 text-muted">
          <Spinner /> {analysis?.waitsFor?.length ? `Fetching ${analysis.waitsFor.join(" and ")}…` : "Collecting evidence…"}
        </p>
      )}
      {analysis?.status === "failed" && <p className="text-muted">The analysis failed{analysis.failure ? `: ${analysis.failure}` : "."}</p>}
      {analysis && (analysis.status === "ready" || analysis.status === "inconclusive") && (
        <Found issue={issue} analysis={analysis} mayJudge={canAnalyse} />
      )}
    </Section>
  );
}

/** How often the issue occurred after the evidence was read. */
function Since({ issue, analysis }: { issue: Issue; analysis: Analysis }) {
  const more = issue.count - (analysis.occurrences ?? issue.count);
  return more > 0 ? `, before ${more === 1 ? "the last occurrence" : `the last ${more.toLocaleString()} occurrences`}` : null;
}

function Found({ issue, analysis, mayJudge }: { issue: Issue; analysis: Analysis; mayJudge: boolean }) {
  const cause = analysis.rootCause;
  const actions = analysis.recommendedActions ?? [];
  const others = (analysis.hypotheses ?? []).filter((one) => one.id !== cause?.id);
  const missing = analysis.missingEvidence ?? [];
  return (
    <div className="flex flex-col gap-3">
      {analysis.attempt && <LaterAttempt of={analysis.attempt} />}
      <WhatChanged now={analysis} />
      <ChangedBefore issue={issue} of={(analysis.changes ?? []).filter((one) => one.text)} />
      {!cause && analysis.summary && (
        <p className="text-base">
          <Prose>{analysis.summary}</Prose>
        </p>
      )}
      {cause && (
        <div className="rounded-md border border-line bg-surface p-3">
          <div className="flex flex-wrap items-center gap-2">
            <h3 className="font-semibold">
              <Prose>{cause.title}</Prose>
            </h3>
            <Confidence of={analysis} />
          </div>
          {cause.subject && (
            <p className="mt-0.5 font-mono text-xs">
              <ObjectLink cluster={issue.cluster} of={cause.subject} />
            </p>
          )}
          <Claims of={cause.claims ?? []} />
        </div>
      )}
      {actions.length > 0 && <Recommended issue={issue} actions={actions} />}
      {issue.status !== "resolved" && <DraftRunbook issue={issue} />}
      {others.length > 0 && <Others of={others} />}
      {missing.length > 0 && (
        <div>
          <h3 className="text-xs font-medium text-muted">Missing evidence</h3>
          <ul className="mt-1 list-disc pl-5">
            {missing.map((one) => (
              <li key={one}>
                <Prose>{one}</Prose>
              </li>
            ))}
          </ul>
        </div>
      )}
      <Feedback analysis={analysis} mayGive={mayJudge} />
      <p className="text-xs text-muted">
        {analysis.engine?.model ? `By ${analysis.engine.model}, checked against the evidence` : "By rules, without a language model"}
        {analysis.engine?.ruleset && ` · ruleset ${analysis.engine.ruleset.slice(0, 12)}`}
        {typeof analysis.durationMs === "number" &&
          ` · ${analysis.durationMs < 1000 ? `${analysis.durationMs} ms` : `${(analysis.durationMs / 1000).toFixed(1)} s`}`}
        {analysis.finishedAt && (
          <>
            {" · "}
            <Clock at={analysis.finishedAt} />
          </>
        )}
      </p>
    </div>
  );
}

/** What changed shortly before the issue, the likeliest trigger first. */
function ChangedBefore({ issue, of }: { issue: Issue; of: Change[] }) {
  if (!of.length) return null;
  return (
    <div className="rounded-md border border-line bg-surface p-3">
      <h3 className="text-xs font-medium text-muted">Changed just before</h3>
      <ul className="mt-1 flex flex-col gap-1">
        {of.map((one) => (
          <li key={one.evidenceId}>
            <ClaimText claim={{ text: one.text ?? "", evidenceIds: [one.evidenceId] }} />
            <span className="flex flex-wrap gap-x-1.5 text-xs text-muted">
              <ObjectLink cluster={issue.cluster} of={one.ref} className="font-mono break-all" />
              {one.at && (
                <>
                  <span aria-hidden>·</span>
                  <Clock at={one.at} />
                </>
              )}
              {one.manager && (
                <>
                  <span aria-hidden>·</span>
                  <span className="break-all">{one.manager}</span>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What came of an analysis that did not replace this answer. */
function LaterAttempt({ of }: { of: Attempt }) {
  const missing = of.missingEvidence ?? [];
  return (
    <p role="note" className="text-muted">
      Analyzed again <Time at={of.finishedAt} />
      {of.status === "failed"
        ? `, which failed${of.failure ? ` (${of.failure})` : ""}. This is the previous result.`
        : `, with less evidence${missing.length ? ` (missing: ${missing.join("; ")})` : ""}. The facts that this result cites have not changed, so it still applies.`}
    </p>
  );
}

/** How this explanation differs from the one before it, and which evidence the other lacked: whether it is there now is not known. */
export function changeText(now: Analysis): string | null {
  const before = now.previous;
  if (!before) return null;
  const percent = (of: number | null | undefined) => `${Math.round((of ?? 0) * 100)}%`;
  const cause = now.rootCause;
  const lacked = before.missingEvidence ?? [];
  const why = lacked.length ? `. The previous result lacked this evidence: ${lacked.join("; ")}` : "";
  if (!cause) return before.rootCause ? `The cause was “${before.rootCause.title}”, which the evidence no longer supports${why}` : null;
  if (!before.rootCause) return `The cause was previously unknown${why}`;
  if (before.rootCause.id !== cause.id) return `The cause changed from “${before.rootCause.title}”${why}`;
  return `Confidence changed from ${percent(before.confidence)} to ${percent(now.confidence)}${why}`;
}

function WhatChanged({ now }: { now: Analysis }) {
  const text = changeText(now);
  if (!text) return null;
  return (
    <p role="note" className="text-muted">
      <Clock at={now.previous!.replacedAt} /> <Prose>{`${text}.`}</Prose>
    </p>
  );
}

function Claims({ of }: { of: Claim[] }) {
  const [isWhole, showAll] = useState(false);
  const hidden = isWhole || of.length <= FIRST_CLAIMS + 1 ? 0 : of.length - FIRST_CLAIMS;
  if (!of.length) return null;
  return (
    <>
      <ul className="mt-2 flex flex-col gap-1">
        {of.slice(0, of.length - hidden).map((claim, index) => (
          <li key={index}>
            <ClaimText claim={claim} />
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" onClick={() => showAll(true)} className="mt-1 min-h-6 text-xs font-medium text-accent hover:underline">
          Show {hidden} more reasons
        </button>
      )}
    </>
  );
}

export function Confidence({ of }: { of: Analysis }) {
  if (typeof of.confidence !== "number") return null;
  const percent = Math.round(of.confidence * 100);
  return (
    <span className="inline-flex items-center gap-1.5 text-xs text-muted" title={`Confidence: ${percent}%`}>
      <span aria-hidden className="h-1.5 w-14 overflow-hidden rounded-full bg-line">
        <span className="block h-full bg-accent" style={{ width: `${percent}%` }} />
      </span>
      {of.confidenceLabel ?? `${percent}%`} confidence
    </span>
  );
}

function Others({ of }: { of: Hypothesis[] }) {
  const [open, show] = useState(false);
  return (
    <div>
      <button type="button" aria-expanded={open} onClick={() => show(!open)} className="text-xs font-medium text-accent hover:underline">
        {open ? "Hide" : "Show"} {of.length} other {of.length === 1 ? "explanation" : "explanations"} considered
      </button>
      {open && (
        <ul className="mt-2 flex flex-col gap-2">
          {of.map((one, index) => (
            <li key={index} className="flex gap-2">
              <Verdict of={one} />
              <div className="min-w-0">
                <span className="font-medium">
                  <Prose>{one.title}</Prose>
                </span>
                <p className="text-muted">
                  <ClaimText claim={{ text: one.why, evidenceIds: one.evidenceIds }} />
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Verdict({ of }: { of: Hypothesis }) {
  const word = of.verdict;
  const isIn = word === "accepted";
  const isOut = word === "rejected";
  const Icon = isIn ? Check : isOut ? X : CircleHelp;
  return (
    <span className="inline-flex w-24 shrink-0 items-start gap-1 text-xs text-muted">
      <Icon aria-hidden className={cx("mt-0.5 size-3.5", isIn && "text-ok-solid")} />
      {word}
    </span>
  );
}

const KINDS: Record<string, string> = {
  object: "Object",
  event: "Event",
  log: "Log line",
  change: "Change",
  relation: "Comparison",
  absence: "Absence",
  probe: "Probe",
  metric: "Metric",
};

export function EvidenceSection({ cluster, evidence, cited }: { cluster: string; evidence: Evidence[]; cited: string | null }) {
  return (
    <Section
      id="evidence"
      title={
        <>
          Evidence <span className="font-normal text-muted">{evidence.length}</span>
        </>
      }
    >
      <ol className="flex flex-col">
        {evidence.map((one, index) => (
          <li
            key={one.id}
            id={one.id}
            tabIndex={-1}
            className={cx(
              "flex scroll-mt-4 gap-3 rounded-sm border-l-2 px-2 py-1.5 outline-none",
              cited === one.id ? "border-l-accent bg-selected" : "border-l-transparent",
            )}
          >
            <span className="w-5 shrink-0 text-right text-xs leading-5 text-muted">{index + 1}</span>
            <EvidenceText cluster={cluster} of={one} />
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What a piece of evidence says, and where it was read. */
export function EvidenceText({ cluster, of: one }: { cluster: string; of: Evidence }) {
  return (
    <div className="min-w-0 flex-1">
      <p className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{one.excerpt}</p>
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-muted">
        <span>{KINDS[one.kind] ?? one.kind}</span>
        {one.ref && (
          <>
            <span aria-hidden>·</span>
            <ObjectLink cluster={cluster} of={one.ref} className="break-all" />
          </>
        )}
        {one.path && (
          <>
            <span aria-hidden>·</span>
            <span className="font-mono break-all">{one.path}</span>
          </>
        )}
        {one.observedAt && (
          <>
            <span aria-hidden>·</span>
            <Clock at={one.observedAt} />
          </>
        )}
        {one.stance === "contradicts" && <Chip>contradicts</Chip>}
        {one.trust === "app_text" && <Chip title="Written by an application, so its content is not trusted">application text</Chip>}
      </p>
    </div>
  );
}

export { Cite };
