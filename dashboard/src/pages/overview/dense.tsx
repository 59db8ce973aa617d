// Many clusters as a list with only the rows in view. Its code is loaded when there are so many.
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { cx, StaleMark, Time } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { Nodes, Pods, pathOf } from "./fleetparts";
import { HealthMark, OpenCounts } from "./health";
import type { FleetCluster } from "./queries";

const ROW_PX = 36;
const NARROW_ROW_PX = 56;
const LIST_ROWS = 14; // in view

const GRID =
  "grid items-center gap-3 px-4 grid-cols-[minmax(0,1fr)_auto] @2xl:grid-cols-[minmax(0,1fr)_112px_152px_156px] @4xl:grid-cols-[minmax(0,1fr)_120px_160px_112px_160px] @5xl:grid-cols-[minmax(0,1fr)_120px_160px_112px_160px_96px] @4xl:gap-4";

export function Dense({ clusters }: { clusters: FleetCluster[] }) {
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
        <span className="flex gap-3 text-xs text-muted @2xl:hidden">{isPending ? "–" : <OpenCounts cluster={of} />}</span>
      </span>
      <span role="cell">
        <HealthMark of={of} />
      </span>
      <span role="cell" className="@max-2xl:hidden">
        {isPending ? <span className="text-muted">–</span> : <OpenCounts cluster={of} />}
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
