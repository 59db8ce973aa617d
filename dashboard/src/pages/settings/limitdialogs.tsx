// The forms of an hourly limit, and of the risk that triggers run without approval.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem, send } from "../../api/client";
import { Field, FormDialog, Options, SelectField, TextField, toast } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { NamespaceField } from "../names";
import { OwnPassword } from "../ownpassword";
import { type Safeguards, safeguardsQuery } from "../triggers/queries";
import { withPassword } from "./fields";
import { useSubmit } from "./submit";

export type Limit = Safeguards["limits"][number];

const MOST = 1000;
const isSamePlace = (one: Limit, other: Limit) => one.clusterId === other.clusterId && one.namespace === other.namespace;

/** Sends all limits as `change` makes them of the present ones. */
export function useLimits() {
  const client = useQueryClient();
  return async (of: Safeguards, change: (now: Limit[]) => Limit[]): Promise<void> => {
    const limits = change(of.limits).map(({ clusterId, ...rest }) => ({ ...rest, ...(clusterId && { cluster: clusterId }) }));
    try {
      client.setQueryData(
        safeguardsQuery.queryKey,
        await send<Safeguards>("PATCH", "/v1/safeguards", { body: { limits }, ifVersion: of.version }),
      );
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        await client.invalidateQueries({ queryKey: ["safeguards"] });
        throw new Error("The limits were changed in the meantime. Check the list, then save again.");
      }
      throw error;
    }
  };
}

export function LimitDialog({ of, limit, onClose }: { of: Safeguards; limit?: Limit; onClose: () => void }) {
  const [cluster, setCluster] = useState(limit?.clusterId ?? "");
  const [namespace, setNamespace] = useState(limit?.namespace ?? "");
  const [many, setMany] = useState(limit ? String(limit.changesPerHour) : "");
  const { errors, isBusy, submit, check } = useSubmit();
  const { data: now } = useQuery(safeguardsQuery);
  const send = useLimits();
  const save = async () => {
    const value = Number(many);
    const next: Limit = {
      ...(cluster && { clusterId: cluster }),
      ...(namespace.trim() && { namespace: namespace.trim() }),
      changesPerHour: value,
    };
    const known = now ?? of;
    const isValid = check({
      many: !(Number.isInteger(value) && value >= 1 && value <= MOST) && `Enter a number from 1 to ${MOST}.`,
      form: !limit && known.limits.some((one) => isSamePlace(one, next)) && "A limit for this already exists. Edit it instead.",
    });
    if (!isValid) return;
    await submit(async () => {
      await send(known, (limits) => [...limits.filter((one) => !isSamePlace(one, next)), next]);
      toast("The limit was saved");
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title={limit ? "Edit the limit" : "New limit"}
      description="The maximum number of changes that runbooks make per hour. Every matching limit applies."
      submit="Save"
      isBusy={isBusy}
      error={errors.form ?? errors.limits}
      onSubmit={save}
    >
      <Field
        label="Cluster"
        hint={namespace.trim() ? "“All clusters” limits the namespace in each cluster." : "“All clusters” limits them together."}
      >
        {(ids) => <ClusterSelect {...ids} disabled={!!limit} value={cluster} onChange={setCluster} />}
      </Field>
      <NamespaceField
        label="Namespace"
        hint="Empty for all namespaces together."
        error={errors.namespace}
        disabled={!!limit}
        cluster={cluster}
        value={namespace}
        onChange={setNamespace}
      />
      <TextField label="Changes per hour" inputMode="numeric" value={many} error={errors.many} onChange={setMany} />
    </FormDialog>
  );
}

type Risk = Safeguards["unattendedRisk"];

export const RISKS: Record<Risk, [name: string, text: string]> = {
  none: ["None", "Executions that triggers start wait for approval if they make changes."],
  low: ["Low", "Triggers run runbooks of low risk without approval; others wait."],
  high: ["High", "Triggers run runbooks of low and high risk without approval; destructive ones wait."],
};
const ORDER = ["none", "low", "high"] satisfies Risk[];

export function RiskDialog({ of, onClose }: { of: Safeguards; onClose: () => void }) {
  const [risk, setRisk] = useState<Risk>(of.unattendedRisk);
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit(withPassword);
  const client = useQueryClient();
  const isRaised = ORDER.indexOf(risk) > ORDER.indexOf(of.unattendedRisk);
  const save = async () => {
    await submit(async () => {
      const body = { unattendedRisk: risk, password: (isRaised && password) || undefined };
      client.setQueryData(safeguardsQuery.queryKey, await send<Safeguards>("PATCH", "/v1/safeguards", { body, ifVersion: of.version }));
      toast("The risk was saved");
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Risk without approval"
      description="The highest risk at which triggers run runbooks without approval. A runbook that always requires approval still waits."
      submit="Save"
      kind={isRaised ? "danger" : "primary"}
      isBusy={isBusy}
      disabled={risk === of.unattendedRisk}
      error={errors.form}
      onSubmit={save}
    >
      <SelectField
        label="Highest risk"
        hint={RISKS[risk][1]}
        value={risk}
        error={errors.unattendedRisk}
        onChange={(value) => setRisk(value as Risk)}
      >
        <Options of={ORDER.map((one) => [one, RISKS[one][0]])} />
      </SelectField>
      {isRaised && <OwnPassword hint="Required to raise the risk." value={password} onChange={setPassword} error={errors.password} />}
    </FormDialog>
  );
}
