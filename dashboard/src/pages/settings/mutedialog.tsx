// The form of a new mute rule: what it matches, the reason, and the expiry. Opened from an issue, it starts with values of that issue.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { freshKey, send } from "../../api/client";
import { clustersQuery, type Issue, type MuteRule } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Select, TextArea, toast } from "../../parts";
import { parsed } from "../clusters/labels";
import { type Match, sentence, splitNames } from "./mutematch";
import { useSubmit } from "./submit";

const DAY_MS = 86_400_000;
const LIVES: [days: string, word: string][] = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "A year"],
  ["day", "Custom date…"],
];

type Texts = Record<"types" | "namespaces" | "kinds" | "names" | "containers" | "labels", string>;

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
  const [life, setLife] = useState("30");
  const [day, setDay] = useState("");
  const { errors, isBusy, submit, check } = useSubmit();
  const { data: all } = useQuery(clustersQuery({}));
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
  const names = (id: string) => all?.clusters.find((one) => one.id === id)?.name ?? id;

  const create = async (event: FormEvent) => {
    event.preventDefault();
    const isValid = check({
      reason: !reason.trim() && "Enter a reason.",
      expiresAt: life === "day" && !day && "Choose a date.",
      labels: typeof labels === "string" && labels,
      form: !Object.keys(match).length && "Fill in at least one field.",
    });
    if (!isValid) return;
    const expiresAt =
      life === "day" ? new Date(`${day}T23:59:00`).toISOString() : new Date(Date.now() + Number(life) * DAY_MS).toISOString();
    await submit(async () => {
      const created = await send<MuteRule>("POST", "/v1/mute-rules", {
        body: { match, reason: reason.trim(), expiresAt },
        idempotencyKey: freshKey(),
      });
      toast(`Muted: ${created.mutedIssues} ${created.mutedIssues === 1 ? "issue" : "issues"} now`);
      for (const name of ["muteRules", "issue", "issues", "issueCounts", "issueActivity", "openCritical"])
        void client.invalidateQueries({ queryKey: [name] });
      onClose();
    });
  };

  const field = (name: keyof Texts, label: string, hint?: string) => (
    <Field label={label} hint={hint} error={errors[name]}>
      {(ids) => (
        <Input
          {...ids}
          autoComplete="off"
          spellCheck={false}
          placeholder="any"
          value={texts[name]}
          onChange={(event) => write({ ...texts, [name]: event.target.value })}
          className="font-mono text-sm!"
        />
      )}
    </Field>
  );
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={of ? "Mute issues like this" : "New mute rule"}
      description="Matching issues, open and future, are listed and counted but send no notifications."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="mute" busy={isBusy}>
            Mute
          </Button>
        </>
      }
    >
      <form id="mute" noValidate onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
        <Field label="Reason" hint="For example “known, replaced in March, OPS-17”." error={errors.reason}>
          {(ids) => (
            <TextArea
              {...ids}
              autoFocus
              rows={2}
              className="min-h-16!"
              maxLength={1000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Until" error={life === "day" ? null : errors.expiresAt}>
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
          {life === "day" && (
            <Field label="Expiry date" error={errors.expiresAt} hint="At most one year from now.">
              {(ids) => (
                <Input
                  {...ids}
                  type="date"
                  min={new Date().toISOString().slice(0, 10)}
                  max={new Date(Date.now() + 364 * DAY_MS).toISOString().slice(0, 10)}
                  value={day}
                  onChange={(event) => setDay(event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
        <fieldset>
          <legend className="font-medium">Match</legend>
          <p className="mb-2 text-xs text-muted">
            Empty fields match everything. Separate several values with commas. In namespaces, names and containers, * matches any
            characters.
          </p>
          <div className="grid gap-3 sm:grid-cols-2">
            {field("types", "Issue types")}
            <Field label="Cluster" error={errors.clusters}>
              {(ids) => (
                <Select {...ids} value={cluster} onChange={(event) => setCluster(event.target.value)}>
                  <option value="">all</option>
                  {all?.clusters.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            {field("namespaces", "Namespaces")}
            {field("kinds", "Workload kinds")}
            {field("names", "Workload names")}
            {field("containers", "Containers")}
            {field("labels", "Issue labels", "Comma-separated key=value pairs; all must match.")}
          </div>
        </fieldset>
        <p aria-live="polite" className="rounded-sm bg-surface px-3 py-2">
          {Object.keys(match).length ? `Mutes ${sentence(match, names)}.` : "Mutes nothing yet."}
        </p>
        <FormError>{errors.form ?? errors.match}</FormError>
      </form>
    </Dialog>
  );
}
