import { useQueryClient } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Problem } from "../../api/problem";
import { meQuery, signIn } from "../../api/session";
import { reconnect } from "../../live/live";
import { Button, Field, FormError, IconButton, Input } from "../../parts";

export function SignInForm({ onDone }: { onDone: () => void }) {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, work] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    setError(null);
    try {
      await signIn(email, password);
      await client.invalidateQueries();
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      reconnect();
      onDone();
    } catch (error) {
      const status = error instanceof Problem ? error.status : -1;
      setError(status === 401 || status === 422 ? "Incorrect email or password." : error instanceof Error ? error.message : String(error));
    } finally {
      work(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <FormError>{error}</FormError>
      <Field label="Email">
        {(ids) => (
          <Input
            {...ids}
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Password label="Password" name="password" autoComplete="current-password" value={password} onChange={setPassword} />
      <Button type="submit" kind="primary" busy={busy}>
        Sign in
      </Button>
    </form>
  );
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
