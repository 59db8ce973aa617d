import { useQueryClient } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { Problem } from "../../api/problem";
import { meQuery, signIn } from "../../api/session";
import { reconnect } from "../../live/live";
import { Button, Field, Form, FormError, IconButton, Input } from "../../parts";
import { fieldsOf } from "../settings/fields";
import { useSubmit } from "../settings/submit";

const errorsOf = (error: unknown): Record<string, string> =>
  error instanceof Problem && (error.status === 401 || error.status === 422) ? { form: "Incorrect email or password." } : fieldsOf(error);

export function SignInForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit(errorsOf);
  const enter = () =>
    submit(async () => {
      await signIn(email, password);
      await client.invalidateQueries();
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      reconnect();
      onDone();
    });
  return (
    <Form isBusy={isBusy} onSubmit={enter}>
      <FormError>{errors.form}</FormError>
      <Email label="Email" autoFocus value={email} onChange={setEmail} />
      <Password label="Password" name="password" autoComplete="current-password" value={password} onChange={setPassword} />
      <Button type="submit" kind="primary" busy={isBusy}>
        Sign in
      </Button>
    </Form>
  );
}

/** The address that a person signs in with. */
export function Email({
  label,
  value,
  onChange,
  ...more
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  error?: string | null;
  autoFocus?: boolean;
  maxLength?: number;
}) {
  const { hint, error, ...input } = more;
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <Input
          {...ids}
          {...input}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export const MIN_PASSWORD = 12;
const AT_LEAST = `At least ${MIN_PASSWORD} characters`;

/** What is wrong with a password that somebody chooses; false for nothing. */
export const tooShort = (password: string) => password.length < MIN_PASSWORD && AT_LEAST;

export const NewPassword = (given: { label: string; value: string; onChange: (value: string) => void; error?: string | null }) => (
  <Password name="password" autoComplete="new-password" hint={AT_LEAST} {...given} />
);

/** What a page holds of whoever was signed in before is dropped, but for the offer of the link that led here. */
export function useArrival() {
  const client = useQueryClient();
  return async () => {
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== "offer" });
    await client.fetchQuery({ ...meQuery, staleTime: 0 });
  };
}

export function Password({
  label,
  value,
  onChange,
  hint,
  error,
  name,
  autoComplete,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  error?: string | null;
  name: string;
  autoComplete: "current-password" | "new-password";
}) {
  const [shown, show] = useState(false);
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <div className="relative">
          <Input
            {...ids}
            type={shown ? "text" : "password"}
            name={name}
            autoComplete={autoComplete}
            required
            className="pr-10"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <IconButton label={shown ? "Hide password" : "Show password"} className="absolute top-1 right-1" onClick={() => show(!shown)}>
            {shown ? <EyeOff /> : <Eye />}
          </IconButton>
        </div>
      )}
    </Field>
  );
}
