// Proposes a longer wait of an alerting rule: first the change as a diff, then a pull request if the person confirms.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { FormDialog, Options, SelectField } from "../../parts";
import { CodeField } from "../formfields";
import { forgesQuery } from "../settings/forge";
import { useSubmit } from "../settings/submit";

type RuleChange = Schemas["RuleChangeShape"];

export function RuleDialog({ alert, onClose }: { alert: string; onClose: () => void }) {
  const { data } = useQuery(forgesQuery);
  const forges = data?.forges ?? [];
  const [chosen, choose] = useState("");
  const [typed, setRepository] = useState("");
  const [change, setChange] = useState<RuleChange | null>(null);
  const { errors, isBusy, submit, check } = useSubmit();
  const forge = forges.find((one) => one.id === chosen) ?? forges[0];
  const repository = typed || (forge?.repositories.find((one) => !one.endsWith("*")) ?? "");
  const ask = () => {
    if (!check({ repository: !repository.trim() && "Enter a repository." })) return;
    const body = { alert, forgeId: forge?.id ?? "", repository: repository.trim(), digest: change?.digest };
    void submit(async () => setChange(await send<RuleChange>("POST", "/v1/alerts/rule-changes", { body })));
  };
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={`Change the rule ${alert}`}
      description="A rule that fired without a failure can wait longer before it fires, if the alerts of the last 7 days decide it. Nothing is written before you confirm."
      submit={change ? "Open pull request" : "Preview"}
      back={change?.url ? "Close" : "Cancel"}
      isBusy={isBusy}
      error={errors.form ?? (data && !forges.length ? "Connect a Git provider first, in Settings, GitOps." : null)}
      onSubmit={change?.url ? onClose : ask}
    >
      {change ? (
        <Preview change={change} />
      ) : (
        <>
          <SelectField label="Git provider" value={forge?.id ?? ""} error={errors.forgeId} onChange={choose}>
            <Options of={forges.map((one): [string, string] => [one.id, one.name])} />
          </SelectField>
          <CodeField label="Repository" placeholder="owner/name" value={repository} error={errors.repository} onChange={setRepository} />
        </>
      )}
    </FormDialog>
  );
}

function Preview({ change }: { change: RuleChange }) {
  return (
    <>
      <p>
        {change.reason}. In <code className="font-mono break-all">{change.file}</code>, <code>for</code> changes from {change.waitBefore} to{" "}
        {change.waitAfter}.
      </p>
      <section
        aria-label="Diff"
        tabIndex={0}
        className="overflow-x-auto rounded-sm border border-line p-2 font-mono text-xs whitespace-pre"
      >
        {change.patch}
      </section>
      {change.url && (
        <p>
          Opened:{" "}
          <a className="text-accent hover:underline" href={change.url} target="_blank" rel="noreferrer">
            {change.url}
          </a>
        </p>
      )}
    </>
  );
}
