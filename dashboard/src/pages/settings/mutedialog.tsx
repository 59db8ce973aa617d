// The form of a new mute rule: what it matches, the reason, and the expiry. Opened from an issue, it starts with values of that issue.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import type { Issue, MuteRule } from "../../api/queries";
import { Field, FormDialog, TextAreaField, toast } from "../../parts";
import { Combobox } from "../../parts/combobox";
import { parsed } from "../clusters/labels";
import { ClusterSelect, useClusterName } from "../clusterselect";
import { useExpiry } from "../expiry";
import { CodeField } from "../formfields";
import { IssueTypeField, NamespaceField, ObjectPicker } from "../names";
import { type Match, sentence, splitNames } from "./mutematch";
import { useSubmit } from "./submit";

type Texts = Record<"types" | "namespaces" | "kinds" | "names" | "containers" | "labels", string>;

const KINDS = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod", "Node"];

/** The one namespace that is named; undefined for several, or a pattern. */
const onlyName = (text: string) => (/^[a-z0-9-]+$/.test(text.trim()) ? text.trim() : undefined);

const from = (issue: Issue | undefined): Texts => ({
  types: issue?.type ?? "",
  namespaces: issue?.namespace ?? "",
  kinds: issue?.owner?.kind ?? "",
  names: issue?.owner?.name ?? "",
  containers: issue?.container ?? "",
  labels: "",
});

export function MuteDialog({ of, onClose }: { of?: Issue; onClose: () => void }) {
  const [texts, write] = useState<Texts>(() => from(of));
  const [cluster, setCluster] = useState(of?.clusterId ?? "");
  const [reason, setReason] = useState("");
  const expiry = useExpiry([7, 30, 90, 365], 30);
  const { errors, isBusy, submit, check } = useSubmit();
  const client = useQueryClient();

  const labels = parsed(texts.labels);
  const lists = (["types", "namespaces", "kinds", "names", "containers"] as const)
    .map((name) => [name, splitNames(texts[name])] as const)
    .filter(([, list]) => list.length);
  const match: Match = {
    ...Object.fromEntries(lists),
    ...(cluster && { clusters: [cluster] }),
    ...(typeof labels === "object" && Object.keys(labels).length && { labels }),
  };
  const names = useClusterName();

  const create = async () => {
    const isValid = check({
      reason: !reason.trim() && "Enter a reason.",
      expiresAt: expiry.mistake,
      labels: typeof labels === "string" && labels,
      form: !Object.keys(match).length && "Fill in at least one field.",
    });
    if (!isValid) return;
    await submit(async () => {
      const created = await send<MuteRule>("POST", "/v1/mute-rules", {
        body: { match, reason: reason.trim(), expiresAt: expiry.at() },
        idempotencyKey: freshKey(),
      });
      toast(`Muted: ${created.mutedIssues} ${created.mutedIssues === 1 ? "issue" : "issues"} now`);
      for (const name of ["muteRules", "issue", "issues", "issueCounts", "issueActivity", "openCritical"])
        void client.invalidateQueries({ queryKey: [name] });
      onClose();
    });
  };

  const given = (name: keyof Texts) => ({
    placeholder: "any",
    error: errors[name],
    value: texts[name],
    onChange: (text: string) => write({ ...texts, [name]: text }),
  });
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={of ? "Mute issues like this" : "New mute rule"}
      description="Matching issues, open and future, are listed and counted but send no notifications."
      submit="Mute"
      isBusy={isBusy}
      error={errors.form ?? errors.match}
      onSubmit={create}
    >
      <TextAreaField
        label="Reason"
        hint="For example “known issue, fix planned for March, OPS-17”."
        autoFocus
        rows={2}
        className="min-h-16!"
        maxLength={1000}
        value={reason}
        error={errors.reason}
        onChange={setReason}
      />
      {expiry.fields("Until", errors.expiresAt)}
      <fieldset>
        <legend className="font-medium">Match</legend>
        <p className="mb-2 text-xs text-muted">
          Empty fields match everything. Separate several values with commas. In namespaces, names and containers, * matches any characters.
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          <IssueTypeField several label="Issue types" {...given("types")} />
          <Field label="Cluster" error={errors.clusters}>
            {(ids) => <ClusterSelect {...ids} value={cluster} onChange={setCluster} />}
          </Field>
          <NamespaceField several label="Namespaces" cluster={cluster} {...given("namespaces")} />
          <Field label="Workload kinds" error={errors.kinds}>
            {(ids) => <Combobox {...ids} several options={KINDS} {...given("kinds")} />}
          </Field>
          <Field label="Workload names" error={errors.names}>
            {(ids) => (
              <ObjectPicker
                {...ids}
                several
                kind={texts.kinds.split(",")[0]!.trim() || "Deployment"}
                cluster={cluster || undefined}
                namespace={onlyName(texts.namespaces)}
                {...given("names")}
              />
            )}
          </Field>
          <CodeField label="Containers" {...given("containers")} />
          <CodeField label="Issue labels" hint="Comma-separated key=value pairs; all must match." {...given("labels")} />
        </div>
      </fieldset>
      <p aria-live="polite" className="rounded-sm bg-surface px-3 py-2">
        {Object.keys(match).length ? `Mutes ${sentence(match, names)}.` : "Mutes nothing yet."}
      </p>
    </FormDialog>
  );
}
