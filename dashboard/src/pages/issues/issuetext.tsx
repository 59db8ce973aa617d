// What a row says of an issue, in the overview and in the issue list: its title, and below it why, where, since when, how big and whether it is
// fixed. What has a column of its own is left out. Beside it stands the first action.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MessageSquare, Play } from "lucide-react";
import { useCallback } from "react";
import { clustersQuery, type Issue } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Chip, cx, Name, plural, Severity, StaleMark, Time } from "../../parts";
import { useNow } from "../../parts/time";
import { executionLink, runbookLink } from "../runbooks/cureaddress";
import { ExecutionState } from "../runbooks/labels";
import { useHolding } from "../runbooks/unfinished";
import { AFFECTED } from "./affected";
import { FixNote, isFixed } from "./fixnote";
import { impactText } from "./impact";

/** Everything in one line, in two, or as a card where the list is as narrow as a phone. */
export type Lines = "one" | "two" | "card";

interface TextProps {
  issue: Issue;
  /** Of the address, for the link. */
  search: object;
  lines: Lines;
  /** Ids of the columns beside it. */
  columns?: string[];
  isOpen?: boolean;
  onFocus?: ((id: string) => void) | undefined;
  assignee?: string | undefined;
  /** Whether there is more than one cluster. */
  hasCluster: boolean;
}

const NO_COLUMNS: string[] = [];

export function IssueText({ issue, search, lines, columns = NO_COLUMNS, isOpen, onFocus, assignee, hasCluster }: TextProps) {
  return (
    <div className={cx("min-w-0 flex-1", lines === "one" && "flex items-center gap-3")}>
      <div className={cx("flex min-w-0", lines === "one" && "max-w-2/3 shrink-0")}>
        <Link
          to="/issues/$issueId"
          params={{ issueId: issue.id }}
          search={search as never}
          preload={false}
          aria-current={isOpen ? "true" : undefined}
          onFocus={onFocus && (() => onFocus(issue.id))}
          className={cx(
            "min-w-0 font-medium outline-offset-0 after:absolute after:inset-0",
            lines === "card" ? "line-clamp-2 leading-5 break-words" : "truncate",
          )}
          title={issue.title}
        >
          {issue.title}
        </Link>
      </div>
      <div
        className={cx("min-w-0 text-xs text-muted", lines === "card" ? "flex flex-col" : "flex items-center", lines === "one" && "flex-1")}
      >
        {lines === "card" && !columns.includes("severity") ? (
          <span className="flex h-5 min-w-0 items-center gap-1.5">
            <Severity quiet value={issue.severity} />
            <span aria-hidden>·</span>
            {issue.symptomCount > 0 && (
              <>
                <SymptomCount issue={issue} />
                <span aria-hidden>·</span>
              </>
            )}
            <Cause issue={issue} />
          </span>
        ) : (
          <Cause issue={issue} />
        )}
        <span
          className={cx(
            "flex h-5 min-w-0 items-center gap-1.5 overflow-hidden [&>*+*]:before:mr-1.5 [&>*+*]:before:content-['·'/'']",
            lines !== "card" && "max-w-3/4 shrink-0 before:content-['·'/''] before:ml-1.5 @max-3xl:max-w-1/2",
          )}
        >
          <Name className="min-w-10 shrink-[2] font-mono">{objectOf(issue)}</Name>
          {hasCluster && !columns.includes("cluster") && <span className="min-w-8 truncate">{issue.cluster}</span>}
          {!columns.includes("since") && <Since issue={issue} />}
          <Affects issue={issue} search={search} />
          {!columns.includes("status") && <State issue={issue} />}
          {assignee && !columns.includes("assignee") && (
            <span title="Assignee" className="min-w-8 truncate">
              {assignee}
            </span>
          )}
          {lines !== "card" && <SymptomCount issue={issue} />}
          <Marks issue={issue} />
          {issue.status !== "resolved" && issue.stale && (
            <StaleMark of={issue} className={lines === "card" ? "hidden" : "@max-5xl:hidden"} />
          )}
        </span>
      </div>
    </div>
  );
}

const objectOf = (issue: Issue) => `${issue.namespace ? `${issue.namespace}/` : ""}${issue.owner?.name ?? issue.resource}`;

const SURE: Record<string, string> = { medium: "Likely: ", low: "Possibly: " };

/** The cause in words, or why none is known. */
function Cause({ issue }: { issue: Issue }) {
  const { cause } = issue;
  const box = "block h-5 min-w-16 shrink truncate leading-5";
  if (!cause)
    return (
      <span title={issue.causeUnknown ?? undefined} className={box}>
        {issue.causeUnknown ?? (issue.parentIssueId ? "Explained by another issue" : "Not analyzed")}
      </span>
    );
  const explanation = cause.explanation.replaceAll("`", "");
  const confidence = cause.confidenceLabel ? ` (${cause.confidenceLabel} confidence)` : "";
  return (
    <span title={`${cause.title}${confidence}. ${explanation}`} className={cx(box, "text-text")}>
      <span className="sr-only">Cause: </span>
      {SURE[cause.confidenceLabel ?? ""]}
      {cause.title}
    </span>
  );
}

const DAY_MS = 86_400_000;

function Since({ issue }: { issue: Issue }) {
  const now = useNow();
  if (issue.status === "resolved")
    return (
      <span className="shrink-0">
        resolved <Time at={issue.resolvedAt} />
      </span>
    );
  return (
    <span className="shrink-0 whitespace-nowrap">
      for <Time short at={issue.firstSeenAt} />
      {now - Date.parse(issue.unchangedSince) > DAY_MS && <span className="@max-md:hidden">, unchanged</span>}
    </span>
  );
}

/** "affects 5 workloads, 12 pods"; nothing for one object that nothing depends on. The one workload that the title names is not counted. */
function Affects({ issue: { id, impact, affected }, search }: { issue: Issue; search: object }) {
  const text = impactText({ ...impact, workloads: impact.workloads > 1 ? impact.workloads : 0 });
  const look = "shrink-0 whitespace-nowrap @max-2xl:hidden";
  if (!text) return null;
  if (!affected.length)
    return (
      <span title={impact.reason} className={look}>
        affects {text}
      </span>
    );
  return (
    <Link
      to="/issues/$issueId"
      params={{ issueId: id }}
      search={search as never}
      hash={AFFECTED}
      preload={false}
      title={`${impact.reason} Shows the affected objects`.trim()}
      className={`relative z-[1] hover:underline ${look}`}
    >
      affects {text}
    </Link>
  );
}

/** Snoozed and muted come before the status, because they explain why no notifications are sent. */
const QUIET: Record<string, string> = { snoozed: "Snoozed", muted: "Muted" };
const STATUS: Record<string, string> = { open: "Open", acknowledged: "Acknowledged", resolved: "Resolved" };
export const stateOf = (issue: Issue) => (issue.status !== "resolved" && QUIET[issue.substatus]) || STATUS[issue.status] || issue.status;

/** That it is fixed, or what a person did with it; an open issue says nothing. */
function State({ issue }: { issue: Issue }) {
  if (isFixed(issue))
    return (
      <span className="shrink-0 text-ok">
        <FixNote issue={issue} />
      </span>
    );
  const word = stateOf(issue);
  return word !== "Open" && word !== "Resolved" && <span className="shrink-0">{word}</span>;
}

/** What is worth a word beside the title. */
const MARKED = new Set(["escalating", "regressed", "flapping"]);

function SymptomCount({ issue }: { issue: Issue }) {
  if (!issue.symptomCount) return null;
  return (
    <span title="Issues that this one explains" className="shrink-0 whitespace-nowrap">
      {plural(issue.symptomCount, "symptom")}
    </span>
  );
}

function Marks({ issue }: { issue: Issue }) {
  return (
    <>
      {MARKED.has(issue.substatus) && issue.status !== "resolved" && <span className="shrink-0 @max-lg:hidden">{issue.substatus}</span>}
      {issue.parentIssueId && (
        <span className="shrink-0">
          <Chip title="Explained by another issue">symptom</Chip>
        </span>
      )}
      {issue.commentCount > 0 && (
        <span title={plural(issue.commentCount, "comment")} className="inline-flex shrink-0 items-center gap-0.5">
          <MessageSquare aria-hidden className="size-3" />
          {issue.commentCount}
          <span className="sr-only"> comments</span>
        </span>
      )}
    </>
  );
}

/** Whether names of clusters tell issues apart: there are several, and the list is not limited to one. */
export function useSeveralClusters(scope: string | undefined): boolean {
  const { data } = useQuery(clustersQuery({}));
  return (data?.total ?? 0) > 1 && (!scope || scope.includes(","));
}

/** Whether the runbook of the first action can be previewed: the person may see runbooks, and the agent is not read-only. */
export function useRunnable(): (issue: Issue) => boolean {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery(clustersQuery({}));
  const mayRun = may(me, "runbooks:read");
  return useCallback(
    ({ action, clusterId }) =>
      !!action?.runbook && mayRun && !data?.clusters.find((one) => one.id === clusterId)?.agent.capabilities.includes("read-only"),
    [data, mayRun],
  );
}

/** The first action: a button that opens its preview, or advice in words. */
export function FirstAction({ issue, lines, canRun }: { issue: Issue; lines: Lines; canRun: boolean }) {
  const { action } = issue;
  const running = useHolding(issue.id, action?.runbook);
  if (!action || issue.status === "resolved") return null;
  const text = lines === "one" ? "truncate" : "line-clamp-2 leading-4 break-words";
  if (!canRun)
    return (
      lines !== "card" && (
        <span title={`First step: ${action.title}`} className={cx("text-xs text-muted", text)}>
          {action.title}
        </span>
      )
    );
  if (running)
    return (
      <Link
        {...(executionLink(issue.id, running.runbook.slug, running.id) as object)}
        to="/issues/$issueId"
        params={{ issueId: issue.id }}
        preload={false}
        title={`${running.runbook.name}: shows the execution`}
        className="relative z-[1] flex max-w-full min-w-0 items-center rounded-sm px-2 py-0.5 text-xs hover:bg-hover pointer-coarse:min-h-11"
      >
        <ExecutionState of={running} quiet />
      </Link>
    );
  return (
    <Link
      {...(runbookLink(issue, action) as object)}
      to="/issues/$issueId"
      params={{ issueId: issue.id }}
      preload={false}
      title={`${action.title}: opens a preview; nothing changes yet`}
      className="relative z-[1] flex max-w-full min-w-0 items-center gap-1.5 rounded-sm border border-control/60 bg-raised px-2 py-0.5 text-left text-xs font-medium hover:bg-hover pointer-coarse:min-h-11"
    >
      <Play aria-hidden className="size-3 shrink-0" />
      <span className={lines === "card" ? "sr-only" : cx("min-w-0", text)}>{action.title}</span>
    </Link>
  );
}
