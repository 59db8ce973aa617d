// What an agent says that it can do, for people. Versions of the protocol are left out.

/** What the agent answers on request; any other verb changes the cluster. */
const READS: Record<string, string> = { get: "objects", events: "Events", logs: "logs", metrics: "usage", probe: "connections (probes)" };

/** As many namespaces as an agent names; it may write in more. */
const MAX_NAMESPACES = 32;

const inWords = (verb: string) => verb.replace(/([A-Z])/g, " $1").toLowerCase();

/** Rows of a label and a text; none of what the agent does not say. */
export function abilities(capabilities: string[]): [label: string, text: string][] {
  const of = (kind: string) => capabilities.filter((one) => one.startsWith(`${kind}:`)).map((one) => one.slice(kind.length + 1));
  const verbs = of("verb");
  if (!verbs.length) return [];
  const reads = verbs.filter((one) => one in READS).map((one) => READS[one]!);
  const changes = verbs.filter((one) => !(one in READS)).map(inWords);
  const namespaces = of("namespace");
  const where =
    namespaces.includes("*") || !namespaces.length
      ? ""
      : `, in ${namespaces.join(", ")}${namespaces.length < MAX_NAMESPACES ? "" : " and perhaps more"}`;
  const rows: [string, string][] = [
    ["Agent reads", reads.join(", ") || "nothing on request"],
    ["Agent changes", changes.length ? `${changes.join(", ")}${where}` : "nothing: it is read-only"],
  ];
  for (const [kind, label] of [
    ["metrics", "Kubelet metrics"],
    ["prometheus", "Prometheus"],
    ["watches", "Watches only"],
  ] as const)
    if (of(kind)[0]) rows.push([label, of(kind)[0]!]);
  return rows;
}
