// What a change that gives power asks for in the very request: the own password, or a sign-in at the identity provider just now.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { sessionQuery } from "../api/session";
import { Button, FormError, TextField } from "../parts";
import { useProviderWindow } from "./providerwindow";

interface OwnPasswordProps {
  value: string;
  error?: string | null;
  hint?: string;
  autoFocus?: boolean;
  onChange: (value: string) => void;
}

const FRESH_MS = 120_000; // as long as the server lets a sign-in at the provider stand for the password

/** A password typed in this session counts for owners alone, who keep theirs: everybody else of a provider has none. */
export function OwnPassword(props: OwnPasswordProps) {
  const { data: session } = useQuery(sessionQuery);
  const [isTyping, type] = useState(false);
  if (!session?.providerId || isTyping) return <Password {...props} />;
  return (
    <SignInAgain
      at={session.reauthenticatedAt}
      error={props.error}
      hint={props.hint}
      onType={session.member.role === "owner" ? () => type(true) : undefined}
    />
  );
}

function Password({ value, error, onChange, hint, autoFocus }: OwnPasswordProps) {
  return (
    <TextField
      label="Your password"
      hint={hint}
      type="password"
      autoComplete="current-password"
      autoFocus={autoFocus}
      maxLength={1024}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}

interface SignInAgainProps extends Pick<OwnPasswordProps, "error" | "hint"> {
  at: string;
  /** Offers the password instead, for when the provider is down. */
  onType: (() => void) | undefined;
}

function SignInAgain({ at, error, hint, onType }: SignInAgainProps) {
  const [isSettled, settle] = useState(false); // the error is from before the last sign-in
  const { stage, words, problem, visit } = useProviderWindow(() => settle(true));
  useEffect(() => {
    if (!error) settle(false);
  }, [error]);
  if ((!error || isSettled) && Date.now() - Date.parse(at) < FRESH_MS)
    return <p className="text-xs text-muted">You signed in at your identity provider just now, which confirms this change.</p>;
  return (
    <section aria-label="Sign in again" className="rounded-md border border-line p-3">
      <p role={error ? "alert" : undefined} className={error ? "text-critical" : undefined}>
        First sign in at your identity provider again; then make this change within two minutes.
      </p>
      {hint && <p className="text-xs text-muted">{hint}</p>}
      <p role="status" className="text-xs text-muted">
        {words}
      </p>
      <FormError>{problem}</FormError>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button small onClick={() => void visit()}>
          {stage === "blocked" ? "Continue in this window" : "Sign in again"}
        </Button>
        {onType && (
          <Button small onClick={onType}>
            Use your password
          </Button>
        )}
      </div>
    </section>
  );
}
