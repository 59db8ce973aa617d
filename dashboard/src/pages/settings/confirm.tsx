// Some changes ask for the password again when it was typed more than a quarter of an hour ago. Whoever makes such a change hands it to
// `confirmed`: it is tried, and tried again once the person has confirmed it.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { Problem, send } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Button, FormDialog, TextField } from "../../parts";
import { useProviderWindow } from "../providerwindow";
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

/** By the password; who signed in with an identity provider signs in there again. Owners keep a password for when the provider is down. */
function Sheet({ pending, onEnd }: { pending: Pending; onEnd: () => void }) {
  const { data: session } = useQuery(sessionQuery);
  const [isTyping, type] = useState(false);
  if (!session?.providerId || isTyping) return <ByPassword pending={pending} onEnd={onEnd} />;
  return <AtProvider pending={pending} onEnd={onEnd} onType={session.member.role === "owner" ? () => type(true) : undefined} />;
}

function AtProvider({ pending, onEnd, onType }: { pending: Pending; onEnd: () => void; onType: (() => void) | undefined }) {
  const { stage, words, problem, visit } = useProviderWindow(() => repeat(pending, onEnd));
  const withdraw = () => {
    pending.failed(new Withdrawn());
    onEnd();
  };
  return (
    <FormDialog
      onClose={withdraw}
      title="Confirm your identity"
      description="Sign in again with your identity provider, in a window that opens. Then the change continues."
      submit={stage === "waiting" ? "Open again" : "Continue"}
      actions={onType && <Button onClick={onType}>Use your password</Button>}
      error={problem}
      onSubmit={visit}
    >
      <p role="status">{words}</p>
    </FormDialog>
  );
}

async function repeat(pending: Pending, onEnd: () => void): Promise<void> {
  try {
    pending.done(await pending.again());
  } catch (error) {
    pending.failed(error);
  }
  onEnd();
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
      await repeat(pending, end);
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
      <TextField label="Password" type="password" autoComplete="current-password" autoFocus value={password} onChange={setPassword} />
    </FormDialog>
  );
}
