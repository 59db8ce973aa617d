// The version of an agent, with a word where it differs from the server's.
import type { Cluster } from "../../api/queries";
import { Badge } from "../../parts";

const SKEWS: Record<string, ["medium" | "high", string, string]> = {
  behind: ["medium", "Behind", "Supported until the server's next version. Upgrade the agent."],
  tooOld: ["high", "Too old", "The server does not support this version. Upgrade the agent."],
  ahead: ["medium", "Ahead", "Newer than the server. Upgrade the server first."],
};

export function AgentVersion({ agent }: { agent: Cluster["agent"] }) {
  const [tone, word, why] = SKEWS[agent.versionSkew ?? ""] ?? [];
  if (!agent.version) return <span className="text-muted">–</span>;
  return (
    <span className="inline-flex items-center gap-2">
      {agent.version}
      {tone && (
        <span title={why}>
          <Badge tone={tone}>{word}</Badge>
        </span>
      )}
    </span>
  );
}
