// Webhooks: the list of endpoints, and the dialogs to test, edit, roll and delete one.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import {
  Button,
  Cell,
  Empty,
  Failed,
  Loading,
  Mark,
  MenuItem,
  MenuLine,
  MoreMenu,
  NewButton,
  Row,
  severityOf,
  Table,
  Time,
  toast,
} from "../../parts";
import { useClusterName } from "../clusterselect";
import { NoAccess } from "../noaccess";
import { useChange } from "./change";
import { DeleteDialog } from "./deletedialog";
import { EVENTS_OF_SERVICE, HookUrl } from "./hookurl";
import { Introduction } from "./introduction";
import { RollDialog } from "./rolldialog";
import { SecretDialog } from "./secret";
import { type CreatedWebhook, ENDED, eventsOf, FORMATS, type Webhook, webhookPath, webhooksQuery } from "./webhook";
import { Deliveries, TestDialog } from "./webhookdeliveries";
import { CreateDialog, EditDialog } from "./webhookdialog";

export function Webhooks() {
  const { data: me } = useQuery(meQuery);
  const mayRead = may(me, "webhooks:read");
  const mayWrite = may(me, "webhooks:write");
  const query = useQuery({ ...webhooksQuery, enabled: mayRead });
  const [isMaking, make] = useState(false);
  const [created, setCreated] = useState<CreatedWebhook | null>(null);
  const client = useQueryClient();
  const shown = (webhook: CreatedWebhook) => {
    make(false);
    if (FORMATS[webhook.form].secretUse) setCreated(webhook);
    else toast(`${webhook.name} was created`);
    void client.invalidateQueries({ queryKey: ["webhooks"] });
  };
  const create = (
    <NewButton refused={!mayWrite && "Your role cannot change webhooks; admins and owners can"} onClick={() => make(true)}>
      New webhook
    </NewButton>
  );
  return (
    <div>
      <Introduction actions={create}>
        Send notifications about issues, clusters, analyses and runbooks to a chat channel, a pager or your own program. Symptoms and
        snoozed or muted issues send no notifications.
      </Introduction>
      {!mayRead ? (
        <NoAccess to="view webhooks" />
      ) : query.isPending ? (
        <Loading label="Loading webhooks" rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load webhooks" retry={() => void query.refetch()} />
      ) : query.data.webhooks.length === 0 ? (
        <Empty title="No webhooks" action={create}>
          A webhook sends signed events to your endpoint and retries failed deliveries.
        </Empty>
      ) : (
        <WebhookTable webhooks={query.data.webhooks} mayWrite={mayWrite} onRolled={setCreated} />
      )}
      {isMaking && <CreateDialog onClose={() => make(false)} onCreated={shown} />}
      {created && (
        <SecretDialog
          title="Store this secret now"
          description={`It won't be shown again. ${FORMATS[created.form].secretUse ?? "Deliveries are signed with it."}`}
          name={`Secret of ${created.name}`}
          secret={created.secret}
          onStored={() => setCreated(null)}
        >
          {created.hookPath && <HookUrl label={EVENTS_OF_SERVICE} path={created.hookPath} />}
        </SecretDialog>
      )}
    </div>
  );
}

type Opened = { what: "edit" | "test" | "deliveries" | "roll" | "delete"; webhook: Webhook } | null;

function WebhookTable({
  webhooks,
  mayWrite,
  onRolled,
}: {
  webhooks: Webhook[];
  mayWrite: boolean;
  onRolled: (created: CreatedWebhook) => void;
}) {
  const [opened, open] = useState<Opened>(null);
  const cluster = useClusterName();
  const close = () => open(null);
  const { change, sheet } = useChange(["webhooks"]);
  const toggle = ({ id, name, enabled }: Webhook) =>
    change(() => send("PATCH", webhookPath(id), { body: { enabled: !enabled } }), `${name} ${enabled ? "disabled" : "enabled"}`);
  const buttons = (webhook: Webhook) => (
    <span className="inline-flex gap-1.5">
      <Button small aria-label={`Deliveries of ${webhook.name}`} onClick={() => open({ what: "deliveries", webhook })}>
        Deliveries
      </Button>
      {mayWrite && (
        <>
          <Button small icon={<Send aria-hidden />} aria-label={`Test ${webhook.name}`} onClick={() => open({ what: "test", webhook })}>
            Test
          </Button>
          <MoreMenu of={webhook.name}>
            <MenuItem onSelect={() => open({ what: "edit", webhook })}>Edit…</MenuItem>
            <MenuItem onSelect={() => void toggle(webhook)}>{webhook.enabled ? "Disable" : "Enable"}</MenuItem>
            <MenuItem onSelect={() => open({ what: "roll", webhook })}>New secret…</MenuItem>
            <MenuLine />
            <MenuItem onSelect={() => open({ what: "delete", webhook })}>Delete…</MenuItem>
          </MoreMenu>
        </>
      )}
    </span>
  );
  return (
    <>
      <Table label="Webhooks" head={["Name", "State", "Events", "Created", <span className="sr-only">Actions</span>]}>
        {webhooks.map((webhook) => {
          const format = FORMATS[webhook.form];
          return (
            <Row key={webhook.id}>
              <Cell className="max-w-md min-w-40">
                <span className="font-medium break-words">{webhook.name}</span>
                {format.words && <span className="text-muted"> · {format.words}</span>}
                <span className="block font-mono text-xs break-all text-muted">{webhook.channel ?? webhook.url}</span>
                {webhook.refreshedAt && (
                  <span className="block text-xs text-muted">
                    Alerts sent <Time at={webhook.refreshedAt} />
                    {webhook.refreshError && `: ${webhook.refreshError}`}
                  </span>
                )}
                <span className="mt-1 block max-sm:hidden lg:hidden">{buttons(webhook)}</span>
              </Cell>
              <Cell>
                {webhook.enabled ? (
                  webhook.failingSince ? (
                    <span>
                      <Mark tone="medium">Failing</Mark>
                      <span className="block text-xs text-muted">
                        since <Time at={webhook.failingSince} />
                      </span>
                    </span>
                  ) : (
                    <Mark tone="ok">On</Mark>
                  )
                ) : (
                  <span>
                    <Mark tone="info">Off</Mark>
                    {webhook.disabledReason && webhook.disabledReason !== "manual" && (
                      <span className="block text-xs text-muted">{ENDED[webhook.disabledReason]}</span>
                    )}
                  </span>
                )}
              </Cell>
              <Cell className="max-w-xs min-w-36">
                <Filters webhook={webhook} cluster={cluster} />
              </Cell>
              <Cell className="text-muted">
                <Time at={webhook.createdAt} />
              </Cell>
              <Cell className="text-right whitespace-nowrap sm:max-lg:hidden">{buttons(webhook)}</Cell>
            </Row>
          );
        })}
      </Table>
      {opened?.what === "edit" && <EditDialog webhook={opened.webhook} onClose={close} />}
      {opened?.what === "test" && <TestDialog webhook={opened.webhook} onClose={close} />}
      {opened?.what === "deliveries" && <Deliveries webhook={opened.webhook} mayWrite={mayWrite} onClose={close} />}
      {opened?.what === "roll" && (
        <RollDialog
          name={opened.webhook.name}
          path={webhookPath(opened.webhook.id, "/roll")}
          onClose={close}
          onRolled={(created: CreatedWebhook) => {
            close();
            onRolled(created);
          }}
        >
          Deliveries carry both signatures for 24 hours, so that you can update your endpoint.
        </RollDialog>
      )}
      {opened?.what === "delete" && (
        <DeleteDialog name={opened.webhook.name} path={webhookPath(opened.webhook.id)} list={["webhooks"]} onClose={close}>
          Also deletes its delivery history; pending deliveries are not sent. This cannot be undone. To pause it, disable it instead.
        </DeleteDialog>
      )}
      {sheet}
    </>
  );
}

function Filters({ webhook, cluster }: { webhook: Webhook; cluster: (id: string) => string }) {
  const { events, clusters, namespaces, issueTypes, minSeverity, query } = webhook.filters;
  const only = [
    minSeverity && `${severityOf(minSeverity)[1].toLowerCase()} and above`,
    clusters && `on ${clusters.map(cluster).join(", ")}`,
    namespaces && `in ${namespaces.join(", ")}`,
    issueTypes?.join(", "),
    query,
    webhook.escalationMinutes > 0 && `not acknowledged within ${webhook.escalationMinutes} min`,
  ].filter(Boolean);
  const quiet = webhook.quietHours;
  const { follows } = FORMATS[webhook.form];
  return (
    <>
      <span className="break-words">
        {follows ? `${follows} follow their issues` : events.length === eventsOf(webhook.form).length ? "everything" : events.join(", ")}
      </span>
      {only.length > 0 && <span className="block text-xs break-words text-muted">only {only.join("; ")}</span>}
      {quiet && (
        <span className="block text-xs text-muted">
          {quiet.drop ? "not" : "held"} from {quiet.start} to {quiet.end} ({quiet.timeZone})
        </span>
      )}
      {webhook.heldUntil && Date.parse(webhook.heldUntil) > Date.now() && (
        <span className="block text-xs text-muted">
          held until <Time at={webhook.heldUntil} />
        </span>
      )}
    </>
  );
}
