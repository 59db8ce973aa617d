// The webhook of a forge: its URL, and a secret that is created here and shown once.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { FormDialog, toast } from "../../parts";
import { useConfirmed } from "./confirm";
import { type Forge, forgePath, KINDS, type RolledForge } from "./forge";
import { HookUrl } from "./hookurl";
import { SecretDialog } from "./secret";
import { useSubmit } from "./submit";

export function ForgeWebhookDialog({ forge, onClose }: { forge: Forge; onClose: () => void }) {
  const [rolled, setRolled] = useState<RolledForge | null>(null);
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const roll = () =>
    submit(async () => {
      const made = await confirmed(() => send<RolledForge>("POST", forgePath(forge.id, "/roll"), { body: {}, idempotencyKey: freshKey() }));
      void client.invalidateQueries({ queryKey: ["forges"] });
      setRolled(made);
    });
  if (rolled)
    return (
      <SecretDialog
        title="Store this secret now"
        description={`It won't be shown again. Enter it and the URL in the webhook of ${KINDS[forge.kind].name}.`}
        name={`Webhook secret of ${forge.name}`}
        secret={rolled.webhookSecret}
        onStored={() => {
          toast(`The webhook secret of ${forge.name} was created`);
          onClose();
        }}
      >
        <HookUrl label="URL" path={rolled.webhookPath} />
        <Steps kind={forge.kind} />
      </SecretDialog>
    );
  return (
    <FormDialog
      onClose={onClose}
      title={`Webhook of ${forge.name}`}
      description="With a webhook, executions see at once that a pull request was merged or closed. Without one, they poll every 30 seconds."
      submit={forge.hasWebhookSecret ? "Rotate the secret" : "Create a secret"}
      back="Close"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={roll}
    >
      <HookUrl label="URL" path={forge.webhookPath} />
      <p className="text-muted">
        {forge.hasWebhookSecret
          ? "A secret exists. If you rotate it, the old secret stops working at once; pull requests are polled until the Git provider has the new one."
          : "No request is accepted until you create a secret and enter it at the Git provider."}
      </p>
    </FormDialog>
  );
}

const STEPS: Record<Forge["kind"], string> = {
  github: "In GitHub, set the content type to application/json and select the event Pull requests.",
  gitlab: "In GitLab, enter the secret as the secret token and select Merge request events.",
  gitea: "In Gitea or Forgejo, set the content type to application/json and select the event Pull request.",
};

const Steps = ({ kind }: { kind: Forge["kind"] }) => <p className="text-muted">{STEPS[kind]}</p>;
