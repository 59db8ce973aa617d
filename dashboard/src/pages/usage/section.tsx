// What a pod or node uses, with small charts, from the last report of its agent.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { Failed, Section, span, Time } from "../../parts";
import { bytes } from "../issues/facts";
import { Chart } from "./chart";

type Usage = Schemas["UsageShape"];
type Part = Usage["parts"][number];

const LOOK_AGAIN_MS = 60_000;

const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ["usage", id],
    queryFn: ({ signal }) => send<Usage>("GET", `/v1/resources/${encodeURIComponent(id)}/usage`, { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

/** 1500 → "1.5 cores", 200 → "200m". */
export const cores = (millis: number): string => (millis < 1000 ? `${millis}m` : `${Number((millis / 1000).toFixed(2))} cores`);

const percent = (share: number) => `${Math.round(share * 100)} %`;

const WITH_USAGE = new Set(["Pod", "Node"]);

/** Absent for other kinds than pods and nodes. `explained`: say why nothing is known; otherwise it is absent without a report, too. */
export function UsageSection({
  kind,
  resourceId,
  explained,
}: {
  kind: string;
  resourceId: string | null | undefined;
  explained?: boolean;
}) {
  return resourceId && WITH_USAGE.has(kind) ? <Reported resourceId={resourceId} explained={explained} /> : null;
}

function Reported({ resourceId, explained = false }: { resourceId: string; explained?: boolean }) {
  const found = useQuery(usageQuery(resourceId));
  if (found.isError && !found.data)
    return explained ? (
      <Section title="Usage">
        <Failed error={found.error} what="Could not load the usage" retry={() => void found.refetch()} />
      </Section>
    ) : null;
  const usage = found.data;
  if (!usage || (!usage.observedAt && !explained)) return null;
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
                {one.fullInSeconds != null && `; full in ${span(one.fullInSeconds)} if it goes on growing`}
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
