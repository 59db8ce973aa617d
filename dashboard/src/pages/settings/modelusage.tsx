// What questions to the language model, and drafts by it, used in a month, by member and API key.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { may, meQuery } from "../../api/session";
import { Cell, Failed, Loading, Options, Row, Section, Select, Table } from "../../parts";
import { usePeople } from "../people";
import { keysQuery, modelUsageQuery } from "./queries";

const MONTHS = 6;

/** The present month (UTC) and those before it, as 2026-11. */
function months(): [string, string][] {
  const now = new Date();
  return Array.from({ length: MONTHS }, (_, back) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back)).toISOString().slice(0, 7);
    return [month, month];
  });
}

export function ModelUsage() {
  const [month, choose] = useState(() => months()[0]![0]);
  const found = useQuery({ ...modelUsageQuery(month), placeholderData: keepPreviousData });
  const { data: me } = useQuery(meQuery);
  const keys = useQuery({ ...keysQuery(true), enabled: may(me, "keys:read") });
  const { name } = usePeople();
  const nameOf = (id: string) => name(id) ?? keys.data?.apiKeys.find((one) => one.id === id)?.name ?? id;
  const limit = found.data?.monthlyTokens;
  const choice = (
    <Select aria-label="Month" className="h-8! w-auto text-sm!" value={month} onChange={(event) => choose(event.target.value)}>
      <Options of={months()} />
    </Select>
  );
  return (
    <Section title="Questions and drafts" actions={choice}>
      {found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the usage" retry={() => void found.refetch()} />
      ) : !found.data ? (
        <Loading rows={2} />
      ) : found.data.usage.length === 0 ? (
        <p className="text-muted">
          Nobody asked the model in this month.{limit != null && ` Each member and API key may use ${limit.toLocaleString()} tokens.`}
        </p>
      ) : (
        <div className="-mx-4">
          <Table label="Usage by member and API key" head={["Member or API key", "Requests", "Tokens", "Cost"]}>
            {found.data.usage.map((one) => (
              <Row key={one.actorId}>
                <Cell>{nameOf(one.actorId)}</Cell>
                <Cell>{one.requests.toLocaleString()}</Cell>
                <Cell>
                  {(one.inputTokens + one.outputTokens).toLocaleString()}
                  {limit != null && ` of ${limit.toLocaleString()}`}
                </Cell>
                <Cell>{one.costUsd == null ? "no prices set" : `$${one.costUsd.toFixed(2)}`}</Cell>
              </Row>
            ))}
          </Table>
        </div>
      )}
    </Section>
  );
}
