// Provisioning by SCIM: the address and token that an identity provider calls with, and what it has sent. For owners.

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { freshKey, type Schemas, send } from "../../api/client";
import { Button, Cell, CopyField, Failed, FormDialog, Glyph, Loading, Mark, plural, Row, Section, Table, Time } from "../../parts";
import { useConfirmed } from "./confirm";
import { DeleteDialog } from "./deletedialog";
import { NetworksField, networksOf } from "./networks";
import { type Provider, type Scim, scimPath, scimQuery } from "./provider";
import { SecretDialog } from "./secret";
import { useSubmit } from "./submit";

type CreatedToken = Schemas["CreatedScimToken"];
type Known = [provider: Provider, scim: Scim];
type Opened =
  | { what: "create" | "rotate" | "delete"; provider: Provider }
  | { what: "secret"; provider: Provider; token: CreatedToken }
  | null;

/** One row per provider, in their order. */
export function Provisioning({ of }: { of: Provider[] }) {
  const [opened, open] = useState<Opened>(null);
  const queries = useQueries({ queries: of.map((one) => scimQuery(one.id)) });
  const failed = queries.find((one) => one.isLoadingError);
  const known = of.flatMap((one, index): Known[] => {
    const scim = queries[index]?.data;
    return scim ? [[one, scim]] : [];
  });
  const first = known[0]?.[1];
  const close = () => open(null);
  return (
    <Section title="Provisioning (SCIM)">
      <p className="mb-3 max-w-prose text-muted">
        An identity provider can send its users and groups. Who is deactivated there loses access here at once, and roles follow the groups
        without a sign-in.
      </p>
      {failed ? (
        <Failed error={failed.error} what="Could not load the state of provisioning" retry={() => void failed.refetch()} />
      ) : !first ? (
        <Loading label="Loading the state of provisioning" rows={of.length} />
      ) : (
        <>
          <p className="mb-1 font-medium">Base URL (tenant URL) to enter at the provider</p>
          <div className="max-w-xl">
            <CopyField value={first.baseUrl} label="base URL" />
          </div>
          <div className="-mx-4 mt-3">
            <ScimTable of={known} open={open} />
          </div>
        </>
      )}
      {(opened?.what === "create" || opened?.what === "rotate") && (
        <TokenDialog
          provider={opened.provider}
          isNew={opened.what === "create"}
          onClose={close}
          onCreated={(token) => open({ what: "secret", provider: opened.provider, token })}
        />
      )}
      {opened?.what === "secret" && (
        <SecretDialog
          title="Store this token now"
          description="It won't be shown again. Enter it and the base URL at the identity provider, with bearer authentication."
          name={`SCIM token of ${opened.provider.name}`}
          secret={opened.token.token}
          onStored={close}
        >
          <div>
            <p className="mb-1 font-medium">Base URL (tenant URL)</p>
            <CopyField value={opened.token.baseUrl} label="base URL" />
          </div>
        </SecretDialog>
      )}
      {opened?.what === "delete" && (
        <DeleteDialog
          name={`SCIM token of ${opened.provider.name}`}
          path={scimPath(opened.provider.id)}
          list={scimQuery(opened.provider.id).queryKey}
          onClose={close}
        >
          The provider can no longer send changes, and the users and groups that it sent are deleted. Members stay as they are; their roles
          follow from the ID token again. This cannot be undone.
        </DeleteDialog>
      )}
    </Section>
  );
}

function ScimTable({ of, open }: { of: Known[]; open: (opened: Opened) => void }) {
  return (
    <Table
      label="Provisioning"
      head={["Identity provider", "Token", "Last request", "Users", "Groups", <span className="sr-only">Actions</span>]}
    >
      {of.map(([provider, scim]) => (
        <Row key={provider.id}>
          <Cell className="min-w-32 font-medium break-words">{provider.name}</Cell>
          <Cell>
            <Token of={scim} />
          </Cell>
          <Cell>{scim.lastUsedAt ? <Time at={scim.lastUsedAt} /> : scim.enabled && <span className="text-muted">never</span>}</Cell>
          <Cell>{scim.enabled && <Users of={scim} />}</Cell>
          <Cell className="tabular-nums">{scim.enabled && scim.groups.toLocaleString()}</Cell>
          <Cell className="text-right whitespace-nowrap">
            {scim.enabled ? (
              <span className="inline-flex gap-1.5">
                <Button
                  small
                  icon={<RotateCw aria-hidden />}
                  aria-label={`Rotate the SCIM token of ${provider.name}`}
                  onClick={() => open({ what: "rotate", provider })}
                >
                  Rotate
                </Button>
                <Button
                  small
                  kind="danger"
                  aria-label={`Delete the SCIM token of ${provider.name}`}
                  onClick={() => open({ what: "delete", provider })}
                >
                  Delete
                </Button>
              </span>
            ) : (
              <Button small aria-label={`Create token of ${provider.name}`} onClick={() => open({ what: "create", provider })}>
                Create token
              </Button>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Token({ of }: { of: Scim }) {
  if (!of.enabled) return <Mark tone="info">None</Mark>;
  return (
    <>
      <Mark tone="ok">
        <span className="font-mono text-xs">{of.tokenHint}</span>
      </Mark>
      {of.oldTokenUntil && (
        <span className="block text-xs text-muted">
          the old one ends <Time at={of.oldTokenUntil} />
        </span>
      )}
      {of.networks && <span className="block text-xs text-muted">only from {of.networks.join(", ")}</span>}
    </>
  );
}

function Users({ of }: { of: Scim }) {
  return (
    <>
      {of.users.toLocaleString()}
      {of.users > 0 && (
        <span className="block text-xs text-muted">
          {of.activeUsers.toLocaleString()} active, {plural(of.matchedUsers, "member")}
        </span>
      )}
      {of.users > 0 && of.unprovisionedMembers > 0 && (
        <span className="flex items-start gap-1.5 text-xs">
          <Glyph tone="medium" className="mt-1" />
          {plural(of.unprovisionedMembers, "member")} not provisioned: refused at the next sign-in
        </span>
      )}
    </>
  );
}

interface TokenProps {
  provider: Provider;
  isNew: boolean;
  onClose: () => void;
  onCreated: (token: CreatedToken) => void;
}

function TokenDialog({ provider, isNew, onClose, onCreated }: TokenProps) {
  const [networks, setNetworks] = useState("");
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const request = () => {
    const body = isNew ? { networks: networksOf(networks) } : {};
    return send<CreatedToken>("POST", scimPath(provider.id, isNew ? "" : "/roll"), { body, idempotencyKey: freshKey() });
  };
  const create = () =>
    submit(async () => {
      const token = await confirmed(request);
      void client.invalidateQueries({ queryKey: scimQuery(provider.id).queryKey });
      onCreated(token);
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`${isNew ? "Create" : "Rotate"} the SCIM token of ${provider.name}`}
      submit={isNew ? "Create" : "Rotate"}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={create}
    >
      {isNew ? (
        <>
          <p>
            As soon as the provider has sent a user, only users that it sent can sign in with it; owners still can. Rights then follow from
            the groups that it sends.
          </p>
          <NetworksField
            hint="The provider can call only from these networks (CIDR, one per line). Empty for any."
            value={networks}
            error={errors.networks}
            onChange={setNetworks}
          />
        </>
      ) : (
        <p>The token before it works for 24 hours more, so that you can enter the new one at the provider.</p>
      )}
    </FormDialog>
  );
}
