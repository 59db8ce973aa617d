// The form that creates and edits a freeze or a maintenance window.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { Field, FormDialog, Options, SelectField, TextField, toast } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { ReasonField } from "../formfields";
import { NamespaceField } from "../names";
import { PreviewBox, usePreview } from "../triggers/preview";
import { type ChangeWindow, windowPath } from "../triggers/queries";
import { useSubmit } from "./submit";
import { BROWSER_ZONE, draftOf, KINDS, type Kind, mistakesIn, timesOf, type WindowDraft } from "./window";

const OCCURS: [value: string, text: string][] = [
  ["once", "Once"],
  ["again", "On a schedule"],
];

export function WindowDialog({ kind, of, onClose }: { kind: Kind; of?: ChangeWindow; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(of));
  const [key] = useState(freshKey);
  const { errors: refused, isBusy, submit, check } = useSubmit();
  const client = useQueryClient();
  const asked =
    draft.isRecurring && draft.schedule.trim() ? { schedule: draft.schedule.trim(), timeZone: draft.timeZone.trim() } : undefined;
  const preview = usePreview(asked);
  const { form: _, ...wrong } = preview.errors;
  const errors: Record<string, string> = { ...wrong, ...refused };
  const set = (change: Partial<WindowDraft>) => setDraft((now) => ({ ...now, ...change }));
  const save = async () => {
    if (!check(mistakesIn(draft))) return;
    const body = { name: draft.name.trim(), reason: draft.reason.trim(), ...timesOf(draft, of) };
    await submit(async () => {
      if (of) await send("PATCH", windowPath(of.id), { body, ifVersion: of.version });
      else {
        const place = { cluster: draft.cluster || undefined, namespace: draft.namespace.trim() || undefined };
        await send("POST", "/v1/change-windows", { body: { kind, ...body, ...place }, idempotencyKey: key });
      }
      toast(`${draft.name.trim()} was saved`);
      void client.invalidateQueries({ queryKey: ["changeWindows"] });
      onClose();
    });
  };
  const text = (name: "name" | "schedule" | "timeZone" | "minutes", label: string, more: { hint?: string; mono?: boolean } = {}) => (
    <TextField
      label={label}
      hint={more.hint}
      spellCheck={false}
      autoFocus={name === "name"}
      maxLength={name === "name" || name === "schedule" ? 100 : undefined}
      inputMode={name === "minutes" ? "numeric" : undefined}
      className={more.mono ? "font-mono" : undefined}
      value={draft[name]}
      error={errors[name === "minutes" ? "durationMinutes" : name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  const moment = (name: "startsAt" | "endsAt", label: string) => (
    <TextField
      label={label}
      hint={`In the time zone of this browser, ${BROWSER_ZONE}.`}
      type="datetime-local"
      value={draft[name]}
      error={errors[name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={of ? `Edit ${of.name}` : KINDS[kind].title}
      description={KINDS[kind].text}
      submit={of ? "Save" : "Create"}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={save}
    >
      {text("name", "Name")}
      <ReasonField
        hint={kind === "freeze" ? "Shown to anyone whose execution is refused." : ""}
        error={errors.reason}
        value={draft.reason}
        onChange={(reason) => set({ reason })}
      />
      {!of && (
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Cluster" error={errors.cluster}>
            {(ids) => <ClusterSelect {...ids} value={draft.cluster} onChange={(cluster) => set({ cluster })} />}
          </Field>
          <NamespaceField
            label="Namespace"
            hint="Empty for all."
            error={errors.namespace}
            cluster={draft.cluster}
            value={draft.namespace}
            onChange={(namespace) => set({ namespace })}
          />
        </div>
      )}
      {!of && (
        <SelectField
          label="Occurs"
          value={draft.isRecurring ? "again" : "once"}
          onChange={(value) => set({ isRecurring: value === "again" })}
        >
          <Options of={OCCURS} />
        </SelectField>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        {draft.isRecurring ? (
          <>
            {text("schedule", "Begins", { hint: "Cron: minute, hour, day of month, month, day of week.", mono: true })}
            {text("timeZone", "Time zone")}
            {text("minutes", "Duration in minutes")}
          </>
        ) : (
          <>
            {moment("startsAt", "Begins")}
            {moment("endsAt", "Ends")}
          </>
        )}
      </div>
      {draft.isRecurring && <PreviewBox of={preview} empty="Enter a schedule to see its next times." />}
    </FormDialog>
  );
}
