// The form of a webhook: made with it, and changed with it. The address is shown masked, so a change leaves it alone unless another is typed.
import { useState, type FormEvent } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { freshKey, Problem, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Select, toast } from "../../parts";
import { isWithdrawn, useConfirmed } from "./confirm";
import { fieldsOf } from "./fields";
import { changesOf, clashOf, draftOf, EVENTS, filtersOf, hookPath, type CreatedWebhook, type HookDraft, type Webhook } from "./hooks";

export function CreateDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: CreatedWebhook) => void }) {
  const create = async (draft: HookDraft, confirmed: Confirmed) => {
    const body = { name: draft.name.trim(), url: draft.url.trim(), form: draft.form, filters: filtersOf(draft) };
    onMade(await confirmed(() => send<CreatedWebhook>("POST", "/v1/webhooks", { body, idempotencyKey: freshKey() })));
  };
  return <HookDialog title="New webhook" word="Create" onClose={onClose} onSend={create} />;
}

export function EditDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useQueryClient();
  const [known, know] = useState(webhook);
  const change = async (body: Record<string, unknown>, on: Webhook): Promise<void> => {
    try {
      await send("PATCH", hookPath(on.id), { body, ifVersion: on.version });
    } catch (error) {
      if (!(error instanceof Problem && error.code === "stale_version")) throw error;
      const now = await send<Webhook>("GET", hookPath(on.id));
      know(now);
      void client.invalidateQueries({ queryKey: ["webhooks"] });
      const clash = clashOf(on, now, body);
      if (clash) throw new Error(`Somebody else changed its ${clash} meanwhile, and that stands. Save again to put yours in its place, or cancel.`);
      await change(body, now);
    }
  };
  const save = async (draft: HookDraft, confirmed: Confirmed) => {
    const body = changesOf(webhook, draft);
    if (Object.keys(body).length) {
      await confirmed(() => change(body, known));
      toast(`${draft.name.trim()} was changed`);
      void client.invalidateQueries({ queryKey: ["webhooks"] });
    }
    onClose();
  };
  return <HookDialog title={`Edit ${webhook.name}`} word="Save" webhook={webhook} onClose={onClose} onSend={save} />;
}

type Confirmed = ReturnType<typeof useConfirmed>[1];

interface HookDialogProps {
  title: string;
  word: string;
  /** The one that is changed. */
  webhook?: Webhook;
  onClose: () => void;
  onSend: (draft: HookDraft, confirmed: Confirmed) => Promise<void>;
}

/** What was typed stays when it was refused. */
function HookDialog({ title, word, webhook, onClose, onSend }: HookDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(webhook));
  const [said, say] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const { data: all } = useQuery(clustersQuery({}));
  const [sheet, confirmed] = useConfirmed();
  const set = (change: Partial<HookDraft>) => setDraft({ ...draft, ...change });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found: Record<string, string> = {};
    if (!draft.name.trim()) found.name = "A webhook needs a name, so that you know it again.";
    if ((!webhook || draft.url.trim()) && !/^https?:\/\/\S+$/.test(draft.url.trim())) found.url = "Give an address that begins with https://";
    if (!draft.events.length) found.events = "Choose at least one.";
    say(found);
    if (Object.keys(found).length) return;
    setBusy(true);
    try {
      await onSend(draft, confirmed);
    } catch (error) {
      if (!isWithdrawn(error)) say(fieldsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const listed = all?.clusters ?? [];
  const several = webhook?.filters.clusters?.join(",") ?? "";
  const nameOf = (id: string) => listed.find((one) => one.id === id)?.name ?? id;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="webhook" busy={isBusy}>
            {word}
          </Button>
        </>
      }
    >
      <form id="webhook" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label="Name" error={said.name}>
          {(ids) => <Input {...ids} autoFocus autoComplete="off" maxLength={100} placeholder="on-call" value={draft.name} onChange={(event) => set({ name: event.target.value })} />}
        </Field>
        <Field
          label="Address"
          error={said.url}
          hint={
            webhook ? (
              <>
                Stays <span className="font-mono break-all">{webhook.url}</span>, whose path is not shown, unless you give another.
              </>
            ) : (
              "Public and over https, unless the server is set to allow networks of yours."
            )
          }
        >
          {(ids) => (
            <Input {...ids} type="url" autoComplete="off" spellCheck={false} maxLength={2000} placeholder={webhook ? "the same as now" : "https://…"} value={draft.url} onChange={(event) => set({ url: event.target.value })} className="font-mono text-sm!" />
          )}
        </Field>
        {!webhook && (
          <Field label="Form" error={said.form && null}>
            {(ids) => (
              <Select {...ids} value={draft.form} onChange={(event) => set({ form: event.target.value })}>
                <option value="json">The event as JSON, signed</option>
                <option value="slack">A message that Slack can show</option>
              </Select>
            )}
          </Field>
        )}
        <fieldset>
          <legend className="mb-1 font-medium">Tell it of</legend>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {EVENTS.map(([one, what]) => (
              <label key={one} className="flex min-h-7 items-center gap-2">
                <input
                  type="checkbox"
                  checked={draft.events.includes(one)}
                  onChange={() => set({ events: draft.events.includes(one) ? draft.events.filter((other) => other !== one) : [...draft.events, one] })}
                />
                {what} <span className="font-mono text-xs text-muted">{one}</span>
              </label>
            ))}
          </div>
          {said.events && <p className="mt-1 text-xs text-critical">{said.events}</p>}
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Severity" error={said.minSeverity}>
            {(ids) => (
              <Select {...ids} value={draft.minSeverity} onChange={(event) => set({ minSeverity: event.target.value })}>
                <option value="">all</option>
                <option value="critical">only critical</option>
                <option value="high">high and above</option>
                <option value="medium">medium and above</option>
                {draft.minSeverity === "low" && <option value="low">low and above</option>}
              </Select>
            )}
          </Field>
          <Field label="Cluster" error={said.clusters}>
            {(ids) => (
              <Select {...ids} value={draft.clusters.join(",")} onChange={(event) => set({ clusters: event.target.value.split(",").filter(Boolean) })}>
                <option value="">all</option>
                {several && !listed.some((one) => one.id === several) && <option value={several}>{several.split(",").map(nameOf).join(", ")}</option>}
                {listed.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Namespaces" error={said.namespaces} hint="With commas.">
            {(ids) => <Input {...ids} autoComplete="off" spellCheck={false} placeholder="all" value={draft.namespaces} onChange={(event) => set({ namespaces: event.target.value })} className="font-mono text-sm!" />}
          </Field>
          <Field label="Types of issues" error={said.issueTypes} hint="With commas, such as OOMKilled.">
            {(ids) => <Input {...ids} autoComplete="off" spellCheck={false} placeholder="all" value={draft.types} onChange={(event) => set({ types: event.target.value })} className="font-mono text-sm!" />}
          </Field>
        </div>
        {webhook && (
          <label className="flex min-h-7 items-center gap-2">
            <input type="checkbox" checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
            Switched on
          </label>
        )}
        <FormError>{said.form}</FormError>
      </form>
      {sheet}
    </Dialog>
  );
}
