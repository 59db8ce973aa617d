// The form that creates an API key: name, scopes, clusters, expiry.

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { type FormEvent, useState } from "react";
import { freshKey, send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Select } from "../../parts";
import { useConfirmed } from "./confirm";
import type { CreatedKey } from "./queries";
import { forKeys, PRESETS, type Preset, scopesOf } from "./scopes";
import { useSubmit } from "./submit";

const DAY_MS = 86_400_000;
const MAX_DAYS = 366;

const LIVES: [value: string, word: string][] = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "A year"],
  ["custom", "Custom date…"],
];

export function CreateDialog({
  own,
  onClose,
  onCreated,
}: {
  own: string[];
  onClose: () => void;
  onCreated: (created: CreatedKey) => void;
}) {
  const [name, setName] = useState("");
  const [preset, setPreset] = useState<Preset["id"] | "custom">("read");
  const [scopes, setScopes] = useState<string[]>(() => scopesOf("read", own));
  const [chosen, choose] = useState<string[] | null>(null);
  const [life, setLife] = useState("90");
  const [day, setDay] = useState("");
  const { errors, isBusy, submit, check } = useSubmit();
  const { data: all } = useQuery(clustersQuery({}));
  const [sheet, confirmed] = useConfirmed();
  const allowed = forKeys(own, chosen !== null);
  const wanted = preset === "custom" ? scopes.filter((scope) => allowed.includes(scope)) : scopesOf(preset, allowed);
  const today = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    const isValid = check({
      name: !name.trim() && "Enter a name.",
      scopes: !wanted.length && "Select at least one scope.",
      clusters: chosen?.length === 0 && "Select at least one cluster, or all clusters.",
      expiresAt: life === "custom" && !day && "Choose a date.",
    });
    if (!isValid) return;
    const expiresAt = life === "custom" ? `${day}T23:59:59Z` : new Date(Date.now() + Number(life) * DAY_MS).toISOString();
    const body = { name: name.trim(), scopes: wanted, clusters: chosen ?? undefined, expiresAt };
    await submit(async () =>
      onCreated(await confirmed(() => send<CreatedKey>("POST", "/v1/api-keys", { body, idempotencyKey: freshKey() }))),
    );
  };
  const presetChosen = (value: Preset["id"] | "custom") => {
    setPreset(value);
    if (value !== "custom") setScopes(scopesOf(value, allowed));
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Create API Key"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="create-key" busy={isBusy} icon={<KeyRound aria-hidden />}>
            Create
          </Button>
        </>
      }
    >
      <form id="create-key" noValidate onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
        <Field label="Name" hint="For example “ci” or “grafana”." error={errors.name}>
          {(ids) => (
            <Input {...ids} autoFocus autoComplete="off" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <fieldset>
          <legend className="mb-1 font-medium">Scope</legend>
          <div className="flex flex-col gap-1.5">
            {[...PRESETS, { id: "custom" as const, word: "Custom", why: "" }].map((one) => (
              <label key={one.id} className="flex items-start gap-2">
                <input type="radio" name="preset" className="mt-1" checked={preset === one.id} onChange={() => presetChosen(one.id)} />
                <span>
                  {one.word}
                  {one.why && <span className="block text-xs text-muted">{one.why}</span>}
                </span>
              </label>
            ))}
          </div>
          {preset === "custom" && (
            <div className="mt-2 grid gap-1 rounded-md border border-line p-3 sm:grid-cols-2">
              {allowed.map((scope) => (
                <label key={scope} className="flex min-h-7 items-center gap-2 font-mono text-xs">
                  <input
                    type="checkbox"
                    checked={scopes.includes(scope)}
                    onChange={() => setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope].sort())}
                  />
                  {scope}
                </label>
              ))}
            </div>
          )}
          {errors.scopes && <p className="mt-1 text-xs text-critical">{errors.scopes}</p>}
        </fieldset>
        <fieldset>
          <legend className="mb-1 font-medium">Clusters</legend>
          <label className="flex min-h-7 items-center gap-2">
            <input type="radio" name="clusters" checked={chosen === null} onChange={() => choose(null)} /> All, including future clusters
          </label>
          <label className="flex min-h-7 items-center gap-2">
            <input type="radio" name="clusters" checked={chosen !== null} disabled={!all?.clusters.length} onChange={() => choose([])} />{" "}
            Selected clusters
          </label>
          {chosen !== null && (
            <div className="mt-2 grid max-h-40 gap-1 overflow-auto rounded-md border border-line p-3">
              {all?.clusters.map((one) => (
                <label key={one.id} className="flex min-h-7 items-center gap-2">
                  <input
                    type="checkbox"
                    checked={chosen.includes(one.id)}
                    onChange={() => choose(chosen.includes(one.id) ? chosen.filter((id) => id !== one.id) : [...chosen, one.id])}
                  />
                  {one.name}
                </label>
              ))}
            </div>
          )}
          {chosen !== null && (
            <p className="mt-1 text-xs text-muted">
              A limited key cannot read the audit log or members, manage keys, or change runbooks, because these affect the whole
              organization.
            </p>
          )}
          {errors.clusters && <p className="mt-1 text-xs text-critical">{errors.clusters}</p>}
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Expires after"
            hint={life === "custom" ? undefined : `Until ${today(Number(life))}.`}
            error={life === "custom" ? null : errors.expiresAt}
          >
            {(ids) => (
              <Select {...ids} value={life} onChange={(event) => setLife(event.target.value)}>
                {LIVES.map(([value, word]) => (
                  <option key={value} value={value}>
                    {word}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {life === "custom" && (
            <Field label="Expiry date" error={errors.expiresAt} hint="At most one year from now.">
              {(ids) => (
                <Input
                  {...ids}
                  type="date"
                  min={today(0)}
                  max={today(MAX_DAYS - 1)}
                  value={day}
                  onChange={(event) => setDay(event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
        <FormError>{errors.form}</FormError>
      </form>
      {sheet}
    </Dialog>
  );
}
