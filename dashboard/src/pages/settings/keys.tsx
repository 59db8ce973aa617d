// API keys: list, create, roll, revoke.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { meQuery } from "../../api/session";
import {
  Badge,
  Button,
  Cell,
  Check,
  cx,
  Empty,
  Failed,
  FormDialog,
  Loading,
  NewButton,
  Options,
  Row,
  SelectField,
  Table,
  Time,
  toast,
} from "../../parts";
import { useClusterName } from "../clusterselect";
import { useConfirmed } from "./confirm";
import { Introduction } from "./introduction";
import { CreateDialog } from "./keycreate";
import { NewKeyDialog } from "./keydialog";
import { type ApiKey, type CreatedKey, keysQuery, membersQuery } from "./queries";
import { forKeys, wordFor } from "./scopes";
import { useSubmit } from "./submit";

const DAY_MS = 86_400_000;

export function ApiKeys() {
  const [withRevoked, show] = useState(false);
  const query = useQuery(keysQuery(withRevoked));
  const { data: me } = useQuery(meQuery);
  const [isMaking, make] = useState(false);
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const client = useQueryClient();
  const own = me?.actor.scopes ?? [];
  const mayMake = !me || own.includes("keys:write");
  const shown = (key: CreatedKey) => {
    make(false);
    setCreated(key);
    void client.invalidateQueries({ queryKey: ["apiKeys"] });
  };
  const create = (
    <NewButton
      refused={!mayMake && `Your role${me?.actor.role ? ` (${me.actor.role})` : ""} cannot create keys; admins and owners can`}
      onClick={() => make(true)}
    >
      Create API Key
    </NewButton>
  );
  return (
    <div>
      <Introduction
        actions={
          <>
            <Check checked={withRevoked} onChange={show}>
              Show revoked
            </Check>
            {create}
          </>
        }
      >
        API keys let programs use the API on your behalf, with at most your own permissions, and only while you are a member.
      </Introduction>
      {query.isPending ? (
        <Loading label="Loading API keys" />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load API keys" retry={() => void query.refetch()} />
      ) : query.data.apiKeys.length === 0 ? (
        <Empty title="No API keys" action={create}>
          Create one for a script or CI job, which sends it as “Authorization: Bearer …”.
        </Empty>
      ) : (
        <KeyTable keys={query.data.apiKeys} own={own} mayChange={mayMake} onRolled={shown} />
      )}
      {isMaking && <CreateDialog own={own} onClose={() => make(false)} onCreated={shown} />}
      {created && <NewKeyDialog created={created} onStored={() => setCreated(null)} />}
    </div>
  );
}

function KeyTable({
  keys,
  own,
  mayChange,
  onRolled,
}: {
  keys: ApiKey[];
  own: string[];
  mayChange: boolean;
  onRolled: (created: CreatedKey) => void;
}) {
  const [revoking, revoke] = useState<ApiKey | null>(null);
  const [rolling, roll] = useState<ApiKey | null>(null);
  const { data: members } = useQuery({ ...membersQuery, retry: false });
  const who = (id: string) => members?.members.find((one) => one.id === id)?.email ?? (id === "system" ? "setup" : id);
  const clusterName = useClusterName();
  const clusterNames = (ids: string[]) => ids.map(clusterName).join(", ");
  return (
    <>
      <Table
        label="API keys"
        head={["Name", "Key", "Scopes", "Created by", "Last used", "Expires", <span className="sr-only">Actions</span>]}
      >
        {keys.map((key) => (
          <Row key={key.id}>
            <Cell className="font-medium">
              <span className={cx(key.revokedAt && "text-muted line-through")}>{key.name}</span>
              {key.clusters && <span className="block text-xs font-normal text-muted">only {clusterNames(key.clusters)}</span>}
            </Cell>
            <Cell className="font-mono text-xs whitespace-nowrap">{key.prefix}</Cell>
            <Cell>
              <span title={key.scopes.join("\n")} className="whitespace-nowrap">
                {wordFor(key.scopes, forKeys(own, Boolean(key.clusters)))}
              </span>
            </Cell>
            <Cell className="text-muted">
              <span className="block max-w-48 truncate" title={who(key.createdBy)}>
                {who(key.createdBy)}
              </span>
              <span className="text-xs">
                <Time at={key.createdAt} />
              </span>
            </Cell>
            <Cell>{key.lastUsedAt ? <Time at={key.lastUsedAt} /> : <span className="text-muted">never</span>}</Cell>
            <Cell>
              <Ending of={key} />
            </Cell>
            <Cell className="text-right whitespace-nowrap">
              <KeyButtons of={key} mayChange={mayChange} onRoll={roll} onRevoke={revoke} />
            </Cell>
          </Row>
        ))}
      </Table>
      {revoking && <RevokeDialog of={revoking} onClose={() => revoke(null)} />}
      {rolling && (
        <RollDialog
          of={rolling}
          onClose={() => roll(null)}
          onRolled={(created) => {
            roll(null);
            onRolled(created);
          }}
        />
      )}
    </>
  );
}

function KeyButtons({
  of,
  mayChange,
  onRoll,
  onRevoke,
}: {
  of: ApiKey;
  mayChange: boolean;
  onRoll: (key: ApiKey) => void;
  onRevoke: (key: ApiKey) => void;
}) {
  if (of.revokedAt) return null;
  return (
    <span className="inline-flex gap-1.5">
      <Button small disabled={!mayChange} icon={<RotateCw aria-hidden />} aria-label={`Roll ${of.name}`} onClick={() => onRoll(of)}>
        Roll
      </Button>
      <Button small kind="danger" disabled={!mayChange} aria-label={`Revoke ${of.name}`} onClick={() => onRevoke(of)}>
        Revoke
      </Button>
    </span>
  );
}

function Ending({ of }: { of: ApiKey }) {
  if (of.revokedAt)
    return (
      <span className="text-muted">
        revoked <Time at={of.revokedAt} />
      </span>
    );
  if (!of.expiresAt) return <>never</>;
  const left = Date.parse(of.expiresAt) - Date.now();
  if (left <= 0) return <Badge tone="medium">Expired</Badge>;
  return (
    <span className="flex flex-col">
      <Time at={of.expiresAt} />
      {of.replacedBy && <span className="text-xs text-muted">rolled</span>}
      {!of.replacedBy && left < 7 * DAY_MS && <span className="text-xs text-medium">soon</span>}
    </span>
  );
}

function RevokeDialog({ of, onClose }: { of: ApiKey; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const revoke = () =>
    submit(async () => {
      try {
        await confirmed(() => send("DELETE", `/v1/api-keys/${encodeURIComponent(of.id)}`));
        toast(`${of.name} was revoked`);
        onClose();
      } finally {
        void client.invalidateQueries({ queryKey: ["apiKeys"] });
      }
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Revoke ${of.name}?`}
      submit="Revoke"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={revoke}
    >
      <p>
        {of.lastUsedAt ? (
          <>
            Last used <Time at={of.lastUsedAt} className="font-medium" />.
          </>
        ) : (
          "Never used."
        )}{" "}
        Requests with <code className="font-mono text-xs">{of.prefix}</code> will fail with 401 immediately. This cannot be undone.
      </p>
    </FormDialog>
  );
}

const OVERLAPS: [days: string, text: string][] = [
  ["0", "0 (revoke now)"],
  ["1", "24 hours"],
  ["7", "7 days"],
];

function RollDialog({ of, onClose, onRolled }: { of: ApiKey; onClose: () => void; onRolled: (created: CreatedKey) => void }) {
  const [overlap, setOverlap] = useState("1");
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const roll = () =>
    submit(async () => {
      const request = { body: { overlapDays: Number(overlap) }, idempotencyKey: freshKey() };
      onRolled(await confirmed(() => send<CreatedKey>("POST", `/v1/api-keys/${encodeURIComponent(of.id)}/roll`, request)));
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Roll ${of.name}`}
      description="Creates a new key with the same scopes, clusters and lifetime."
      submit="Roll"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={roll}
    >
      <SelectField label="The old key stays valid for" value={overlap} onChange={setOverlap}>
        <Options of={OVERLAPS} />
      </SelectField>
    </FormDialog>
  );
}
