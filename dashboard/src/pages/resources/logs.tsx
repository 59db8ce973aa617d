// Logs as the container runtime has them now, fetched through the agent. For a workload one of its pods is chosen.

import { useQuery } from "@tanstack/react-query";
import { Pause, Play, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { Problem } from "../../api/client";
import { Button, Empty, Failed, IconButton, Loading } from "../../parts";
import { linesOf, plain } from "../../parts/logtext";
import { type LogLine, LogView } from "../../parts/logview";
import { RANK, toneOfResource } from "./kinds";
import { containers, parsed } from "./manifest";
import { logsQuery, type Resource, type ResourceWithManifest, resourceQuery, treeQuery } from "./queries";

const TAILS = [200, 1000, 2000]; // lines; the agent gives 2,000 at most
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (.*)$/s;
const ERROR = /\b(error|fatal|panic|exception|critical|emerg)\b/i;
const WARNING = /\b(warn|warning)\b/i;
const BOX = "h-7 max-w-52 rounded-sm border border-control bg-bg px-1.5 text-sm";

/** A line with its time in front and what it warns of, if it says so near its beginning. */
export function logLine(text: string): LogLine {
  const line = plain(text);
  const stamp = STAMP.exec(line);
  const rest = stamp ? stamp[2]! : line;
  const start = rest.slice(0, 120);
  return {
    text: rest,
    lead: stamp ? stamp[1]!.slice(11) : undefined,
    tone: ERROR.test(start) ? "error" : WARNING.test(start) ? "warning" : undefined,
  };
}

export function Logs({ resource }: { resource: ResourceWithManifest }) {
  return resource.kind === "Pod" ? <PodLogs pod={resource} pods={null} /> : <WorkloadLogs resource={resource} />;
}

function WorkloadLogs({ resource }: { resource: ResourceWithManifest }) {
  const tree = useQuery(treeQuery(resource.id));
  const [chosen, choose] = useState<string>();
  const pods = useMemo(
    () =>
      (tree.data?.children ?? [])
        .filter((one) => one.kind === "Pod")
        .sort((a, b) => RANK[toneOfResource(a)] - RANK[toneOfResource(b)] || a.name.localeCompare(b.name)),
    [tree.data],
  );
  const id = pods.find((one) => one.id === chosen)?.id ?? pods[0]?.id;
  const pod = useQuery({ ...resourceQuery(id ?? ""), enabled: !!id });
  if (tree.isPending) return <Loading rows={6} />;
  if (tree.isLoadingError) return <Failed error={tree.error} what="Could not load the pods" retry={() => void tree.refetch()} />;
  if (!id) return <Empty title="No pods">Logs come from running or terminated containers, and this object has no pods.</Empty>;
  if (pod.isLoadingError) return <Failed error={pod.error} what="Could not load the pod" retry={() => void pod.refetch()} />;
  if (!pod.data) return <Loading rows={6} />;
  return <PodLogs key={id} pod={pod.data} pods={pods} onPod={choose} />;
}

function PodLogs({ pod, pods, onPod }: { pod: ResourceWithManifest; pods: Resource[] | null; onPod?: (id: string) => void }) {
  const all = useMemo(() => containers(parsed(pod.manifest)), [pod.manifest]);
  const worst = all.find((one) => one.state && one.state.tone === "critical") ?? all.find((one) => (one.restarts ?? 0) > 0) ?? all[0];
  const [container, setContainer] = useState<string | undefined>(undefined);
  const [previous, setPrevious] = useState(false);
  const [isFollowed, follow] = useState(false);
  const [tailLines, setTail] = useState(TAILS[1]!);
  const name = container ?? worst?.name;
  const chosen = all.find((one) => one.name === name);
  const query = useQuery(logsQuery(pod.id, { container: name, previous, tailLines }, isFollowed && !previous));
  const lines = useMemo(() => (query.data === undefined ? [] : linesOf(query.data.text).map(logLine)), [query.data]);
  const tools = (
    <>
      {pods && (
        <select aria-label="Pod" className={BOX} value={pod.id} onChange={(event) => onPod?.(event.target.value)}>
          {pods.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} ({one.status ?? "unknown"})
            </option>
          ))}
        </select>
      )}
      <select aria-label="Container" className={BOX} value={name ?? ""} onChange={(event) => setContainer(event.target.value)}>
        {all.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
            {one.kind === "init" ? " (init)" : ""}
          </option>
        ))}
        {!all.length && <option value="">default</option>}
      </select>
      <select
        aria-label="Container run"
        className={BOX}
        value={previous ? "previous" : "current"}
        onChange={(event) => setPrevious(event.target.value === "previous")}
      >
        <option value="current">Current run</option>
        <option value="previous">
          Previous run{chosen?.restarts ? ` (${chosen.restarts} ${chosen.restarts === 1 ? "restart" : "restarts"})` : ""}
        </option>
      </select>
      <select aria-label="Number of lines" className={BOX} value={tailLines} onChange={(event) => setTail(Number(event.target.value))}>
        {TAILS.map((count) => (
          <option key={count} value={count}>
            Last {count.toLocaleString()}
          </option>
        ))}
      </select>
      <Button
        small
        aria-pressed={isFollowed && !previous}
        disabled={previous}
        title={previous ? "A previous run writes no more lines" : "Fetch new lines every few seconds"}
        icon={isFollowed && !previous ? <Pause aria-hidden /> : <Play aria-hidden />}
        onClick={() => follow(!isFollowed)}
      >
        Follow
      </Button>
      <IconButton label="Refresh" disabled={query.isFetching} onClick={() => void query.refetch()}>
        <RotateCw className={query.isFetching ? "animate-spin" : undefined} />
      </IconButton>
    </>
  );
  return (
    <div className="p-4">
      <LogView
        tall
        isLive={isFollowed && !previous}
        lines={lines}
        label={`Log of ${name ?? pod.name}`}
        fileName={`${pod.name}-${name ?? "log"}${previous ? "-previous" : ""}.log`}
        tools={tools}
        empty={
          query.isFetching ? (
            <span className="late">Fetching the log…</span>
          ) : query.isLoadingError ? (
            <LogsFailed error={query.error} previous={previous} retry={() => void query.refetch()} />
          ) : (
            "The container has written no output."
          )
        }
      />
      {query.data?.truncated && <p className="mt-1 text-xs text-muted">Earlier lines are not shown.</p>}
      <p className="mt-1 text-xs text-muted">Fetched through the agent, which redacts possible secrets before they leave the cluster.</p>
    </div>
  );
}

function LogsFailed({ error, previous, retry }: { error: unknown; previous: boolean; retry: () => void }) {
  const what =
    error instanceof Problem && /offline|unavailable/.test(error.code)
      ? "The agent is not connected, and Optral does not store logs"
      : previous
        ? "No log of a previous run"
        : "Could not fetch the log";
  return (
    <div className="text-left">
      <Failed error={error} what={what} retry={retry} />
    </div>
  );
}
