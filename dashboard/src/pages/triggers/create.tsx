// The form that creates a trigger: what fires it, which runbook it starts, and with which parameters.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { freshKey, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Select } from "../../parts";
import { ParameterField } from "../runbooks/parameterfield";
import { requestParameters, startValues, type Values } from "../runbooks/parameters";
import { runbooksQuery } from "../runbooks/queries";
import { useSubmit } from "../settings/submit";
import type { CreatedTrigger } from "./queries";

interface Draft {
  name: string;
  source: "issue" | "schedule" | "webhook";
  runbook: string;
  cluster: string;
  types: string;
  namespaces: string;
  minSeverity: string;
  schedule: string;
  timeZone: string;
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const EMPTY: Draft = {
  name: "",
  source: "issue",
  runbook: "",
  cluster: "",
  types: "",
  namespaces: "",
  minSeverity: "",
  schedule: "",
  timeZone: ZONE,
};
const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);

function bodyOf(draft: Draft, parameters: Record<string, unknown>, accepts: string[]): object {
  const common = { name: draft.name.trim(), source: draft.source, runbook: draft.runbook, parameters };
  if (draft.source === "issue")
    return {
      ...common,
      match: {
        types: words(draft.types),
        namespaces: words(draft.namespaces),
        clusters: draft.cluster ? [draft.cluster] : [],
        ...(draft.minSeverity ? { minSeverity: draft.minSeverity } : {}),
      },
    };
  if (draft.source === "schedule")
    return { ...common, cluster: draft.cluster, schedule: draft.schedule.trim(), timeZone: draft.timeZone.trim() };
  return { ...common, cluster: draft.cluster, accepts };
}

export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (created: CreatedTrigger) => void }) {
  const [draft, setDraft] = useState(EMPTY);
  const [values, setValues] = useState<Values>({});
  const [key] = useState(freshKey);
  const { errors, isBusy, submit, check } = useSubmit();
  const { data: runbooks } = useQuery(runbooksQuery({}));
  const { data: clusters } = useQuery(clustersQuery({}));
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const runbook = runbooks?.runbooks.find((one) => one.slug === draft.runbook);
  const choose = (slug: string) => {
    set({ runbook: slug });
    const chosen = runbooks?.runbooks.find((one) => one.slug === slug);
    setValues(chosen ? startValues(chosen.parameters, {}, {}) : {});
  };
  const isIssue = draft.source === "issue";
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const isValid = check({
      name: !draft.name.trim() && "Enter a name.",
      runbook: !draft.runbook && "Choose a runbook.",
      types: isIssue && !words(draft.types).length && "Enter at least one issue type.",
      cluster: !isIssue && !draft.cluster && "Choose the cluster in which the runbook runs.",
      schedule: draft.source === "schedule" && !draft.schedule.trim() && "Enter a cron expression.",
    });
    if (!isValid || !runbook) return;
    const parameters = requestParameters(runbook.parameters, values);
    const accepts = runbook.parameters.filter((one) => !(one.name in parameters)).map((one) => one.name);
    await submit(async () =>
      onCreated(await send<CreatedTrigger>("POST", "/v1/triggers", { body: bodyOf(draft, parameters, accepts), idempotencyKey: key })),
    );
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="New trigger"
      description="It acts with your rights, and is blocked if you lose them."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="trigger" busy={isBusy}>
            Create
          </Button>
        </>
      }
    >
      <form id="trigger" noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <Field label="Name" error={errors.name}>
          {(ids) => (
            <Input
              {...ids}
              autoFocus
              autoComplete="off"
              maxLength={100}
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Fires on">
            {(ids) => (
              <Select {...ids} value={draft.source} onChange={(event) => set({ source: event.target.value as Draft["source"] })}>
                <option value="issue">An issue</option>
                <option value="schedule">A schedule</option>
                <option value="webhook">A signed request</option>
              </Select>
            )}
          </Field>
          <Field label="Runbook" error={errors.runbook}>
            {(ids) => (
              <Select {...ids} value={draft.runbook} onChange={(event) => choose(event.target.value)}>
                <option value="">Choose…</option>
                {runbooks?.runbooks.map((one) => (
                  <option key={one.id} value={one.slug}>
                    {one.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Cluster" error={errors.cluster ?? errors.clusters}>
          {(ids) => (
            <Select {...ids} value={draft.cluster} onChange={(event) => set({ cluster: event.target.value })}>
              <option value="">{isIssue ? "All clusters" : "Choose…"}</option>
              {clusters?.clusters.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {isIssue && <IssueFields draft={draft} set={set} errors={errors} />}
        {draft.source === "schedule" && <ScheduleFields draft={draft} set={set} errors={errors} />}
        {runbook && runbook.parameters.length > 0 && (
          <fieldset className="flex flex-col gap-3">
            <legend className="mb-1 font-medium">Parameters</legend>
            <p className="text-muted">{HINTS[draft.source]}</p>
            {runbook.parameters.map((one) => (
              <ParameterField
                key={one.name}
                of={draft.source === "schedule" ? one : { ...one, required: false }}
                value={values[one.name] ?? ""}
                values={values}
                cluster={draft.cluster || undefined}
                error={errors[one.name]}
                onChange={(value) => setValues({ ...values, [one.name]: value })}
              />
            ))}
          </fieldset>
        )}
        <FormError>{errors.form ?? errors.match ?? errors.parameters}</FormError>
      </form>
    </Dialog>
  );
}

const HINTS = {
  issue: "What you leave empty comes from the issue and its analysis.",
  schedule: "Each run uses these values.",
  webhook: "What you leave empty comes from the request.",
};

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  errors: Record<string, string>;
}

function IssueFields({ draft, set, errors }: PartProps) {
  return (
    <>
      <Field label="Issue types" hint="Separate several with commas." error={errors.types}>
        {(ids) => (
          <Input
            {...ids}
            autoComplete="off"
            spellCheck={false}
            placeholder="OOMKilled"
            value={draft.types}
            onChange={(event) => set({ types: event.target.value })}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Namespaces" hint="Empty for all." error={errors.namespaces}>
          {(ids) => (
            <Input
              {...ids}
              autoComplete="off"
              spellCheck={false}
              value={draft.namespaces}
              onChange={(event) => set({ namespaces: event.target.value })}
            />
          )}
        </Field>
        <Field label="Severity" error={errors.minSeverity}>
          {(ids) => (
            <Select {...ids} value={draft.minSeverity} onChange={(event) => set({ minSeverity: event.target.value })}>
              <option value="">all</option>
              <option value="critical">only critical</option>
              <option value="high">high and above</option>
              <option value="medium">medium and above</option>
            </Select>
          )}
        </Field>
      </div>
    </>
  );
}

function ScheduleFields({ draft, set, errors }: PartProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Schedule" hint="Cron: minute, hour, day of month, month, day of week." error={errors.schedule}>
        {(ids) => (
          <Input
            {...ids}
            autoComplete="off"
            spellCheck={false}
            placeholder="30 3 * * 1-5"
            className="font-mono"
            value={draft.schedule}
            onChange={(event) => set({ schedule: event.target.value })}
          />
        )}
      </Field>
      <Field label="Time zone" error={errors.timeZone}>
        {(ids) => (
          <Input
            {...ids}
            autoComplete="off"
            spellCheck={false}
            value={draft.timeZone}
            onChange={(event) => set({ timeZone: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
