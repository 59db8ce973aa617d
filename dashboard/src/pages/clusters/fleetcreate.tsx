// The form that creates a fleet token, and the one time its value is shown, with the commands that use it.

import { Plus } from "lucide-react";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { Check, CodeBlock, FormDialog, Options, SelectField, Tabs, TextAreaField, TextField } from "../../parts";
import { SecretDialog } from "../settings/secret";
import { useSubmit } from "../settings/submit";
import type { CreatedFleetToken } from "./fleetqueries";
import { parsed } from "./labels";

const HOUR_S = 3600;
const LIVES: [hours: number, word: string][] = [
  [24, "A day"],
  [72, "3 days"],
  [168, "A week"],
  [720, "30 days"],
  [2160, "90 days"],
];
const MAX_USES = 1000;

export function CreateFleetToken({ onClose, onCreated }: { onClose: () => void; onCreated: (created: CreatedFleetToken) => void }) {
  const [name, setName] = useState("");
  const [pattern, setPattern] = useState("{name}");
  const [uses, setUses] = useState("10");
  const [hours, setHours] = useState("24");
  const [sources, setSources] = useState("");
  const [labels, setLabels] = useState("");
  const [needsApproval, setApproval] = useState(false);
  const { errors, isBusy, submit, check } = useSubmit();
  const networks = sources.split(/[\s,]+/).filter(Boolean);
  const create = async () => {
    const given = parsed(labels);
    const isValid = check({
      name: !name.trim() && "Enter a name.",
      maxUses: !(Number(uses) >= 1 && Number(uses) <= MAX_USES && Number.isInteger(Number(uses))) && "Enter a number from 1 to 1000.",
      namePattern: !/\{(name|number|uid)\}/.test(pattern) && "Use exactly one of {name}, {number} and {uid}.",
      labels: typeof given === "string" && given,
    });
    if (!isValid || typeof given === "string") return;
    const body = {
      name: name.trim(),
      namePattern: pattern.trim(),
      maxUses: Number(uses),
      expiresInSeconds: Number(hours) * HOUR_S,
      sources: networks,
      labels: given,
      needsApproval,
    };
    const request = { body, idempotencyKey: freshKey() };
    await submit(async () => onCreated(await send<CreatedFleetToken>("POST", "/v1/fleet-tokens", request)));
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Create fleet token"
      description="One token that connects many clusters. Each cluster gets its own identity, so revoking the token does not disconnect any of them."
      submit="Create"
      icon={<Plus aria-hidden />}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={create}
    >
      <TextField
        label="Name"
        hint="Descriptive, such as “edge sites”"
        autoFocus
        maxLength={63}
        value={name}
        error={errors.name}
        onChange={setName}
      />
      <TextField
        label="Name of each cluster"
        hint="{name} is what its agent proposes, {number} counts, {uid} is the start of the UID of its kube-system namespace"
        spellCheck={false}
        maxLength={80}
        className="font-mono text-xs!"
        value={pattern}
        error={errors.namePattern}
        onChange={setPattern}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Uses"
          hint="Number of clusters, at most 1000"
          type="number"
          min={1}
          max={MAX_USES}
          value={uses}
          error={errors.maxUses}
          onChange={setUses}
        />
        <SelectField label="Expires after" value={hours} error={errors.expiresInSeconds} onChange={setHours}>
          <Options of={LIVES} />
        </SelectField>
      </div>
      <TextField
        label="Source networks (optional)"
        hint="CIDR notation, such as 10.0.0.0/8, matched against the address that the server sees. Empty: any network."
        spellCheck={false}
        className="font-mono text-xs!"
        value={sources}
        error={errors.sources}
        onChange={setSources}
      />
      <TextAreaField
        label="Labels (optional)"
        hint="One key=value pair per line, for each cluster"
        rows={2}
        spellCheck={false}
        className="font-mono text-xs!"
        value={labels}
        error={errors.labels}
        onChange={setLabels}
      />
      <Check checked={needsApproval} onChange={setApproval} hint="A person checks its address and key before it gets a certificate.">
        Require approval for each agent
      </Check>
    </FormDialog>
  );
}

export function NewFleetToken({ created, onStored }: { created: CreatedFleetToken; onStored: () => void }) {
  const [method, choose] = useState("helm");
  const { install } = created;
  const text = (how: string, block: string, label: string, mask?: string) => (
    <div className="flex flex-col gap-2 py-3">
      <p className="text-muted">{how}</p>
      <CodeBlock text={block} label={label} mask={mask} />
    </div>
  );
  const isNamed = created.namePattern.includes("{name}");
  const secret = "The chart reads the token from the Secret optral-agent-enrollment (key: token) in each cluster.";
  return (
    <SecretDialog
      title="Store this token now"
      description="It won't be shown again. Only a hash of it is stored."
      name={created.name}
      secret={created.token}
      onStored={onStored}
    >
      {install ? (
        <>
          {install.warnings.map((one) => (
            <p key={one.code} role="status" className="rounded-md border border-medium/40 bg-medium-tint px-3 py-2">
              {one.message}
            </p>
          ))}
          <Tabs
            label="How to install the agents"
            value={method}
            onChange={choose}
            tabs={[
              {
                id: "helm",
                label: "Helm",
                content: text(
                  isNamed ? "Set CLUSTER_NAME and run it for each cluster." : "Run it for each cluster.",
                  install.command,
                  "command",
                  created.token,
                ),
              },
              { id: "values", label: "Terraform and others", content: text(`Helm chart values. ${secret}`, install.values, "values") },
              {
                id: "argocd",
                label: "Argo CD",
                content: text(`Installs the agent in every cluster of Argo CD. ${secret}`, install.applicationSet, "ApplicationSet"),
              },
            ]}
          />
        </>
      ) : (
        <p role="status" className="rounded-md border border-medium/40 bg-medium-tint px-3 py-2">
          No install command: {created.installProblem}
        </p>
      )}
    </SecretDialog>
  );
}
