// What an issue explains, and what explains it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CornerLeftUp, History } from "lucide-react";
import { type Issue, issueQuery } from "../../api/queries";
import { Section, Severity, Status, Time } from "../../parts";
import { Confidence } from "./analysis";
import { Prose } from "./claims";
import type { IssueSearch } from "./filter";
import { Notice } from "./triage";

const LINK = "font-medium text-accent hover:underline";

/** A symptom names its root; without one, what it continues. */
export function Origins({ issue, search }: { issue: Issue; search: IssueSearch }) {
  const root = useQuery({ ...issueQuery(issue.parentIssueId ?? ""), enabled: !!issue.parentIssueId });
  return (
    <>
      {issue.parentIssueId && (
        <Notice icon={<CornerLeftUp />}>
          A symptom of{" "}
          <Link to="/issues/$issueId" params={{ issueId: issue.parentIssueId }} search={search as never} className={LINK}>
            {root.data?.title ?? "another issue"}
          </Link>
          .{root.data && <RootCause root={root.data} />}
          <p className="mt-1 text-xs text-muted">
            Notifications are sent for that issue. If this failure continues after that issue is resolved, it sends its own notifications.
          </p>
        </Notice>
      )}
      {issue.previousIssueId && (
        <Notice icon={<History />}>
          The same failure opened{" "}
          <Link to="/issues/$issueId" params={{ issueId: issue.previousIssueId }} search={search as never} className={LINK}>
            an earlier issue
          </Link>
          .
        </Notice>
      )}
    </>
  );
}

/** The answer that the root issue has for its symptoms: the cause and the best remedy. */
function RootCause({ root }: { root: Issue }) {
  const analysis = root.analysis;
  const cause = analysis?.rootCause;
  if (!analysis || !cause) return null;
  const best = analysis.recommendedActions?.[0];
  return (
    <div className="mt-2 rounded-md border border-line bg-bg p-3">
      <p className="flex flex-wrap items-center gap-x-2">
        <span className="font-semibold">
          <Prose>{cause.title}</Prose>
        </span>
        <Confidence of={analysis} />
      </p>
      {best && (
        <p className="mt-1">
          <span className="text-muted">Recommended action: </span>
          <Prose>{best.title}</Prose>
        </p>
      )}
    </div>
  );
}

export function Symptoms({ issue, search }: { issue: Issue; search: IssueSearch }) {
  const shown = issue.symptoms ?? [];
  if (!shown.length) return null;
  const root = issue.owner ? `${issue.owner.kind} ${issue.owner.name}` : `${issue.resourceKind} ${issue.resource}`;
  const standing = shown.filter((one) => one.status !== "resolved").length;
  return (
    <Section
      id="symptoms"
      title={
        <>
          Symptoms{" "}
          <span className="font-normal text-muted">
            {standing < shown.length ? `${standing} of ${issue.symptomCount} open` : issue.symptomCount}
          </span>
        </>
      }
    >
      <ul className="divide-y divide-line rounded-md border border-line">
        {shown.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5">
            <div className="min-w-56 flex-1">
              <Link
                to="/issues/$issueId"
                params={{ issueId: one.id }}
                search={search as never}
                className="font-medium break-words hover:underline"
              >
                {one.title}
              </Link>
              <p className="text-xs break-words text-muted">
                {one.type}
                {one.relation && ` · ${one.relation} ${root}`}
                {one.attachedAt && (
                  <>
                    {" "}
                    · attached <Time at={one.attachedAt} />
                  </>
                )}
              </p>
            </div>
            <span className="flex gap-3 text-xs">
              <Severity quiet value={one.severity} />
              <Status quiet value={one.status} />
            </span>
          </li>
        ))}
      </ul>
      {issue.symptomCount > shown.length && (
        <Link to="/issues" search={{ parent: issue.id, status: "all" } as never} className={`mt-2 inline-block ${LINK}`}>
          All {issue.symptomCount} symptoms
        </Link>
      )}
    </Section>
  );
}
