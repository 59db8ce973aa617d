// The facts of an issue beside its explanation: how urgent and why, since when, what it affects, whose it is, and what changed last.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil } from "lucide-react";
import { type ReactNode, useState } from "react";
import { capturedQuery, type Issue } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Chip, Facts, IconButton, plural, Severity, Time } from "../../parts";
import { entityLinks, Team } from "../entitylinks";
import { lazyPage } from "../lazy";
import { ObjectLink } from "../objectlink";
import { usePeople } from "../people";
import { ActionBar } from "./actionbar";
import { AFFECTED, showAffected } from "./affected";
import { containerOf, factLabel } from "./facts";
import { impactText } from "./impact";
import { LabelDialog, type Make } from "./triage";

type Fact = [name: string, value: ReactNode];

/** "Pod" as "pod"; a name such as StatefulSet stays. */
const plainKind = (kind: string) => (/^[A-Z][a-z]+$/.test(kind) ? kind.toLowerCase() : kind);

/** What the issue affects; where the impact knows nothing, the objects that show the failure. */
function affectsText({ impact, affected }: Issue): string {
  const kinds = [...new Set(affected.map((one) => one.kind))];
  return impactText(impact) || kinds.map((kind) => plural(affected.filter((one) => one.kind === kind).length, plainKind(kind))).join(", ");
}

/** What the issue affects, leading to the list of the objects where there is one. */
function Affects({ issue }: { issue: Issue }) {
  const text = affectsText(issue);
  if (!text || !issue.affected.length) return text;
  return (
    <Link
      to="."
      search={true}
      hash={AFFECTED}
      onClick={showAffected}
      title="Show the affected objects"
      className="rounded-sm text-accent hover:underline"
    >
      {text}
    </Link>
  );
}

/** The fix; otherwise the change that the analysis names, or the newest to the affected objects. */
function LastChange({ issue }: { issue: Issue }) {
  const { data: me } = useQuery(meQuery);
  const { name } = usePeople();
  const known = issue.analysis?.changes?.find((one) => one.at);
  const captured = useQuery({ ...capturedQuery(issue.id), enabled: !known && may(me, "logs:read") });
  const change = known ?? captured.data?.changes[0];
  const { fix } = issue;
  if (fix && !(change?.at && Date.parse(change.at) > Date.parse(fix.verifiedAt)))
    return (
      <>
        <Time at={fix.verifiedAt} /> <span className="text-muted">by {name(fix.by) ?? "a runbook"}:</span>{" "}
        <Link to="/executions/$executionId" params={{ executionId: fix.executionId }} className="text-accent hover:underline">
          the fix
        </Link>
      </>
    );
  if (!change?.at) return <span className="text-muted">None known</span>;
  return (
    <>
      <Time at={change.at} />
      {change.manager && <span className="text-muted"> by {change.manager}</span>}
    </>
  );
}

const LazyImage = lazyPage(() => import("./image"), "Image");

/** Of the container that the issue is about; some types name it themselves. */
function Image({ issue, resourceId }: { issue: Issue; resourceId: string }) {
  const known = issue.facts.image;
  return (
    <span className="font-mono text-xs break-all">
      {typeof known === "string" && known ? known : <LazyImage resourceId={resourceId} container={containerOf(issue)} />}
    </span>
  );
}

const RUNS_PODS = new Set(["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"]);

/** Who replaced the computed severity, which `More actions` brings back. */
function SetBy({ issue }: { issue: Issue }) {
  const { name } = usePeople();
  return (
    <>
      {name(issue.severitySetBy!) ?? issue.severitySetBy}
      {issue.computedSeverity && <span className="text-muted">, computed: {issue.computedSeverity}</span>}
    </>
  );
}

const ticketLinks = ({ tickets }: Issue) =>
  entityLinks(tickets?.flatMap(({ id, url, status }) => (id && url ? [{ title: id, url, annotation: `Ticket ${id}: ${status}` }] : [])));

const ownerOf = (issue: Issue) =>
  issue.owner && !(issue.owner.kind === issue.resourceKind && issue.owner.name === issue.resource) ? (
    <ObjectLink cluster={issue.cluster} of={{ ...issue.owner, namespace: issue.namespace }}>
      {issue.owner.kind} {issue.owner.name}
    </ObjectLink>
  ) : null;

function Resource({ issue }: { issue: Issue }) {
  const where = `${issue.resourceKind} ${issue.namespace ? `${issue.namespace}/` : ""}${issue.resource}`;
  if (!issue.resourceId) return <span className="font-mono text-xs break-words">{where}</span>;
  return (
    <Link
      to="/resources/$resourceId"
      params={{ resourceId: issue.resourceId }}
      className="font-mono text-xs break-words text-accent hover:underline"
    >
      {where}
    </Link>
  );
}

/** Who the issue is about and when it was seen; `wide` on a narrow page, where the key facts have the owner. */
export function IssueFacts({
  issue,
  make,
  mayWrite,
  wide,
  first = [],
}: {
  issue: Issue;
  make: Make;
  mayWrite: boolean;
  wide?: boolean;
  first?: Fact[];
}) {
  const { name } = usePeople();
  const [isLabelling, label] = useState(false);
  const labels = Object.entries(issue.labels);
  const isAddress = issue.owner?.kind === "Service" || issue.type === "ServiceMissing";
  return (
    <>
      <Facts
        wide={wide}
        of={[
          ...first,
          ["Severity set by", issue.severitySetBy && <SetBy issue={issue} />],
          ["Resource", <Resource issue={issue} />],
          ["Owner", !wide && ownerOf(issue)],
          isAddress ? ["Address", issue.container] : ["Container", containerOf(issue)],
          [
            "Cluster",
            <Link to="/clusters/$clusterId" params={{ clusterId: issue.clusterId }} className="text-accent hover:underline">
              {issue.cluster}
            </Link>,
          ],
          ["Unchanged since", issue.unchangedSince !== issue.firstSeenAt && <Time at={issue.unchangedSince} />],
          ["Detected", <Time at={issue.detectedAt} />],
          ["Last seen", <Time at={issue.lastSeenAt} />],
          ["Resolved", issue.resolvedAt && <Time at={issue.resolvedAt} />],
          ["Resolution", issue.resolution && factLabel(issue.resolution.replace(/_/g, " "))],
          ["Occurrences", issue.count > 1 ? `${issue.count.toLocaleString()} since first seen` : null],
          ["Assignee", issue.assignee && (name(issue.assignee) ?? issue.assignee)],
          ["Team", issue.team && <Team name={issue.team} from={issue.teamReason} />],
          ["Links", entityLinks(issue.links)],
          ["Tickets", ticketLinks(issue)],
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
      {isLabelling && <LabelDialog labels={issue.labels} make={make} onClose={() => label(false)} />}
    </>
  );
}

/** For a narrow page: what a person wants to know before the explanation, in one or two lines. */
export function KeyFacts({ issue }: { issue: Issue }) {
  const reason = issue.impact.reason;
  const facts: Fact[] = [
    ["Since", <Time at={issue.firstSeenAt} />],
    ["Affects", affectsText(issue) && <Affects issue={issue} />],
    ["Owner", ownerOf(issue)],
    ["Last change", <LastChange issue={issue} />],
  ];
  return (
    <div role="group" aria-label="Key facts" className="border-b border-line px-4 py-1.5 text-xs">
      <dl className="flex flex-wrap gap-x-4 gap-y-2">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="shrink-0 text-muted">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
      </dl>
      {reason && <p className="text-muted">{reason}</p>}
    </div>
  );
}

/** The right column of the full page. It stays in view while the left one scrolls. */
export function Side({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
  const { data: me } = useQuery(meQuery);
  const { resourceId } = issue;
  const hasImage = RUNS_PODS.has(issue.resourceKind) && may(me, "resources:manifest");
  const reason = issue.impact.reason;
  const first: Fact[] = [
    [
      "Severity",
      <>
        <Severity value={issue.severity} />
        {reason && <p className="mt-0.5 text-xs text-muted">{reason}</p>}
      </>,
    ],
    ["Since", <Time at={issue.firstSeenAt} />],
    ["Affects", affectsText(issue) && <Affects issue={issue} />],
    ["Last change", <LastChange issue={issue} />],
    ["Image", resourceId && hasImage && <Image issue={issue} resourceId={resourceId} />],
    ["Logs", resourceId && issue.resourceKind === "Pod" && <LogsLink resourceId={resourceId} />],
  ];
  return (
    <section aria-label="Facts and actions" className="self-stretch border-l border-line">
      <div className="sticky top-0 max-h-[calc(100dvh-5rem)] overflow-y-auto">
        <ActionBar issue={issue} make={make} />
        <div className="px-4 py-3">
          <IssueFacts issue={issue} make={make} mayWrite={mayWrite} first={first} />
        </div>
      </div>
    </section>
  );
}

const LogsLink = ({ resourceId }: { resourceId: string }) => (
  <Link to="/resources/$resourceId" params={{ resourceId }} search={{ tab: "logs" } as never} className="text-accent hover:underline">
    Open logs
  </Link>
);
