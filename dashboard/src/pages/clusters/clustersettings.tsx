// The settings of a cluster: name and labels, revoke its credentials, delete it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { type Cluster, clusterQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Button, CodeBlock, Dialog, Form, FormDialog, FormError, plural, TextAreaField, TextField, toast } from "../../parts";
import { useSubmit } from "../settings/submit";
import { parsed, written } from "./labels";

export function ClusterSettings({ cluster }: { cluster: Cluster }) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "clusters:write");
  const [name, setName] = useState(cluster.name);
  const [labels, setLabels] = useState(written(cluster.labels));
  const { errors, isBusy, submit, check } = useSubmit();
  const [removing, remove] = useState(false);
  const [revoking, revoke] = useState(false);
  const save = async () => {
    const given = parsed(labels);
    if (!check({ labels: typeof given === "string" && given })) return;
    await submit(async () => {
      const path = `/v1/clusters/${cluster.id}`;
      try {
        const after = await send<Cluster>("PATCH", path, { body: { name, labels: given }, ifVersion: cluster.version });
        client.setQueryData(clusterQuery(cluster.id).queryKey, after);
        void client.invalidateQueries({ queryKey: ["clusters"] });
        toast("Saved");
      } catch (error) {
        void client.invalidateQueries({ queryKey: ["cluster", cluster.id] });
        throw error;
      }
    });
  };
  return (
    <div className="flex max-w-xl flex-col gap-6 p-4">
      <Form isBusy={isBusy || !mayWrite} onSubmit={save}>
        <FormError>{errors.form}</FormError>
        <TextField label="Name" required maxLength={63} disabled={!mayWrite} value={name} error={errors.name} onChange={setName} />
        <TextAreaField
          label="Labels"
          hint="One key=value pair per line"
          rows={4}
          spellCheck={false}
          disabled={!mayWrite}
          className="font-mono text-xs!"
          value={labels}
          error={errors.labels}
          onChange={setLabels}
        />
        <div>
          <Button
            type="submit"
            kind="primary"
            busy={isBusy}
            disabled={!mayWrite}
            title={mayWrite ? undefined : "Your role cannot change clusters"}
          >
            Save
          </Button>
        </div>
      </Form>
      <section className="rounded-md border border-critical/50 p-4">
        <h2 className="font-semibold">Revoke agent credentials</h2>
        <p className="mt-1 text-muted">
          Use this if a certificate may have been copied. The agent is disconnected within seconds and its certificates are no longer
          accepted. The cluster, its issues and its history are kept; a new install command connects it again.
        </p>
        <Button kind="danger" className="mt-3" disabled={!mayWrite} onClick={() => revoke(true)}>
          Revoke credentials…
        </Button>
      </section>
      <section className="rounded-md border border-critical/50 p-4">
        <h2 className="font-semibold">Remove cluster</h2>
        <p className="mt-1 text-muted">
          Disconnects the agent, resolves the cluster's issues and deletes its objects from Optral. Nothing changes in Kubernetes; the
          commands that remove the agent are shown afterwards.
        </p>
        <Button kind="danger" className="mt-3" disabled={!mayWrite} onClick={() => remove(true)}>
          Remove {cluster.name}…
        </Button>
      </section>
      {revoking && <Revoke cluster={cluster} onClose={() => revoke(false)} />}
      {removing && <Remove cluster={cluster} onClose={() => remove(false)} />}
    </div>
  );
}

function Revoke({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit();
  const revoke = () =>
    submit(async () => {
      const answer = await send<{ revoked: number }>("POST", `/v1/clusters/${cluster.id}/revoke-credentials`, { body: {} });
      toast(`${plural(answer.revoked, "certificate")} revoked`);
      void client.invalidateQueries({ queryKey: ["cluster", cluster.id] });
      void client.invalidateQueries({ queryKey: ["clusters"] });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Revoke the credentials of ${cluster.name}?`}
      description="The agent is disconnected and stays offline until you run a new install command."
      submit="Revoke"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={revoke}
    />
  );
}

function Remove({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const client = useQueryClient();
  const go = useNavigate();
  const [typed, type] = useState("");
  const { errors, isBusy, submit } = useSubmit();
  const [removed, done] = useState<Schemas["DeletedCluster"] | null>(null);
  const remove = () => submit(async () => done(await send<Schemas["DeletedCluster"]>("DELETE", `/v1/clusters/${cluster.id}`)));
  const leave = async () => {
    await go({ to: "/clusters" });
    client.removeQueries({ queryKey: ["cluster", cluster.id] });
    for (const name of ["clusters", "issues", "issueCounts", "openCritical"]) void client.invalidateQueries({ queryKey: [name] });
  };
  if (removed)
    return (
      <Dialog
        open
        blocking
        onClose={() => void leave()}
        title={`${cluster.name} was removed`}
        description="To remove the agent from the cluster, run these commands. The namespace and everything else in it stay."
        footer={
          <Button kind="primary" onClick={() => void leave()}>
            Done
          </Button>
        }
      >
        <CodeBlock text={removed.uninstall.join("\n")} label="uninstall commands" />
        {removed.uninstallNote && <p className="mt-2 text-muted">{removed.uninstallNote}</p>}
      </Dialog>
    );
  return (
    <FormDialog
      onClose={onClose}
      title={`Remove ${cluster.name}?`}
      description="This cannot be undone."
      submit="Remove"
      kind="danger"
      isBusy={isBusy}
      disabled={typed !== cluster.name}
      error={errors.form}
      onSubmit={remove}
    >
      <TextField
        label={
          <>
            Type <code className="font-mono">{cluster.name}</code> to confirm
          </>
        }
        value={typed}
        onChange={type}
      />
    </FormDialog>
  );
}
