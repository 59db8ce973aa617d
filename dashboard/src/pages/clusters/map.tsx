// The map of a cluster: its nodes with what is requested and used of them, and each pod as a small shape that tells its state.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { type Schemas, send } from "../../api/client";
import type { Cluster } from "../../api/queries";
import { Button, ChoiceSelect, Empty, Failed, Glyph, Loading, Mark, Name, Options, Select, StaleBadge, type Tone } from "../../parts";
import { toNeighbor } from "../../parts/arrows";
import { Combobox } from "../../parts/combobox";
import { bytes, cores, type MapNode, type MapPod, namespacesOf, ownersOf, type Size, share, within } from "./maplayout";
import { Treemap } from "./maptreemap";

const route = getRouteApi("/framed/clusters/$clusterId");
const ASK_MS = 15_000;
const NODES_AT_ONCE = 24;
const MAX_CELLS = 120; // of one node; a node runs 110 pods unless its kubelet is set up otherwise
const STATES: Record<string, [tone: Tone, word: string]> = {
  failing: ["critical", "Failing"],
  pending: ["medium", "Pending"],
  healthy: ["ok", "Healthy"],
  unknown: ["info", "Not in the inventory"],
};

const SIZES = [
  ["same", "Size: all the same"],
  ["memory", "Size: memory request"],
  ["cpu", "Size: CPU request"],
] as const;

const mapQuery = (clusterId: string) =>
  queryOptions({
    queryKey: ["clusterMap", clusterId],
    queryFn: ({ signal }) => send<Schemas["MapShape"]>("GET", `/v1/clusters/${encodeURIComponent(clusterId)}/map`, { signal }),
    refetchInterval: ASK_MS,
  });

export function ClusterMap({ cluster }: { cluster: Cluster }) {
  const { namespace = "", owner = "", size = "same" } = route.useSearch() as { namespace?: string; owner?: string; size?: Size };
  const go = useNavigate();
  const found = useQuery(mapQuery(cluster.id));
  const [most, setMost] = useState(NODES_AT_ONCE);
  const map = found.data;
  const names = useMemo(() => (map ? namespacesOf(map) : []), [map]);
  const owners = useMemo(() => (map ? ownersOf(map, namespace) : []), [map, namespace]);
  const [typed, type] = useState(owner);
  useEffect(() => type(owner), [owner]);
  const shown = useMemo(() => map && within(map, namespace, owner), [map, namespace, owner]);
  const set = (change: { namespace?: string; owner?: string; size?: Size }) =>
    void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  if (found.isLoadingError) return <Failed error={found.error} what="Could not load the map" retry={() => void found.refetch()} />;
  if (!map || !shown) return <Loading rows={6} label="Loading the map" />;
  if (!map.nodes.length && !map.unscheduled.length)
    return <Empty title="No nodes reported yet">The agent reports nodes and pods when it connects.</Empty>;
  const left = shown.nodes.length - most;
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <ChoiceSelect
          aria-label="Namespace"
          className="h-8! w-48 text-sm!"
          none="All namespaces"
          of={names}
          value={namespace}
          onChange={(chosen) => set({ namespace: chosen, owner: undefined } as never)}
        />
        <Combobox
          aria-label="Owner"
          placeholder="All owners"
          className="w-56"
          options={owners}
          value={typed}
          onChange={(text) => {
            type(text);
            if (!text || owners.includes(text)) set({ owner: text || undefined } as never);
          }}
        />
        <Select
          aria-label="Size of a pod"
          className="h-8! w-44 text-sm!"
          value={size}
          onChange={(event) => set({ size: event.target.value as Size })}
        >
          <Options of={SIZES} />
        </Select>
        <span>
          {shown.nodes.length.toLocaleString()} {shown.nodes.length === 1 ? "node" : "nodes"}, {shown.pods.toLocaleString()}{" "}
          {shown.pods === 1 ? "pod" : "pods"}
        </span>
        <StaleBadge of={map} />
        <span className="flex flex-wrap gap-3 text-xs text-muted">
          {["failing", "pending", "healthy"].map((one) => (
            <Mark key={one} tone={STATES[one]![0]}>
              {STATES[one]![1]}
            </Mark>
          ))}
        </span>
      </div>
      {map.nodesLeftOut + map.podsLeftOut > 0 && (
        <p role="status" className="text-muted">
          {map.nodesLeftOut.toLocaleString()} more nodes and {map.podsLeftOut.toLocaleString()} more pods are not shown.
        </p>
      )}
      {shown.pods > 0 && <Treemap nodes={shown.nodes} unscheduled={shown.unscheduled} size={size} />}
      {shown.unscheduled.length > 0 && (
        <section aria-label="Pods without a node" className="rounded-md border border-line p-3">
          <h2 className="mb-2 font-semibold">Without a node: {shown.unscheduled.length.toLocaleString()}</h2>
          <Pods of={shown.unscheduled} label="Pods without a node" />
        </section>
      )}
      {!shown.nodes.length && !shown.unscheduled.length && (
        <Empty title="No matching pods">No pod of this cluster matches the filter. Clear it to see all.</Empty>
      )}
      <ul aria-label="Nodes" className="grid grid-cols-[repeat(auto-fill,minmax(min(17rem,100%),1fr))] gap-3">
        {shown.nodes.slice(0, most).map((one) => (
          <Node key={one.name} of={one} />
        ))}
      </ul>
      {left > 0 && (
        <Button className="self-start" onClick={() => setMost(most + NODES_AT_ONCE)}>
          Show {Math.min(left, NODES_AT_ONCE)} more of {left.toLocaleString()} nodes
        </Button>
      )}
    </div>
  );
}

function Node({ of }: { of: MapNode }) {
  const [tone, word] = STATES[of.state] ?? ["info", of.state];
  const most = of.allocatable.pods;
  const about = [...of.roles, ...(of.cordoned ? ["cordoned"] : []), ...(most ? [`${of.requested.pods ?? 0} of ${most} pods`] : [])];
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-md border border-line p-3">
      <div className="flex min-w-0 items-center gap-2">
        <h3 className="min-w-0 flex-1 font-medium">
          {of.id ? (
            <Link to="/resources/$resourceId" params={{ resourceId: of.id }} className="block min-w-0 hover:underline">
              <Name>{of.name}</Name>
            </Link>
          ) : (
            <Name>{of.name}</Name>
          )}
        </h3>
        <Mark tone={tone}>{of.status || word}</Mark>
      </div>
      {about.length > 0 && <p className="truncate text-xs text-muted">{about.join(", ")}</p>}
      {of.id && (
        <div className="flex flex-col gap-1.5">
          <Bar name="CPU (cores)" wanted={of.requested.cpuMillis} most={of.allocatable.cpuMillis} used={of.usage?.cpuMillis} say={cores} />
          <Bar name="Memory" wanted={of.requested.memoryBytes} most={of.allocatable.memoryBytes} used={of.usage?.memoryBytes} say={bytes} />
        </div>
      )}
      {of.pods.length > 0 ? <Pods of={of.pods} label={`Pods on ${of.name}`} /> : <p className="text-xs text-muted">No pods</p>}
    </li>
  );
}

interface BarProps {
  name: string;
  wanted?: number | null;
  most?: number | null;
  used?: number | null;
  say: (value: number) => string;
}

/** How much is requested of what a node offers to pods, as a bar and in words; the line across it is what is used. */
function Bar({ name, wanted, most, used, say }: BarProps) {
  if (!most) return null;
  return (
    <div>
      <p className="flex flex-wrap justify-between gap-x-2 text-xs text-muted">
        <span>
          {name}: {say(wanted ?? 0)} of {say(most)} requested
        </span>
        {used != null && <span>{say(used)} used</span>}
      </p>
      <div aria-hidden className="relative mt-0.5 h-1.5 rounded-sm border border-line bg-hover">
        <div className="h-full rounded-sm bg-control" style={{ width: `${share(wanted ?? 0, most)}%` }} />
        {used != null && <div className="absolute -inset-y-1 w-0.5 bg-text" style={{ left: `${share(used, most)}%` }} />}
      </div>
    </div>
  );
}

/** One stop of the Tab key; the arrow keys go from pod to pod. */
function Pods({ of, label }: { of: readonly MapPod[]; label: string }) {
  const go = useNavigate();
  const more = of.length - MAX_CELLS;
  return (
    <>
      <ul aria-label={label} onKeyDown={(event) => toNeighbor(event, "a")} className="flex flex-wrap">
        {of.slice(0, MAX_CELLS).map((one, index) => {
          const [tone, word] = STATES[one.state] ?? ["info", one.state];
          const name = `${one.namespace}/${one.name}, ${word.toLowerCase()}`;
          return (
            <li key={one.id}>
              <a
                href={`/resources/${encodeURIComponent(one.id)}`}
                tabIndex={index ? -1 : 0}
                aria-label={name}
                title={name}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
                  event.preventDefault();
                  void go({ to: "/resources/$resourceId", params: { resourceId: one.id } });
                }}
                className="flex size-6 items-center justify-center rounded-sm hover:bg-hover"
              >
                <Glyph tone={tone} />
              </a>
            </li>
          );
        })}
      </ul>
      {more > 0 && <p className="text-xs text-muted">{more.toLocaleString()} more pods are not shown.</p>}
    </>
  );
}
