// The form of the sign-in policy: passwords, how long sessions last, and from which networks people come.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { Check, FormDialog, TextField, toast } from "../../parts";
import { useConfirmed } from "./confirm";
import { NetworksField, networksOf } from "./networks";
import { policyQuery, type SignInPolicy } from "./provider";
import { useSubmit } from "./submit";

const MAX_HOURS = 168;
const IDLE_MINUTES = [5, 720] as const;

/** A whole number within limits, null for none; undefined for anything else. */
function numberOf(text: string, least: number, most: number): number | null | undefined {
  if (!text.trim()) return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

export function PolicyDialog({ policy, hasProvider, onClose }: { policy: SignInPolicy; hasProvider: boolean; onClose: () => void }) {
  const [providerOnly, setProviderOnly] = useState(policy.providerOnly);
  const [length, setLength] = useState(String(policy.sessionHours ?? ""));
  const [idle, setIdle] = useState(String(policy.idleMinutes ?? ""));
  const [networks, setNetworks] = useState(policy.sessionNetworks?.join("\n") ?? "");
  const { errors, isBusy, submit, check } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const owners = policy.passwordOwners;
  const obstacle = !hasProvider
    ? "Needs an enabled identity provider. Sign in with it once before you switch passwords off."
    : !owners.length && "Needs an owner with a password, who can sign in while the provider is down.";
  const save = async () => {
    const sessionHours = numberOf(length, 1, MAX_HOURS);
    const idleMinutes = numberOf(idle, ...IDLE_MINUTES);
    const isValid = check({
      sessionHours: sessionHours === undefined && `Enter a number from 1 to ${MAX_HOURS}.`,
      idleMinutes: idleMinutes === undefined && `Enter a number from ${IDLE_MINUTES.join(" to ")}.`,
    });
    if (!isValid) return;
    await submit(async () => {
      const body = { providerOnly, sessionHours, idleMinutes, sessionNetworks: networksOf(networks) };
      client.setQueryData(policyQuery.queryKey, await confirmed(() => send<SignInPolicy>("PATCH", "/v1/sign-in-policy", { body })));
      toast("The sign-in policy was saved");
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Sign-in policy"
      description="For people. API keys are not affected; each can have networks of its own."
      submit="Save"
      kind={providerOnly && !policy.providerOnly ? "danger" : "primary"}
      isBusy={isBusy}
      error={errors.form ?? errors.providerOnly}
      sheet={sheet}
      onSubmit={save}
    >
      <Check
        checked={providerOnly}
        disabled={!!obstacle && !providerOnly}
        onChange={setProviderOnly}
        hint={
          obstacle ||
          `Password sessions of all others end at once. ${owners.join(", ")} can still sign in with a password when the provider is down; keep it where two people find it.`
        }
      >
        Only owners can sign in with a password
      </Check>
      <TextField
        label="Longest session (hours)"
        hint="1 to 168; empty for 7 days. For sessions that begin from now on."
        inputMode="numeric"
        value={length}
        error={errors.sessionHours}
        onChange={setLength}
      />
      <TextField
        label="Idle time (minutes)"
        hint="5 to 720 without a request; empty for 12 hours."
        inputMode="numeric"
        value={idle}
        error={errors.idleMinutes}
        onChange={setIdle}
      />
      <NetworksField
        hint="People can use Optral only from these networks (CIDR, one per line), yours among them. Empty for any."
        value={networks}
        error={errors.sessionNetworks}
        onChange={setNetworks}
      />
    </FormDialog>
  );
}
