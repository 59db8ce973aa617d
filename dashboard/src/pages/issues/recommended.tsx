// The recommended actions of an analysis, the best one first, with the runbook for each.

import { useNavigate } from "@tanstack/react-router";
import type { Action } from "../../api/analysis";
import type { Issue } from "../../api/queries";
import { Badge, Button, CodeBlock } from "../../parts";
import { runbookLink } from "../runbooks/cureaddress";
import { isRefused, ObstacleNotice } from "../runbooks/obstacle";
import { Track } from "../runbooks/track";
import { holding, UnfinishedLine, useUnfinished } from "../runbooks/unfinished";
import { Cite, Prose } from "./claims";

const RISK: Record<string, ["ok" | "critical" | "low" | "high" | "info", string]> = {
  readOnly: ["ok", "Read-only"],
  low: ["low", "Low risk"],
  high: ["high", "High risk"],
  destructive: ["critical", "Destructive"],
  manual: ["info", "Manual"],
};

export function Recommended({ issue, actions }: { issue: Issue; actions: Action[] }) {
  const go = useNavigate();
  const unfinished = useUnfinished(issue.id);
  const obstacles = new Map(actions.flatMap((one) => (one.obstacle ? [[JSON.stringify(one.obstacle), one.obstacle] as const] : [])));
  return (
    <div id="recommended">
      <h3 className="mb-1 text-xs font-medium text-muted">{actions.length === 1 ? "Recommended action" : "Recommended actions"}</h3>
      <ul className="flex flex-col divide-y divide-line overflow-hidden rounded-md border border-line">
        {[...obstacles].map(([key, one]) => (
          <li key={key}>
            <ObstacleNotice of={one} />
          </li>
        ))}
        {actions.map((one, index) => {
          const command = one.command ?? one.edit?.command;
          const running = holding(unfinished, one.runbook);
          const [tone, word] = RISK[one.risk ?? ""] ?? ["low", one.risk ?? ""];
          return (
            <li key={index} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3 py-2">
              <div className="min-w-48 flex-1">
                <p className="font-medium">
                  <Prose>{one.title}</Prose>
                </p>
                {one.why && (
                  <p className="text-muted">
                    <Prose>{one.why}</Prose>
                    {one.evidenceIds?.map((id) => (
                      <Cite key={id} id={id} />
                    ))}
                  </p>
                )}
              </div>
              {one.runbook && one.risk !== "readOnly" && <Track of={one.trackRecord} />}
              {word && <Badge tone={tone}>{word}</Badge>}
              {command && (
                <div className="order-last w-full">
                  <CodeBlock text={command} label={`Command: ${one.title}`} wrap />
                </div>
              )}
              {running ? (
                <div className="w-full border-t border-line pt-2">
                  <UnfinishedLine of={running} issueId={issue.id} />
                </div>
              ) : (
                one.runbook &&
                !isRefused(one.obstacle) && (
                  <Button
                    small
                    kind={index === 0 && !one.obstacle ? "primary" : "plain"}
                    onClick={() => void go(runbookLink(issue, one) as never)}
                    disabled={issue.status === "resolved"}
                  >
                    Preview…
                  </Button>
                )
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
