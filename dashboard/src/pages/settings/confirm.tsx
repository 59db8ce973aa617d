// Some changes ask for the password again when it was typed more than a quarter of an hour ago. Whoever makes such a change hands it to
// `confirmed`: it is tried, and tried again after the password was given.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { Problem, send } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { visitProvider } from "../../api/visit";
import { Button, Field, FormDialog, Input } from "../../parts";
import { fieldsOf } from "./fields";
import { useSubmit } from "./submit";
import { isWithdrawn, Withdrawn } from "./withdrawn";

const NEEDED = "confirmation_required";

export { isWithdrawn };

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

const errorsOf = (error: unknown): Record<string, string> =>
  error instanceof Problem && (error.status === 401 || error.status === 403) ? { form: "Incorrect password." } : fieldsOf(error);

/** By the password; who signed in with an identity provider goes there, and repeats the change after the return. Owners keep a password
 * for when the provider is down. */
function Sheet({ pending, onEnd }: { pending: Pending; onEnd: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const [isTyping, type] = useState(false);
  if (!session?.providerId || isTyping) return <ByPassword pending={pending} onEnd={onEnd} />;
  return <AtProvider pending={pending} onEnd={onEnd} onType={session.member.role === "owner" ? () => type(true) : undefined} />;
}

function AtProvider({ pending, onEnd, onType }: { pending: Pending; onEnd: () => void; onType: (() => void) | undefined }) {
  const { errors, isBusy, submit } = useSubmit(fieldsOf);
  const withdraw = () => {
    pending.failed(new Withdrawn());
    onEnd();
  };
  return (
    <FormDialog
      onClose={withdraw}
      title="Confirm your identity"
      description="Sign in again with your identity provider. You come back to this page; then repeat the change."
      submit="Continue"
      actions={onType && <Button onClick={onType}>Use your password</Button>}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={() => submit(() => visitProvider(location.pathname + location.search))}
    >
      {null}
    </FormDialog>
  );
}

function ByPassword({ pending, onEnd }: { pending: Pending; onEnd: () => void }) {
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit, check } = useSubmit(errorsOf);
  const isEnded = useRef(false);
  const end = () => {
    if (isEnded.current) return;
    isEnded.current = true;
    onEnd();
  };
  const confirm = async () => {
    if (!check({ form: !password && "Enter your password." })) return;
    await submit(async () => {
      await send("POST", "/v1/session/confirm", { body: { password }, quiet: true });
      try {
        pending.done(await pending.again());
      } catch (error) {
        pending.failed(error);
      }
      end();
    });
  };
  const withdraw = () => {
    pending.failed(new Withdrawn());
    end();
  };
  return (
    <FormDialog
      onClose={withdraw}
      title="Confirm your identity"
      description="Enter your password to continue. It is required if you entered it more than 15 minutes ago."
      submit="Confirm"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={confirm}
    >
      <Field label="Password">
        {(ids) => (
          <Input
            {...ids}
            type="password"
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
