// The kinds that the agent of a cluster reports: first those that it cannot read, with what to do.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Schemas, send } from "../../api/client";
import type { Cluster } from "../../api/queries";
import { Badge, Cell, Empty, Failed, Loading, Mark, Row, type Stale, StaleMark, Table, type Tone } from "../../parts";

type Kinds = Schemas["Kinds"];
type Kind = Schemas["KindShape"];
const ASK_MS = 15_000;
const STATUS: Record<string, [tone: Tone, word: string, rank: number]> = {
  forbidden: ["high", "Not readable", 0],
  notServed: ["info", "Not served", 2],
  listing: ["medium", "Loading", 1],
  live: ["ok", "Current", 3],
};

export const kindsQuery = (clusterId: string) => ({
  queryKey: ["clusterKinds", clusterId],
  queryFn: ({ signal }: { signal: AbortSignal }) => send<Kinds>("GET", `/v1/clusters/${encodeURIComponent(clusterId)}/kinds`, { signal }),
  refetchInterval: ASK_MS,
});

export const isUnreadable = (kind: Kind) => kind.status === "forbidden";

const rank = (kind: Kind) => STATUS[kind.status]?.[2] ?? 3;

export function ClusterKinds({ cluster }: { cluster: Cluster }) {
  const found = useQuery(kindsQuery(cluster.id));
  if (found.isLoadingError) return <Failed error={found.error} what="Could not load the kinds" retry={() => void found.refetch()} />;
  if (!found.data) return <Loading rows={6} label="Loading kinds" />;
  const kinds = [...found.data.kinds].sort((a, b) => rank(a) - rank(b) || a.kind.localeCompare(b.kind));
  if (kinds.length === 0) return <Empty title="No kinds reported yet">The agent reports them when it connects.</Empty>;
  const unreadable = kinds.filter(isUnreadable);
  return (
    <>
      {unreadable.length > 0 && (
        <p role="status" className="m-4 rounded-md border border-medium/40 bg-medium-tint px-3 py-2">
          The agent cannot read {unreadable.length} {unreadable.length === 1 ? "kind" : "kinds"}. Detectors that need these kinds report
          nothing.
        </p>
      )}
      <Table label="Kinds of the cluster" head={["Kind", "Status", "Objects", "API group", "Details"]}>
        {kinds.map((one) => (
          <KindRow key={`${one.kind}.${one.group ?? ""}`} kind={one} clusterName={cluster.name} of={found.data} />
        ))}
      </Table>
    </>
  );
}

function KindRow({ kind, clusterName, of }: { kind: Kind; clusterName: string; of: Stale }) {
  const [tone, word] = STATUS[kind.status] ?? ["info", kind.status];
  const reason = kind.reason?.replaceAll("`", ""); // Markdown, as in the contract
  const value = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  return (
    <Row>
      <Cell className="font-medium">
        {kind.count > 0 ? (
          <Link to="/resources" search={{ cluster: clusterName, kind: value }} className="break-words hover:underline">
            {kind.kind}
          </Link>
        ) : (
          kind.kind
        )}
      </Cell>
      <Cell className="whitespace-nowrap">
        {tone === "high" ? (
          <Badge tone={tone}>{word}</Badge>
        ) : kind.status === "live" && of.stale ? (
          <StaleMark of={of} />
        ) : (
          <Mark tone={tone as Tone}>{word}</Mark>
        )}
      </Cell>
      <Cell>{kind.status === "live" || kind.count > 0 ? kind.count.toLocaleString() : <span className="text-muted">–</span>}</Cell>
      <Cell>{kind.group ?? <span className="text-muted">core</span>}</Cell>
      <Cell className="text-muted">{reason ?? (kind.metadataOnly ? "Metadata only: this kind has many large objects" : "")}</Cell>
    </Row>
  );
}
