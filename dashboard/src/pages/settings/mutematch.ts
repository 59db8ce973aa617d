// What a mute rule is about, as lists and as a sentence.

export interface Match {
  types?: string[] | null;
  clusters?: string[] | null;
  namespaces?: string[] | null;
  kinds?: string[] | null;
  names?: string[] | null;
  containers?: string[] | null;
  labels?: Record<string, string> | null;
}

export const splitNames = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))];

const any = (list: string[]) => (list.length > 1 ? `${list.slice(0, -1).join(", ")} or ${list.at(-1)}` : (list[0] ?? ""));

/** "OOMKilled of Deployment api, container app, in namespace dev-* on production". */
export function sentence(match: Match, cluster: (id: string) => string): string {
  const workload = [match.kinds && any(match.kinds), match.names && any(match.names)].filter(Boolean).join(" ");
  const parts = [
    match.types?.length ? any(match.types) : "all issue types",
    workload && ` of ${workload}`,
    match.containers?.length && `, container ${any(match.containers)},`,
    match.namespaces?.length && ` in namespace ${any(match.namespaces)}`,
    match.clusters?.length && ` on ${any(match.clusters.map(cluster))}`,
    Object.keys(match.labels ?? {}).length &&
      ` with ${Object.entries(match.labels!)
        .map(([name, value]) => `${name}=${value}`)
        .join(" and ")}`,
  ];
  return parts.filter(Boolean).join("").replace(/,$/, "");
}
