// Why the agent of a cluster does not make a change, and the commands that let it.

import type { Action } from "../../api/analysis";
import { CodeBlock } from "../../parts";

export type Obstacle = NonNullable<Action["obstacle"]>;

/** Whether running it is refused at once. What else a policy does not allow can change while the agent runs. */
export const isRefused = (of: Obstacle | null | undefined) => of?.code === "agent_read_only" || of?.code === "namespace_protected";

export function ObstacleNotice({ of }: { of: Obstacle }) {
  const ways: [string, string][] = [
    ["installed with Helm", of.helm ?? ""],
    ["started with optral up", of.up ?? ""],
  ];
  const known = ways.filter(([, command]) => command);
  return (
    <div role="note" className="flex flex-col gap-1.5 border-b border-line bg-medium-tint px-3 py-2">
      <p>
        {of.message} Run the command yourself{of.chartValues ? ", or let the agent do it." : "."}
      </p>
      {of.chartValues && (
        <details>
          <summary className="w-fit cursor-pointer rounded-sm text-accent underline">How to allow it</summary>
          <div className="mt-1.5 flex flex-col gap-2">
            {known.map(([how, command]) => (
              <div key={how}>
                <p className="mb-1 text-xs text-muted">For an agent {how}</p>
                <CodeBlock text={command} label={`Command for an agent ${how}`} wrap />
              </div>
            ))}
            <p className="text-xs text-muted">
              For other installations, set these values of the chart optral-agent:{" "}
              <code className="font-mono break-words">{JSON.stringify(of.chartValues)}</code>
            </p>
          </div>
        </details>
      )}
    </div>
  );
}
