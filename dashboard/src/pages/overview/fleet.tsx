// All clusters at a glance: tiles while there are few, a dense list with only the rows in view when there are many.
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Search } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { cx, Glyph, plural, StaleMark, Time } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { AgentVersion } from "../clusters/agentversion";
import { Card, MORE, Quiet } from "./card";
import { HEALTHS, HealthMark, healthOf, OpenCounts } from "./health";
import type { FleetCluster, Health, Overview } from "./queries";

const SOME = 3; // more than these are filtered by health
const TILES = 60; // more than these are a list
const ROW_PX = 36;
const NARROW_ROW_PX = 56;
const LIST_ROWS = 14; // in view

/** Few clusters do not need the width of the page. */
export const isSmall = (of: Overview) => (of.clusters?.length ?? 0) <= SOME;

export function Fleet({ of }: { of: Overview }) {
  const [health, choose] = useState<Health | undefined>();
  const [text, write] = useState("");
  const clusters = of.clusters ?? [];
  const isMany = clusters.length > TILES;
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return clusters.filter((one) => (!health || one.health === health) && one.name.toLowerCase().includes(wanted));
  }, [clusters, health, text]);
  if (!of.fleet) return null;
  return (
    <Card
      title="Clusters"
      note={of.fleet.total > clusters.length ? `${clusters.length} of ${of.fleet.total}, worst first` : plural(of.fleet.total, "cluster")}
      action={
        <Link to="/clusters" className={MORE}>
          All clusters
        </Link>
      }
    >
      {clusters.length > SOME && (
        <div className="flex flex-wrap items-center gap-1.5 border-b border-line px-4 py-2">
          {HEALTHS.filter((one) => of.fleet![one] > 0).map((one) => (
            <HealthFilter key={one} value={one} number={of.fleet![one]} chosen={health === one} onChoose={choose} />
          ))}
          {isMany && (
            <span className="relative ml-auto w-52 max-sm:w-full">
              <Search aria-hidden className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-muted" />
              <input
                type="search"
                aria-label="Filter clusters by name"
                placeholder="Filter by name"
                value={text}
                onChange={(event) => write(event.target.value)}
                className="h-7 w-full rounded-sm border border-control/60 bg-bg pr-2 pl-7 text-sm pointer-coarse:h-11 [&::-webkit-search-cancel-button]:hidden"
              />
            </span>
          )}
        </div>
      )}
      {!shown.length ? <Quiet>No matching clusters.</Quiet> : isMany ? <Dense clusters={shown} /> : <Tiles clusters={shown} />}
    </Card>
  );
}

interface FilterProps {
  value: Health;
  number: number;
  chosen: boolean;
  onChoose: (health: Health | undefined) => void;
}

function HealthFilter({ value, number, chosen, onChoose }: FilterProps) {
  const [tone, word, why] = healthOf(value);
  return (
    <button
      type="button"
      aria-pressed={chosen}
      title={why}
      onClick={() => onChoose(chosen ? undefined : value)}
      className={cx(
        "inline-flex h-7 items-center gap-1.5 rounded-sm border px-2 text-xs pointer-coarse:h-11",
        chosen ? "border-accent bg-selected" : "border-line hover:bg-hover",
      )}
    >
      <Glyph tone={tone} />
      <span className="font-semibold">{number.toLocaleString()}</span>
      {word}
    </button>
  );
}

const pathOf = (one: FleetCluster) => (one.health === "pending" ? "/clusters/$clusterId/connect" : "/clusters/$clusterId");

function Tiles({ clusters }: { clusters: FleetCluster[] }) {
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,248px),1fr))] gap-3 p-4">
      {clusters.map((one) => (
        <Tile key={one.id} of={one} />
      ))}
    </ul>
  );
}

function Tile({ of }: { of: FleetCluster }) {
  return (
    <li className="relative flex min-w-0 flex-col gap-1.5 rounded-md border border-line px-3 py-2.5 hover:border-control hover:bg-hover">
      <div className="flex min-w-0 items-center gap-2">
        <Link
          to={pathOf(of)}
          params={{ clusterId: of.id }}
          title={of.name}
          className="min-w-0 flex-1 truncate font-medium outline-offset-0 after:absolute after:inset-0 after:rounded-md"
        >
          {of.name}
        </Link>
        <span className="shrink-0 text-xs">
          <HealthMark value={of.health} />
        </span>
      </div>
      <div className="text-xs">
        {of.health === "pending" ? <span className="text-muted">Finish connecting it</span> : <OpenCounts of={of.openIssues} />}
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 text-xs text-muted">
        <Nodes of={of} />
        <Pods of={of} />
        <Agent of={of} />
        <StaleMark of={of.health === "pending" ? {} : of} />
      </div>
    </li>
  );
}

function Nodes({ of }: { of: FleetCluster }) {
  if (!of.nodes?.total) return null;
  const missing = of.nodes.total - of.nodes.ready;
  return (
    <span className={cx("whitespace-nowrap", missing > 0 && "text-high")}>
      {of.nodes.ready}/{of.nodes.total} nodes ready
    </span>
  );
}

function Pods({ of }: { of: FleetCluster }) {
  if (!of.pods?.total) return null;
  return of.pods.notReady ? (
    <span className="whitespace-nowrap text-high">
      {of.pods.notReady.toLocaleString()} of {plural(of.pods.total, "pod")} not ready
    </span>
  ) : (
    <span className="whitespace-nowrap">{plural(of.pods.total, "pod")}</span>
  );
}

const NOTABLE = new Set(["behind", "tooOld", "ahead"]);

/** Only where it needs a word: its version differs from the server's. */
function Agent({ of }: { of: FleetCluster }) {
  if (!NOTABLE.has(of.agent.versionSkew ?? "")) return null;
  return (
    <span className="inline-flex items-center gap-1">
      Agent <AgentVersion agent={{ ...of.agent, capabilities: [] }} />
    </span>
  );
}

const GRID =
  "grid items-center gap-3 px-4 grid-cols-[minmax(0,1fr)_auto] @2xl:grid-cols-[minmax(0,1fr)_112px_152px_156px] @4xl:grid-cols-[minmax(0,1fr)_120px_160px_112px_160px] @5xl:grid-cols-[minmax(0,1fr)_120px_160px_112px_160px_96px] @4xl:gap-4";

function Dense({ clusters }: { clusters: FleetCluster[] }) {
  const box = useRef<HTMLDivElement>(null);
  const rowPx = useNarrow(box, 672) ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: clusters.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowPx,
    overscan: 6,
  });
  return (
    <div className="@container">
      <div
        ref={box}
        role="table"
        aria-label="Clusters, worst first"
        aria-rowcount={clusters.length}
        tabIndex={0}
        className="overflow-y-auto"
        style={{ height: Math.min(clusters.length, LIST_ROWS) * rowPx }}
      >
        <div role="rowgroup" className="relative" style={{ height: clusters.length * rowPx }}>
          {virtual.getVirtualItems().map((item) => (
            <DenseRow key={clusters[item.index]!.id} of={clusters[item.index]!} index={item.index} height={rowPx} />
          ))}
        </div>
      </div>
    </div>
  );
}

function DenseRow({ of, index, height }: { of: FleetCluster; index: number; height: number }) {
  const isPending = of.health === "pending";
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      style={{ height, transform: `translateY(${index * height}px)` }}
      className={cx(GRID, "absolute inset-x-0 top-0 border-b border-line hover:bg-hover has-[a:focus-visible]:bg-hover")}
    >
      <span role="cell" className="flex min-w-0 flex-col">
        <Link
          to={pathOf(of)}
          params={{ clusterId: of.id }}
          title={of.name}
          className="truncate font-medium outline-offset-0 after:absolute after:inset-0"
        >
          {of.name}
        </Link>
        <span className="flex gap-3 text-xs text-muted @2xl:hidden">{isPending ? "–" : <OpenCounts of={of.openIssues} />}</span>
      </span>
      <span role="cell">
        <HealthMark value={of.health} />
      </span>
      <span role="cell" className="@max-2xl:hidden">
        {isPending ? <span className="text-muted">–</span> : <OpenCounts of={of.openIssues} />}
      </span>
      <span role="cell" className="text-xs text-muted @max-4xl:hidden">
        <Nodes of={of} />
      </span>
      <span role="cell" className="truncate text-xs text-muted @max-2xl:hidden">
        <Pods of={of} />
      </span>
      <span role="cell" className="text-right text-xs text-muted @max-5xl:hidden">
        {of.stale ? <StaleMark of={isPending ? {} : of} /> : <Time at={of.lastHeartbeatAt} />}
      </span>
    </div>
  );
}
