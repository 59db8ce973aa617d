// Which rows a list of workloads has: the workloads, and below those that are open what they own.
import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { RANK, toneOfResource } from "./kinds";
import { type Resource, type Tree, treeQuery } from "./queries";

export interface FoldedRow {
  resource: Resource;
  isBelow: boolean;
}

/** Whether it may own something that its own row does not show. */
export const isParent = (one: Resource) => one.kind !== "Pod";

/** Below each workload that is open the objects it owns, failures first. ReplicaSets say what their Deployment says, and are left out. */
export function unfoldedRows(tops: readonly Resource[], trees: ReadonlyMap<string, Tree>): FoldedRow[] {
  return tops.flatMap((top) => {
    const below = (trees.get(top.id)?.children ?? []).filter((one) => one.kind !== "ReplicaSet");
    const ordered = below.sort((a, b) => RANK[toneOfResource(a)] - RANK[toneOfResource(b)] || a.name.localeCompare(b.name));
    return [{ resource: top, isBelow: false }, ...ordered.map((resource) => ({ resource, isBelow: true }))];
  });
}

/** The rows, which workloads are open, and what opens and closes one. */
export function useUnfolded(tops: readonly Resource[]): [rows: FoldedRow[], unfolded: ReadonlySet<string>, toggle: (id: string) => void] {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => [...unfolded], [unfolded]);
  const trees = useQueries({
    queries: ids.map((id) => treeQuery(id)),
    combine: (all) => all.map((one) => one.data),
  });
  const byId = useMemo(
    () => new Map(ids.flatMap((id, index): [string, Tree][] => (trees[index] ? [[id, trees[index]]] : []))),
    [ids, trees],
  );
  const rows = useMemo(() => unfoldedRows(tops, byId), [tops, byId]);
  const toggle = useCallback(
    (id: string) =>
      setUnfolded((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  return [rows, unfolded, toggle];
}
