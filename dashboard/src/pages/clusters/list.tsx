// All clusters: whether each is online, since when, and how much is wrong in it.

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { type Cluster, clustersQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import {
  Badge,
  Button,
  Cell,
  Chip,
  ChoiceSelect,
  cx,
  Empty,
  Failed,
  Loading,
  Mark,
  PageHeader,
  Row,
  StaleMark,
  Status,
  severityOf,
  statusOf,
  Table,
  Time,
} from "../../parts";
import { Coverage, coverageQuery, NoneFound, type Record } from "../coverage";
import { AgentVersion } from "./agentversion";
import { ConnectButton } from "./connectbutton";
import { waitingQuery } from "./fleetqueries";
import { reasonOf } from "./statusreasons";

const route = getRouteApi("/framed/clusters");
const STATUSES = ["online", "degraded", "offline", "pending"].map((one) => [one, statusOf(one)[1]] as const);
const NOT_ON_LAPTOPS = "sm:max-xl:hidden"; // the page of the cluster shows these too

export function ClusterList() {
  const search = route.useSearch();
  const go = useNavigate();
  const found = useQuery(clustersQuery({ q: search.q, status: search.status }));
  const covered = useQuery(coverageQuery({})); // together: what arrives later would move the columns
  const { data: me } = useQuery(meQuery);
  const mayConnect = may(me, "clusters:write");
  const isNarrowed = !!(search.q || search.status);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <PageHeader title="Clusters">
        {mayConnect && <FleetLink />}
        <ConnectButton />
      </PageHeader>
      <Filter />
      {found.isLoadingError ? (
        <Failed error={found.error} what="Could not load clusters" retry={() => void found.refetch()} />
      ) : !found.data || covered.isPending ? (
        <Loading rows={4} />
      ) : found.data.clusters.length === 0 ? (
        isNarrowed ? (
          <Empty
            title="No matching clusters"
            action={<Button onClick={() => void go({ to: "/clusters", search: {} })}>Clear filters</Button>}
          >
            No cluster matches all filters. Remove one to see more clusters.
          </Empty>
        ) : (
          <Empty title="No clusters yet" action={<ConnectButton />}>
            Install an agent in or next to a cluster. It opens outbound connections only, so the cluster needs no open port.
          </Empty>
        )
      ) : (
        <>
          <Table
            label="Clusters"
            head={["Name", "Status", "Open issues", "Nodes", "Pods", "Kubernetes", "Agent", "Last heartbeat", "Labels"]}
            columns={{
              5: NOT_ON_LAPTOPS,
              8: NOT_ON_LAPTOPS,
            }}
          >
            {found.data.clusters.map((one) => (
              <ClusterRow key={one.id} cluster={one} />
            ))}
          </Table>
          {found.data.total > found.data.clusters.length && (
            <p className="px-4 py-2 text-xs text-muted">
              The first {found.data.clusters.length} of {found.data.total}. Filter by name to see the others.
            </p>
          )}
          {covered.data && !covered.data.complete && <Coverage of={covered.data} scope={{}} className="px-4 py-2" />}
        </>
      )}
    </div>
  );
}

/** With the number of agents that wait for approval: they wait for a person. */
function FleetLink() {
  const go = useNavigate();
  const waiting = useQuery(waitingQuery).data?.total ?? 0;
  return (
    <Button onClick={() => void go({ to: "/clusters/fleet" })}>
      Fleet tokens
      {waiting > 0 && <Badge tone="medium">{waiting} waiting</Badge>}
    </Button>
  );
}

function Filter() {
  const search = route.useSearch();
  const go = useNavigate();
  const [text, write] = useState(search.q ?? "");
  useEffect(() => write(search.q ?? ""), [search.q]);
  useEffect(() => {
    if (text === (search.q ?? "")) return;
    const timer = setTimeout(() => void go({ to: "/clusters", search: { ...search, q: text.trim() || undefined }, replace: true }), 200);
    return () => clearTimeout(timer);
  }, [text, search, go]);
  return (
    <div className="flex flex-wrap gap-2 border-b border-line px-4 py-2">
      <div className="relative min-w-40 flex-1 sm:max-w-72">
        <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-muted" />
        <input
          type="search"
          aria-label="Filter by name"
          placeholder="Filter by name"
          maxLength={100}
          value={text}
          onChange={(event) => write(event.target.value)}
          className="h-8 w-full rounded-sm border border-control/60 pointer-coarse:h-11 bg-bg pr-2 pl-7 text-sm [&::-webkit-search-cancel-button]:hidden"
        />
      </div>
      <ChoiceSelect
        aria-label="Status"
        className="h-8! w-40! border-control/60! text-sm!"
        none="Any status"
        of={STATUSES}
        value={search.status}
        onChange={(status) => void go({ to: "/clusters", search: { ...search, status }, replace: true })}
      />
    </div>
  );
}

function ClusterRow({ cluster }: { cluster: Cluster }) {
  const go = useNavigate();
  const isPending = cluster.status === "pending";
  const to = isPending ? "/clusters/$clusterId/connect" : "/clusters/$clusterId";
  const labels = Object.entries(cluster.labels);
  return (
    <Row onOpen={() => void go({ to, params: { clusterId: cluster.id } })}>
      <Cell>
        <Link to={to} params={{ clusterId: cluster.id }} className="font-medium break-words sm:whitespace-nowrap">
          {cluster.name}
        </Link>
      </Cell>
      <Cell>
        {cluster.statusReason === "awaits_approval" ? (
          <Mark tone="medium" title={reasonOf(cluster.statusReason)}>
            Waits for approval
          </Mark>
        ) : (
          <Status quiet value={cluster.status} title={reasonOf(cluster.statusReason)} />
        )}
      </Cell>
      <Cell>
        <OpenIssues of={cluster} />
        {!isPending && (
          <span className="ml-2">
            <StaleMark of={cluster.inventory} />
          </span>
        )}
      </Cell>
      <Cell className="whitespace-nowrap">
        <Nodes of={cluster} />
      </Cell>
      <Cell className="whitespace-nowrap">
        <Pods of={cluster} />
      </Cell>
      <Cell className={cx("whitespace-nowrap", NOT_ON_LAPTOPS)}>{cluster.kubernetesVersion ?? <span className="text-muted">–</span>}</Cell>
      <Cell className="whitespace-nowrap">
        <AgentVersion agent={cluster.agent} />
      </Cell>
      <Cell className="text-muted">
        <Time at={cluster.lastHeartbeatAt} />
      </Cell>
      <Cell className={NOT_ON_LAPTOPS}>
        {labels.length > 0 && (
          <span className="flex flex-wrap gap-1">
            {labels.slice(0, 3).map(([name, value]) => (
              <Chip key={name} title={`${name}: ${value}`}>
                {name}: {value}
              </Chip>
            ))}
            {labels.length > 3 && <Chip title={labels.map((one) => one.join(": ")).join("\n")}>+{labels.length - 3}</Chip>}
          </span>
        )}
      </Cell>
    </Row>
  );
}

const UNKNOWN = ["What was looked at is not known"];
const unreadIn = (of: Record, cluster: string) =>
  of.unread?.filter((one) => one.needed && one.clusters?.includes(cluster)).map((one) => one.message);

/** The most severe ones, which are those to open first, and all of them. */
function OpenIssues({ of }: { of: Cluster }) {
  const { data: covered } = useQuery(coverageQuery({}));
  const { openIssues, worst } = of.counts;
  const unread = covered ? unreadIn(covered, of.name) : UNKNOWN;
  if (!worst) return <span className="text-muted">{of.status === "pending" ? "–" : <NoneFound unread={unread}>none</NoneFound>}</span>;
  return (
    <span className="inline-flex items-center gap-x-2">
      <Link
        to="/issues"
        search={{ cluster: of.name, severity: worst.severity }}
        className="inline-flex min-h-6 items-center hover:underline"
      >
        <Mark tone={severityOf(worst.severity)[0]}>
          {worst.count.toLocaleString()} {worst.severity}
        </Mark>
      </Link>
      {openIssues > worst.count && (
        <Link
          to="/issues"
          search={{ cluster: of.name }}
          className="inline-flex min-h-6 min-w-6 items-center whitespace-nowrap text-muted hover:underline"
        >
          of {openIssues.toLocaleString()}
        </Link>
      )}
    </span>
  );
}

const NOTHING = <span className="text-muted">–</span>;

function Nodes({ of }: { of: Cluster }) {
  const nodes = of.counts.nodes;
  if (!nodes?.total) return NOTHING;
  return (
    <Link
      to="/resources"
      search={{ cluster: of.name, kind: "Node" }}
      className={cx("hover:underline", nodes.ready < nodes.total && "text-high")}
    >
      {nodes.ready < nodes.total ? `${nodes.ready} of ${nodes.total} ready` : nodes.total.toLocaleString()}
    </Link>
  );
}

function Pods({ of }: { of: Cluster }) {
  const pods = of.counts.pods;
  if (!pods?.total) return NOTHING;
  return (
    <Link to="/resources" search={{ cluster: of.name, kind: "Pod" }} className={cx("hover:underline", pods.notReady > 0 && "text-high")}>
      {pods.notReady > 0 ? `${pods.notReady.toLocaleString()} of ${pods.total.toLocaleString()} not ready` : pods.total.toLocaleString()}
    </Link>
  );
}
