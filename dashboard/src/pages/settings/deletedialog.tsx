// Asks before something with a name is deleted. What is lost with it stands inside.
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { send } from "../../api/client";
import { FormDialog, toast } from "../../parts";
import { useConfirmed } from "./confirm";
import { useSubmit } from "./submit";

type Props = { name: string; path: string; list: QueryKey; back?: string; onClose: () => void; children: ReactNode };

/** Deletes what is at `path`; `list` is fetched again. Asks for the password if the server does. */
export function DeleteDialog({ name, path, list, back = "Cancel", onClose, children }: Props) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const remove = () =>
    submit(async () => {
      await confirmed(() => send("DELETE", path));
      toast(`${name} was deleted`);
      void client.invalidateQueries({ queryKey: list });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Delete ${name}?`}
      submit="Delete"
      kind="danger"
      back={back}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={remove}
    >
      <p>{children}</p>
    </FormDialog>
  );
}
