// Fleet tokens: one token that connects many clusters, and the agents that wait for approval.

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { nextPage } from "../../api/paging";
import { may, meQuery } from "../../api/session";
import {
  Badge,
  Button,
  Cell,
  Chip,
  Dialog,
  Empty,
  Facts,
  Failed,
  FormDialog,
  Loading,
  PageHeader,
  Row,
  Section,
  Table,
  Time,
  type Tone,
  toast,
} from "../../parts";
import { NoAccess } from "../noaccess";
import { Person } from "../settings/person";
import { useSubmit } from "../settings/submit";
import { useTitle } from "../title";
import { WaitingAgents } from "./approval";
import { CreateFleetToken, NewFleetToken } from "./fleetcreate";
import {
  type CreatedFleetToken,
  type FleetToken,
  type FleetUse,
  fleetTokenQuery,
  fleetTokensQuery,
  revokeToken,
  waitingQuery,
} from "./fleetqueries";
import { written } from "./labels";

const STATUS: Record<string, [Tone, string]> = {
  active: ["ok", "Active"],
  exhausted: ["info", "All used"],
  expired: ["info", "Expired"],
  revoked: ["info", "Revoked"],
};

export function FleetTokens() {
  useTitle("Fleet tokens");
  const { data: me } = useQuery(meQuery);
  const mayChange = may(me, "clusters:write");
  const tokens = useInfiniteQuery({ ...fleetTokensQuery, enabled: mayChange });
  const client = useQueryClient();
  const waiting = useQuery({ ...waitingQuery, enabled: mayChange });
  const isKnown = !waiting.isPending && !tokens.isPending; // both are shown at once, so that neither moves the other
  const [isMaking, make] = useState(false);
  const [created, show] = useState<CreatedFleetToken | null>(null);
  const [openId, open] = useState<string | null>(null);
  if (!mayChange) return <NoAccess to="connect clusters" />;
  const found = tokens.data?.pages.flatMap((page) => page.fleetTokens) ?? [];
  const create = (
    <Button kind="primary" icon={<Plus aria-hidden />} onClick={() => make(true)}>
      Create fleet token
    </Button>
  );
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title="Fleet tokens">{create}</PageHeader>
      {isKnown ? (
        <>
          <section aria-labelledby="waiting">
            <h2 id="waiting" className="px-4 pt-3 pb-1 text-sm font-semibold">
              Waiting for approval
            </h2>
            <WaitingAgents />
          </section>
          <section aria-labelledby="tokens">
            <h2 id="tokens" className="px-4 pt-4 pb-2 text-sm font-semibold">
              Tokens
            </h2>
            {tokens.isLoadingError ? (
              <Failed error={tokens.error} what="Could not load fleet tokens" retry={() => void tokens.refetch()} />
            ) : found.length === 0 ? (
              <Empty title="No fleet tokens" action={create}>
                A fleet token connects up to 1000 clusters, for Terraform, Cluster API or Argo CD. For one cluster, use{" "}
                <Link to="/clusters/new" className="text-accent underline">
                  Connect a cluster
                </Link>
                .
              </Empty>
            ) : (
              <>
                <Table label="Fleet tokens" head={["Name", "Status", "Uses", "Names", "Approval", "Sources", "Expires"]}>
                  {found.map((one) => (
                    <TokenRow key={one.id} token={one} onOpen={() => open(one.id)} />
                  ))}
                </Table>
                {tokens.hasNextPage && (
                  <div className="px-4 py-3">
                    <Button busy={tokens.isFetchingNextPage} onClick={() => void nextPage(tokens)}>
                      Show more
                    </Button>
                  </div>
                )}
              </>
            )}
          </section>
        </>
      ) : (
        <Loading rows={4} label="Loading fleet tokens" />
      )}
      {isMaking && (
        <CreateFleetToken
          onClose={() => make(false)}
          onCreated={(token) => {
            make(false);
            show(token);
            void client.invalidateQueries({ queryKey: ["fleetTokens"] });
          }}
        />
      )}
      {created && <NewFleetToken created={created} onStored={() => show(null)} />}
      {openId && <TokenDialog id={openId} onClose={() => open(null)} />}
    </div>
  );
}

function TokenStatus({ value }: { value: string }) {
  const [tone, word] = STATUS[value] ?? ["info", value];
  return <Badge tone={tone as Tone}>{word}</Badge>;
}

function TokenRow({ token, onOpen }: { token: FleetToken; onOpen: () => void }) {
  return (
    <Row onOpen={onOpen}>
      <Cell className="font-medium">
        <button type="button" className="text-left break-words hover:underline" onClick={onOpen}>
          {token.name}
        </button>
      </Cell>
      <Cell>
        <TokenStatus value={token.status} />
      </Cell>
      <Cell className="whitespace-nowrap">
        {token.uses} of {token.maxUses}
      </Cell>
      <Cell className="font-mono text-xs">{token.namePattern}</Cell>
      <Cell>{token.needsApproval ? "by a person" : <span className="text-muted">none</span>}</Cell>
      <Cell>
        {token.sources.length ? (
          <span className="flex flex-wrap gap-1" title={token.sources.join("\n")}>
            {token.sources.slice(0, 2).map((one) => (
              <Chip key={one}>{one}</Chip>
            ))}
            {token.sources.length > 2 && <Chip>+{token.sources.length - 2}</Chip>}
          </span>
        ) : (
          <span className="text-muted">any</span>
        )}
      </Cell>
      <Cell>
        <Time at={token.expiresAt} />
      </Cell>
    </Row>
  );
}

/** One token: its terms, its uses with who decided about each, and the uses that were refused. */
function TokenDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const token = useQuery(fleetTokenQuery(id));
  const [isRevoking, revoke] = useState(false);
  const one = token.data;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={one?.name ?? "Fleet token"}
      footer={
        <>
          {one?.status === "active" && (
            <Button kind="danger" onClick={() => revoke(true)}>
              Revoke…
            </Button>
          )}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {token.isLoadingError ? (
        <Failed error={token.error} what="Could not load the fleet token" retry={() => void token.refetch()} />
      ) : !one ? (
        <Loading rows={4} />
      ) : (
        <div className="-mx-4">
          <Section title={<TokenStatus value={one.status} />}>
            <Facts
              of={[
                ["Uses", `${one.uses} of ${one.maxUses}`],
                ["Names", <code className="font-mono text-xs">{one.namePattern}</code>],
                ["Approval", one.needsApproval ? "by a person" : "none"],
                ["Sources", one.sources.length ? one.sources.join(", ") : "any network"],
                ["Labels", written(one.labels).replace(/\n/g, ", ")],
                ["Expires", <Time at={one.expiresAt} />],
                [
                  "Created",
                  <>
                    <Time at={one.createdAt} /> by <Person id={one.createdBy} />
                  </>,
                ],
                ["Last used", one.lastUsedAt && <Time at={one.lastUsedAt} />],
                ["Revoked", one.revokedAt && <Time at={one.revokedAt} />],
                ["ID", <code className="font-mono text-xs break-all">{one.id}</code>],
              ]}
            />
          </Section>
          {one.attempts.length > 0 && (
            <Section title="Refused">
              <ul className="flex flex-col gap-2">
                {one.attempts.map((attempt) => (
                  <li key={attempt.code}>
                    <p className="font-medium">{attempt.message}</p>
                    <p>{attempt.fix}</p>
                    <p className="text-xs text-muted">
                      {attempt.count === 1 ? "Once" : `${attempt.count} times`}, last <Time at={attempt.lastAt} />
                      {attempt.address && ` from ${attempt.address}`}
                    </p>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          <Section title="Clusters">
            {one.enrollments.length === 0 ? (
              <p className="text-muted">No agent has used this token yet.</p>
            ) : (
              <Uses uses={one.enrollments} total={one.uses} />
            )}
          </Section>
        </div>
      )}
      {isRevoking && one && <RevokeDialog token={one} onClose={() => revoke(false)} />}
    </Dialog>
  );
}

const STATES: Record<string, string> = {
  waiting: "waits for approval",
  approved: "approved, not enrolled yet",
  rejected: "rejected",
  issued: "enrolled",
};

function Uses({ uses, total }: { uses: FleetUse[]; total: number }) {
  return (
    <>
      <ul className="flex flex-col">
        {uses.map((one) => (
          <li key={one.clusterId} className="flex flex-wrap gap-x-4 border-b border-line py-1.5 last:border-0">
            <span className="min-w-0 flex-1 basis-40">
              {one.state === "rejected" ? (
                <span className="break-words">{one.clusterName}</span>
              ) : (
                <Link to="/clusters/$clusterId" params={{ clusterId: one.clusterId }} className="font-medium break-words hover:underline">
                  {one.clusterName}
                </Link>
              )}
            </span>
            <span className="basis-80 text-muted">
              {STATES[one.state] ?? one.state}, <Time at={one.usedAt} /> from {one.address || "an unknown address"}
              {one.decidedBy && one.decidedAt && (
                <span className="block text-xs">
                  {one.state === "rejected" ? "Rejected" : "Approved"} <Time at={one.decidedAt} /> by <Person id={one.decidedBy} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {total > uses.length && (
        <p className="mt-2 text-xs text-muted">
          The newest {uses.length} of {total}.
        </p>
      )}
    </>
  );
}

function RevokeDialog({ token, onClose }: { token: { id: string; name: string; uses: number }; onClose: () => void }) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit();
  const revoke = () =>
    submit(async () => {
      try {
        await revokeToken(token.id);
        toast(`${token.name} was revoked`);
        onClose();
      } finally {
        for (const name of ["fleetTokens", "fleetToken"]) void client.invalidateQueries({ queryKey: [name] });
      }
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Revoke ${token.name}?`}
      description="No other cluster can use it, and agents waiting for approval cannot enroll. Connected clusters stay connected. This cannot be undone."
      submit="Revoke"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={revoke}
    />
  );
}
