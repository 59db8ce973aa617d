// The own password, which goes with a request that gives a powerful role.

import { Field, Input } from "../../parts";

export function OwnPassword({
  role,
  value,
  onChange,
  error,
  autoFocus = false,
}: {
  role: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
  autoFocus?: boolean;
}) {
  return (
    <Field label="Your password" hint={`Required to make somebody an ${role}.`} error={error}>
      {(ids) => (
        <Input
          {...ids}
          type="password"
          autoComplete="current-password"
          autoFocus={autoFocus}
          maxLength={1024}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
