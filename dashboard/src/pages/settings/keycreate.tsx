// The form that creates an API key: name, scopes, clusters, expiry.

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { CheckList, FormDialog, Radios, TextField } from "../../parts";
import { useClusters } from "../clusterselect";
import { useExpiry } from "../expiry";
import { useConfirmed } from "./confirm";
import type { CreatedKey } from "./queries";
import { forKeys, PRESETS, type Preset, scopesOf } from "./scopes";
import { useSubmit } from "./submit";

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
  const expiry = useExpiry([30, 90, 365], 90);
  const { errors, isBusy, submit, check } = useSubmit();
  const clusters = useClusters();
  const [sheet, confirmed] = useConfirmed();
  const allowed = forKeys(own, chosen !== null);
  const wanted = preset === "custom" ? scopes.filter((scope) => allowed.includes(scope)) : scopesOf(preset, allowed);
  const create = async () => {
    const isValid = check({
      name: !name.trim() && "Enter a name.",
      scopes: !wanted.length && "Select at least one scope.",
      clusters: chosen?.length === 0 && "Select at least one cluster, or all clusters.",
      expiresAt: expiry.mistake,
    });
    if (!isValid) return;
    const body = { name: name.trim(), scopes: wanted, clusters: chosen ?? undefined, expiresAt: expiry.at() };
    await submit(async () =>
      onCreated(await confirmed(() => send<CreatedKey>("POST", "/v1/api-keys", { body, idempotencyKey: freshKey() }))),
    );
  };
  const presetChosen = (value: Preset["id"] | "custom") => {
    setPreset(value);
    if (value !== "custom") setScopes(scopesOf(value, allowed));
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Create API Key"
      submit="Create"
      icon={<KeyRound aria-hidden />}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={create}
    >
      <TextField
        label="Name"
        hint="For example “ci” or “grafana”."
        autoFocus
        maxLength={100}
        value={name}
        error={errors.name}
        onChange={setName}
      />
      <Radios
        legend="Scope"
        of={[...PRESETS.map((one) => [one.id, one.word, one.why] as const), ["custom", "Custom"] as const]}
        value={preset}
        onChange={presetChosen}
        error={errors.scopes}
      >
        {preset === "custom" && (
          <CheckList
            of={allowed.map((scope) => [scope, scope])}
            chosen={scopes}
            onChange={(some) => setScopes(some.sort())}
            layout="mt-2 grid gap-1 rounded-md border border-line p-3 font-mono text-xs sm:grid-cols-2"
          />
        )}
      </Radios>
      <Radios
        legend="Clusters"
        of={[["all", "All, including future clusters"] as const, ...(clusters.length ? [["some", "Selected clusters"] as const] : [])]}
        value={chosen ? "some" : "all"}
        onChange={(which) => choose(which === "some" ? [] : null)}
        error={errors.clusters}
      >
        {chosen && (
          <>
            <CheckList
              of={clusters.map((one) => [one.id, one.name])}
              chosen={chosen}
              onChange={choose}
              layout="mt-2 grid max-h-40 gap-1 overflow-auto rounded-md border border-line p-3"
            />
            <p className="mt-1 text-xs text-muted">
              A limited key cannot read the audit log or members, manage keys, or change runbooks, because these affect the whole
              organization.
            </p>
          </>
        )}
      </Radios>
      {expiry.fields("Expires after", errors.expiresAt)}
    </FormDialog>
  );
}
