// Connecting a cluster: the command with its one-use token, and what the server has seen of the agent so far. Every tick is a fact of the
// server, updated by its events and by polling; a reload loses only the token, and a new one is created.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Check, RefreshCw } from "lucide-react";
import { useEffect, useState } from "react";
import { type Schemas, send } from "../../api/client";
import { type Cluster, clusterCountsQuery, clusterQuery } from "../../api/queries";
import { Button, CodeBlock, cx, Failed, Loading, PageHeader, Spinner, Status, span, Tabs, useNow } from "../../parts";

const route = getRouteApi("/framed/clusters/$clusterId/connect");
const ASK_MS = 2_000;
const SLOW_S = 60;
const TOKEN = /mhe_[0-9A-Za-z]{43}/;
type Install = Schemas["Install"];
const METHODS = [
  {
    id: "kubectl",
    label: "kubectl",
    how: "Runs the agent inside the cluster. Run it where kubectl uses the context of the cluster that you want to connect.",
  },
  {
    id: "local",
    label: "On this machine",
    how: "Runs the agent on your machine with your current kubeconfig. Useful for a trial: it reports only while the command is running.",
  },
];

export function ConnectCluster() {
  const { clusterId } = route.useParams();
  const search = route.useSearch();
  const go = useNavigate();
  const method = METHODS.find((one) => one.id === search.method) ?? METHODS[0]!;
  const cluster = useQuery({
    ...clusterQuery(clusterId),
    refetchInterval: (query) => (query.state.data && isReady(query.state.data) ? false : ASK_MS),
  });
  if (cluster.isError && !cluster.data)
    return <Failed error={cluster.error} what="Could not load the cluster" retry={() => void cluster.refetch()} />;
  if (!cluster.data) return <Loading rows={4} />;
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title={`Connect ${cluster.data.name}`}>
        <Status value={cluster.data.status} />
      </PageHeader>
      <div className="grid gap-6 p-4 xl:grid-cols-[minmax(0,1fr)_360px]">
        <section aria-labelledby="command" className="min-w-0">
          <h2 id="command" className="mb-1 text-base font-semibold">
            Run this command
          </h2>
          <div className="-mx-4">
            <Tabs
              label="How to run the agent"
              value={method.id}
              onChange={(id) => void go({ to: ".", search: { method: id } as never, replace: true })}
              tabs={METHODS.map((one) => ({
                id: one.id,
                label: one.label,
                content: <Command key={one.id} clusterId={clusterId} method={one.id} how={one.how} />,
              }))}
            />
          </div>
        </section>
        <Progress cluster={cluster.data} />
      </div>
    </div>
  );
}

function Command({ clusterId, method, how }: { clusterId: string; method: string; how: string }) {
  const client = useQueryClient();
  const key = ["install", clusterId, method];
  const install = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => send<Install>("GET", `/v1/clusters/${clusterId}/install`, { query: { method }, signal }),
    staleTime: Infinity, // each answer holds a fresh token
    gcTime: 0,
    retry: false,
  });
  const now = useNow();
  const go = useNavigate();
  if (install.isError)
    return (
      <>
        <Failed error={install.error} what="No command is available for this method" retry={() => void install.refetch()} />
        {method !== "local" && (
          <div className="px-4 pb-3">
            <Button onClick={() => void go({ to: ".", search: { method: "local" } as never, replace: true })}>
              Run the agent on this machine
            </Button>
          </div>
        )}
      </>
    );
  if (!install.data) return <Loading rows={3} />;
  const leftS = (Date.parse(install.data.expiresAt) - now) / 1000;
  return (
    <div className="flex flex-col gap-2 px-4 py-3">
      <p className="text-muted">{how}</p>
      <CodeBlock text={install.data.command} label="command" mask={TOKEN.exec(install.data.command)?.[0]} />
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <span>
          {leftS > 0
            ? `The token in this command can be used once and expires in ${span(leftS)}. Copying includes the hidden part.`
            : "The token in this command has expired."}
        </span>
        <Button small kind="quiet" icon={<RefreshCw aria-hidden />} onClick={() => void client.resetQueries({ queryKey: key })}>
          New token
        </Button>
      </p>
    </div>
  );
}

export const isReady = (cluster: Cluster) => cluster.status === "online" && !!cluster.inventory.syncedAt;

function Progress({ cluster }: { cluster: Cluster }) {
  const go = useNavigate();
  const [began] = useState(Date.now);
  const now = useNow();
  const hasInventory = !!cluster.inventory.syncedAt;
  const counts = useQuery({ ...clusterCountsQuery(cluster.id), enabled: hasInventory });
  const objects = counts.data?.counts.reduce((sum, one) => sum + one.count, 0);
  const steps: [string, boolean, string?][] = [
    ["Token used, certificate issued", !!cluster.agent.certExpiresAt],
    ["Tunnel connected", !!cluster.lastHeartbeatAt, cluster.agent.version ? `agent ${cluster.agent.version}` : undefined],
    ["Initial inventory complete", hasInventory, objects === undefined ? undefined : `${objects.toLocaleString()} objects`],
    ["Ready", isReady(cluster)],
  ];
  const waitsAt = steps.findIndex(([, done]) => !done);
  const isSlow = waitsAt >= 0 && waitsAt < 3 && (now - began) / 1000 > SLOW_S;
  useEffect(() => {
    if (waitsAt < 0) document.getElementById("open-cluster")?.focus();
  }, [waitsAt]);
  return (
    <section aria-labelledby="progress" className="h-fit rounded-md border border-line bg-surface p-4">
      <h2 id="progress" className="mb-3 text-base font-semibold">
        {waitsAt < 0 ? "Connected" : "Waiting for the agent"}
      </h2>
      <ol className="flex flex-col gap-2" aria-live="polite">
        {steps.map(([name, done, more], index) => (
          <li key={name} className={cx("flex items-center gap-2.5", !done && index !== waitsAt && "text-muted")}>
            <span className="flex size-5 shrink-0 items-center justify-center">
              {done ? (
                <span className="flex size-5 items-center justify-center rounded-full bg-ok-tint text-ok">
                  <Check aria-hidden className="size-3.5" strokeWidth={3} />
                </span>
              ) : index === waitsAt ? (
                <Spinner />
              ) : (
                <span aria-hidden className="size-2 rounded-full border border-control" />
              )}
            </span>
            <span className="flex-1">
              {name}
              <span className="sr-only">{done ? ", done" : index === waitsAt ? ", waiting" : ", not yet"}</span>
            </span>
            {more && <span className="text-xs text-muted">{more}</span>}
          </li>
        ))}
      </ol>
      {waitsAt < 0 && (
        <div className="mt-4 flex flex-wrap gap-2">
          <Button
            id="open-cluster"
            kind="primary"
            onClick={() => void go({ to: "/clusters/$clusterId", params: { clusterId: cluster.id } })}
          >
            Open cluster
          </Button>
          <Button onClick={() => void go({ to: "/issues", search: { cluster: cluster.name } })}>View issues</Button>
        </div>
      )}
      {isSlow && <Slow step={waitsAt} />}
      {waitsAt >= 0 && (
        <p className="mt-4 text-xs text-muted">
          You can leave this page. The cluster stays in the{" "}
          <Link to="/clusters" className="text-accent underline">
            list
          </Link>{" "}
          and you can come back at any time.
        </p>
      )}
    </section>
  );
}

const CHECKS: Record<number, [string, string?][]> = {
  0: [
    ["Is the agent running?", "kubectl -n optral get pods"],
    ["What does the log say?", "kubectl -n optral logs deploy/optral-agent --tail=20"],
    ["Can the cluster reach the addresses in the command? The agent opens outbound connections to them."],
    ["Is the clock correct? Certificates are rejected if it is off by more than a few minutes."],
    ["Was the token used before? Each token works once: create a new one."],
  ],
  1: [
    ["The agent has its certificate but no tunnel. Is outbound traffic to the tunnel port allowed?"],
    ["What does the log say?", "kubectl -n optral logs deploy/optral-agent --tail=20"],
  ],
  2: [
    ["The agent is connected and is reading the cluster. A large cluster takes a minute or two."],
    ["Does the agent have permission to read all kinds?", "kubectl auth can-i list pods -A --as=system:serviceaccount:optral:optral-agent"],
  ],
};

function Slow({ step }: { step: number }) {
  return (
    <div className="mt-4 border-t border-line pt-3">
      <h3 className="font-medium">This is taking longer than usual</h3>
      <ul className="mt-1 flex flex-col gap-2">
        {CHECKS[step]?.map(([text, command]) => (
          <li key={text}>
            {text}
            {command && <CodeBlock text={command} label="check" />}
          </li>
        ))}
      </ul>
    </div>
  );
}
