// The firings of a trigger: what each started, or why it started nothing.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Cell, Dialog, Empty, Failed, Loading, Mark, Row, Table, Time } from "../../parts";
import { capitalize } from "../../parts/casing";
import { type Firing, firingsQuery, type Trigger } from "./queries";

const STATES: Record<Firing["state"], [tone: "ok" | "medium" | "critical" | "info", word: string]> = {
  waiting: ["medium", "Waiting"],
  started: ["ok", "Started"],
  refused: ["critical", "Refused"],
  skipped: ["info", "Skipped"],
};

export function Firings({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const query = useQuery(firingsQuery(trigger.id));
  return (
    <Dialog open wide onClose={onClose} title={`Firings of ${trigger.name}`} description="Newest first. Firings are kept for 90 days.">
      {query.isPending ? (
        <Loading label="Loading firings" rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load firings" retry={() => void query.refetch()} />
      ) : query.data.firings.length === 0 ? (
        <Empty title="No firings yet">A firing appears here when an issue matches, the scheduled time comes, or a request arrives.</Empty>
      ) : (
        <Table label={`Firings of ${trigger.name}`} head={["When", "State", "Result"]}>
          {query.data.firings.map((one) => (
            <Row key={one.id}>
              <Cell className="whitespace-nowrap text-muted">
                <Time at={one.createdAt} />
              </Cell>
              <Cell>
                <Mark tone={STATES[one.state][0]}>{STATES[one.state][1]}</Mark>
              </Cell>
              <Cell className="max-w-md min-w-40 break-words">
                <Result of={one} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Dialog>
  );
}

function Result({ of }: { of: Firing }) {
  return (
    <>
      {of.executionId && (
        <Link
          to="/executions/$executionId"
          params={{ executionId: of.executionId }}
          className="rounded-sm font-medium text-accent hover:underline"
        >
          Execution{of.outcome ? `: ${of.outcome}` : ""}
        </Link>
      )}
      {of.reason && capitalize(of.reason)}
      {of.nextAllowedAt && (
        <span className="block text-xs text-muted">
          {of.state === "waiting" ? "tried again" : "possible again"} <Time at={of.nextAllowedAt} />
        </span>
      )}
      {of.issueId && (
        <Link
          to="/issues/$issueId"
          params={{ issueId: of.issueId }}
          search={true as never}
          className="block rounded-sm text-xs text-accent hover:underline"
        >
          Open issue
        </Link>
      )}
    </>
  );
}
