// One object: what it is and how it is, what Kubernetes said about it, whose it is, how it changed, its YAML and its logs.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { Problem, send } from "../../api/client";
import type { IssuePage } from "../../api/queries";
import {
  Badge,
  Button,
  Chip,
  Empty,
  Facts,
  Failed,
  Loading,
  Mark,
  Panel,
  plural,
  Section,
  Severity,
  StaleBadge,
  StaleMark,
  Tabs,
  Time,
} from "../../parts";
import { entityLinks, Team } from "../entitylinks";
import { ObjectLink } from "../objectlink";
import { useTitle } from "../title";
import { UsageSection, useIsUsageKnown } from "../usage/section";
import { Compare } from "./compare";
import { type Change, Diff } from "./diff";
import { ownerOf, statusWord, toneOfResource } from "./kinds";
import { Logs } from "./logs";
import { type Condition, type Container, conditions, containers, highlights, parsed } from "./manifest";
import { OwnerTree } from "./ownertree";
import { eventsQuery, historyQuery, type KubernetesEvent, type ResourceWithManifest, type Revision, resourceQuery } from "./queries";
import { Yaml } from "./yaml";

const WITH_LOGS = new Set(["Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"]);

export function ResourceDetail() {
  const { resourceId } = useParams({ strict: false }) as { resourceId: string };
  const asked = useSearch({ strict: false }) as { tab?: string; full?: string };
  const go = useNavigate();
  const query = useQuery(resourceQuery(resourceId));
  const resource = query.data;
  useTitle(resource && `${resource.kind} ${resource.name}`);
  const set = (change: object) => void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  const close = () =>
    void go({ to: "/resources", search: (before: object) => ({ ...before, tab: undefined, full: undefined, with: undefined }) } as never);
  return (
    <Panel
      label={resource ? `${resource.kind} ${resource.name}` : "Resource"}
      onClose={close}
      full={asked.full === "1"}
      onFull={() => set({ full: asked.full === "1" ? undefined : "1" })}
      // As high as the header of an object with a status, so that the body does not move when it is known.
      header={
        <div className="min-h-17">
          {resource ? <Header resource={resource} /> : <h1 className="py-1 text-lg font-semibold">Resource</h1>}
        </div>
      }
    >
      {query.isPending ? (
        <Loading label="Loading resource" />
      ) : !resource ? (
        query.error instanceof Problem && query.error.status === 404 ? (
          <Empty title="Resource not found" action={<Button onClick={close}>All resources</Button>}>
            The object was deleted from its cluster, or the address is wrong.
          </Empty>
        ) : (
          <Failed error={query.error} what="Could not load the resource" retry={() => void query.refetch()} />
        )
      ) : (
        <Body resource={resource} tab={asked.tab} onTab={(tab) => set({ tab: tab === "overview" ? undefined : tab, with: undefined })} />
      )}
    </Panel>
  );
}

function Header({ resource }: { resource: ResourceWithManifest }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-muted">
        {resource.kind}
        <span aria-hidden>·</span>
        <Link to="/clusters/$clusterId" params={{ clusterId: resource.clusterId }} className="rounded-sm text-accent underline">
          {resource.cluster}
        </Link>
        {resource.namespace && (
          <>
            <span aria-hidden>/</span>
            <Link
              to="/resources"
              search={{ cluster: resource.cluster, namespace: resource.namespace } as never}
              className="rounded-sm text-accent underline"
            >
              {resource.namespace}
            </Link>
          </>
        )}
      </p>
      <h1 className="font-mono text-base font-semibold break-words">{resource.name}</h1>
      <p className="flex flex-wrap items-center gap-2">
        {resource.status && <Badge tone={toneOfResource(resource)}>{statusWord(resource.status)}</Badge>}
        <StaleBadge of={resource} />
      </p>
    </div>
  );
}

function Body({ resource, tab, onTab }: { resource: ResourceWithManifest; tab: string | undefined; onTab: (tab: string) => void }) {
  const go = useNavigate();
  const compareWith = (other: string) =>
    void go({ to: ".", search: (before: object) => ({ ...before, tab: "compare", with: other }) } as never);
  const tabs = [
    { id: "overview", label: "Overview", content: <Overview resource={resource} /> },
    ...(WITH_LOGS.has(resource.kind) ? [{ id: "logs", label: "Logs", content: <Logs resource={resource} /> }] : []),
    { id: "yaml", label: "YAML", content: <Yaml resource={resource} /> },
    { id: "history", label: "History", content: <History id={resource.id} onCompare={compareWith} /> },
    { id: "compare", label: "Compare", content: <Compare resource={resource} /> },
  ];
  return <Tabs label="About the resource" tabs={tabs} value={tabs.some((one) => one.id === tab) ? tab! : "overview"} onChange={onTab} />;
}

function Overview({ resource }: { resource: ResourceWithManifest }) {
  const manifest = useMemo(() => parsed(resource.manifest), [resource.manifest]);
  const facts = highlights(manifest);
  const shownConditions = conditions(manifest);
  const inside = containers(manifest);
  const labels = Object.entries(resource.labels);
  const issues = useOwnIssues(resource);
  const isUsageKnown = useIsUsageKnown(resource.kind, resource.id);
  const areEventsPending = useQuery(eventsQuery(resource.id)).isPending;
  return (
    <>
      <Section title="Summary">
        <Facts
          of={[
            ["Owner", resource.owner ? <ObjectLink cluster={resource.cluster} of={ownerOf(resource.owner, resource.namespace)} /> : null],
            ...facts.map(([name, value]): [string, ReactNode] => [name, name === "Node" && value ? nodeLink(resource, value) : value]),
            ["Created", resource.createdAt ? <Time at={resource.createdAt} /> : null],
            ["Last changed", <Time at={resource.updatedAt} />],
            ["Team", resource.team && <Team name={resource.team} from={resource.teamReason} />],
            ["Links", entityLinks(resource.links)],
            [
              "Labels",
              labels.length ? (
                <span className="flex flex-wrap gap-1">
                  {labels.map(([name, value]) => (
                    <Link
                      key={name}
                      to="/resources"
                      search={{ cluster: resource.cluster, label: `${name}:${value}` } as never}
                      title={`All objects with ${name}=${value}`}
                      className="min-w-0 rounded-sm text-accent hover:underline"
                    >
                      <Chip>
                        {name}={value}
                      </Chip>
                    </Link>
                  ))}
                </span>
              ) : null,
            ],
          ]}
        />
      </Section>
      {issues && isUsageKnown && !areEventsPending && (
        // The sections are drawn once the heights of all but the last are known, so that nothing moves.
        <>
          <Issues of={issues} />
          {inside.length > 0 && <Containers of={inside} />}
          <UsageSection kind={resource.kind} resourceId={resource.id} explained />
          {shownConditions.length > 0 && <Conditions of={shownConditions} />}
          <Events id={resource.id} />
          <OwnerTree key={resource.id} id={resource.id} />
        </>
      )}
    </>
  );
}

const nodeLink = (resource: ResourceWithManifest, name: string) => (
  <ObjectLink cluster={resource.cluster} of={{ kind: "Node", name }}>
    {name}
  </ObjectLink>
);

/** The open issues of the object; undefined until they are known, none where they could not be read. */
function useOwnIssues(resource: ResourceWithManifest): IssuePage["issues"] | undefined {
  const filter = { q: resource.name, cluster: resource.cluster, status: "open,acknowledged", pageSize: "20" };
  const { data, isPending } = useQuery({
    queryKey: ["resourceIssues", resource.id],
    queryFn: ({ signal }) => send<IssuePage>("GET", "/v1/issues", { query: filter, signal }),
    staleTime: 15_000,
  });
  if (isPending) return undefined;
  return (data?.issues ?? []).filter(
    (issue) =>
      issue.resourceId === resource.id ||
      ((issue.namespace ?? null) === (resource.namespace ?? null) &&
        (issue.resource === resource.name || issue.owner?.name === resource.name)),
  );
}

function Issues({ of: own }: { of: IssuePage["issues"] }) {
  if (!own.length) return null;
  return (
    <Section title={own.length === 1 ? "1 open issue" : `${own.length} open issues`}>
      <ul className="flex flex-col gap-1">
        {own.map((issue) => (
          <li key={issue.id} className="flex items-start gap-2">
            <Severity value={issue.severity} />
            <StaleMark of={issue} />
            <Link to="/issues/$issueId" params={{ issueId: issue.id }} className="min-w-0 rounded-sm text-accent underline">
              {issue.title}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Containers({ of }: { of: Container[] }) {
  return (
    <Section title="Containers">
      <ul className="flex flex-col gap-2">
        {of.map((one) => (
          <li key={`${one.kind} ${one.name}`} className="rounded-md border border-line px-3 py-2">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-mono text-xs font-semibold">{one.name}</span>
              {one.kind !== "container" && <Chip>{one.kind}</Chip>}
              {one.state && <Mark tone={one.state.tone}>{statusWord(one.state.word)}</Mark>}
              {one.state && one.isReady === false && one.state.word === "Running" && <Mark tone="medium">Not ready</Mark>}
              {!!one.restarts && (
                <span className="text-muted">
                  {plural(one.restarts, "restart")}
                  {one.startedAt && (
                    <>
                      {" "}
                      in <Time at={one.startedAt} short />
                    </>
                  )}
                </span>
              )}
              {one.state?.since && (
                <span className="text-muted">
                  since <Time at={one.state.since} />
                </span>
              )}
            </p>
            <p className="mt-1 font-mono text-xs break-words text-muted">{one.image}</p>
            {one.state?.detail && <p className="mt-1 text-xs break-words">{one.state.detail}</p>}
            {one.last && (
              <p className="mt-1 text-xs">
                Previous run: {one.last.word}, {one.last.detail}
                {one.last.at && (
                  <>
                    , <Time at={one.last.at} />
                  </>
                )}
              </p>
            )}
            {(one.requests || one.limits) && (
              <p className="mt-1 text-xs text-muted">
                {one.requests && `requests ${one.requests}`}
                {one.requests && one.limits && " · "}
                {one.limits && `limits ${one.limits}`}
              </p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Conditions({ of }: { of: Condition[] }) {
  return (
    <Section title="Conditions">
      <ul className="flex flex-col divide-y divide-line">
        {of.map((one) => (
          <li key={one.type} className="flex flex-wrap items-baseline gap-x-3 py-1">
            <Mark tone={one.tone}>
              <span>
                {one.type}
                {one.status !== "True" && <span className="text-muted">: {one.status}</span>}
              </span>
            </Mark>
            <span className="min-w-0 flex-1 text-xs break-words text-muted max-sm:order-last max-sm:basis-full">
              {[one.reason, one.message].filter(Boolean).join(": ")}
            </span>
            {one.since && <Time at={one.since} className="ml-auto text-xs whitespace-nowrap text-muted" />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Events({ id }: { id: string }) {
  const query = useQuery(eventsQuery(id));
  return (
    <Section title={<>Kubernetes events {query.data && <StaleMark of={query.data} />}</>}>
      {query.isPending ? (
        <Loading rows={2} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load events" retry={() => void query.refetch()} />
      ) : query.data.events.length === 0 ? (
        <p className="text-muted">No events in the last hour. Kubernetes keeps events for one hour by default.</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {ranked(query.data.events).map((event) => (
            <li key={`${event.reason} ${event.message} ${event.firstAt}`} className="py-1.5">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <Mark tone={event.type === "Warning" ? "high" : "info"}>{event.reason}</Mark>
                {event.count > 1 && <span className="text-xs text-muted">× {event.count}</span>}
                <span className="flex-1" />
                <Time at={event.lastAt} className="text-xs whitespace-nowrap text-muted" />
              </p>
              <p className="text-xs break-words text-muted">{event.message}</p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Warnings before the rest, each newest first. */
const ranked = (events: KubernetesEvent[]) => [
  ...events.filter((one) => one.type === "Warning"),
  ...events.filter((one) => one.type !== "Warning"),
];

function History({ id, onCompare }: { id: string; onCompare: (other: string) => void }) {
  const query = useQuery(historyQuery(id));
  if (query.isPending) return <Loading rows={4} />;
  if (query.isLoadingError) return <Failed error={query.error} what="Could not load the history" retry={() => void query.refetch()} />;
  if (!query.data.history.length)
    return <Empty title="No changes recorded">Changes to the spec of this object appear here, with time and field manager.</Empty>;
  return (
    <ol className="flex flex-col">
      {query.data.stale && (
        <li className="border-b border-line px-4 py-2">
          <StaleMark of={query.data} />
        </li>
      )}
      {query.data.history.map((one, index) => (
        <RevisionItem key={one.revision} of={one} onCompare={index ? () => onCompare(`revision:${one.revision}`) : undefined} />
      ))}
    </ol>
  );
}

function RevisionItem({ of, onCompare }: { of: Revision; onCompare?: () => void }) {
  return (
    <li className="border-b border-line px-4 py-3">
      <p className="mb-2 flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{of.action.charAt(0).toUpperCase() + of.action.slice(1)}</span>
        {of.manager && <span className="text-muted">by {of.manager}</span>}
        {of.generation !== undefined && <span className="text-muted">generation {of.generation}</span>}
        <span className="flex-1" />
        {onCompare && (
          <Button small onClick={onCompare}>
            Compare with current
          </Button>
        )}
        <Time at={of.at} />
      </p>
      {of.diff.length ? (
        <Diff changes={of.diff as unknown as Change[]} label={`Changes in revision ${of.revision}`} />
      ) : (
        <p className="text-muted">No difference.</p>
      )}
      {of.truncated && <p className="mt-1 text-xs text-muted">This change is too large to store completely; the rest is omitted.</p>}
    </li>
  );
}
