// The health of a cluster: a shape and a word. Worst first, as the server sorts.
import { Glyph, Mark, type Tone } from "../../parts";
import type { FleetCluster, Health } from "./queries";

export const HEALTHS: Health[] = ["critical", "warning", "unreachable", "pending", "healthy"];
const SHOWN: Record<Health, [Tone, string, string]> = {
  critical: ["critical", "Critical", "A critical issue is open"],
  warning: ["medium", "Warning", "An issue of high or medium severity is open, or the agent is late to report"],
  unreachable: ["info", "Unreachable", "The agent is not reporting; the data may be out of date"],
  pending: ["info", "Never connected", "No agent has connected yet"],
  healthy: ["ok", "Healthy", "No open issue of at least medium severity"],
};
export const healthOf = (word: Health) => SHOWN[word];

export function HealthMark({ value }: { value: Health }) {
  const [tone, word, why] = SHOWN[value];
  return (
    <Mark tone={tone} title={why}>
      {word}
    </Mark>
  );
}

const SEVERITIES = ["critical", "high", "medium", "low"] as const;

/** The open issues by severity: only those that there are. */
export function OpenCounts({ of }: { of: FleetCluster["openIssues"] }) {
  const some = SEVERITIES.filter((one) => of[one] > 0);
  if (!some.length) return <span className="text-muted">No open issues</span>;
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
