// The form of a saved view: a new one of what the list shows, or the name and the sharing of one that exists.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, Problem, send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { asSentence, Check, FormDialog, TextField, toast } from "../../parts";
import { fieldsOf } from "../settings/fields";
import { useSubmit } from "../settings/submit";
import { type IssueSearch, SORT } from "./filter";
import { displayOf, queryOf, type View, viewsQuery } from "./views";

/** Refusals that another name, or fewer views, would answer are said at the name. */
const errorsOf = (error: unknown): Record<string, string> => {
  if (error instanceof Problem && ["view_name_taken", "too_many_views"].includes(error.code)) return { name: asSentence(error.detail) };
  const { name, ...rest } = fieldsOf(error);
  return name ? { name } : { form: Object.values(rest).map(asSentence).join(" ") };
};

interface ViewDialogProps {
  /** The view to change; null: a new one. */
  of: View | null;
  search: IssueSearch;
  onSaved: (view: View) => void;
  onClose: () => void;
}

export function ViewDialog({ of, search, onSaved, onClose }: ViewDialogProps) {
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const [name, setName] = useState(of?.name ?? "");
  const [isShared, share] = useState(of?.shared ?? false);
  const { errors, isBusy, submit, check } = useSubmit(errorsOf);
  const query = of?.query ?? queryOf(search);
  const mayShare = may(me, "issues:write") && (!of?.shared || of.isOwn);
  const save = async () => {
    if (!check({ name: !name.trim() && "Enter a name." })) return;
    await submit(async () => {
      const given = { name: name.trim(), shared: isShared };
      const saved = of
        ? await send<View>("PATCH", `/v1/views/${of.id}`, { body: given, ifVersion: of.version })
        : await send<View>("POST", "/v1/views", {
            body: { ...given, query, sort: search.sort ?? SORT, display: displayOf(search) },
            idempotencyKey: freshKey(),
          });
      await client.invalidateQueries({ queryKey: viewsQuery.queryKey });
      toast(`View saved: ${saved.name}`);
      onSaved(saved);
      onClose();
    });
  };
  return (
    <FormDialog onClose={onClose} title={of ? "Edit view" : "Save view"} submit="Save" isBusy={isBusy} error={errors.form} onSubmit={save}>
      <TextField label="Name" autoFocus maxLength={100} value={name} error={errors.name} onChange={setName} />
      <Check
        disabled={!mayShare}
        checked={isShared}
        onChange={share}
        hint={!mayShare && (of?.shared ? "Only its owner can stop sharing it." : "Sharing requires the operator role.")}
      >
        Shared with everyone in the organization
      </Check>
      <div>
        <p className="font-medium">Query</p>
        <p className="mt-1 rounded-sm bg-surface px-3 py-2 font-mono text-xs break-words">{query}</p>
      </div>
    </FormDialog>
  );
}

export function DeleteViewDialog({ view, onDeleted, onClose }: { view: View; onDeleted: () => void; onClose: () => void }) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit(errorsOf);
  const remove = () =>
    submit(async () => {
      await send<View>("DELETE", `/v1/views/${view.id}`, { ifVersion: view.version });
      toast(`View deleted: ${view.name}`);
      onDeleted();
      onClose();
      await client.invalidateQueries({ queryKey: viewsQuery.queryKey });
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Delete “${view.name}”?`}
      description={view.shared ? "Everyone in the organization loses this view." : "Only you can see this view."}
      submit="Delete"
      kind="danger"
      isBusy={isBusy}
      error={errors.form ?? errors.name}
      onSubmit={remove}
    >
      <p>No issues are changed.</p>
    </FormDialog>
  );
}
