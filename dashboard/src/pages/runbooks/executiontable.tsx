import { Link, useNavigate } from "@tanstack/react-router";
import { Cell, Row, Table, Time } from "../../parts";
import { ExecutionState, targetText, took } from "./labels";
import type { Execution } from "./queries";
import { HeldBy } from "./waiting";

export function ExecutionTable({ of, label, withRunbook = true }: { of: Execution[]; label: string; withRunbook?: boolean }) {
  const go = useNavigate();
  return (
    <>
      <Cards of={of} label={label} />
      <div className="max-sm:hidden">
        <Table label={label} head={["State", withRunbook ? "Runbook" : "Execution", "Target", "Cluster", "Requested", "Duration"]}>
          {of.map((one) => (
            <Row key={one.id} onOpen={() => void go({ to: "/executions/$executionId", params: { executionId: one.id } })}>
              <Cell className="max-w-56">
                <ExecutionState of={one} quiet />
                <HeldBy execution={one} />
              </Cell>
              <Cell>
                <Link to="/executions/$executionId" params={{ executionId: one.id }} className="rounded-sm font-medium hover:underline">
                  {withRunbook ? one.runbook.name : `Version ${one.runbook.version}`}
                  {one.dryRun && <span className="font-normal text-muted"> (dry run)</span>}
                </Link>
              </Cell>
              <Cell className="font-mono text-xs">{targetText(one.target)}</Cell>
              <Cell className="text-muted">{one.cluster}</Cell>
              <Cell className="text-muted">
                <Time at={one.createdAt} />
              </Cell>
              <Cell className="whitespace-nowrap text-muted">{took(one.createdAt, one.finishedAt)}</Cell>
            </Row>
          ))}
        </Table>
      </div>
    </>
  );
}

/** The same on a phone. */
function Cards({ of, label }: { of: Execution[]; label: string }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line sm:hidden">
      {of.map((one) => (
        <li key={one.id} className="relative flex items-start justify-between gap-3 px-4 py-2">
          <span className="min-w-0">
            <Link
              to="/executions/$executionId"
              params={{ executionId: one.id }}
              className="rounded-sm font-medium after:absolute after:inset-0"
            >
              {one.runbook.name}
              {one.dryRun && <span className="font-normal text-muted"> (dry run)</span>}
            </Link>
            <span className="block font-mono text-xs break-words text-muted">{targetText(one.target)}</span>
            <HeldBy execution={one} />
          </span>
          <span className="flex shrink-0 flex-col items-end text-muted">
            <ExecutionState of={one} quiet />
            <span className="text-xs">
              <Time at={one.createdAt} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
