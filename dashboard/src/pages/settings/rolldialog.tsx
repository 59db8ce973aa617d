// Asks before something with a name gets a new secret. What becomes of the old one stands inside.
import type { ReactNode } from "react";
import { freshKey, send } from "../../api/client";
import { FormDialog } from "../../parts";
import { useConfirmed } from "./confirm";
import { useSubmit } from "./submit";

interface RollProps<T> {
  name: string;
  path: string;
  back?: string;
  onClose: () => void;
  onRolled: (created: T) => void;
  children: ReactNode;
}

export function RollDialog<T>({ name, path, back, onClose, onRolled, children }: RollProps<T>) {
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const roll = () => submit(async () => onRolled(await confirmed(() => send<T>("POST", path, { body: {}, idempotencyKey: freshKey() }))));
  return (
    <FormDialog
      onClose={onClose}
      title={`Roll the secret of ${name}`}
      submit="Create secret"
      back={back}
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={roll}
    >
      <p>{children}</p>
    </FormDialog>
  );
}
