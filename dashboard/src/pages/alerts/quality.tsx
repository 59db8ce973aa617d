// Which alerts flap, repeat another, were never acted on or fired without a failure, and which failures had no alert; of the last seven days.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { may, meQuery } from "../../api/session";
import { Button, Cell, Empty, Failed, Loading, Row, Section, Severity, Table, Time } from "../../parts";
import { qualityQuery } from "./queries";
import { RuleDialog } from "./ruledialog";

export function AlertQuality() {
  const query = useQuery(qualityQuery);
  const { data: me } = useQuery(meQuery);
  const mayChange = may(me, "forges:write") && may(me, "forges:read");
  const [changing, change] = useState<string | null>(null);
  if (query.isPending) return <Loading label="Loading the quality of alerts" />;
  if (query.isLoadingError)
    return <Failed error={query.error} what="Could not load the quality of alerts" retry={() => void query.refetch()} />;
  const { alerts, failures, failuresWithoutAlert, issuesWithoutAlert, isWhole } = query.data;
  if (!alerts.length && !failures) return <Empty title="No alerts and no failures in the last 7 days">Nothing can be compared yet.</Empty>;
  return (
    <>
      <Table
        label="Quality of alerts"
        head={[
          "Alert",
          "Fired",
          "Flapping",
          "No failure found",
          "Object unknown",
          "Issues",
          "Acted on",
          "Repeats",
          <span className="sr-only">Actions</span>,
        ]}
      >
        {alerts.map((one) => (
          <Row key={one.name}>
            <Cell className="font-medium break-words">{one.name}</Cell>
            <Cell>{one.fired}</Cell>
            <Cell>{one.flapping}</Cell>
            <Cell>{one.withoutFailure}</Cell>
            <Cell>{one.unresolved}</Cell>
            <Cell>{one.issues}</Cell>
            <Cell>{one.actedOn}</Cell>
            <Cell className="break-words">{one.repeats}</Cell>
            <Cell className="text-right">
              {mayChange && (one.withoutFailure > 0 || one.flapping > 0 || one.repeats) && (
                <Button small aria-label={`Change the rule ${one.name}`} onClick={() => change(one.name)}>
                  Change rule…
                </Button>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      <Section title={`${failuresWithoutAlert} of ${failures} failures had no alert`}>
        <ul>
          {issuesWithoutAlert.map((one) => (
            <li key={one.id} className="grid grid-cols-[5rem_1fr_auto] gap-x-3 py-1">
              <Severity quiet value={one.severity} />
              <Link
                to="/issues/$issueId"
                params={{ issueId: one.id }}
                search={true as never}
                className="min-w-0 break-words text-accent hover:underline"
              >
                {one.title}
              </Link>
              <span className="text-xs leading-5 text-muted">
                <Time at={one.detectedAt} />
              </span>
            </li>
          ))}
        </ul>
        {!isWhole && <p className="mt-2 text-muted">There are more: the newest alerts and issues were examined.</p>}
      </Section>
      {changing && <RuleDialog alert={changing} onClose={() => change(null)} />}
    </>
  );
}
