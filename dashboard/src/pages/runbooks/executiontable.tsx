import { Link, useNavigate } from "@tanstack/react-router";
import { Cell, Row, Table, Time } from "../../parts";
import type { Execution } from "./queries";
import { ExecutionState, targetText, took } from "./words";

export function ExecutionTable({ of, label, withRunbook = true }: { of: Execution[]; label: string; withRunbook?: boolean }) {
  const go = useNavigate();
  return (
    <Table label={label} head={["State", withRunbook ? "Runbook" : "Execution", "On", "Cluster", "Asked for", "Took"]}>
      {of.map((one) => (
        <Row key={one.id} onOpen={() => void go({ to: "/executions/$executionId", params: { executionId: one.id } })}>
          <Cell>
            <ExecutionState of={one} quiet />
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
  );
}
