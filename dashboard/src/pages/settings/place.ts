// The place of a binding in words.
import type { Member } from "./queries";

export type Binding = Member["bindings"][number];

/** "operator in shop of production". */
export function placeOf(one: {
  role: string;
  clusters?: { name: string }[] | null;
  namespaces?: string[] | null;
  clusterLabels?: Record<string, string> | null;
}): string {
  const labels = Object.entries(one.clusterLabels ?? {}).map(([name, value]) => `${name}=${value}`);
  const named = one.clusters?.map((cluster) => cluster.name).join(", ");
  const clusters = `${named ?? (labels.length ? "clusters" : "all clusters")}${labels.length ? ` with ${labels.join(", ")}` : ""}`;
  return one.namespaces ? `${one.role} in ${one.namespaces.join(", ")} of ${clusters}` : `${one.role} in ${clusters}`;
}
