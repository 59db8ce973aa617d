// The teams that own what fails, with their open issues, and how a team is found: docs/owners.md.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Schemas, send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import { Cell, counted, Empty, Failed, Loading, Row, Section, StaleBadge, Table } from "../../parts";
import { NoAccess } from "../noaccess";
import { Introduction } from "./introduction";
import { OwnerRules, rulesQuery } from "./ownerrules";

const ownersQuery = queryOptions({
  queryKey: ["owners"],
  queryFn: ({ signal }) => send<Schemas["OwnerList"]>("GET", "/v1/owners", { signal }),
  refetchInterval: 30_000, // counts move with the issues
});
export function Owners() {
  const { data: me } = useQuery(meQuery);
  // Together: a section that arrives later would move the one below it.
  const owners = useQuery(ownersQuery);
  const rules = useQuery({ ...rulesQuery, enabled: !isLimited(me) });
  if (isLimited(me)) return <NoAccess to="view owners" />;
  if (owners.isPending || rules.isPending) return <Loading label="Loading owners" />;
  return (
    <div>
      <Introduction>
        Optral assigns each issue to the team that owns the failing object. You can filter the issue list, saved views and webhooks by team.
        A team grants no permissions.
      </Introduction>
      <Section title="Teams" actions={owners.data && <StaleBadge of={owners.data} />}>
        {owners.isLoadingError ? (
          <Failed error={owners.error} what="Could not load the teams" retry={() => void owners.refetch()} />
        ) : (
          <Teams owners={owners.data!.owners} />
        )}
      </Section>
      {rules.isLoadingError ? (
        <Section title="How a team is found">
          <Failed error={rules.error} what="Could not load the rules" retry={() => void rules.refetch()} />
        </Section>
      ) : (
        <OwnerRules of={rules.data!} mayWrite={may(me, "detectors:write")} />
      )}
    </div>
  );
}

function Teams({ owners }: { owners: Schemas["OwnerSummary"][] }) {
  if (!owners.length) return <Empty title="No teams yet">Teams appear here as soon as an issue is open or a rule names one.</Empty>;
  return (
    <Table label="Teams" head={["Team", "Open issues"]}>
      {owners.map((one) => (
        <Row key={one.query}>
          <Cell className="max-w-xl min-w-48 font-medium break-words">{one.team ?? <span className="text-muted">No team</span>}</Cell>
          <Cell>
            {one.openIssues > 0 ? (
              <Link
                to="/issues"
                search={{ team: one.team ?? "none", snoozed: "any", muted: "any" } as never}
                className="text-accent hover:underline"
              >
                {counted(one.openIssues)}
              </Link>
            ) : (
              <span className="text-muted">none</span>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
