// Some changes ask for the password again when it was typed more than a quarter of an hour ago. Whoever makes such a change hands it to
// `confirmed`: it is tried, and tried again after the password was given.
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { Problem, send } from "../../api/client";
import { Button, Dialog, Field, FormError, Input } from "../../parts";

const NEEDED = "confirmation_required";

class Withdrawn extends Error {}
/** The person closed the sheet; nothing was done and nothing needs to be said. */
export const isWithdrawn = (error: unknown) => error instanceof Withdrawn;

interface Pending {
  again: () => Promise<unknown>;
  done: (value: unknown) => void;
  failed: (error: unknown) => void;
}

export function useConfirmed(): [sheet: ReactNode, confirmed: <T>(change: () => Promise<T>) => Promise<T>] {
  const [pending, setPending] = useState<Pending | null>(null);
  const confirmed = async <T,>(change: () => Promise<T>): Promise<T> => {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== NEEDED) throw error;
      return new Promise<T>((done, failed) => setPending({ again: change, done: done as (value: unknown) => void, failed }));
    }
  };
  return [pending && <Sheet pending={pending} onEnd={() => setPending(null)} />, confirmed];
}

function Sheet({ pending, onEnd }: { pending: Pending; onEnd: () => void }) {
  const [password, setPassword] = useState("");
  const [message, setMessage] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isEnded = useRef(false);
  const end = () => {
    if (isEnded.current) return;
    isEnded.current = true;
    onEnd();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    try {
      await send("POST", "/v1/session/confirm", { body: { password }, quiet: true });
    } catch (error) {
      setBusy(false);
      setMessage(
        error instanceof Problem && (error.status === 401 || error.status === 403) ? "Incorrect password." : (error as Error).message,
      );
      return;
    }
    try {
      pending.done(await pending.again());
    } catch (error) {
      pending.failed(error);
    }
    end();
  };
  const withdraw = () => {
    pending.failed(new Withdrawn());
    end();
  };
  return (
    <Dialog
      open
      onClose={withdraw}
      title="Confirm your identity"
      description="Enter your password to continue. It is required if you entered it more than 15 minutes ago."
      footer={
        <>
          <Button onClick={withdraw}>Cancel</Button>
          <Button kind="primary" type="submit" form="confirm-form" busy={isBusy}>
            Confirm
          </Button>
        </>
      }
    >
      <form id="confirm-form" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <FormError>{message}</FormError>
        <Field label="Password">
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="current-password"
              required
              autoFocus
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
