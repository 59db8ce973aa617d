// Addresses as k9s users type them: `:po ns/payments @prod /api`.
const KINDS: Record<string, string> = {
  po: "Pod",
  pod: "Pod",
  deploy: "Deployment",
  dp: "Deployment",
  sts: "StatefulSet",
  ds: "DaemonSet",
  rs: "ReplicaSet",
  job: "Job",
  cj: "CronJob",
  hpa: "HorizontalPodAutoscaler",
  pdb: "PodDisruptionBudget",
  svc: "Service",
  ing: "Ingress",
  netpol: "NetworkPolicy",
  pvc: "PersistentVolumeClaim",
  pv: "PersistentVolume",
  sc: "StorageClass",
  cm: "ConfigMap",
  sec: "Secret",
  sa: "ServiceAccount",
  quota: "ResourceQuota",
  no: "Node",
  node: "Node",
  ns: "Namespace",
};
const PAGES: Record<string, string> = { iss: "/issues", issues: "/issues", ctx: "/clusters", clusters: "/clusters", rb: "/runbooks" };

export interface Target {
  to: string;
  label: string;
  search: Record<string, string>;
}

/** Where the text leads; undefined as long as it names no kind or page. */
export function target(text: string): Target | undefined {
  const [name = "", ...rest] = text.replace(/^:\s*/, "").trim().split(/\s+/);
  const word = name.toLowerCase();
  const kind =
    KINDS[word] ?? KINDS[word.replace(/s$/, "")] ?? Object.values(KINDS).find((one) => one.toLowerCase() === word.replace(/s$/, ""));
  const to = kind ? "/resources" : PAGES[word];
  if (!to) return undefined;
  const search: Record<string, string> = kind ? { kind } : {};
  for (const part of rest) {
    if (part.startsWith("@") && part.length > 1) search.cluster = part.slice(1);
    else if (part.startsWith("/") && part.length > 1) search.q = part.slice(1);
    else if (part.startsWith("ns/") && part.length > 3) search.namespace = part.slice(3);
    else if (!/^[@/]?$|^ns\/?$/.test(part)) search.namespace = part;
  }
  const where = [
    search.namespace && `namespace ${search.namespace}`,
    search.cluster && `cluster ${search.cluster}`,
    search.q && `“${search.q}”`,
  ];
  return { to, search, label: [kind ?? word, ...where.filter(Boolean)].join(" · ") };
}
