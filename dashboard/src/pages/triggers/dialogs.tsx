// The form that creates and edits a trigger: what fires it, which runbook it starts, and with which parameters.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, Problem, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { Check, ChoiceSelect, Dialog, Failed, Field, FormDialog, Loading, Options, SelectField, TextField, toast } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { LowestSeverityField } from "../formfields";
import { ClusterPicker, IssueTypeField, NamespaceField } from "../names";
import { ParameterField } from "../runbooks/parameterfield";
import { startValues } from "../runbooks/parameters";
import { type Runbook, runbookQuery, runbooksQuery } from "../runbooks/queries";
import { useSubmit } from "../settings/submit";
import { acceptsOf, bodyOf, type Draft, draftOf, EMPTY, errorsOf, mistakesIn, previewOf } from "./draft";
import { PreviewBox, usePreview } from "./preview";
import { type CreatedTrigger, type Trigger, triggerPath } from "./queries";

export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (created: CreatedTrigger) => void }) {
  const [key] = useState(freshKey);
  const create = async (body: Record<string, unknown>, source: string) =>
    onCreated(await send<CreatedTrigger>("POST", "/v1/triggers", { body: { ...body, source }, idempotencyKey: key }));
  return <TriggerDialog title="New trigger" word="Create" start={EMPTY} onClose={onClose} onSend={create} />;
}

export function EditDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const client = useQueryClient();
  const [version, know] = useState(trigger.version);
  const runbook = useQuery(runbookQuery(trigger.runbook));
  const clusters = useQuery(clustersQuery({}));
  const save = async (body: Record<string, unknown>) => {
    try {
      await send("PATCH", triggerPath(trigger.id), { body, ifVersion: version });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error;
      know((await send<Trigger>("GET", triggerPath(trigger.id))).version);
      void client.invalidateQueries({ queryKey: ["triggers"] });
      throw new Error("This trigger was changed in the meantime. Save again to replace that with your values, or cancel.");
    }
    toast(`${String(body.name)} was saved`);
    void client.invalidateQueries({ queryKey: ["triggers"] });
    onClose();
  };
  const title = `Edit ${trigger.name}`;
  if (!runbook.data || !clusters.data)
    return (
      <Dialog open wide title={title} onClose={onClose}>
        {runbook.error || clusters.error ? (
          <Failed
            error={runbook.error ?? clusters.error}
            what="Could not load the trigger"
            retry={() => void Promise.all([runbook.refetch(), clusters.refetch()])}
          />
        ) : (
          <Loading label="Loading trigger" rows={4} />
        )}
      </Dialog>
    );
  const name = (id: string) => clusters.data.clusters.find((one) => one.id === id)?.name ?? id;
  const start = draftOf(trigger, runbook.data.parameters, name);
  return <TriggerDialog title={title} word="Save" start={start} isKnown onClose={onClose} onSend={save} />;
}

const SOURCES: [value: Draft["source"], text: string][] = [
  ["issue", "An issue"],
  ["schedule", "A schedule"],
  ["webhook", "A signed request"],
];

interface DialogProps {
  title: string;
  word: string;
  start: Draft;
  /** It exists, so its source stays. */
  isKnown?: boolean;
  onClose: () => void;
  onSend: (body: Record<string, unknown>, source: string) => Promise<void>;
}

function TriggerDialog({ title, word, start, isKnown = false, onClose, onSend }: DialogProps) {
  const [draft, setDraft] = useState(start);
  const { errors: refused, isBusy, submit, check } = useSubmit(errorsOf);
  const { data: all } = useQuery(runbooksQuery({}));
  const preview = usePreview(previewOf(draft));
  const { form: _, ...wrong } = preview.errors;
  const errors: Record<string, string> = { ...wrong, ...refused };
  const set = (change: Partial<Draft>) => setDraft((now) => ({ ...now, ...change }));
  const runbook = all?.runbooks.find((one) => one.slug === draft.runbook);
  const choose = (slug: string) => {
    const chosen = all?.runbooks.find((one) => one.slug === slug);
    set({ runbook: slug, values: chosen ? startValues(chosen.parameters, {}, {}) : {}, accepts: null });
  };
  const isIssue = draft.source === "issue";
  const save = async () => {
    if (check(mistakesIn(draft)) && runbook) await submit(() => onSend(bodyOf(draft, runbook.parameters), draft.source));
  };
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={title}
      description={`${isKnown ? "Once saved, it" : "It"} runs with your permissions, and stops if you lose them.`}
      submit={word}
      isBusy={isBusy}
      error={errors.form ?? errors.match ?? errors.parameters}
      onSubmit={save}
    >
      <TextField label="Name" autoFocus maxLength={100} value={draft.name} error={errors.name} onChange={(name) => set({ name })} />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Fires on"
          hint={isKnown ? "Cannot be changed; create another trigger instead." : undefined}
          disabled={isKnown}
          value={draft.source}
          onChange={(value) => set({ source: value as Draft["source"] })}
        >
          <Options of={SOURCES} />
        </SelectField>
        <Field label="Runbook" error={errors.runbook}>
          {(ids) => (
            <ChoiceSelect
              {...ids}
              none="Choose…"
              of={(all?.runbooks ?? []).map((one) => [one.slug, one.name])}
              value={draft.runbook}
              onChange={(slug = "") => choose(slug)}
            />
          )}
        </Field>
      </div>
      {!isIssue && (
        <Field label="Cluster" error={errors.cluster}>
          {(ids) => <ClusterSelect {...ids} none="Choose…" value={draft.cluster} onChange={(cluster) => set({ cluster })} />}
        </Field>
      )}
      {isIssue && <IssueFields draft={draft} set={set} errors={errors} />}
      {draft.source === "schedule" && <ScheduleFields draft={draft} set={set} errors={errors} />}
      {draft.source !== "webhook" && (
        <PreviewBox
          of={preview}
          empty={isIssue ? "Enter an issue type or a cause to see which issues match now." : "Enter a schedule to see its next times."}
        />
      )}
      {runbook && <Parameters of={runbook} draft={draft} set={set} errors={errors} />}
    </FormDialog>
  );
}

const HINTS = {
  issue: "Empty fields are filled in from the issue and its analysis.",
  schedule: "Each run uses these values.",
  webhook: "Values in the request override the values here.",
};

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  errors: Record<string, string>;
}

function Parameters({ of, draft, set, errors }: PartProps & { of: Runbook }) {
  if (!of.parameters.length) return null;
  const accepts = acceptsOf(draft, of.parameters);
  const toggle = (name: string, isOn: boolean) => set({ accepts: isOn ? [...accepts, name] : accepts.filter((one) => one !== name) });
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 font-medium">Parameters</legend>
      <p className="text-muted">{HINTS[draft.source]}</p>
      {of.parameters.map((one) => (
        <ParameterField
          key={one.name}
          of={draft.source === "schedule" ? one : { ...one, required: false }}
          value={draft.values[one.name] ?? ""}
          values={draft.values}
          cluster={draft.cluster || undefined}
          error={errors[`.${one.name}`]}
          onChange={(value) => set({ values: { ...draft.values, [one.name]: value } })}
        />
      ))}
      {draft.source === "webhook" && (
        <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
          <legend className="mb-1 text-sm font-medium">The request may set</legend>
          {of.parameters.map((one) => (
            <Check
              key={one.name}
              className="font-mono text-xs"
              checked={accepts.includes(one.name)}
              onChange={(isOn) => toggle(one.name, isOn)}
            >
              {one.name}
            </Check>
          ))}
          {errors.accepts && <p className="w-full text-xs text-critical">{errors.accepts}</p>}
        </fieldset>
      )}
    </fieldset>
  );
}

function IssueFields({ draft, set, errors }: PartProps) {
  const field = (name: "causes" | "labels", label: string, hint?: string, placeholder?: string) => (
    <TextField
      label={label}
      hint={hint}
      spellCheck={false}
      placeholder={placeholder}
      value={draft[name]}
      error={errors[name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <fieldset className="grid gap-4 sm:grid-cols-2">
      <legend className="mb-1 font-medium">Matching issues</legend>
      <p className="text-xs text-muted sm:col-span-2">
        Enter issue types, causes, or both. Separate several values with commas. Empty fields match everything.
      </p>
      <IssueTypeField
        several
        label="Issue types"
        placeholder="OOMKilled"
        error={errors.types}
        value={draft.types}
        onChange={(types) => set({ types })}
      />
      {field("causes", "Causes", "Found by the analysis.", "memory_limit_too_low")}
      <LowestSeverityField value={draft.minSeverity} error={errors.minSeverity} onChange={(minSeverity) => set({ minSeverity })} />
      <TextField
        label="Minimum confidence"
        hint="Confidence of the analysis, from 0 to 1."
        inputMode="decimal"
        placeholder="any"
        value={draft.minConfidence}
        error={errors.minConfidence}
        onChange={(minConfidence) => set({ minConfidence })}
      />
      <Field label="Clusters" hint="Names. Empty for all." error={errors.clusters}>
        {(ids) => <ClusterPicker {...ids} several value={draft.clusters} onChange={(clusters) => set({ clusters })} />}
      </Field>
      <NamespaceField
        several
        label="Namespaces"
        hint="Empty for all."
        error={errors.namespaces}
        value={draft.namespaces}
        onChange={(namespaces) => set({ namespaces })}
      />
      {field("labels", "Issue labels", "Comma-separated key=value pairs; all must match.", "team=pay")}
    </fieldset>
  );
}

function ScheduleFields({ draft, set, errors }: PartProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label="Schedule"
        hint="Cron: minute, hour, day of month, month, day of week."
        spellCheck={false}
        placeholder="30 3 * * 1-5"
        className="font-mono"
        value={draft.schedule}
        error={errors.schedule}
        onChange={(schedule) => set({ schedule })}
      />
      <TextField
        label="Time zone"
        spellCheck={false}
        value={draft.timeZone}
        error={errors.timeZone}
        onChange={(timeZone) => set({ timeZone })}
      />
    </div>
  );
}
