// The form that creates and edits a connection to a forge. Its token is never shown, so an edit keeps it unless a new one is entered.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { FormDialog, Options, SelectField, TextAreaField, TextField, toast } from "../../parts";
import { CodeField } from "../formfields";
import { useConfirmed } from "./confirm";
import { bodyOf, changesOf, draftOf, type Forge, type ForgeDraft, forgePath, KINDS } from "./forge";
import { useSubmit } from "./submit";

/** `forge`: the connection to edit; absent for a new one. */
export function ForgeDialog({ forge, onClose }: { forge?: Forge; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(forge));
  const { errors, isBusy, submit, check } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const set = (change: Partial<ForgeDraft>) => setDraft({ ...draft, ...change });
  const body = bodyOf(draft);
  const isMoved = !!forge && body.url !== forge.url;
  const request = () => {
    if (forge) return send("PATCH", forgePath(forge.id), { body: changesOf(forge, draft), ifVersion: forge.version });
    return send("POST", "/v1/forges", { body, idempotencyKey: freshKey() });
  };
  const save = async () => {
    const isValid = check({
      name: !body.name && "Enter a name.",
      url: !/^https?:\/\/\S+$/.test(body.url) && "Enter a URL that starts with https://",
      token: (!forge || isMoved) && !body.token && "Enter an access token.",
      repositories: !body.repositories.length && "Enter at least one repository.",
    });
    if (!isValid) return;
    await submit(async () => {
      if (!forge || Object.keys(changesOf(forge, draft)).length) {
        await confirmed(request);
        toast(`${body.name} was ${forge ? "saved" : "connected"}`);
        void client.invalidateQueries({ queryKey: ["forges"] });
      }
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title={forge ? `Edit ${forge.name}` : "Connect a Git provider"}
      submit={forge ? "Save" : "Connect"}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={save}
    >
      <TextField
        label="Name"
        autoFocus
        maxLength={100}
        placeholder="git"
        value={draft.name}
        error={errors.name}
        onChange={(name) => set({ name })}
      />
      {!forge && (
        <SelectField
          label="Kind"
          value={draft.kind}
          error={errors.kind}
          onChange={(value) => {
            const kind = value as Forge["kind"];
            set({ kind, url: KINDS[kind].url });
          }}
        >
          <Options of={Object.entries(KINDS).map(([kind, { name }]) => [kind, name])} />
        </SelectField>
      )}
      <CodeField
        label="URL"
        hint="URL of its web interface. It must be public, unless the server allows private networks."
        type="url"
        maxLength={500}
        placeholder="https://git.example.com"
        value={draft.url}
        error={errors.url}
        onChange={(url) => set({ url })}
      />
      <CodeField
        label="Access token"
        hint={
          forge && !isMoved
            ? "Keeps the stored token unless you enter a new one."
            : `${KINDS[draft.kind].token} It is stored encrypted and never shown.`
        }
        type="password"
        maxLength={500}
        placeholder={forge && !isMoved ? "unchanged" : undefined}
        value={draft.token}
        error={errors.token}
        onChange={(token) => set({ token })}
      />
      <TextAreaField
        label="Repositories"
        hint="One per line, as owner/name. owner/* allows all repositories of an owner or group."
        spellCheck={false}
        placeholder="shop/deploy"
        value={draft.repositories}
        className="min-h-16 font-mono text-sm!"
        error={errors.repositories}
        onChange={(repositories) => set({ repositories })}
      />
      <CodeField
        label="Branch prefix"
        hint="A branch name consists of this prefix and the execution id."
        maxLength={40}
        value={draft.branchPrefix}
        error={errors.branchPrefix}
        onChange={(branchPrefix) => set({ branchPrefix })}
      />
    </FormDialog>
  );
}
