// One type of issue: what it looks at, what is set for it, and a form that sets it in one place.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { Button, ChoiceSelect, Dialog, Facts, Field, Form, FormError, Input, TextField, Time, toast, toastError } from "../../parts";
import { ClusterSelect, useClusterName } from "../clusterselect";
import { NamespaceField } from "../names";
import { usePeople } from "../people";
import { isWithdrawn, useConfirmed } from "./confirm";
import { blindness, type Detector, type Place, placeText, rangeText, TIERS, type Tuning, thresholdsChanged, tuningText } from "./detector";
import { useSubmit } from "./submit";

const SEVERITIES = ["critical", "high", "medium", "low"];
const MEMBERS = ["enabled", "openAfterSeconds", "resolveAfterSeconds", "severity"] as const;
const NOTHING = Object.fromEntries([...MEMBERS, "thresholds"].map((member) => [member, null]));

interface TuneProps {
  of: Detector;
  place: Place;
  mayWrite: boolean;
  onClose: () => void;
}

export function TuneDialog({ of, place: first, mayWrite, onClose }: TuneProps) {
  const [place, setPlace] = useState<Place>(first);
  const cluster = useClusterName();
  const set = of.tunings.find((one) => one.cluster === place.cluster && one.namespace === place.namespace);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={of.type}
      description={`${TIERS[of.tier]![0]}. ${TIERS[of.tier]![1]}.`}
      footer={mayWrite ? undefined : <Button onClick={onClose}>Close</Button>}
    >
      <div className="flex flex-col gap-4">
        <Facts
          of={[
            ["Watches", of.looksAt.map((kind) => kind.split(".")[0]).join(", ")],
            ["Also reads", of.needs.join(", ")],
            ["Data", blindness(of) || "All required data is reported"],
            ["Failed", of.failures > 0 ? `${of.failures} times since the server started; see the server log` : null],
            [
              "By default",
              `opens after ${of.defaults.openAfterSeconds} s, resolves after ${of.defaults.resolveAfterSeconds} s${of.defaults.severity ? `, severity ${of.defaults.severity}` : ""}`,
            ],
            ["Thresholds", of.thresholds.map((one) => `${one.name} ${one.value}`).join(", ")],
            ["Documentation", <code className="font-mono text-xs">{of.page}</code>],
          ]}
        />
        <Tunings of={of} mayWrite={mayWrite} cluster={cluster} />
        {mayWrite && (
          <fieldset>
            <legend className="mb-2 font-medium">Set</legend>
            <div className="mb-3 grid gap-3 sm:grid-cols-2">
              <Field label="In cluster">
                {(ids) => (
                  <ClusterSelect
                    {...ids}
                    value={place.cluster ?? ""}
                    onChange={(value) => setPlace({ ...place, cluster: value || undefined })}
                  />
                )}
              </Field>
              <NamespaceField
                label="In namespace"
                placeholder="All namespaces"
                cluster={place.cluster}
                value={place.namespace ?? ""}
                onChange={(namespace) => setPlace({ ...place, namespace: namespace.trim() || undefined })}
              />
            </div>
            <TuneForm
              key={`${place.cluster}/${place.namespace}/${set?.updatedAt}`}
              of={of}
              place={place}
              set={set}
              where={placeText(place, cluster)}
            />
          </fieldset>
        )}
      </div>
    </Dialog>
  );
}

function useTune(type: string) {
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const tune = async (change: object) => {
    await confirmed(() => send("PATCH", `/v1/detectors/${encodeURIComponent(type)}`, { body: change }));
    await client.invalidateQueries({ queryKey: ["detectors"] });
  };
  return [sheet, tune] as const;
}

function Tunings({ of, mayWrite, cluster }: { of: Detector; mayWrite: boolean; cluster: (id: string) => string }) {
  const { name } = usePeople();
  const [sheet, tune] = useTune(of.type);
  if (!of.tunings.length) return <p className="text-muted">No settings. The defaults apply.</p>;
  const remove = async (one: Tuning) => {
    try {
      await tune({ cluster: one.cluster, namespace: one.namespace, ...NOTHING });
      toast("Setting removed");
    } catch (error) {
      if (!isWithdrawn(error)) toastError(error);
    }
  };
  return (
    <div>
      <h3 className="mb-1 font-medium">Settings</h3>
      <ul className="divide-y divide-line rounded-md border border-line">
        {of.tunings.map((one) => (
          <li key={`${one.cluster}/${one.namespace}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
            <span className="min-w-40 flex-1 break-words">
              <span className="font-medium">{tuningText(one)}</span> <span className="text-muted">in {placeText(one, cluster)}</span>
              <span className="block text-xs text-muted">
                {name(one.updatedBy) ? `by ${name(one.updatedBy)}, ` : ""}
                <Time at={one.updatedAt} />
              </span>
            </span>
            {mayWrite && (
              <Button small aria-label={`Remove the setting for ${placeText(one, cluster)}`} onClick={() => void remove(one)}>
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sheet}
    </div>
  );
}

function TuneForm({ of, place, set, where }: { of: Detector; place: Place; set: Tuning | undefined; where: string }) {
  const [enabled, setEnabled] = useState(set?.enabled === undefined ? "" : set.enabled ? "on" : "off");
  const [open, setOpen] = useState(set?.openAfterSeconds?.toString() ?? "");
  const [resolve, setResolve] = useState(set?.resolveAfterSeconds?.toString() ?? "");
  const [severity, setSeverity] = useState<string>(set?.severity ?? "");
  const [limits, setLimits] = useState<Record<string, string>>(
    Object.fromEntries(of.thresholds.map(({ name }) => [name, set?.thresholds?.[name]?.toString() ?? ""])),
  );
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, tune] = useTune(of.type);
  const wanted = {
    enabled: enabled === "" ? null : enabled === "on",
    openAfterSeconds: open === "" ? null : Number(open),
    resolveAfterSeconds: resolve === "" ? null : Number(resolve),
    severity: severity || null,
  };
  const thresholds = thresholdsChanged(limits, set?.thresholds);
  const changed = {
    ...Object.fromEntries(MEMBERS.filter((name) => wanted[name] !== (set?.[name] ?? null)).map((name) => [name, wanted[name]])),
    ...(Object.keys(thresholds).length ? { thresholds } : {}),
  };
  const save = () =>
    submit(async () => {
      await tune({ ...place, ...changed });
      toast(`Saved ${of.type} for ${where}`);
    });
  const seconds = (
    label: string,
    member: "openAfterSeconds" | "resolveAfterSeconds",
    value: string,
    change: (next: string) => void,
    hint: string,
  ) => (
    <TextField
      label={label}
      hint={hint}
      type="number"
      min={0}
      inputMode="numeric"
      placeholder={`default (${of.defaults[member]})`}
      value={value}
      error={errors[member]}
      onChange={change}
    />
  );
  return (
    <Form noValidate isBusy={isBusy || !Object.keys(changed).length} onSubmit={save} className="gap-3!">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Enabled" error={errors.enabled}>
          {(ids) => (
            <ChoiceSelect {...ids} none="default" of={["on", "off"]} value={enabled} onChange={(chosen = "") => setEnabled(chosen)} />
          )}
        </Field>
        <Field label="Severity" error={errors.severity}>
          {(ids) => (
            <ChoiceSelect {...ids} none="default" of={SEVERITIES} value={severity} onChange={(chosen = "") => setSeverity(chosen)} />
          )}
        </Field>
        {seconds("Open after (seconds)", "openAfterSeconds", open, setOpen, "How long the failure must last.")}
        {seconds("Resolve after (seconds)", "resolveAfterSeconds", resolve, setResolve, "How long the failure must be absent.")}
        {of.thresholds.map((one) => (
          <Field
            key={one.name}
            label={<code className="font-mono text-xs">{one.name}</code>}
            hint={`${one.description}: ${rangeText(one)}.`}
            error={errors[one.name]}
          >
            {(ids) => (
              <Input
                {...ids}
                type="number"
                min={one.min}
                max={one.max}
                step={one.whole ? 1 : "any"}
                inputMode={one.whole ? "numeric" : "decimal"}
                placeholder={`default (${one.default})`}
                value={limits[one.name]}
                onChange={(event) => setLimits({ ...limits, [one.name]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <FormError>{errors.form}</FormError>
      <div className="flex flex-wrap items-center gap-3">
        <Button kind="primary" type="submit" busy={isBusy} disabled={!Object.keys(changed).length}>
          Set
        </Button>
        <span className="text-muted">For {where}. Takes effect within ten seconds, also for open issues.</span>
      </div>
      {sheet}
    </Form>
  );
}
