// One issue: why it happened and what to do first, then what happened, what was seen and who did what. Opens over the list with an address of its own.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Issue, issueQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { patched } from "../../live/apply";
import { Chip, cx, Empty, Failed, Loading, Panel, Severity, StaleBadge, StaleNotice, Status } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { Ask } from "../ask";
import { IssueCure } from "../runbooks/issuecure";
import { useTitle } from "../title";
import { UsageSection } from "../usage/section";
import { ActionBar } from "./actionbar";
import { useIssueActions } from "./actions";
import { ActivitySection } from "./activity";
import { AlertsSection } from "./alerts";
import { AnalysisSection, EvidenceSection } from "./analysis";
import { CapturedSection } from "./captured";
import { Citations } from "./claims";
import { CopyMenu } from "./copymenu";
import type { IssueSearch } from "./filter";
import { FixNote } from "./fixnote";
import { Affected, WhatHappened } from "./happened";
import { FailedFixNotice, ResolvedNotice } from "./resolved";
import { KeyFacts, Side } from "./side";
import { SilencesSection } from "./silences";
import { SimilarSection } from "./similar";
import { Origins, Symptoms } from "./symptoms";
import { Timeline } from "./timeline";
import { TopologySection } from "./topology";
import { type Make, MutedNotice, SnoozedNotice } from "./triage";

const route = getRouteApi("/framed/issues/$issueId");

const list = getRouteApi("/framed/issues");

const CITED_MS = 4_000;

const SIDE_FROM_PX = 920; // where facts and actions have a column of their own: the full page of a window of 1,200 px

export function IssueDetail() {
  const { issueId } = route.useParams();
  const search = list.useSearch();
  const go = useNavigate();
  const found = useQuery(issueQuery(issueId));
  const issue = found.data;
  useTitle(issue?.title);
  const client = useQueryClient();
  useEffect(() => {
    if (issue)
      client.setQueriesData({ queryKey: ["issues"] }, (held) =>
        patched(held, { id: issue.id, resolvesAt: issue.resolvesAt, fix: issue.fix }),
      );
  }, [client, issue?.id, issue?.resolvesAt, issue?.fix?.resolvesAt]);
  const close = useCallback(() => void go({ to: "/issues", search: { ...search, full: undefined } as never }), [go, search]);
  const toggleFull = () =>
    void go({ to: ".", search: { ...search, full: search.full ? undefined : "1" } as never, hash: true, replace: true });
  return (
    <Panel
      label={issue ? issue.title : "Issue"}
      onClose={close}
      full={search.full === "1"}
      onFull={toggleFull}
      tools={issue && <CopyMenu issue={issue} />}
      header={
        issue ? (
          <>
            <div className="flex flex-wrap items-center gap-2">
              <Severity value={issue.severity} />
              <Status value={issue.status} />
              <FixNote issue={issue} badge />
              <StaleBadge of={issue} />
              <span className="text-muted">{issue.type}</span>
              {issue.substatus !== issue.status && issue.status !== "resolved" && (
                <Chip title={SUBSTATUS[issue.substatus]}>{issue.substatus}</Chip>
              )}
            </div>
            <h2 className="mt-1 text-lg leading-6 font-semibold break-words">{issue.title}</h2>
          </>
        ) : (
          <h2 className="min-h-12 text-lg font-semibold max-sm:min-h-18">Issue</h2> // as high as what takes its place
        )
      }
    >
      {found.isLoadingError ? (
        (found.error as { status?: number }).status === 404 ? (
          <Empty title="Issue not found">It may belong to a removed cluster or to another organization.</Empty>
        ) : (
          <Failed error={found.error} what="Could not load the issue" retry={() => void found.refetch()} />
        )
      ) : !issue ? (
        <Loading rows={6} />
      ) : (
        <IssueCure key={issue.id} issue={issue} otherwise={<Body issue={issue} search={search as IssueSearch} />} />
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
      "severity" in wanted
        ? { severity: issue.severitySetBy ? issue.severity : null }
        : wanted.snooze && !issue.snooze
          ? { snooze: null }
          : undefined,
    );
  const box = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow(box, SIDE_FROM_PX);
  const notices = (
    <>
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
      <ResolvedNotice issue={issue} />
      <FailedFixNotice issue={issue} />
    </>
  );
  return (
    <Citations.Provider value={citations}>
      <div ref={box} className={cx(!isNarrow && "grid grid-cols-[minmax(0,1fr)_20rem] items-start")}>
        <div className="min-w-0">
          {isNarrow && <ActionBar issue={issue} make={make} />}
          {isNarrow && <KeyFacts issue={issue} />}
          {notices}
          <AnalysisSection issue={issue} analysis={analysis} canAnalyse={may(me, "issues:analyze")} onAnalyse={() => void analyse(issue)} />
          <Ask key={issue.id} issueId={issue.id} cluster={issue.cluster} />
          <Symptoms issue={issue} search={search} />
          <TopologySection issue={issue} />
          <WhatHappened issue={issue} make={make} mayWrite={mayWrite} hasFacts={isNarrow} />
          <UsageSection kind={issue.resourceKind} resourceId={issue.resourceId} />
          <AlertsSection issueId={issue.id} />
          <SilencesSection issueId={issue.id} mayWrite={mayWrite} />
          <SimilarSection issueId={issue.id} search={search} />
          {evidence.length > 0 && <EvidenceSection cluster={issue.cluster} evidence={evidence} cited={cited} />}
          <CapturedSection issueId={issue.id} mayRead={may(me, "logs:read")} />
          <Timeline issue={issue} analysis={analysis} />
          {issue.affected.length > 0 && <Affected issue={issue} />}
          <ActivitySection issue={issue} mayWrite={mayWrite} />
        </div>
        {!isNarrow && <Side issue={issue} make={make} mayWrite={mayWrite} />}
      </div>
    </Citations.Provider>
  );
}
