// A change that a button or a switch makes, without a form.
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { toast, toastError } from "../../parts";
import { isWithdrawn, useConfirmed } from "./confirm";

type Change = (request: () => Promise<unknown>, done: string) => Promise<void>;

/** `change` runs a request, says `done` or why it failed, and reads `list` again. `sheet` asks for the password if the server does. */
export function useChange(list: QueryKey): { change: Change; isBusy: boolean; sheet: ReactNode } {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [sheet, confirmed] = useConfirmed();
  const change: Change = async (request, done) => {
    setBusy(true);
    try {
      await confirmed(request);
      toast(done);
    } catch (error) {
      if (!isWithdrawn(error)) toastError(error);
    }
    await client.invalidateQueries({ queryKey: list });
    setBusy(false);
  };
  return { change, isBusy, sheet };
}
