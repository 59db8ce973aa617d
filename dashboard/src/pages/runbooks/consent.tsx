// What a person has to agree to before a runbook changes something.
import { Check, TextField } from "../../parts";

export function DriftChoice({ value, isSynced, onChange }: { value: boolean; isSynced?: boolean; onChange: (value: boolean) => void }) {
  return (
    <Check checked={value} onChange={onChange}>
      {isSynced
        ? "Change the cluster anyway: the change will be reverted at the next sync"
        : "Change it even though another tool or controller manages it"}
    </Check>
  );
}

interface NameProps {
  name: string | undefined;
  value: string;
  error?: string | null;
  /** When the name is needed, if not always. */
  when?: string;
  onChange: (value: string) => void;
}

/** The name of the target, typed before a destructive change. */
export function TypedName({ name, value, error, when = "", onChange }: NameProps) {
  return (
    <TextField
      label={name ? `Type ${name} to confirm` : "Type the target's name to confirm"}
      hint={`This is a destructive change.${when}`}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
