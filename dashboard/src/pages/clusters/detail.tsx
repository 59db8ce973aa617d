// One cluster: whether it is online, what is in it, what is wrong, and how it is named or removed.

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { send } from "../../api/client";
import { type Cluster, clusterCountsQuery, clusterQuery, type IssuePage, issueCountsQuery, PAGE_ROWS } from "../../api/queries";
import { meQuery, seesWhole } from "../../api/session";
import { Button, Cell, counted, Empty, Facts, Failed, Loading, PageHeader, Row, Severity, Status, Table, Tabs, Time } from "../../parts";
import { Ask } from "../ask";
import { Coverage } from "../coverage";
import { lazyPage } from "../lazy";
import { useTitle } from "../title";
import { abilities } from "./abilities";
import { AgentVersion } from "./agentversion";
import { ClusterSettings } from "./clustersettings";
import { ClusterKinds, isUnreadable, kindsQuery } from "./kinds";
import { written } from "./labels";
import { reasonOf } from "./statusreasons";

const route = getRouteApi("/framed/clusters/$clusterId");
const ClusterMap = lazyPage(() => import("./map"), "ClusterMap");

export function ClusterDetail() {
  const { clusterId } = route.useParams();
  const { tab = "overview" } = route.useSearch();
  const go = useNavigate();
  const found = useQuery(clusterQuery(clusterId));
  const { data: me } = useQuery(meQuery);
  useTitle(found.data?.name);
  if (found.isLoadingError)
    return (found.error as { status?: number }).status === 404 ? (
      <Empty title="Cluster not found" action={<Button onClick={() => void go({ to: "/clusters" })}>All clusters</Button>}>
        It may have been deleted, or your access does not include it.
      </Empty>
    ) : (
      <Unloaded>
        <Failed error={found.error} what="Could not load the cluster" retry={() => void found.refetch()} />
      </Unloaded>
    );
  if (!found.data)
    return (
      <Unloaded>
        <Loading rows={6} />
      </Unloaded>
    );
  const cluster = found.data;
  const isWhole = seesWhole(me, cluster.id) || tab === "map" || tab === "kinds";
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title={cluster.name} below={(cluster.status !== "online" || cluster.inventory.stale) && <Stale cluster={cluster} />}>
        <Status value={cluster.status} />
        {cluster.status !== "online" && seesWhole(me, cluster.id) && (
          <Button small onClick={() => void go({ to: "/clusters/$clusterId/connect", params: { clusterId } })}>
            {cluster.status === "pending" ? "Connect" : "Connect again"}
          </Button>
        )}
      </PageHeader>
      <div className="pt-1">
        <Tabs
          label="About the cluster"
          value={tab}
          onChange={(id) => void go({ to: ".", search: { tab: id === "overview" ? undefined : id } as never, replace: true })}
          tabs={[
            { id: "overview", label: "Overview", content: <Overview key={cluster.id} cluster={cluster} /> },
            ...(isWhole
              ? [
                  { id: "map", label: "Map", content: <ClusterMap cluster={cluster} /> },
                  { id: "kinds", label: "Kinds", content: <ClusterKinds cluster={cluster} /> },
                ]
              : []),
            { id: "issues", label: `Issues ${cluster.counts.openIssues || ""}`, content: <Issues cluster={cluster} /> },
            { id: "settings", label: "Settings", content: <ClusterSettings key={cluster.version} cluster={cluster} /> },
          ]}
        />
      </div>
    </div>
  );
}

const Unloaded = ({ children }: { children: ReactNode }) => (
  <div className="flex-1 overflow-y-auto">
    <PageHeader title="Cluster" />
    {children}
  </div>
);

/** The data of a cluster that is not connected is shown with its age, never as if it were current. */
function Stale({ cluster }: { cluster: Cluster }) {
  return (
    <p role="status" className="border-t border-line bg-medium-tint px-4 py-1.5 text-medium">
      {reasonOf(cluster.statusReason) ??
        (cluster.inventory.syncedAt ? "The agent is not connected" : "The first inventory is not complete yet")}
      .
      {cluster.inventory.staleSince && (
        <>
          {" "}
          Data as of <Time at={cluster.inventory.staleSince} />. Issues do not change until the agent reconnects.
        </>
      )}
    </p>
  );
}

const NEEDS_WORK = { status: "open,acknowledged", snoozed: "false", muted: "false" }; // as the list of issues counts
const RANKS = ["critical", "high", "medium", "low"];

function Overview({ cluster }: { cluster: Cluster }) {
  const counts = useQuery(clusterCountsQuery(cluster.id));
  const facets = useQuery(issueCountsQuery({ cluster: cluster.id, ...NEEDS_WORK }));
  const { data: me } = useQuery(meQuery);
  const unreadable =
    useQuery({ ...kindsQuery(cluster.id), enabled: seesWhole(me, cluster.id), select: (found) => found.kinds.filter(isUnreadable).length })
      .data ?? 0;
  const kinds = new Map<string, number>();
  for (const one of counts.data?.counts ?? []) kinds.set(one.kind, (kinds.get(one.kind) ?? 0) + one.count);
  const offset = cluster.clockOffsetMs;
  return (
    <div className="grid gap-x-8 gap-y-5 p-4 lg:grid-cols-2">
      <div className="-mx-4 -mt-4 min-w-0 lg:col-span-2">
        <Ask clusterId={cluster.id} cluster={cluster.name} />
      </div>
      <section>
        <h2 className="mb-2 font-semibold">Connection</h2>
        <Facts
          of={[
            ["Status", <Status quiet value={cluster.status} title={reasonOf(cluster.statusReason)} />],
            ["Last heartbeat", cluster.lastHeartbeatAt && <Time at={cluster.lastHeartbeatAt} />],
            ["Kubernetes", cluster.kubernetesVersion],
            ["Agent", <AgentVersion agent={cluster.agent} />],
            ...abilities(cluster.agent.capabilities),
            ["Certificate expires", cluster.agent.certExpiresAt && <Time at={cluster.agent.certExpiresAt} />],
            [
              "Inventory",
              cluster.inventory.syncedAt ? (
                <>
                  complete <Time at={cluster.inventory.syncedAt} />
                  {cluster.inventory.stale && ", may be out of date"}
                </>
              ) : (
                "not complete yet"
              ),
            ],
            [
              "Clock",
              offset === undefined || offset === null
                ? null
                : Math.abs(offset) < 1000
                  ? "in sync"
                  : `${(offset / 1000).toFixed(1)} s ${offset > 0 ? "ahead" : "behind"}`,
            ],
            ["Added", <Time at={cluster.createdAt} />],
            ["Labels", written(cluster.labels).replace(/\n/g, ", ")],
            ["ID", <code className="font-mono text-xs">{cluster.id}</code>],
          ]}
        />
      </section>
      <section>
        <h2 className="mb-2 font-semibold">Open issues</h2>
        {facets.isLoadingError ? (
          <Failed error={facets.error} what="Could not load the open issues" retry={() => void facets.refetch()} />
        ) : facets.isPending ? (
          <Loading rows={1} label="Loading open issues" />
        ) : facets.data.severity.length ? (
          <ul className="flex flex-wrap gap-2">
            {[...facets.data.severity]
              .sort((a, b) => RANKS.indexOf(a.value) - RANKS.indexOf(b.value))
              .map((one) => (
                <li key={one.value}>
                  <Link
                    to="/issues"
                    search={{ cluster: cluster.name, severity: one.value }}
                    className="flex items-center gap-2 rounded-sm border border-line px-2 py-1 hover:bg-hover"
                  >
                    <Severity quiet value={one.value} /> <span className="font-semibold">{one.count}</span>
                  </Link>
                </li>
              ))}
          </ul>
        ) : (
          <p className="text-muted">None</p>
        )}
        <h2 className="mt-5 mb-2 font-semibold">Objects</h2>
        {unreadable > 0 && (
          <p className="mb-2">
            <Link to="." search={{ tab: "kinds" } as never} className="text-accent underline">
              The agent cannot read {unreadable} {unreadable === 1 ? "kind" : "kinds"}
            </Link>
          </p>
        )}
        {counts.isLoadingError ? (
          <Failed error={counts.error} what="Could not load the objects" retry={() => void counts.refetch()} />
        ) : counts.isPending ? (
          <Loading rows={4} label="Loading objects" />
        ) : kinds.size === 0 ? (
          <p className="text-muted">No objects reported yet</p>
        ) : (
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,12rem),1fr))] gap-x-6 max-sm:grid-cols-2">
            {[...kinds].map(([kind, count]) => (
              <li key={kind}>
                <Link
                  to="/resources"
                  search={{ cluster: cluster.name, kind }}
                  className="flex h-7 items-center justify-between gap-2 border-b border-line hover:text-accent"
                >
                  <span className="truncate">{kind}</span>
                  <span className="text-muted">{count.toLocaleString()}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

/** Says that the cluster looks healthy only if everything that is needed was read. */
function NoIssues({ cluster, covered }: { cluster: Cluster; covered: IssuePage["coverage"] }) {
  return (
    <Empty title={covered.complete ? "No open issues" : "No open issues in what could be read"}>
      {covered.complete
        ? "The cluster looks healthy."
        : cluster.status === "online"
          ? "Not everything was looked at, so something may be failing."
          : "The agent is not connected: this is the last known state."}
      <Coverage of={covered} scope={{ cluster: cluster.id }} className="mt-3" />
    </Empty>
  );
}

function Issues({ cluster }: { cluster: Cluster }) {
  const go = useNavigate();
  const filter = { cluster: cluster.id, ...NEEDS_WORK, sort: "-severity" };
  const found = useQuery({
    queryKey: ["issues", "of", cluster.id],
    queryFn: ({ signal }) => send<IssuePage>("GET", "/v1/issues", { query: { ...filter, pageSize: PAGE_ROWS }, signal }),
  });
  if (found.isLoadingError) return <Failed error={found.error} what="Could not load the issues" retry={() => void found.refetch()} />;
  if (!found.data) return <Loading rows={4} />;
  const open = found.data.issues.filter((one) => one.status !== "resolved");
  if (open.length === 0) return <NoIssues cluster={cluster} covered={found.data.coverage} />;
  return (
    <>
      <Table label="Open issues of the cluster" head={["Severity", "Issue", "Status", "Detected"]}>
        {open.map((one) => (
          <Row
            key={one.id}
            onOpen={() => void go({ to: "/issues/$issueId", params: { issueId: one.id }, search: { cluster: cluster.name } as never })}
          >
            <Cell>
              <Severity value={one.severity} />
            </Cell>
            <Cell className="w-full max-w-0">
              <Link
                to="/issues/$issueId"
                params={{ issueId: one.id }}
                search={{ cluster: cluster.name } as never}
                className="block truncate font-medium"
                title={one.title}
              >
                {one.title}
              </Link>
            </Cell>
            <Cell>
              <Status quiet value={one.status} />
            </Cell>
            <Cell className="text-muted">
              <Time at={one.firstSeenAt} />
            </Cell>
          </Row>
        ))}
      </Table>
      {found.data.total > found.data.issues.length && (
        <p className="px-4 py-2 text-muted">
          The first {found.data.issues.length} of {counted(found.data.total)}.{" "}
          <Link to="/issues" search={{ cluster: cluster.name }} className="text-accent underline">
            All issues of the cluster
          </Link>
        </p>
      )}
    </>
  );
}
