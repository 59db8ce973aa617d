// What happened in an issue: its facts, its affected objects and its timeline.

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { useMemo, useState } from "react";
import type { Analysis } from "../../api/analysis";
import { type Activity, type Issue, issueActivityQuery } from "../../api/queries";
import { Button, Chip, Clock, cx, Facts, IconButton, Section, span, Time } from "../../parts";
import { ObjectLink } from "../objectlink";
import { usePeople } from "../people";
import { Cite, Prose } from "./claims";
import { containerOf, fact, factLabel } from "./facts";
import { LabelDialog, type Make } from "./triage";

const HIDDEN = new Set(["message", "reason"]);

export function WhatHappened({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
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
              issue.owner && !(issue.owner.kind === issue.resourceKind && issue.owner.name === issue.resource) && (
                <ObjectLink cluster={issue.cluster} of={{ ...issue.owner, namespace: issue.namespace }}>
                  {issue.owner.kind} {issue.owner.name}
                </ObjectLink>
              ),
            ],
            issue.owner?.kind === "Service" || issue.type === "ServiceMissing"
              ? ["Address", issue.container]
              : ["Container", containerOf(issue)],
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
                    <Link
                      key={key}
                      to="/issues"
                      search={{ label: `${key}:${value}` } as never}
                      title="Issues with this label"
                      className="rounded-sm hover:underline"
                    >
                      <Chip>
                        {key}={value}
                      </Chip>
                    </Link>
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
          <Facts wide of={facts.map(([name, value]): [string, React.ReactNode] => [factLabel(name), linkedFact(issue, name, value)])} />
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

/** A fact of an issue; one that names a node leads there. */
function linkedFact(issue: Issue, name: string, value: unknown) {
  if (name !== "node" || typeof value !== "string" || !value) return fact(name, value);
  return (
    <ObjectLink cluster={issue.cluster} of={{ kind: "Node", name: value }}>
      {value}
    </ObjectLink>
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

export function Timeline({ issue, analysis }: { issue: Issue; analysis: Analysis | undefined }) {
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

export function Affected({ issue }: { issue: Issue }) {
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
              <ObjectLink cluster={issue.cluster} of={one}>
                {one.namespace ? `${one.namespace}/` : ""}
                {one.name}
              </ObjectLink>
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
