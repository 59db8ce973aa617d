// The logs of a pod or of the pods of a workload together, as the container runtimes have them now, fetched through the agent.

import { useQuery } from "@tanstack/react-query";
import { Boxes, Container as ContainerIcon, Pause, Play, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { Problem } from "../../api/client";
import { Button, Empty, Failed, IconButton, Loading } from "../../parts";
import { plain } from "../../parts/logtext";
import { type LogLine, LogView } from "../../parts/logview";
import { Menu, MenuCheck, MenuLabel } from "../../parts/menu";
import { RANK, toneOfResource } from "./kinds";
import { type LogSource, shortNames } from "./lognames";
import { type Shown, useLogs } from "./logstream";
import { type Container, containers, parsed } from "./manifest";
import { type Resource, type ResourceWithManifest, treeQuery } from "./queries";

const TAILS = [200, 1000, 2000]; // lines of each container; the agent gives 2,000 at most
const SPANS: [title: string, seconds: number][] = [
  ["Last 5 minutes", 300],
  ["Last 15 minutes", 900],
  ["Last hour", 3600],
  ["Last 6 hours", 21600],
  ["Last 24 hours", 86400],
];
const MOST_PODS = 20;
const ALL = "*";
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (.*)$/s;
const ERROR = /\b(error|fatal|panic|exception|critical|emerg)\b/i;
const WARNING = /\b(warn|warning)\b/i;
const BOX = "h-7 max-w-52 rounded-sm border border-control bg-bg px-1.5 text-sm";

/** A line with its time in front and what it warns of, if it says so near its beginning. `time` is when the runtime received it. */
export function logLine(text: string, time?: string): LogLine {
  const line = plain(text);
  const stamp = STAMP.exec(line);
  const rest = stamp ? stamp[2]! : line;
  const start = rest.slice(0, 120);
  return {
    text: rest,
    lead: (stamp ? stamp[1]! : time)?.slice(11, 19),
    tone: ERROR.test(start) ? "error" : WARNING.test(start) ? "warning" : undefined,
  };
}

export function Logs({ resource }: { resource: ResourceWithManifest }) {
  return resource.kind === "Pod" ? <LogsOf of={resource} pods={null} /> : <WorkloadLogs resource={resource} />;
}

function WorkloadLogs({ resource }: { resource: ResourceWithManifest }) {
  const tree = useQuery(treeQuery(resource.id));
  const pods = useMemo(
    () =>
      (tree.data?.children ?? [])
        .filter((one) => one.kind === "Pod")
        .sort((a, b) => RANK[toneOfResource(a)] - RANK[toneOfResource(b)] || a.name.localeCompare(b.name)),
    [tree.data],
  );
  if (tree.isPending) return <Loading rows={6} />;
  if (tree.isLoadingError) return <Failed error={tree.error} what="Could not load the pods" retry={() => void tree.refetch()} />;
  if (!pods.length) return <Empty title="No pods">Logs come from running or terminated containers, and this object has no pods.</Empty>;
  return <LogsOf of={resource} pods={pods} />;
}

/** The container to begin with: of a pod the one that fails or restarted, of a workload the default one of each pod. */
function first(all: readonly Container[], isPod: boolean): string {
  if (!isPod) return "";
  const worst = all.find((one) => one.state?.tone === "critical") ?? all.find((one) => (one.restarts ?? 0) > 0);
  return worst?.name ?? "";
}

function LogsOf({ of, pods }: { of: ResourceWithManifest; pods: Resource[] | null }) {
  const all = useMemo(() => containers(parsed(of.manifest)), [of.manifest]);
  const [container, setContainer] = useState<string>();
  const [chosen, choose] = useState<ReadonlySet<string> | null>(null); // null: all pods, also those to come
  const [previous, setPrevious] = useState(false);
  const [isFollowed, follow] = useState(false);
  const [tailLines, setTail] = useState(TAILS[0]!);
  const [sinceSeconds, setSince] = useState<number>();
  const name = container ?? first(all, !pods);
  const resource = useMemo(
    () => (chosen && pods ? pods.filter((one) => chosen.has(one.id)).map((one) => one.id) : [of.id]),
    [chosen, pods, of.id],
  );
  const shown = useLogs(
    { resource: resource.join(","), container: name === ALL ? "" : name, allContainers: name === ALL, previous, tailLines, sinceSeconds },
    isFollowed && !previous,
  );
  const lines = useMemo(() => drawn(shown), [shown]);
  const restarts = all.find((one) => one.name === name)?.restarts;
  const tools = (
    <>
      {pods && <PodMenu pods={pods} chosen={chosen} choose={choose} />}
      {all.length > 1 && (
        <select aria-label="Container" className={BOX} value={name} onChange={(event) => setContainer(event.target.value)}>
          <option value="">Default container</option>
          <option value={ALL}>All containers</option>
          {all.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
              {one.kind === "init" ? " (init)" : ""}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="Container run"
        className={BOX}
        value={previous ? "previous" : "current"}
        onChange={(event) => setPrevious(event.target.value === "previous")}
      >
        <option value="current">Current run</option>
        <option value="previous">Previous run{restarts ? ` (${restarts} ${restarts === 1 ? "restart" : "restarts"})` : ""}</option>
      </select>
      <select
        aria-label="Time range"
        className={BOX}
        value={sinceSeconds ?? ""}
        onChange={(event) => setSince(Number(event.target.value) || undefined)}
      >
        <option value="">Any time</option>
        {SPANS.map(([title, seconds]) => (
          <option key={seconds} value={seconds}>
            {title}
          </option>
        ))}
      </select>
      <Button
        small
        aria-pressed={isFollowed && !previous}
        disabled={previous}
        title={
          previous ? "A previous run has ended and writes no new lines" : "Show new lines as they are written, including those of new pods"
        }
        icon={isFollowed && !previous ? <Pause aria-hidden /> : <Play aria-hidden />}
        onClick={() => follow(!isFollowed)}
      >
        Follow
      </Button>
      <IconButton label="Refresh" disabled={shown.isFetching} onClick={shown.reload}>
        <RotateCw className={shown.isFetching ? "animate-spin" : undefined} />
      </IconButton>
    </>
  );
  const more = TAILS.find((one) => one > tailLines);
  return (
    <div className="p-4">
      <Unreadable sources={shown.sources} />
      {shown.hasEarlier && more && (
        <Button small className="mb-2" disabled={shown.isFetching} onClick={() => setTail(more)}>
          Load older lines
        </Button>
      )}
      <LogView
        tall
        isLive={isFollowed && !previous}
        lines={lines}
        label={`Log of ${of.name}`}
        fileName={`${of.name}${name && name !== ALL ? `-${name}` : ""}${previous ? "-previous" : ""}.log`}
        tools={tools}
        empty={
          shown.isFetching && !shown.sources.length ? (
            <span className="late">Fetching the log…</span>
          ) : shown.error ? (
            <LogsFailed error={shown.error} previous={previous} retry={shown.reload} />
          ) : shown.sources.some((one) => one.state === "read") ? (
            sinceSeconds ? (
              "No output in this time range."
            ) : (
              "The containers have written no output."
            )
          ) : (
            "None of the logs can be read."
          )
        }
      />
      <Footer shown={shown} more={more} />
    </div>
  );
}

function PodMenu({
  pods,
  chosen,
  choose,
}: {
  pods: Resource[];
  chosen: ReadonlySet<string> | null;
  choose: (to: ReadonlySet<string> | null) => void;
}) {
  const isOn = (id: string) => chosen === null || chosen.has(id);
  const toggle = (id: string, next: boolean) => {
    const ids = new Set(pods.map((one) => one.id).filter((one) => (one === id ? next : isOn(one))));
    choose(ids.size === pods.length || ids.size === 0 ? null : ids);
  };
  return (
    <Menu
      trigger={
        <Button small icon={<Boxes aria-hidden />}>
          {chosen === null ? (pods.length === 1 ? "1 pod" : `All ${pods.length} pods`) : `${chosen.size} of ${pods.length} pods`}
        </Button>
      }
    >
      <MenuCheck checked={chosen === null} onChange={() => choose(null)}>
        All pods, including new ones
      </MenuCheck>
      <MenuLabel>Only these</MenuLabel>
      {pods.map((one) => (
        <MenuCheck
          key={one.id}
          checked={chosen?.has(one.id) ?? false}
          onChange={(next) => (chosen === null ? choose(new Set([one.id])) : toggle(one.id, next))}
        >
          {one.name} ({one.status ?? "unknown"})
        </MenuCheck>
      ))}
    </Menu>
  );
}

/** The lines as they are drawn: whose they are, if there are several, and what is to be said between them. */
function drawn(shown: Shown): LogLine[] {
  const names = shortNames(shown.sources);
  const colors = new Map<string, number>();
  const hasTags = shown.names.size > 1;
  for (const key of shown.names.keys()) colors.set(key, colors.size);
  return shown.lines.map((line) => {
    if (line.note) return { text: line.note, isNote: true };
    const drawnLine = logLine(line.text, line.time);
    const whole = shown.names.get(line.source) ?? "";
    return hasTags
      ? { ...drawnLine, tag: { text: names.get(line.source) ?? whole, title: whole, color: colors.get(line.source) ?? 0 } }
      : drawnLine;
  });
}

function Unreadable({ sources }: { sources: readonly LogSource[] }) {
  const those = sources.filter((one) => one.state === "waiting" || one.state === "failed");
  if (!those.length) return null;
  return (
    <ul aria-label="Logs that cannot be read" className="mb-2 rounded-md border border-line bg-medium-tint px-3 py-1.5 text-xs text-medium">
      {those.slice(0, 5).map((one) => (
        <li key={`${one.resourceId} ${one.container}`} className="break-words">
          <span className="inline-flex items-center gap-1 font-mono font-semibold">
            <ContainerIcon aria-hidden className="size-3" />
            {one.pod} {one.container}
          </span>
          : {one.reason ?? "the log cannot be read"}
        </li>
      ))}
      {those.length > 5 && <li>and {those.length - 5} more</li>}
    </ul>
  );
}

function Footer({ shown, more }: { shown: Shown; more: number | undefined }) {
  return (
    <div className="mt-1 flex flex-col gap-0.5 text-xs text-muted">
      {shown.error !== null && shown.lines.length > 0 && (
        <p role="status" className="text-medium">
          New lines cannot be fetched: {shown.error instanceof Error ? shown.error.message : "unknown error"}. Trying again.
        </p>
      )}
      {shown.leftOut > 0 && (
        <p>
          {shown.leftOut} more pods or containers are not shown. At most {MOST_PODS} pods are read at once; choose others above.
        </p>
      )}
      {shown.hasEarlier && !more && <p>Earlier lines are not shown: 2,000 lines of each container are read at most.</p>}
      <p>Fetched through the agent, which redacts possible secrets before they leave the cluster.</p>
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
