// One issue: what happened, why, what was seen, what to do, and who did what. Opens over the list with an address of its own.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Check, CheckCheck, ChevronDown, Pencil, Play, RotateCcw, ScanSearch } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import type { Action, Analysis } from "../../api/analysis";
import { type Activity, type Issue, issueActivityQuery, issueQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import {
  Badge,
  Button,
  Chip,
  Clock,
  cx,
  Empty,
  Facts,
  Failed,
  IconButton,
  Loading,
  Menu,
  MenuItem,
  MenuLine,
  Panel,
  Section,
  Severity,
  StaleBadge,
  StaleNotice,
  Status,
  span,
  Time,
} from "../../parts";
import { usePeople } from "../people";
import { useIssueActions } from "./actions";
import { ActivitySection } from "./activity";
import { AnalysisSection, EvidenceSection } from "./analysis";
import { CapturedSection } from "./captured";
import { Citations, Cite, Prose } from "./claims";
import { fact, factLabel } from "./facts";
import type { IssueSearch } from "./filter";
import { Origins, Symptoms } from "./symptoms";
import { AssignMenu, LabelDialog, type Make, MuteButton, MutedNotice, SnoozedNotice, SnoozeMenu } from "./triage";

const route = getRouteApi("/framed/issues/$issueId");
const list = getRouteApi("/framed/issues");
const CITED_MS = 4_000;

export function IssueDetail() {
  const { issueId } = route.useParams();
  const search = list.useSearch();
  const go = useNavigate();
  const found = useQuery(issueQuery(issueId));
  const issue = found.data;
  const close = useCallback(() => void go({ to: "/issues", search: { ...search, full: undefined } as never }), [go, search]);
  const toggleFull = () => void go({ to: ".", search: { ...search, full: search.full ? undefined : "1" } as never, replace: true });
  return (
    <Panel
      label={issue ? issue.title : "Issue"}
      onClose={close}
      full={search.full === "1"}
      onFull={toggleFull}
      header={
        issue ? (
          <>
            <div className="flex flex-wrap items-center gap-2">
              <Severity value={issue.severity} />
              <Status value={issue.status} />
              <StaleBadge of={issue} />
              <span className="text-muted">{issue.type}</span>
              {issue.substatus !== issue.status && issue.status !== "resolved" && (
                <Chip title={SUBSTATUS[issue.substatus]}>{issue.substatus}</Chip>
              )}
            </div>
            <h2 className="mt-1 text-lg leading-6 font-semibold break-words">{issue.title}</h2>
          </>
        ) : (
          <h2 className="text-lg font-semibold">Issue</h2>
        )
      }
    >
      {found.isError && !issue ? (
        (found.error as { status?: number }).status === 404 ? (
          <Empty title="Issue not found">It may belong to a removed cluster or to another organization.</Empty>
        ) : (
          <Failed error={found.error} what="Could not load the issue" retry={() => void found.refetch()} />
        )
      ) : !issue ? (
        <Loading rows={6} />
      ) : (
        <Body key={issue.id} issue={issue} search={search as IssueSearch} />
      )}
    </Panel>
  );
}

const SUBSTATUS: Record<string, string> = {
  new: "Opened less than 30 minutes ago",
  ongoing: "Open for more than 30 minutes",
  escalating: "Affects more objects, became more severe or occurs more often than usual",
  regressed: "Reopened within 24 hours",
  flapping: "Reopened three times within 6 hours",
  preexisting: "Existed before the cluster was connected",
};

function Body({ issue, search }: { issue: Issue; search: IssueSearch }) {
  const analysis = issue.analysis ?? undefined;
  const evidence = useMemo(() => analysis?.evidence ?? [], [analysis]);
  const [cited, cite] = useState<string | null>(null);
  const show = useCallback((id: string) => {
    cite(id);
    const row = document.getElementById(id);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    row?.focus({ preventScroll: true });
    setTimeout(() => cite((now) => (now === id ? null : now)), CITED_MS);
  }, []);
  const citations = useMemo(() => ({ numbers: new Map(evidence.map((one, index) => [one.id, index + 1])), show }), [evidence, show]);
  const { data: me } = useQuery(meQuery);
  const { analyse, change } = useIssueActions();
  const mayWrite = may(me, "issues:write");
  const make: Make = (wanted, message) =>
    void change(
      issue,
      wanted,
      `${message}: ${issue.title}`,
      "snooze" in wanted && wanted.snooze && !issue.snooze ? { snooze: null } : undefined,
    );
  return (
    <Citations.Provider value={citations}>
      <Actions issue={issue} make={make} />
      <StaleNotice rows={[issue]} />
      <Origins issue={issue} search={search} />
      <SnoozedNotice issue={issue} make={make} mayWrite={mayWrite} />
      {issue.muteRuleId && (
        <MutedNotice ruleId={issue.muteRuleId}>
          <Link to="/settings/$tab" params={{ tab: "mute-rules" }} className="shrink-0 font-medium text-accent hover:underline">
            Mute rules
          </Link>
        </MutedNotice>
      )}
      <WhatHappened issue={issue} make={make} mayWrite={mayWrite} />
      <Symptoms issue={issue} search={search} />
      <AnalysisSection
        analysis={analysis}
        isResolved={issue.status === "resolved"}
        canAnalyse={may(me, "issues:analyze")}
        onAnalyse={() => void analyse(issue)}
      />
      {!!analysis?.recommendedActions?.length && <Recommended issue={issue} actions={analysis.recommendedActions} />}
      {evidence.length > 0 && <EvidenceSection evidence={evidence} cited={cited} />}
      <CapturedSection issueId={issue.id} mayRead={may(me, "logs:read")} />
      <Timeline issue={issue} analysis={analysis} />
      {issue.affected.length > 0 && <Affected issue={issue} />}
      <ActivitySection issue={issue} mayWrite={mayWrite} />
    </Citations.Provider>
  );
}

/** Where a runbook is started for this issue: its page, with the form filled in. */
export const runbookLink = (issue: Issue, action: Pick<Action, "runbook" | "parameters">) => ({
  to: "/runbooks/$runbookId" as const,
  params: { runbookId: action.runbook ?? "" },
  search: { cluster: issue.cluster, issue: issue.id, ...(action.parameters ? { p: JSON.stringify(action.parameters) } : {}) },
});

function Actions({ issue, make }: { issue: Issue; make: Make }) {
  const { data: me } = useQuery(meQuery);
  const { acknowledge, resolve, analyse } = useIssueActions();
  const go = useNavigate();
  const mayWrite = may(me, "issues:write");
  const why = mayWrite ? undefined : "Your role cannot change issues";
  const runbooks = (issue.analysis?.recommendedActions ?? []).filter((one) => one.runbook);
  return (
    <div className="flex flex-wrap gap-2 border-b border-line px-4 py-2">
      {issue.status !== "resolved" && (
        <Button small disabled={!mayWrite} title={why ?? "a"} icon={<Check aria-hidden />} onClick={() => void acknowledge(issue)}>
          {issue.status === "acknowledged" ? "Unacknowledge" : "Acknowledge"}
        </Button>
      )}
      <Button
        small
        disabled={!mayWrite}
        title={why ?? "e"}
        icon={issue.status === "resolved" ? <RotateCcw aria-hidden /> : <CheckCheck aria-hidden />}
        onClick={() => void resolve(issue)}
      >
        {issue.status === "resolved" ? "Reopen" : "Resolve"}
      </Button>
      {issue.status !== "resolved" && <SnoozeMenu severity={issue.severity} make={make} disabled={!mayWrite} title={why} />}
      <AssignMenu assignee={issue.assignee ?? null} make={make} disabled={!mayWrite} title={why} />
      {!issue.muteRuleId && <MuteButton issue={issue} disabled={!mayWrite} title={why} />}
      <Button
        small
        disabled={!may(me, "issues:analyze") || issue.status === "resolved"}
        title={issue.status === "resolved" ? "Resolved issues are not analyzed" : "i"}
        icon={<ScanSearch aria-hidden />}
        onClick={() => void analyse(issue)}
      >
        Analyze
      </Button>
      <Menu
        trigger={
          <Button small disabled={!may(me, "runbooks:read")} icon={<Play aria-hidden />}>
            Run runbook <ChevronDown aria-hidden />
          </Button>
        }
      >
        {runbooks.map((one, index) => (
          <MenuItem key={index} onSelect={() => void go(runbookLink(issue, one) as never)}>
            {one.title}
          </MenuItem>
        ))}
        {runbooks.length > 0 && <MenuLine />}
        <MenuItem onSelect={() => void go({ to: "/runbooks", search: { cluster: issue.cluster } as never })}>All runbooks…</MenuItem>
      </Menu>
    </div>
  );
}

const HIDDEN = new Set(["message", "reason"]);

function WhatHappened({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
  const { name } = usePeople();
  const [isLabelling, label] = useState(false);
  const labels = Object.entries(issue.labels);
  const message = typeof issue.facts.message === "string" ? issue.facts.message : null;
  const facts = Object.entries(issue.facts).filter(([name]) => !HIDDEN.has(name));
  const [more, showMore] = useState(false);
  const where = `${issue.resourceKind} ${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`;
  const lasted = (Date.parse(issue.resolvedAt ?? issue.lastSeenAt) - Date.parse(issue.firstSeenAt)) / 1000;
  return (
    <Section title="What happened">
      <p className="text-base">
        {issue.title}
        {issue.count > 1 && `, ${issue.count} times in ${span(lasted)}`}.
      </p>
      {message && (
        <p className="mt-2 rounded-sm border border-line bg-surface px-2 py-1.5 font-mono text-xs break-words whitespace-pre-wrap">
          {message}
        </p>
      )}
      <div className="@container mt-2">
        <Facts
          wide
          of={[
            [
              "Resource",
              issue.resourceId ? (
                <Link
                  to="/resources/$resourceId"
                  params={{ resourceId: issue.resourceId }}
                  className="font-mono text-xs break-words text-accent hover:underline"
                >
                  {where}
                </Link>
              ) : (
                <span className="font-mono text-xs break-words">{where}</span>
              ),
            ],
            [
              "Owner",
              issue.owner &&
                !(issue.owner.kind === issue.resourceKind && issue.owner.name === issue.resource) &&
                `${issue.owner.kind} ${issue.owner.name}`,
            ],
            [issue.owner?.kind === "Service" || issue.type === "ServiceMissing" ? "Address" : "Container", issue.container],
            [
              "Cluster",
              <Link to="/clusters/$clusterId" params={{ clusterId: issue.clusterId }} className="text-accent hover:underline">
                {issue.cluster}
              </Link>,
            ],
            ["Detected", <Time at={issue.detectedAt} />],
            ["Last seen", <Time at={issue.lastSeenAt} />],
            ["Resolved", issue.resolvedAt && <Time at={issue.resolvedAt} />],
            ["Resolution", issue.resolution && factLabel(issue.resolution.replace(/_/g, " "))],
            ["Occurrences", issue.count > 1 ? `${issue.count.toLocaleString()} since first seen` : null],
            ["Assignee", issue.assignee && (name(issue.assignee) ?? issue.assignee)],
            [
              "Labels",
              (labels.length > 0 || mayWrite) && (
                <span className="flex flex-wrap items-center gap-1">
                  {labels.map(([key, value]) => (
                    <Chip key={key}>
                      {key}={value}
                    </Chip>
                  ))}
                  {mayWrite && (
                    <IconButton label="Edit labels" className="size-6!" onClick={() => label(true)}>
                      <Pencil />
                    </IconButton>
                  )}
                </span>
              ),
            ],
          ]}
        />
        <div className={cx("mt-2 border-t border-line pt-2", !more && "@max-md:hidden")}>
          <Facts wide of={facts.map(([name, value]): [string, React.ReactNode] => [factLabel(name), fact(name, value)])} />
        </div>
        {!more && (
          <button
            type="button"
            onClick={() => showMore(true)}
            className="mt-1 min-h-6 text-xs font-medium text-accent hover:underline @md:hidden"
          >
            {facts.length === 1 ? "1 more detail" : `${facts.length} more details`}
          </button>
        )}
      </div>
      {isLabelling && <LabelDialog labels={issue.labels} make={make} onClose={() => label(false)} />}
    </Section>
  );
}

const RISK: Record<string, ["ok" | "critical" | "low" | "high" | "info", string]> = {
  readOnly: ["ok", "Read-only"],
  low: ["low", "Low risk"],
  high: ["high", "High risk"],
  destructive: ["critical", "Destructive"],
  manual: ["info", "Manual"],
};

function Recommended({ issue, actions }: { issue: Issue; actions: Action[] }) {
  const go = useNavigate();
  return (
    <Section title="Recommended actions">
      <ul className="flex flex-col divide-y divide-line rounded-md border border-line">
        {actions.map((one, index) => {
          const [tone, word] = RISK[one.risk ?? ""] ?? ["low", one.risk ?? ""];
          return (
            <li key={index} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-2">
              <div className="min-w-48 flex-1">
                <p className="font-medium">
                  <Prose>{one.title}</Prose>
                </p>
                {one.why && (
                  <p className="text-muted">
                    <Prose>{one.why}</Prose>
                    {one.evidenceIds?.map((id) => (
                      <Cite key={id} id={id} />
                    ))}
                  </p>
                )}
              </div>
              {word && <Badge tone={tone}>{word}</Badge>}
              {one.runbook && (
                <Button small onClick={() => void go(runbookLink(issue, one) as never)} disabled={issue.status === "resolved"}>
                  Preview…
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

interface Mark {
  at: string;
  text: string;
  kind: string;
  evidenceId?: string | null;
}

/** What belongs on the line of time: when it began, ended and came back. All of it is under Activity. */
const TURNS: Record<string, string> = {
  opened: "Opened",
  reopened: "Reopened",
  resolved: "Resolved",
  attached: "Attached to its root issue",
  promoted: "Detached from its root issue",
};
const turn = (one: Activity): Mark[] => (TURNS[one.action] ? [{ at: one.at, text: TURNS[one.action]!, kind: "Issue" }] : []);

const valueText = (value: unknown) =>
  (value === undefined || value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value)).replace(/`/g, "'");

function Timeline({ issue, analysis }: { issue: Issue; analysis: Analysis | undefined }) {
  const activity = useInfiniteQuery(issueActivityQuery(issue.id));
  const [all, showAll] = useState(false);
  const marks = useMemo(() => {
    const found: Mark[] = [
      ...(activity.data?.pages ?? []).flatMap((page) => page.activity).flatMap(turn),
      ...(analysis?.timeline ?? []).map((one) => ({ ...one, kind: "Cluster" })),
      ...(analysis?.changes ?? [])
        .filter((one) => one.at)
        .map((one) => ({
          at: one.at!,
          text: `\`${one.path}\` changed from \`${valueText(one.from)}\` to \`${valueText(one.to)}\`${one.manager ? ` by ${one.manager}` : ""}`,
          kind: "Change",
          evidenceId: one.evidenceId,
        })),
      ...(analysis?.finishedAt ? [{ at: analysis.finishedAt, text: `Analysis ${analysis.status}`, kind: "Analysis" }] : []),
      { at: issue.firstSeenAt, text: "First seen in the cluster", kind: "Issue" },
    ];
    // The analysis puts its changes on its own timeline too: each is shown once, by the evidence it cites.
    const analyzed = new Set((analysis?.timeline ?? []).map((one) => one.evidenceId).filter(Boolean));
    return found
      .filter((one) => one.at && !(one.kind === "Change" && analyzed.has(one.evidenceId)))
      .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  }, [issue.firstSeenAt, activity.data, analysis]);
  const shown = all ? marks : marks.slice(0, 12);
  return (
    <Section title="Timeline">
      <ol className="flex flex-col">
        {shown.map((one, index) => {
          const later = shown[index - 1];
          const gap = later ? (Date.parse(later.at) - Date.parse(one.at)) / 1000 : 0;
          return (
            <li key={index}>
              {gap > 600 && <p className="ml-[108px] border-l border-dashed border-control py-1 pl-4 text-xs text-muted">{span(gap)}</p>}
              <div className="flex gap-3">
                <span className="w-24 shrink-0 text-right text-xs leading-6 text-muted">
                  <Clock at={one.at} />
                </span>
                <span className="relative min-w-0 flex-1 border-l border-line pb-1 pl-4 leading-6">
                  <span aria-hidden className="absolute top-2 -left-1 size-2 rounded-full border border-control bg-bg" />
                  <Prose>{one.text}</Prose>
                  {one.evidenceId && <Cite id={one.evidenceId} />}
                  {one.kind !== "Issue" && <span className="ml-2 text-xs text-muted">{one.kind}</span>}
                </span>
              </div>
            </li>
          );
        })}
      </ol>
      {marks.length > shown.length && (
        <Button small kind="quiet" onClick={() => showAll(true)}>
          Show {marks.length - shown.length} earlier
        </Button>
      )}
    </Section>
  );
}

function Affected({ issue }: { issue: Issue }) {
  return (
    <Section
      title={
        <>
          Affected <span className="font-normal text-muted">{issue.affected.length}</span>
        </>
      }
    >
      <ul className="flex flex-col">
        {issue.affected.map((one) => (
          <li key={`${one.kind}/${one.namespace}/${one.name}`} className="flex min-h-7 items-center gap-3">
            <span className="w-28 shrink-0 text-muted">{one.kind}</span>
            <span className="min-w-0 flex-1 font-mono text-xs break-all">
              {one.namespace ? `${one.namespace}/` : ""}
              {one.name}
            </span>
            {one.since && (
              <span className="text-xs text-muted">
                <Time at={one.since} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
