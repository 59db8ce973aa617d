// Why the agent of a cluster does not make a change, and the commands that let it.

import type { Action } from "../../api/analysis";
import { CodeBlock } from "../../parts";
import { yamlOf } from "./plan";

export type Obstacle = NonNullable<Action["obstacle"]>;

/** Whether running it is refused at once. What else a policy does not allow can change while the agent runs. */
export const isRefused = (of: Obstacle | null | undefined) => of?.code === "agent_read_only" || of?.code === "namespace_protected";

export function ObstacleNotice({ of }: { of: Obstacle }) {
  const ways: [string, string][] = [
    ["an agent installed with Helm", of.helm ?? ""],
    ["an agent started with optral up", of.up ?? ""],
  ];
  const known = ways.filter(([, command]) => command);
  return (
    <div role="note" className="flex flex-col gap-1.5 border-b border-line bg-medium-tint px-3 py-2">
      <p>
        {of.message} Run the command yourself{of.chartValues ? ", or allow it with these values for the optral-agent chart:" : "."}
      </p>
      {of.chartValues && (
        <>
          <CodeBlock text={yamlOf(of.chartValues)} label="Values that allow it" wrap />
          {known.length > 0 && (
            <details>
              <summary className="w-fit cursor-pointer rounded-sm text-accent underline">Commands that set them</summary>
              <div className="mt-1.5 flex flex-col gap-2">
                {known.map(([how, command]) => (
                  <div key={how}>
                    <p className="mb-1 text-xs text-muted">For {how}</p>
                    <CodeBlock text={command} label={`Command for ${how}`} wrap />
                  </div>
                ))}
              </div>
            </details>
          )}
        </>
      )}
    </div>
  );
}
