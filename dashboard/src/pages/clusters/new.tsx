import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import type { Cluster } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Button, Form, FormError, PageHeader, TextAreaField, TextField } from "../../parts";
import { NoAccess } from "../noaccess";
import { useSubmit } from "../settings/submit";
import { useTitle } from "../title";
import { parsed } from "./labels";

export function NewCluster() {
  const go = useNavigate();
  useTitle("Connect a cluster");
  const { data: me } = useQuery(meQuery);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [labels, setLabels] = useState("");
  const { errors, isBusy, submit, check } = useSubmit();
  const [intent] = useState(freshKey);
  const create = async () => {
    const given = parsed(labels);
    if (!check({ labels: typeof given === "string" && given })) return;
    await submit(async () => {
      const request = { body: { name, labels: given }, idempotencyKey: `${intent}-${name}` };
      const created = await send<Cluster>("POST", "/v1/clusters", request);
      void client.invalidateQueries({ queryKey: ["clusters"] });
      await go({ to: "/clusters/$clusterId/connect", params: { clusterId: created.id }, replace: true });
    });
  };
  if (!may(me, "clusters:write")) return <NoAccess to="connect clusters" />;
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title="Connect a cluster" />
      <Form isBusy={isBusy} onSubmit={create} className="max-w-xl gap-5! p-4">
        <p className="text-muted">
          Choose a name that your team will recognize. The next page shows the command that connects the cluster, and its progress.
        </p>
        <FormError>{errors.form}</FormError>
        <TextField
          label="Name"
          hint="Lowercase letters, digits, dots, dashes and underscores"
          name="cluster-name"
          required
          autoFocus
          maxLength={63}
          pattern="[a-z0-9]([a-z0-9._\-]{0,61}[a-z0-9])?"
          placeholder="production-eu"
          value={name}
          error={errors.name}
          onChange={setName}
        />
        <TextAreaField
          label="Labels (optional)"
          hint="One key=value pair per line, for filters and groups"
          rows={3}
          spellCheck={false}
          className="font-mono text-xs!"
          placeholder={"env=production\nregion=eu-west"}
          value={labels}
          error={errors.labels}
          onChange={setLabels}
        />
        <div className="flex gap-2">
          <Button type="submit" kind="primary" busy={isBusy}>
            Continue
          </Button>
          <Button kind="quiet" onClick={() => void go({ to: "/clusters" })}>
            Cancel
          </Button>
        </div>
      </Form>
    </div>
  );
}
