// The form that creates and edits a webhook. Its URL is shown masked, so an edit keeps it unless a new one is entered.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, Problem, send } from "../../api/client";
import { Check, Checks, Field, FormDialog, Options, SelectField, TextField, toast } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { CodeField, LowestSeverityField } from "../formfields";
import { IssueTypeField, NamespaceField } from "../names";
import { useConfirmed } from "./confirm";
import { EVENTS_OF_SERVICE, HookUrl } from "./hookurl";
import { useSubmit } from "./submit";
import { TemplateFields } from "./tickettemplate";
import {
  authOf,
  bodyOf,
  type CreatedWebhook,
  changesOf,
  clashOf,
  draftOf,
  eventsOf,
  FORMATS,
  mistakesIn,
  projectOf,
  type Webhook,
  type WebhookDraft,
  webhookPath,
} from "./webhook";
import { RoutingPreview, TimeFields, useRouting } from "./webhooktimes";

const CHOICES = (Object.keys(FORMATS) as Webhook["form"][]).map((form): [value: string, text: string] => [form, FORMATS[form].choice]);

const PUBLIC = "A public https URL, unless the server allows private networks.";
const URL_HINTS: Partial<Record<Webhook["form"], string>> = {
  slack: `The URL of an incoming webhook. ${PUBLIC}`,
  teams: "The URL of a workflow “When a Teams webhook request is received”.",
  email: "",
  alerts: `The API of Alertmanager, which ends in /api/v2/alerts. ${PUBLIC}`,
  pagerduty: "Empty for the address of the service. For PagerDuty in the EU: https://events.eu.pagerduty.com/v2/enqueue",
  jsm: "Empty for the address of the service.",
  ticket: "The issues of the project in the API of the service, such as https://api.github.com/repos/OWNER/REPO/issues.",
};

const KEY_HINTS: Partial<Record<Webhook["form"], string>> = {
  pagerduty: "Of an integration of the type Events API V2.",
  jsm: "API key of an integration of the type API.",
};

const AUTHS: [value: string, text: string][] = [
  ["none", "Signature only"],
  ["basic", "Username and password"],
  ["bearer", "Bearer token"],
];

/** A chat service, whose URL is the secret, verifies no signature; tickets cannot be created without credentials. */
const authsOf = (form: Webhook["form"]) =>
  form === "ticket" ? AUTHS.slice(1) : form === "json" ? AUTHS : [["none", "None"] as [string, string], ...AUTHS.slice(1)];

export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (created: CreatedWebhook) => void }) {
  const create = async (draft: WebhookDraft, confirmed: Confirmed) => {
    const { enabled, ...body } = bodyOf(draft); // a new one is enabled
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
  const { errors: refused, isBusy, submit, check } = useSubmit();
  const preview = useRouting(draft, webhook);
  const { form: _, ...wrong } = preview.errors;
  const errors: Record<string, string> = { ...wrong, ...refused };
  const [sheet, confirmed] = useConfirmed();
  const set = (change: Partial<WebhookDraft>) => setDraft({ ...draft, ...change });
  const { credentials, follows } = FORMATS[draft.form];
  const auth = authOf(draft);
  const save = async () => {
    const isValid = check(mistakesIn(draft, webhook));
    if (isValid) await submit(() => onSend(draft, confirmed));
  };
  return (
    <FormDialog wide onClose={onClose} title={title} submit={word} isBusy={isBusy} error={errors.form} sheet={sheet} onSubmit={save}>
      <TextField
        label="Name"
        autoFocus
        maxLength={100}
        placeholder="on-call"
        value={draft.name}
        error={errors.name}
        onChange={(name) => set({ name })}
      />
      {!webhook && (
        <SelectField
          label="Format"
          value={draft.form}
          error={errors.form && null}
          onChange={(value) => set({ form: value as WebhookDraft["form"] })}
        >
          <Options of={CHOICES} />
        </SelectField>
      )}
      {credentials === "app" ? (
        <AppFields draft={draft} webhook={webhook} errors={errors} set={set} />
      ) : (
        <CodeField
          label={draft.form === "email" ? "Email address" : "URL"}
          hint={
            webhook ? (
              <>
                Keeps <span className="font-mono break-all">{webhook.url.replace(/^mailto:/, "")}</span>
                {webhook.url.includes("…") ? " (path hidden)" : ""} unless you enter a new one.
              </>
            ) : (
              (URL_HINTS[draft.form] ?? PUBLIC)
            )
          }
          type={draft.form === "email" ? "email" : "url"}
          maxLength={2000}
          placeholder={webhook ? "unchanged" : draft.form === "email" ? "ops@example.com" : "https://…"}
          value={draft.url}
          error={errors.url}
          onChange={(url) => set({ url })}
        />
      )}
      {webhook?.hookPath && <HookUrl label={EVENTS_OF_SERVICE} path={webhook.hookPath} />}
      {credentials === "key" && (
        <CodeField
          label="Integration key"
          type="password"
          maxLength={1000}
          hint={KEY_HINTS[draft.form]}
          value={draft.secret}
          error={errors.credentials}
          placeholder={webhook ? "unchanged" : ""}
          onChange={(secret) => set({ secret })}
        />
      )}
      {!credentials && (
        <div className="grid gap-4 sm:grid-cols-3">
          <SelectField
            label="Authentication"
            value={auth}
            error={errors.credentials}
            onChange={(value) => set({ auth: value as WebhookDraft["auth"] })}
          >
            <Options of={authsOf(draft.form)} />
          </SelectField>
          {auth === "basic" && (
            <CodeField
              label="Username"
              value={draft.username}
              placeholder={webhook?.authentication === "basic" ? "unchanged" : ""}
              onChange={(username) => set({ username })}
            />
          )}
          {auth !== "none" && (
            <CodeField
              label={auth === "basic" ? "Password" : "Token"}
              type="password"
              maxLength={1000}
              value={draft.secret}
              placeholder={webhook?.authentication === auth ? "unchanged" : ""}
              onChange={(secret) => set({ secret })}
            />
          )}
        </div>
      )}
      {draft.form === "ticket" && (
        <TemplateFields
          draft={draft.ticket}
          url={projectOf(draft, webhook)}
          errors={errors}
          set={(change) => set({ ticket: { ...draft.ticket, ...change } })}
        />
      )}
      {webhook?.form === "pagerduty" && (
        <CodeField
          label="Signing secret"
          type="password"
          maxLength={1000}
          hint="For acknowledgments from PagerDuty: the secret of a webhook there that sends to the URL above."
          value={draft.signingSecret}
          error={errors.signingSecret}
          placeholder="unchanged"
          onChange={(signingSecret) => set({ signingSecret })}
        />
      )}
      {!follows && (
        <Checks
          legend="Events"
          of={eventsOf(draft.form).map(([one, what]) => [
            one,
            <>
              {what} <span className="font-mono text-xs text-muted">{one}</span>
            </>,
          ])}
          chosen={draft.events}
          onChange={(events) => set({ events })}
          error={errors.events}
          layout="grid gap-x-4 sm:grid-cols-2"
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <LowestSeverityField value={draft.minSeverity} error={errors.minSeverity} onChange={(minSeverity) => set({ minSeverity })} />
        <Field label="Cluster" error={errors.clusters}>
          {(ids) => (
            <ClusterSelect
              {...ids}
              value={draft.clusters.join(",")}
              onChange={(value) => set({ clusters: value.split(",").filter(Boolean) })}
            />
          )}
        </Field>
        <NamespaceField
          several
          label="Namespaces"
          hint="Comma-separated."
          cluster={draft.clusters.join(",")}
          placeholder="all"
          error={errors.namespaces}
          value={draft.namespaces}
          onChange={(namespaces) => set({ namespaces })}
        />
        <IssueTypeField
          several
          label="Issue types"
          hint="Comma-separated, for example OOMKilled."
          placeholder="all"
          error={errors.issueTypes}
          value={draft.types}
          onChange={(types) => set({ types })}
        />
      </div>
      {draft.form !== "alerts" && (
        <>
          <CodeField
            label="Query"
            hint="What an issue must match, as in the issue list: label:team=pay -type:Node*"
            maxLength={500}
            placeholder="all"
            value={draft.query}
            error={errors["filters.query"] ?? errors.query}
            onChange={(query) => set({ query })}
          />
          <TimeFields draft={draft} errors={errors} set={set} />
          <RoutingPreview of={preview} />
        </>
      )}
      {webhook && (
        <Check checked={draft.enabled} onChange={(enabled) => set({ enabled })}>
          Enabled
        </Check>
      )}
    </FormDialog>
  );
}

interface AppFieldsProps {
  draft: WebhookDraft;
  webhook?: Webhook;
  errors: Record<string, string>;
  set: (change: Partial<WebhookDraft>) => void;
}

/** The channel and the tokens of a Slack app. A new bot token replaces both. */
function AppFields({ draft, webhook, errors, set }: AppFieldsProps) {
  const kept = webhook?.authentication === "app" ? "unchanged" : "";
  return (
    <>
      <CodeField
        label="Channel"
        hint="The id, such as C0123456789: at the end of the details of the channel in Slack. Invite the app to the channel."
        maxLength={31}
        placeholder="C…"
        value={draft.channel}
        error={errors.channel}
        onChange={(channel) => set({ channel })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <CodeField
          label="Bot token"
          type="password"
          maxLength={1000}
          hint="Bot User OAuth Token of the app."
          placeholder={webhook ? "unchanged" : "xoxb-…"}
          value={draft.secret}
          error={errors.credentials}
          onChange={(secret) => set({ secret })}
        />
        <CodeField
          label="App-level token"
          type="password"
          maxLength={1000}
          hint={kept ? "Enter it again with a new bot token." : "Without it, messages have no buttons and /optral does not work."}
          placeholder={kept || "xapp-…"}
          value={draft.appToken}
          onChange={(appToken) => set({ appToken })}
        />
      </div>
    </>
  );
}
