// What happened in an issue: its facts and its affected objects.

import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { useState } from "react";
import type { Issue } from "../../api/queries";
import { Chip, cx, Facts, IconButton, Section, span, Time } from "../../parts";
import { ObjectLink } from "../objectlink";
import { usePeople } from "../people";
import { containerOf, fact, factLabel, isShown } from "./facts";
import { LabelDialog, type Make } from "./triage";

export function WhatHappened({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
  const { name } = usePeople();
  const [isLabelling, label] = useState(false);
  const labels = Object.entries(issue.labels);
  const message = typeof issue.facts.message === "string" ? issue.facts.message : null;
  const facts = Object.entries(issue.facts).filter(([name, value]) => isShown(name, value));
  const [more, showMore] = useState(false);
  const where = `${issue.resourceKind} ${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`;
  const lasted = (Date.parse(issue.resolvedAt ?? issue.lastSeenAt) - Date.parse(issue.firstSeenAt)) / 1000;
  return (
    <Section title="What happened">
      <p className="text-base">
        {issue.title}
        {issue.count > 1 && `. Optral has counted ${issue.count.toLocaleString()} occurrences in ${span(lasted)}`}.
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
            ["Since", <Time at={issue.firstSeenAt} />],
            ["Unchanged since", issue.unchangedSince !== issue.firstSeenAt && <Time at={issue.unchangedSince} />],
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
