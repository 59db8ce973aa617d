// What happened in an issue: its facts and its affected objects.

import { useEffect, useState } from "react";
import type { Issue } from "../../api/queries";
import { cx, Facts, Section, span, Time } from "../../parts";
import { ObjectLink } from "../objectlink";
import { AFFECTED, showAffected } from "./affected";
import { fact, factLabel, isShown } from "./facts";
import { IssueFacts } from "./side";
import type { Make } from "./triage";

/** `hasFacts` false: the facts stand beside it. */
export function WhatHappened({ issue, make, mayWrite, hasFacts }: { issue: Issue; make: Make; mayWrite: boolean; hasFacts: boolean }) {
  const message = typeof issue.facts.message === "string" ? issue.facts.message : null;
  const facts = Object.entries(issue.facts).filter(([name, value]) => isShown(name, value));
  const [more, showMore] = useState(!hasFacts);
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
        {hasFacts && <IssueFacts issue={issue} make={make} mayWrite={mayWrite} wide />}
        <div className={cx(hasFacts && "mt-2 border-t border-line pt-2", !more && "@max-md:hidden")}>
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
  useEffect(() => {
    if (location.hash === `#${AFFECTED}`) showAffected();
  }, []);
  return (
    <Section
      id={AFFECTED}
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
