// All clusters at a glance: tiles while there are few, a dense list with only the rows in view when there are many.
import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import { cx, Glyph, plural, StaleMark } from "../../parts";
import { AgentVersion } from "../clusters/agentversion";
import { lazyPage } from "../lazy";
import { Card, MORE, Quiet } from "./card";
import { Nodes, Pods, pathOf } from "./fleetparts";
import { HEALTHS, HealthMark, healthOf, OpenCounts } from "./health";
import type { FleetCluster, Health, Overview } from "./queries";

const Dense = lazyPage(() => import("./dense"), "Dense"); // few organizations have so many clusters

const SOME = 3; // more than these are filtered by health
const TILES = 60; // more than these are a list

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
          <HealthMark of={of} />
        </span>
      </div>
      <div className="text-xs">
        {of.health === "pending" ? <span className="text-muted">Finish connecting it</span> : <OpenCounts cluster={of} />}
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
