// Where other systems send their alerts: the receivers, and the dialogs to create, edit, roll and delete one. The secret is shown once.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Cell, Empty, Failed, Loading, Mark, MenuItem, MenuLine, MoreMenu, NewButton, Row, Table, Time } from "../../parts";
import { useClusterName } from "../clusterselect";
import { NoAccess } from "../noaccess";
import { useChange } from "../settings/change";
import { DeleteDialog } from "../settings/deletedialog";
import { Introduction } from "../settings/introduction";
import { RollDialog } from "../settings/rolldialog";
import { SecretDialog } from "../settings/secret";
import { type CreatedReceiver, type Receiver, receiverPath, receiversQuery } from "./queries";
import { ReceiverDialog } from "./receiverdialog";

type Opened = { what: "edit" | "roll" | "delete"; receiver: Receiver } | null;

export function Receivers() {
  const { data: me } = useQuery(meQuery);
  const mayRead = may(me, "webhooks:read");
  const mayWrite = may(me, "webhooks:write");
  const query = useQuery({ ...receiversQuery, enabled: mayRead });
  const [isMaking, make] = useState(false);
  const [created, setCreated] = useState<CreatedReceiver | null>(null);
  const [opened, open] = useState<Opened>(null);
  const client = useQueryClient();
  const shown = (receiver: CreatedReceiver) => {
    make(false);
    open(null);
    setCreated(receiver);
    void client.invalidateQueries({ queryKey: ["alertReceivers"] });
  };
  if (!mayRead) return <NoAccess to="view alert receivers" />;
  if (query.isPending) return <Loading label="Loading alert receivers" />;
  if (query.isLoadingError) return <Failed error={query.error} what="Could not load alert receivers" retry={() => void query.refetch()} />;
  const create = (
    <NewButton refused={!mayWrite && "Your role cannot change alert receivers; admins and owners can"} onClick={() => make(true)}>
      New receiver
    </NewButton>
  );
  return (
    <>
      {query.data.receivers.length === 0 ? (
        <Empty title="No alert receivers" action={create}>
          A receiver takes the alerts of an Alertmanager and shows with each the issue that explains it.
        </Empty>
      ) : (
        <>
          <Introduction actions={create}>
            A receiver takes the alerts of an Alertmanager or of another system. Each has a path and a secret of its own.
          </Introduction>
          <ReceiverTable receivers={query.data.receivers} mayWrite={mayWrite} open={open} />
        </>
      )}
      {isMaking && <ReceiverDialog onClose={() => make(false)} onCreated={shown} />}
      {opened?.what === "edit" && <ReceiverDialog receiver={opened.receiver} onClose={() => open(null)} onCreated={shown} />}
      {opened?.what === "roll" && (
        <RollDialog
          name={opened.receiver.name}
          path={receiverPath(opened.receiver.id, "/roll")}
          onClose={() => open(null)}
          onRolled={shown}
        >
          The old secret is accepted for 24 hours more, so that you can update the sender.
        </RollDialog>
      )}
      {opened?.what === "delete" && (
        <DeleteDialog
          name={opened.receiver.name}
          path={receiverPath(opened.receiver.id)}
          list={["alertReceivers"]}
          onClose={() => open(null)}
        >
          Also deletes its alerts. Requests of its sender are refused from then on. This cannot be undone.
        </DeleteDialog>
      )}
      {created && (
        <SecretDialog
          title="Store this secret now"
          description="It won't be shown again. The sender needs it and the path in its webhook configuration."
          name={`Secret of ${created.name}`}
          secret={created.secret}
          onStored={() => setCreated(null)}
        >
          <p>
            Path of the webhook: <code className="font-mono break-all">{created.path}</code>
          </p>
        </SecretDialog>
      )}
    </>
  );
}

interface TableProps {
  receivers: Receiver[];
  mayWrite: boolean;
  open: (opened: Opened) => void;
}

function ReceiverTable({ receivers, mayWrite, open }: TableProps) {
  const cluster = useClusterName();
  const { change, sheet } = useChange(["alertReceivers"]);
  const toggle = ({ id, name, enabled }: Receiver) =>
    change(() => send("PATCH", receiverPath(id), { body: { enabled: !enabled } }), `${name} ${enabled ? "disabled" : "enabled"}`);
  return (
    <>
      {sheet}
      <Table label="Alert receivers" head={["Name", "State", "Cluster", "Last request", <span className="sr-only">Actions</span>]}>
        {receivers.map((one) => (
          <Row key={one.id}>
            <Cell className="max-w-md min-w-40">
              <span className="font-medium break-words">{one.name}</span>
              <span className="block font-mono text-xs break-all text-muted">{one.path}</span>
            </Cell>
            <Cell>
              <Mark tone={one.enabled ? "ok" : "info"}>{one.enabled ? "On" : "Off"}</Mark>
            </Cell>
            <Cell className="max-w-xs min-w-36 break-words">
              {one.clusterRule.clusterId ? cluster(one.clusterRule.clusterId) : `named by the label ${one.clusterRule.label}`}
            </Cell>
            <Cell className="text-muted">{one.lastReceivedAt ? <Time at={one.lastReceivedAt} /> : "none yet"}</Cell>
            <Cell className="text-right">
              {mayWrite && (
                <MoreMenu of={one.name}>
                  <MenuItem onSelect={() => open({ what: "edit", receiver: one })}>Edit…</MenuItem>
                  <MenuItem onSelect={() => void toggle(one)}>{one.enabled ? "Disable" : "Enable"}</MenuItem>
                  <MenuItem onSelect={() => open({ what: "roll", receiver: one })}>New secret…</MenuItem>
                  <MenuLine />
                  <MenuItem onSelect={() => open({ what: "delete", receiver: one })}>Delete…</MenuItem>
                </MoreMenu>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
    </>
  );
}
