// Webhooks: who else is told, with a secret that is shown once, a test that says what came back, and what was delivered.
import { useEffect, useState } from "react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal, Plus, Send } from "lucide-react";
import { freshKey, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Badge, Button, Cell, Dialog, Empty, Failed, FormError, IconButton, Loading, Mark, Menu, MenuItem, MenuLine, Row, Select, Spinner, Table, Time, severityOf, toast, toastError } from "../../parts";
import { isWithdrawn, useConfirmed } from "./confirm";
import { deliveriesQuery, deliveryQuery, ENDED, EVENTS, hookPath, isUntried, outcome, webhooksQuery, type CreatedWebhook, type Delivery, type Webhook } from "./hooks";
import { CreateDialog, EditDialog } from "./hookdialog";
import { SecretDialog } from "./secret";

export function Webhooks() {
  const { data: me } = useQuery(meQuery);
  const mayRead = may(me, "webhooks:read");
  const mayWrite = may(me, "webhooks:write");
  const query = useQuery({ ...webhooksQuery, enabled: mayRead });
  const [isMaking, make] = useState(false);
  const [made, setMade] = useState<CreatedWebhook | null>(null);
  const client = useQueryClient();
  const shown = (webhook: CreatedWebhook) => {
    make(false);
    setMade(webhook);
    void client.invalidateQueries({ queryKey: ["webhooks"] });
  };
  const create = (
    <Button kind="primary" icon={<Plus aria-hidden />} disabled={!mayWrite} title={mayWrite ? undefined : "Your role may not change webhooks; an admin or owner can"} onClick={() => make(true)}>
      New webhook
    </Button>
  );
  return (
    <div>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 basis-72 text-muted">Addresses that are told of issues, clusters, analyses and runbooks: a chat channel, a pager, a program of yours. Symptoms, snoozed and muted issues are not told.</p>
        {create}
      </div>
      {!mayRead ? (
        <Empty title="Webhooks are for admins">Your role{me?.actor.role ? ` (${me.actor.role})` : ""} may not see them; an admin or owner can.</Empty>
      ) : query.isPending ? (
        <Loading label="Loading webhooks" rows={3} />
      ) : query.isError ? (
        <Failed error={query.error} what="The webhooks could not be loaded" retry={() => void query.refetch()} />
      ) : query.data.webhooks.length === 0 ? (
        <Empty title="Nobody else is told" action={create}>
          A webhook sends what happens to an address of yours, signed, and tries again when it does not arrive.
        </Empty>
      ) : (
        <HookTable webhooks={query.data.webhooks} mayWrite={mayWrite} onRolled={setMade} />
      )}
      {isMaking && <CreateDialog onClose={() => make(false)} onMade={shown} />}
      {made && (
        <SecretDialog
          title="Store this secret now"
          description="It won't be shown again. Your endpoint checks with it that a delivery is from here (Standard Webhooks)."
          name={`Secret of ${made.name}`}
          secret={made.secret}
          onStored={() => setMade(null)}
        />
      )}
    </div>
  );
}

type Opened = { what: "edit" | "test" | "deliveries" | "roll" | "delete"; webhook: Webhook } | null;

function HookTable({ webhooks, mayWrite, onRolled }: { webhooks: Webhook[]; mayWrite: boolean; onRolled: (made: CreatedWebhook) => void }) {
  const [opened, open] = useState<Opened>(null);
  const client = useQueryClient();
  const { data: all } = useQuery(clustersQuery({}));
  const cluster = (id: string) => all?.clusters.find((one) => one.id === id)?.name ?? id;
  const close = () => open(null);
  const [sheet, confirmed] = useConfirmed();
  const toggle = async (webhook: Webhook) => {
    try {
      await confirmed(() => send("PATCH", hookPath(webhook.id), { body: { enabled: !webhook.enabled } }));
      toast(webhook.enabled ? `${webhook.name} is switched off` : `${webhook.name} is told of what happens from now on`);
    } catch (error) {
      if (!isWithdrawn(error)) toastError(error);
    }
    void client.invalidateQueries({ queryKey: ["webhooks"] });
  };
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
          <Menu
            align="end"
            trigger={
              <IconButton label={`More for ${webhook.name}`} className="size-6!">
                <MoreHorizontal />
              </IconButton>
            }
          >
            <MenuItem onSelect={() => open({ what: "edit", webhook })}>Edit…</MenuItem>
            <MenuItem onSelect={() => void toggle(webhook)}>{webhook.enabled ? "Switch off" : "Switch on"}</MenuItem>
            <MenuItem onSelect={() => open({ what: "roll", webhook })}>New secret…</MenuItem>
            <MenuLine />
            <MenuItem onSelect={() => open({ what: "delete", webhook })}>Delete…</MenuItem>
          </Menu>
        </>
      )}
    </span>
  );
  return (
    <>
      <Table label="Webhooks" head={["Name", "State", "Is told of", "Made", <span className="sr-only">Actions</span>]}>
        {webhooks.map((webhook) => (
          <Row key={webhook.id}>
            <Cell className="max-w-md min-w-40">
              <span className="font-medium break-words">{webhook.name}</span>
              {webhook.form === "slack" && <span className="text-muted"> · as a Slack message</span>}
              <span className="block font-mono text-xs break-all text-muted">{webhook.url}</span>
              <span className="mt-1 block lg:hidden">{buttons(webhook)}</span>
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
                  {webhook.disabledReason && webhook.disabledReason !== "manual" && <span className="block text-xs text-muted">{ENDED[webhook.disabledReason]}</span>}
                </span>
              )}
            </Cell>
            <Cell className="max-w-xs min-w-36">
              <Told webhook={webhook} cluster={cluster} />
            </Cell>
            <Cell className="text-muted">
              <Time at={webhook.createdAt} />
            </Cell>
            <Cell className="text-right whitespace-nowrap max-lg:hidden">{buttons(webhook)}</Cell>
          </Row>
        ))}
      </Table>
      {opened?.what === "edit" && <EditDialog webhook={opened.webhook} onClose={close} />}
      {opened?.what === "test" && <TestDialog webhook={opened.webhook} onClose={close} />}
      {opened?.what === "deliveries" && <Deliveries webhook={opened.webhook} mayWrite={mayWrite} onClose={close} />}
      {opened?.what === "roll" && (
        <RollDialog
          webhook={opened.webhook}
          onClose={close}
          onRolled={(made) => {
            close();
            onRolled(made);
          }}
        />
      )}
      {opened?.what === "delete" && <DeleteDialog webhook={opened.webhook} onClose={close} />}
      {sheet}
    </>
  );
}

function Told({ webhook, cluster }: { webhook: Webhook; cluster: (id: string) => string }) {
  const { events, clusters, namespaces, issueTypes, minSeverity } = webhook.filters;
  const only = [
    minSeverity && `${severityOf(minSeverity)[1].toLowerCase()} and above`,
    clusters && `on ${clusters.map(cluster).join(", ")}`,
    namespaces && `in ${namespaces.join(", ")}`,
    issueTypes?.join(", "),
  ].filter(Boolean);
  return (
    <>
      <span className="break-words">{events.length === EVENTS.length ? "everything" : events.join(", ")}</span>
      {only.length > 0 && <span className="block text-xs break-words text-muted">only {only.join("; ")}</span>}
    </>
  );
}

/** Sends a test at once, and stays with it until the endpoint answered. */
function TestDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [sent, setSent] = useState<Delivery | null>(null);
  const [failed, fail] = useState<unknown>(null);
  const [round, again] = useState(0);
  const [key] = useState(freshKey);
  useEffect(() => {
    let isGone = false;
    setSent(null);
    fail(null);
    send<Delivery>("POST", hookPath(webhook.id, "/test"), { body: {}, idempotencyKey: `${key}-${round}` }).then(
      (one) => !isGone && setSent(one),
      (error: unknown) => !isGone && fail(error),
    );
    return () => {
      isGone = true;
    };
  }, [webhook.id, key, round]);
  const { data: now } = useQuery({ ...deliveryQuery(webhook.id, sent?.id ?? ""), enabled: sent !== null });
  const isWaiting = !failed && (!now || isUntried(now));
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Test ${webhook.name}`}
      description={webhook.url}
      footer={
        <>
          <Button disabled={isWaiting} onClick={() => again(round + 1)}>
            Test again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div role="status" className="min-h-16">
        {failed !== null ? (
          <FormError>{failed instanceof Error ? failed.message : String(failed)}</FormError>
        ) : isWaiting ? (
          <p className="flex items-center gap-2 text-muted">
            <Spinner /> Sent; waiting for an answer…
          </p>
        ) : (
          <>
            <p className="flex items-center gap-2">
              {now!.status === "delivered" ? <Badge tone="ok">Arrived</Badge> : <Badge tone="critical">Did not arrive</Badge>} The endpoint: {outcome(now!)}.
            </p>
            {now!.nextAttemptAt && (
              <p className="mt-1 text-muted">
                It is tried again <Time at={now!.nextAttemptAt} />.
              </p>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

const DELIVERY: Record<Delivery["status"], ["ok" | "critical" | "info" | "medium", string]> = {
  delivered: ["ok", "Delivered"],
  failed: ["critical", "Failed"],
  pending: ["info", "On its way"],
};

function Deliveries({ webhook, mayWrite, onClose }: { webhook: Webhook; mayWrite: boolean; onClose: () => void }) {
  const [status, setStatus] = useState("");
  const query = useQuery({ ...deliveriesQuery(webhook.id, status || undefined), placeholderData: keepPreviousData });
  const client = useQueryClient();
  const again = async (one: Delivery) => {
    try {
      await send("POST", hookPath(webhook.id, `/deliveries/${encodeURIComponent(one.id)}/redeliver`), { body: {}, idempotencyKey: freshKey() });
      toast("It is on its way again, under the same id", { tone: "low" });
    } catch (error) {
      toastError(error);
    }
    void client.invalidateQueries({ queryKey: ["deliveries", webhook.id] });
  };
  const found = query.data?.deliveries ?? [];
  return (
    <Dialog open wide onClose={onClose} title={`Deliveries of ${webhook.name}`} description="Kept for 30 days. What an endpoint says is not kept, only its status.">
      <div className="mb-2 max-w-48">
        <Select aria-label="Which deliveries" value={status} onChange={(event) => setStatus(event.target.value)}>
          <option value="">all</option>
          <option value="failed">failed</option>
          <option value="pending">on their way</option>
          <option value="delivered">delivered</option>
        </Select>
      </div>
      {query.isPending ? (
        <Loading label="Loading deliveries" rows={4} />
      ) : query.isError ? (
        <Failed error={query.error} what="The deliveries could not be loaded" retry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <Empty title={status ? "None like that" : "Nothing was sent yet"}>{status ? "Others may be there." : "A test sends something at once."}</Empty>
      ) : (
        <div className="-mx-5">
          <Table label="Deliveries" head={["What", "Outcome", "When", <span className="sr-only">Actions</span>]}>
            {found.map((one) => {
              const [tone, word] = one.status === "pending" && one.attempts > 0 ? (["medium", "Tried again"] as const) : DELIVERY[one.status];
              return (
                <Row key={one.id}>
                  <Cell>
                    <span className="font-medium">{one.event}</span>
                    <span className="block max-w-56 truncate font-mono text-xs text-muted" title={one.id}>
                      {one.id}
                    </span>
                  </Cell>
                  <Cell className="min-w-40">
                    <Mark tone={tone}>{word}</Mark>
                    <span className="block text-xs text-muted">
                      {outcome(one)}
                      {one.attempts > 1 && `, ${one.attempts} attempts`}
                      {one.nextAttemptAt && one.attempts > 0 && (
                        <>
                          , again <Time at={one.nextAttemptAt} />
                        </>
                      )}
                    </span>
                  </Cell>
                  <Cell className="text-muted">
                    <Time at={one.createdAt} />
                  </Cell>
                  <Cell className="text-right">
                    {mayWrite && !isUntried(one) && (
                      <Button small aria-label={`Deliver ${one.event} again`} onClick={() => void again(one)}>
                        Again
                      </Button>
                    )}
                  </Cell>
                </Row>
              );
            })}
          </Table>
          {query.data.total > found.length && <p className="px-5 pt-2 text-xs text-muted">The newest {found.length} of {query.data.total.toLocaleString()}.</p>}
        </div>
      )}
    </Dialog>
  );
}

function RollDialog({ webhook, onClose, onRolled }: { webhook: Webhook; onClose: () => void; onRolled: (made: CreatedWebhook) => void }) {
  const [isBusy, setBusy] = useState(false);
  const [said, say] = useState<string | null>(null);
  const [sheet, confirmed] = useConfirmed();
  const roll = async () => {
    setBusy(true);
    try {
      onRolled(await confirmed(() => send<CreatedWebhook>("POST", hookPath(webhook.id, "/roll"), { body: {}, idempotencyKey: freshKey() })));
    } catch (error) {
      if (!isWithdrawn(error)) say((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`A new secret for ${webhook.name}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={isBusy} onClick={() => void roll()}>
            Make it
          </Button>
        </>
      }
    >
      <p>The old one signs beside it for 24 hours, so your endpoint can change at leisure.</p>
      <FormError>{said}</FormError>
      {sheet}
    </Dialog>
  );
}

function DeleteDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [said, say] = useState<string | null>(null);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const remove = async () => {
    setBusy(true);
    try {
      await confirmed(() => send("DELETE", hookPath(webhook.id)));
      toast(`${webhook.name} was deleted`);
      void client.invalidateQueries({ queryKey: ["webhooks"] });
      onClose();
    } catch (error) {
      if (!isWithdrawn(error)) say((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Delete ${webhook.name}?`}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={isBusy} onClick={() => void remove()}>
            Delete
          </Button>
        </>
      }
    >
      <p>Its deliveries go with it, and what is on its way is not sent. This cannot be undone; to pause it, switch it off.</p>
      <FormError>{said}</FormError>
      {sheet}
    </Dialog>
  );
}
