// The health of a cluster: a shape and a word. Worst first, as the server sorts.
import { Glyph, Mark, type Tone } from "../../parts";
import { NoneFound } from "../coverage";
import type { FleetCluster, Health } from "./queries";

export const HEALTHS: Health[] = ["critical", "warning", "unreachable", "incomplete", "pending", "healthy"];
const SHOWN: Record<Health, [Tone, string, string]> = {
  critical: ["critical", "Critical", "A critical issue is open"],
  warning: ["medium", "Warning", "An issue of high or medium severity is open, or the agent is late to report"],
  unreachable: ["info", "Unreachable", "The agent is not reporting; the data may be out of date"],
  incomplete: [
    "medium",
    "Not all read",
    "No open issue of at least medium severity in what could be read; a failure may be hidden by what could not",
  ],
  pending: ["info", "Never connected", "No agent has connected yet"],
  healthy: ["ok", "Healthy", "No open issue of at least medium severity"],
};
export const healthOf = (word: Health) => SHOWN[word];

export function HealthMark({ of }: { of: FleetCluster }) {
  const [tone, word, why] = SHOWN[of.health];
  return (
    <Mark tone={tone} title={of.health === "incomplete" ? of.unread?.map((one) => `${one}.`).join("\n") : why}>
      {word}
    </Mark>
  );
}

const SEVERITIES = ["critical", "high", "medium", "low"] as const;

/** The open issues by severity: only those that there are. */
export function OpenCounts({ cluster }: { cluster: FleetCluster }) {
  const of = cluster.openIssues;
  const some = SEVERITIES.filter((one) => of[one] > 0);
  if (!some.length)
    return (
      <span className="text-muted">
        <NoneFound unread={cluster.unread} />
      </span>
    );
  return (
    <span className="inline-flex items-center gap-2.5">
      {some.map((one) => (
        <span key={one} className="inline-flex items-center gap-1" title={`${of[one]} ${one}`}>
          <Glyph tone={one} />
          {of[one].toLocaleString()}
          <span className="sr-only"> {one}</span>
        </span>
      ))}
    </span>
  );
}
