// The form that adds and edits an identity provider. Its client secret is never shown, so an edit keeps it unless a new one is entered.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { Check, FormDialog, TextField, toast } from "../../parts";
import { CodeField } from "../formfields";
import { useConfirmed } from "./confirm";
import { bodyOf, changesOf, draftOf, type Provider, type ProviderDraft, providerPath } from "./provider";
import { useSubmit } from "./submit";

/** `provider`: the one to edit; absent for a new one. `onClose` gets the one that was added. */
export function ProviderDialog({ provider, onClose }: { provider?: Provider; onClose: (created?: Provider) => void }) {
  const [draft, setDraft] = useState(() => draftOf(provider));
  const { errors, isBusy, submit, check } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const set = (change: Partial<ProviderDraft>) => setDraft({ ...draft, ...change });
  const body = bodyOf(draft);
  const request = () => {
    if (!provider) return send<Provider>("POST", "/v1/identity-providers", { body, idempotencyKey: freshKey() });
    return send<Provider>("PATCH", providerPath(provider.id), { body: changesOf(provider, draft), ifVersion: provider.version });
  };
  const save = async () => {
    const isValid = check({
      name: !body.name && "Enter a name.",
      issuer: !/^https?:\/\/\S+$/.test(body.issuer) && "Enter a URL that starts with https://",
      clientId: !body.clientId && "Enter the client ID.",
    });
    if (!isValid) return;
    await submit(async () => {
      if (provider && !Object.keys(changesOf(provider, draft)).length) return onClose();
      const saved = await confirmed(request);
      toast(`${body.name} was ${provider ? "saved" : "added"}`);
      void client.invalidateQueries({ queryKey: ["identityProviders"] });
      onClose(provider ? undefined : saved);
    });
  };
  return (
    <FormDialog
      onClose={() => onClose()}
      title={provider ? `Edit ${provider.name}` : "Add an identity provider"}
      description="Register Optral at the provider as a web application (confidential client) with the authorization code flow."
      submit={provider ? "Save" : "Add"}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={save}
    >
      <TextField
        label="Name"
        hint="The button on the sign-in page says: Sign in with this name."
        autoFocus
        maxLength={100}
        value={draft.name}
        error={errors.name}
        onChange={(name) => set({ name })}
      />
      {provider ? (
        <p>
          <span className="block text-sm font-medium">Issuer</span>
          <span className="font-mono text-sm break-all">{provider.issuer}</span>
          <span className="block text-xs text-muted">Cannot change: the provider’s people would be taken for others.</span>
        </p>
      ) : (
        <CodeField
          label="Issuer"
          hint="URL of the issuer, exactly as the provider spells it."
          type="url"
          maxLength={500}
          placeholder="https://login.example.com/realms/main"
          value={draft.issuer}
          error={errors.issuer}
          onChange={(issuer) => set({ issuer })}
        />
      )}
      <CodeField
        label="Client ID"
        maxLength={255}
        value={draft.clientId}
        error={errors.clientId}
        onChange={(clientId) => set({ clientId })}
      />
      <CodeField
        label="Client secret"
        hint={
          provider?.hasClientSecret
            ? "Keeps the stored secret unless you enter a new one."
            : "Stored encrypted and never shown. Empty for a public client."
        }
        type="password"
        maxLength={500}
        placeholder={provider?.hasClientSecret ? "unchanged" : undefined}
        value={draft.clientSecret}
        error={errors.clientSecret}
        onChange={(clientSecret) => set({ clientSecret })}
      />
      <CodeField
        label="Scopes"
        hint="Separated by spaces. Some providers need another one for groups."
        maxLength={500}
        value={draft.scopes}
        error={errors.scopes}
        onChange={(scopes) => set({ scopes })}
      />
      <Check
        checked={draft.endsProviderSession}
        onChange={(endsProviderSession) => set({ endsProviderSession })}
        hint="For shared computers. It ends the single sign-on of the browser, also for the other applications of the provider."
      >
        Signing out of Optral also ends the session at the provider
      </Check>
    </FormDialog>
  );
}
