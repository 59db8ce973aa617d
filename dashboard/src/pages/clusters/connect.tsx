// Connecting a cluster: the command with its one-use token, and what the server has seen of the agent so far. Steps, problems and what to do
// about them come from the server, updated by polling; a reload loses only the token, and a new one is created.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Check, RefreshCw, TriangleAlert, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Problem, type Schemas, send } from "../../api/client";
import { type Cluster, clusterCountsQuery, clusterQuery } from "../../api/queries";
import { may, meQuery, seesWhole } from "../../api/session";
import { Button, CodeBlock, cx, Empty, Failed, Loading, PageHeader, Spinner, Status, span, Tabs, Time, useNow } from "../../parts";
import { NoAccess } from "../noaccess";
import { useTitle } from "../title";
import { WaitingAgentOf } from "./approval";

const route = getRouteApi("/framed/clusters/$clusterId/connect");
const ASK_MS = 2_000;
const AWAITS_APPROVAL = "awaits_approval";
const COMMAND_HEIGHT = "max-xl:min-h-84"; // what stands below does not move when the command arrives
const TOKEN = /mhe_[0-9A-Za-z]{43}/;
type Install = Schemas["Install"];
type Connection = Schemas["Connection"];
type Step = Schemas["ConnectionStep"];
type Notice = Schemas["ConnectionNotice"];
const METHODS = [
  { id: "helm", label: "Helm", how: "Run it on a machine where Helm can reach the cluster." },
  { id: "kubectl", label: "kubectl", how: "Run it where kubectl uses the context of the cluster that you want to connect." },
  { id: "argocd", label: "Argo CD", how: "Run it where kubectl can reach the cluster that Argo CD manages." },
  { id: "flux", label: "Flux", how: "Run it where kubectl can reach the cluster that Flux manages." },
  {
    id: "local",
    label: "On this machine",
    how: "Runs the agent on your machine with your current kubeconfig. Useful for trying Optral: it reports only while the command is running.",
  },
];

/** The settings of the server do not allow it; the same request fails again until they are changed. */
const isRefused = (error: unknown) => error instanceof Problem && error.status === 409;

export function ConnectCluster() {
  const { clusterId } = route.useParams();
  const search = route.useSearch();
  const go = useNavigate();
  const method = METHODS.find((one) => one.id === search.method);
  const cluster = useQuery(clusterQuery(clusterId));
  const { data: me } = useQuery(meQuery);
  const connection = useQuery({ ...connectionQuery(clusterId), enabled: seesWhole(me, clusterId) });
  const [wantsCommand, show] = useState(false);
  useTitle(cluster.data && `Connect ${cluster.data.name}`);
  if (!seesWhole(me, clusterId)) return <NoAccess to="connect clusters" />;
  if (cluster.data?.statusReason === "deleted")
    return (
      <Empty title="This cluster was removed" action={<Button onClick={() => void go({ to: "/clusters" })}>All clusters</Button>}>
        Its agent can no longer connect. To connect the cluster again, create it again.
      </Empty>
    );
  if (cluster.isLoadingError)
    return <Failed error={cluster.error} what="Could not load the cluster" retry={() => void cluster.refetch()} />;
  if (!cluster.data) return <Loading rows={4} />;
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title={`Connect ${cluster.data.name}`}>
        <Status value={cluster.data.status} />
      </PageHeader>
      <div className="grid gap-6 p-4 xl:grid-cols-[minmax(0,1fr)_360px]">
        {cluster.data.statusReason === AWAITS_APPROVAL ? (
          <WaitingAgentOf clusterId={clusterId} />
        ) : connection.isPending ? (
          <div className={COMMAND_HEIGHT}>
            <Loading rows={3} />
          </div>
        ) : connection.data?.fleetTokenId && !wantsCommand ? (
          <OfFleet onCommand={() => show(true)} />
        ) : !may(me, "clusters:write") ? (
          <NoAccess to="connect clusters" />
        ) : (
          <section aria-labelledby="command" className={cx("min-w-0", COMMAND_HEIGHT)}>
            <h2 id="command" className="mb-1 text-base font-semibold">
              Run this command
            </h2>
            <div className="-mx-4">
              {!method && <ChooseMethod clusterId={clusterId} />}
              {method && (
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
              )}
            </div>
          </section>
        )}
        <Progress cluster={cluster.data} />
      </div>
    </div>
  );
}

/** Its agent has a token already; a command would create another one. */
function OfFleet({ onCommand }: { onCommand: () => void }) {
  return (
    <section aria-labelledby="of-fleet" className="min-w-0">
      <h2 id="of-fleet" className="mb-1 text-base font-semibold">
        This cluster connects with a fleet token
      </h2>
      <p className="text-muted">The agent enrolls with the fleet token; no command is needed. Progress is shown here.</p>
      <Button className="mt-3" onClick={onCommand}>
        Show an install command
      </Button>
    </section>
  );
}

const installQuery = (clusterId: string, method: string) => ({
  queryKey: ["install", clusterId, method],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    send<Install>("GET", `/v1/clusters/${clusterId}/install`, { query: { method }, signal }),
  staleTime: Infinity, // each answer holds a fresh token
  gcTime: 0,
  retry: false,
});

/** Opens the method that can work with the server's addresses; the command that came with the answer is the one that is shown. */
function ChooseMethod({ clusterId }: { clusterId: string }) {
  const client = useQueryClient();
  const go = useNavigate();
  const best = useQuery(installQuery(clusterId, "auto"));
  useEffect(() => {
    if (best.isPending) return;
    const method = best.data?.method ?? "kubectl"; // which then shows why there is no command
    if (best.data) client.setQueryData(["install", clusterId, method], best.data);
    void go({ to: ".", search: { method } as never, replace: true });
  }, [best.isPending, best.data, client, clusterId, go]);
  return <Loading rows={3} />;
}

function Command({ clusterId, method, how }: { clusterId: string; method: string; how: string }) {
  const client = useQueryClient();
  const install = useQuery(installQuery(clusterId, method));
  const now = useNow();
  const go = useNavigate();
  if (install.isLoadingError)
    return (
      <>
        <Failed
          error={install.error}
          what="No command is available for this method"
          retry={isRefused(install.error) ? undefined : () => void install.refetch()}
        />
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
  const ofGit = method === "argocd" || method === "flux";
  const leftS = (Date.parse(install.data.expiresAt) - now) / 1000;
  return (
    <div className="flex flex-col gap-2 px-4 py-3">
      <p className="text-muted">{how}</p>
      {install.data.warnings.length > 0 && (
        <div role="status" className="flex flex-col gap-1 rounded-md border border-medium/40 bg-medium-tint px-3 py-2 wrap-anywhere">
          {install.data.warnings.map((one) => (
            <p key={one.code}>{one.message}</p>
          ))}
        </div>
      )}
      <CodeBlock text={install.data.command} label="command" mask={TOKEN.exec(install.data.command)?.[0]} />
      {ofGit && install.data.manifest && (
        <details>
          <summary className="cursor-pointer text-muted">Manifest to keep in Git. It contains no token.</summary>
          <CodeBlock text={install.data.manifest} label="manifest" tall />
        </details>
      )}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <span>
          {leftS > 0
            ? `The token in this command can be used once and expires in ${span(leftS)}. Copying includes the hidden part.`
            : "The token in this command has expired."}
        </span>
        <Button
          small
          kind="quiet"
          icon={<RefreshCw aria-hidden />}
          onClick={() => void client.resetQueries({ queryKey: ["install", clusterId, method] })}
        >
          New token
        </Button>
      </p>
    </div>
  );
}

const connectionQuery = (id: string) => ({
  queryKey: ["connection", id],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    send<Connection>("GET", `/v1/clusters/${encodeURIComponent(id)}/connection`, { signal }),
});

function Progress({ cluster }: { cluster: Cluster }) {
  const go = useNavigate();
  const connection = useQuery({
    ...connectionQuery(cluster.id),
    refetchInterval: (query) => (query.state.data?.ready ? false : ASK_MS),
  });
  const ready = connection.data?.ready ?? false;
  const counts = useQuery({ ...clusterCountsQuery(cluster.id), enabled: ready });
  const objects = counts.data?.counts.reduce((sum, one) => sum + one.count, 0);
  useEffect(() => {
    if (ready) document.getElementById("open-cluster")?.focus();
  }, [ready]);
  if (!connection.data)
    return connection.isLoadingError ? (
      <Failed error={connection.error} what="Could not load the progress" retry={() => void connection.refetch()} />
    ) : (
      <Loading rows={4} />
    );
  const { steps, problem, warnings } = connection.data;
  return (
    <section aria-labelledby="progress" className="h-fit rounded-md border border-line bg-surface p-4">
      <h2 id="progress" className="mb-3 text-base font-semibold">
        {ready ? "Connected" : "Waiting for the agent"}
      </h2>
      <ol className="flex flex-col gap-2" aria-live="polite">
        {steps.map((one) => (
          <StepRow
            key={one.id}
            step={one}
            more={one.id === "inventory" && objects !== undefined ? `${objects.toLocaleString()} objects` : undefined}
          />
        ))}
      </ol>
      {problem && <NoticeBox notice={problem} isProblem={steps.some((one) => one.state === "failed")} />}
      {warnings.map((one) => (
        <NoticeBox key={one.code} notice={one} />
      ))}
      {ready && (
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
      {!ready && (
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

const SAID: Record<string, string> = { done: "done", limited: "done with limits", current: "waiting", failed: "failed" };

function StepRow({ step, more }: { step: Step; more?: string }) {
  return (
    <li className={cx("flex items-center gap-2.5", !(step.state in SAID) && "text-muted")}>
      <span className="flex size-5 shrink-0 items-center justify-center">
        {step.state === "done" ? (
          <span className="flex size-5 items-center justify-center rounded-full bg-ok-tint text-ok">
            <Check aria-hidden className="size-3.5" strokeWidth={3} />
          </span>
        ) : step.state === "limited" ? (
          <span className="flex size-5 items-center justify-center rounded-full bg-medium-tint text-medium">
            <TriangleAlert aria-hidden className="size-3.5" />
          </span>
        ) : step.state === "failed" ? (
          <span className="flex size-5 items-center justify-center rounded-full bg-critical-tint text-critical">
            <X aria-hidden className="size-3.5" strokeWidth={3} />
          </span>
        ) : step.state === "current" ? (
          <Spinner />
        ) : (
          <span aria-hidden className="size-2 rounded-full border border-control" />
        )}
      </span>
      <span className="flex-1">
        {step.title}
        <span className="sr-only">, {SAID[step.state] ?? "not yet"}</span>
      </span>
      {more && <span className="text-xs text-muted">{more}</span>}
    </li>
  );
}

/** What the server saw of the agent that holds the connection back, or that deserves attention, and what to do about it. */
function NoticeBox({ notice, isProblem = false }: { notice: Notice; isProblem?: boolean }) {
  return (
    <div
      role={isProblem ? "alert" : "status"}
      className={cx(
        "mt-4 rounded-md border px-3 py-2",
        isProblem ? "border-critical/40 bg-critical-tint" : "border-medium/40 bg-medium-tint",
      )}
    >
      <p className="font-medium">{notice.message}</p>
      {notice.fix && <p>{notice.fix}</p>}
      {(notice.at || notice.address) && (
        <p className="mt-1 text-xs text-muted">
          {notice.at && (
            <>
              Last seen <Time at={notice.at} />
            </>
          )}
          {notice.address && ` from ${notice.address}`}
          {(notice.count ?? 0) > 1 && `, ${notice.count} times`}
        </p>
      )}
    </div>
  );
}
