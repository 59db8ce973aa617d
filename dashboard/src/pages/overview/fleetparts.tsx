// What a cluster of the overview says, as a tile and as a row: where it leads, its nodes and its pods.
import { cx, plural } from "../../parts";
import type { FleetCluster } from "./queries";

export const pathOf = (one: FleetCluster) => (one.health === "pending" ? "/clusters/$clusterId/connect" : "/clusters/$clusterId");

export function Nodes({ of }: { of: FleetCluster }) {
  if (!of.nodes?.total) return null;
  const missing = of.nodes.total - of.nodes.ready;
  return (
    <span className={cx("whitespace-nowrap", missing > 0 && "text-high")}>
      {of.nodes.ready}/{of.nodes.total} nodes ready
    </span>
  );
}

export function Pods({ of }: { of: FleetCluster }) {
  if (!of.pods?.total) return null;
  return of.pods.notReady ? (
    <span className="whitespace-nowrap text-high">
      {of.pods.notReady.toLocaleString()} of {plural(of.pods.total, "pod")} not ready
    </span>
  ) : (
    <span className="whitespace-nowrap">{plural(of.pods.total, "pod")}</span>
  );
}
