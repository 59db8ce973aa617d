// The form that creates and edits a webhook. Its URL is shown masked, so an edit keeps it unless a new one is entered.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { freshKey, Problem, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Select, toast } from "../../parts";
import { useConfirmed } from "./confirm";
import { useSubmit } from "./submit";
import {
  type CreatedWebhook,
  changesOf,
  clashOf,
  draftOf,
  EVENTS,
  filtersOf,
  type Webhook,
  type WebhookDraft,
  webhookPath,
} from "./webhook";

export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (created: CreatedWebhook) => void }) {
  const create = async (draft: WebhookDraft, confirmed: Confirmed) => {
    const body = { name: draft.name.trim(), url: draft.url.trim(), form: draft.form, filters: filtersOf(draft) };
    onCreated(await confirmed(() => send<CreatedWebhook>("POST", "/v1/webhooks", { body, idempotencyKey: freshKey() })));
  };
  return <HookDialog title="New webhook" word="Create" onClose={onClose} onSend={create} />;
}

export function EditDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const client = useQueryClient();
  const [known, know] = useState(webhook);
  const change = async (body: Record<string, unknown>, on: Webhook): Promise<void> => {
    try {
      await send("PATCH", webhookPath(on.id), { body, ifVersion: on.version });
    } catch (error) {
      if (!(error instanceof Problem && error.code === "stale_version")) throw error;
      const now = await send<Webhook>("GET", webhookPath(on.id));
      know(now);
      void client.invalidateQueries({ queryKey: ["webhooks"] });
      const clash = clashOf(on, now, body);
      if (clash)
        throw new Error(`Another member changed its ${clash} in the meantime. Save again to replace that with your change, or cancel.`);
      await change(body, now);
    }
  };
  const save = async (draft: WebhookDraft, confirmed: Confirmed) => {
    const body = changesOf(webhook, draft);
    if (Object.keys(body).length) {
      await confirmed(() => change(body, known));
      toast(`${draft.name.trim()} was saved`);
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
  /** The webhook to edit; absent for a new one. */
  webhook?: Webhook;
  onClose: () => void;
  onSend: (draft: WebhookDraft, confirmed: Confirmed) => Promise<void>;
}

/** Keeps its input when the request fails. */
function HookDialog({ title, word, webhook, onClose, onSend }: HookDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(webhook));
  const { errors, isBusy, submit, check } = useSubmit();
  const { data: all } = useQuery(clustersQuery({}));
  const [sheet, confirmed] = useConfirmed();
  const set = (change: Partial<WebhookDraft>) => setDraft({ ...draft, ...change });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const needsUrl = !webhook || Boolean(draft.url.trim());
    const isValid = check({
      name: !draft.name.trim() && "Enter a name.",
      url: needsUrl && !/^https?:\/\/\S+$/.test(draft.url.trim()) && "Enter a URL that starts with https://",
      events: !draft.events.length && "Select at least one event.",
    });
    if (isValid) await submit(() => onSend(draft, confirmed));
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
      <form id="webhook" noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <Field label="Name" error={errors.name}>
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              autoComplete="off"
              maxLength={100}
              placeholder="on-call"
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="URL"
          error={errors.url}
          hint={
            webhook ? (
              <>
                Keeps <span className="font-mono break-all">{webhook.url}</span> (path hidden) unless you enter a new one.
              </>
            ) : (
              "A public https URL, unless the server allows private networks."
            )
          }
        >
          {(ids) => (
            <Input
              {...ids}
              type="url"
              autoComplete="off"
              spellCheck={false}
              maxLength={2000}
              placeholder={webhook ? "unchanged" : "https://…"}
              value={draft.url}
              onChange={(event) => set({ url: event.target.value })}
              className="font-mono text-sm!"
            />
          )}
        </Field>
        {!webhook && (
          <Field label="Format" error={errors.form && null}>
            {(ids) => (
              <Select {...ids} value={draft.form} onChange={(event) => set({ form: event.target.value })}>
                <option value="json">The event as JSON, signed</option>
                <option value="slack">A Slack message</option>
              </Select>
            )}
          </Field>
        )}
        <fieldset>
          <legend className="mb-1 font-medium">Events</legend>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {EVENTS.map(([one, what]) => (
              <label key={one} className="flex min-h-7 items-center gap-2">
                <input
                  type="checkbox"
                  checked={draft.events.includes(one)}
                  onChange={() =>
                    set({ events: draft.events.includes(one) ? draft.events.filter((other) => other !== one) : [...draft.events, one] })
                  }
                />
                {what} <span className="font-mono text-xs text-muted">{one}</span>
              </label>
            ))}
          </div>
          {errors.events && <p className="mt-1 text-xs text-critical">{errors.events}</p>}
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Severity" error={errors.minSeverity}>
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
          <Field label="Cluster" error={errors.clusters}>
            {(ids) => (
              <Select
                {...ids}
                value={draft.clusters.join(",")}
                onChange={(event) => set({ clusters: event.target.value.split(",").filter(Boolean) })}
              >
                <option value="">all</option>
                {several && !listed.some((one) => one.id === several) && (
                  <option value={several}>{several.split(",").map(nameOf).join(", ")}</option>
                )}
                {listed.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Namespaces" error={errors.namespaces} hint="Comma-separated.">
            {(ids) => (
              <Input
                {...ids}
                autoComplete="off"
                spellCheck={false}
                placeholder="all"
                value={draft.namespaces}
                onChange={(event) => set({ namespaces: event.target.value })}
                className="font-mono text-sm!"
              />
            )}
          </Field>
          <Field label="Issue types" error={errors.issueTypes} hint="Comma-separated, for example OOMKilled.">
            {(ids) => (
              <Input
                {...ids}
                autoComplete="off"
                spellCheck={false}
                placeholder="all"
                value={draft.types}
                onChange={(event) => set({ types: event.target.value })}
                className="font-mono text-sm!"
              />
            )}
          </Field>
        </div>
        {webhook && (
          <label className="flex min-h-7 items-center gap-2">
            <input type="checkbox" checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })} />
            Enabled
          </label>
        )}
        <FormError>{errors.form}</FormError>
      </form>
      {sheet}
    </Dialog>
  );
}
