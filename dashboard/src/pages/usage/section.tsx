// What a pod or node uses, and what the requests of a workload are like, with small charts, from the last report of its agent.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { Failed, Section, span, Time } from "../../parts";
import { bytes } from "../issues/facts";
import { cores } from "./amounts";
import { Chart } from "./chart";
import { WorkloadUsage } from "./workload";

type Usage = Schemas["UsageShape"];
type Part = Usage["parts"][number];
type Requests = NonNullable<Usage["requests"]>;

const LOOK_AGAIN_MS = 60_000;

const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ["usage", id],
    queryFn: ({ signal }) => send<Usage>("GET", `/v1/resources/${encodeURIComponent(id)}/usage`, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

const percent = (share: number) => `${Math.round(share * 100)} %`;

const WITH_USAGE = new Set(["Pod", "Node"]);
const WITH_REQUESTS = new Set(["Deployment", "StatefulSet", "DaemonSet"]);
const WITH_PODS = new Set([...WITH_REQUESTS, "ReplicaSet", "Job"]);

const isShown = (kind: string, explained = false) => WITH_USAGE.has(kind) || (explained ? WITH_PODS : WITH_REQUESTS).has(kind);

/** Whether the height of an explained section is known: it has its answer, or the kind has no section. */
export function useIsUsageKnown(kind: string, resourceId: string): boolean {
  const isWanted = isShown(kind, true);
  const { isPending } = useQuery({ ...usageQuery(resourceId), enabled: isWanted });
  return !isWanted || !isPending;
}

/**
 * Absent for other kinds than pods, nodes and workloads. `explained`: say why nothing is known; otherwise it is absent
 * without a report, too. Requests are reported of few workloads, so they never explain themselves.
 */
export function UsageSection({
  kind,
  resourceId,
  explained,
}: {
  kind: string;
  resourceId: string | null | undefined;
  explained?: boolean;
}) {
  if (!resourceId || !isShown(kind, explained)) return null;
  if (explained && WITH_PODS.has(kind)) return <OfWorkload resourceId={resourceId} />;
  return <Reported resourceId={resourceId} explained={explained && WITH_USAGE.has(kind)} />;
}

/** What its pods use, and what the requests that they serve are like, if that is known. */
function OfWorkload({ resourceId }: { resourceId: string }) {
  const found = useQuery(usageQuery(resourceId));
  if (found.isLoadingError)
    return (
      <Section title="Usage of its pods">
        <Failed error={found.error} what="Could not load the usage" retry={() => void found.refetch()} />
      </Section>
    );
  const usage = found.data;
  if (!usage) return null;
  return (
    <>
      {usage.workload && <WorkloadUsage of={usage.workload} />}
      {usage.requests && usage.observedAt && <Served of={usage.requests} observedAt={usage.observedAt} />}
    </>
  );
}

function Reported({ resourceId, explained = false }: { resourceId: string; explained?: boolean }) {
  const found = useQuery(usageQuery(resourceId));
  if (found.isLoadingError)
    return explained ? (
      <Section title="Usage">
        <Failed error={found.error} what="Could not load the usage" retry={() => void found.refetch()} />
      </Section>
    ) : null;
  const usage = found.data;
  if (!usage || (!usage.observedAt && !explained)) return null;
  if (usage.requests && usage.observedAt) return <Served of={usage.requests} observedAt={usage.observedAt} />;
  return (
    <Section id="usage" title="Usage">
      {usage.observedAt ? (
        <>
          <div className="flex flex-col gap-3">
            {usage.parts.map((one) => (
              <PartUse key={one.name ?? ""} of={one} />
            ))}
            {usage.volumes.map((one) => (
              <p key={one.name ?? ""}>
                {one.name ? `Volume ${one.name}` : "File system"}
                {one.claim ? ` (claim ${one.claim})` : ""}: {bytes(one.usedBytes)} of {bytes(one.capacityBytes)},{" "}
                {percent(one.usedBytes / Math.max(1, one.capacityBytes))}
                {one.fullInSeconds != null && `; full in ${span(one.fullInSeconds)} if it keeps growing`}
              </p>
            ))}
          </div>
          <p className="mt-2 text-xs text-muted">
            Measured by the kubelet <Time at={usage.observedAt} />
          </p>
        </>
      ) : (
        <p className="text-muted">{usage.reason}</p>
      )}
    </Section>
  );
}

function PartUse({ of }: { of: Part }) {
  const limitName = of.name ? "limit" : "capacity";
  const limited = (used: string, limit: number | null | undefined, shown: (value: number) => string) =>
    limit ? `${used} of ${shown(limit)}` : used;
  return (
    <div>
      <p>
        {of.name && <span className="font-mono text-xs font-semibold">{of.name} </span>}
        CPU {limited(cores(of.cpuMillis), of.cpuLimitMillis, cores)} · memory {limited(bytes(of.memoryBytes), of.memoryLimitBytes, bytes)}
        {!!of.throttledShare && ` · throttled in ${percent(of.throttledShare)} of the periods`}
      </p>
      <div className="mt-1 grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Chart
          title="CPU"
          points={of.samples.map((one) => ({ at: one.at, value: one.cpuMillis }))}
          limit={of.cpuLimitMillis ?? undefined}
          limitName={limitName}
          shown={cores}
        />
        <Chart
          title="Memory"
          points={of.samples.map((one) => ({ at: one.at, value: one.memoryBytes }))}
          limit={of.memoryLimitBytes ?? undefined}
          limitName={limitName}
          shown={bytes}
        />
      </div>
    </div>
  );
}

const SOURCES: Record<string, string> = {
  istio: "Istio",
  linkerd: "Linkerd",
  opentelemetry: "OpenTelemetry",
  "opentelemetry-old": "OpenTelemetry",
  "ingress-nginx": "ingress-nginx",
};

/** 480 → "480 ms", 2390 → "2.4 s". */
export const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`);

const rate = (perSecond: number): string => `${Number(perSecond.toFixed(perSecond < 10 ? 1 : 0))}/s`;

const ofHundred = (value: number): string => `${Number(value.toFixed(value < 10 ? 1 : 0))} %`;

function Served({ of, observedAt }: { of: Requests; observedAt: string }) {
  const durations = of.samples.flatMap((one) => (one.p95Ms == null ? [] : [{ at: one.at, value: one.p95Ms }]));
  return (
    <Section id="usage" title="Requests">
      <p>
        {rate(of.perSecond)} · {ofHundred(100 * of.errorShare)} failed
        {of.p95Ms != null && ` · 95th percentile ${duration(of.p95Ms)}`}
        {of.usualP95Ms != null && `, usually ${duration(of.usualP95Ms)}`}
      </p>
      <div className="mt-1 grid grid-cols-1 gap-4 sm:grid-cols-3">
        <Chart title="p95" points={durations} limit={of.usualP95Ms ?? undefined} limitName="usual" shown={duration} />
        <Chart
          title="Requests per second"
          points={of.samples.map((one) => ({ at: one.at, value: one.perSecond }))}
          limitName=""
          shown={rate}
        />
        <Chart
          title="Failed"
          points={of.samples.map((one) => ({ at: one.at, value: 100 * one.errorShare }))}
          limitName=""
          shown={ofHundred}
        />
      </div>
      <p className="mt-2 text-xs text-muted">
        Counted by {SOURCES[of.source] ?? of.source}, read from Prometheus <Time at={observedAt} />
      </p>
    </Section>
  );
}
