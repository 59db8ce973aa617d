// The form that creates and edits an alert receiver: its name, and the rule that says which cluster an alert is about.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { Field, FormDialog, Options, SelectField, TextAreaField, TextField, toast } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { CodeField } from "../formfields";
import { useSubmit } from "../settings/submit";
import { type CreatedReceiver, type Receiver, receiverPath } from "./queries";

const RULES: [string, string][] = [
  ["label", "A label names the cluster"],
  ["cluster", "All alerts are about one cluster"],
];

interface Props {
  /** The receiver to edit; absent for a new one. */
  receiver?: Receiver;
  onClose: () => void;
  onCreated: (created: CreatedReceiver) => void;
}

/** One `value=cluster` on each line. */
const pairsOf = (text: string) =>
  Object.fromEntries(
    text
      .split("\n")
      .map((line) => line.split("=", 2).map((part) => part.trim()))
      .filter(([value, cluster]) => value && cluster),
  ) as Record<string, string>;

export function ReceiverDialog({ receiver, onClose, onCreated }: Props) {
  const rule = receiver?.clusterRule;
  const [name, setName] = useState(receiver?.name ?? "");
  const [kind, setKind] = useState(rule?.clusterId ? "cluster" : "label");
  const [label, setLabel] = useState(rule?.label ?? "cluster");
  const [cluster, setCluster] = useState(rule?.clusterId ?? "");
  const [pairs, setPairs] = useState(() =>
    Object.entries(rule?.clusters ?? {})
      .map((pair) => pair.join("="))
      .join("\n"),
  );
  const { errors, isBusy, submit, check } = useSubmit();
  const client = useQueryClient();
  const save = async () => {
    const isValid = check({
      name: !name.trim() && "Enter a name.",
      label: kind === "label" && !label.trim() && "Enter the label.",
      cluster: kind === "cluster" && !cluster && "Select a cluster.",
    });
    if (!isValid) return;
    const clusterRule = kind === "cluster" ? { cluster } : { label: label.trim(), clusters: pairsOf(pairs) };
    const body = { name: name.trim(), clusterRule };
    await submit(async () => {
      if (!receiver) return onCreated(await send<CreatedReceiver>("POST", "/v1/alert-receivers", { body, idempotencyKey: freshKey() }));
      await send("PATCH", receiverPath(receiver.id), { body, ifVersion: receiver.version });
      toast(`${body.name} was saved`);
      void client.invalidateQueries({ queryKey: ["alertReceivers"] });
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title={receiver ? `Edit ${receiver.name}` : "New alert receiver"}
      description={
        receiver ? undefined : "For the webhook of an Alertmanager. For other senders, use optral alerts receivers create --kind generic."
      }
      submit={receiver ? "Save" : "Create"}
      isBusy={isBusy}
      error={errors.form ?? errors.clusterRule}
      onSubmit={() => void save()}
    >
      <TextField label="Name" autoFocus maxLength={100} placeholder="platform" value={name} error={errors.name} onChange={setName} />
      <SelectField label="Cluster of an alert" value={kind} onChange={setKind}>
        <Options of={RULES} />
      </SelectField>
      {kind === "cluster" ? (
        <Field label="Cluster" error={errors.cluster}>
          {(ids) => <ClusterSelect {...ids} none="Select a cluster" value={cluster} onChange={setCluster} />}
        </Field>
      ) : (
        <>
          <CodeField label="Label" value={label} error={errors.label} onChange={setLabel} />
          <TextAreaField
            label="Other names of clusters"
            hint="One value=cluster on each line, for example eu-1=production. Other values are names of clusters in Optral."
            className="min-h-14 font-mono"
            value={pairs}
            error={errors.clusters}
            onChange={setPairs}
          />
        </>
      )}
    </FormDialog>
  );
}
