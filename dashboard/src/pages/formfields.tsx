// Fields that several forms have.

import type { ReactNode } from "react";
import { ChoiceSelect, Field, TextAreaField, TextField } from "../parts";

interface FieldProps {
  value: string;
  error?: string | null;
  onChange: (value: string) => void;
}

const REASON_LENGTH = 500;

export function ReasonField({
  label = "Reason",
  hint = "Recorded with the execution and in the audit log.",
  value,
  error,
  onChange,
}: FieldProps & { label?: string; hint?: string }) {
  return (
    <TextAreaField
      label={label}
      hint={hint}
      className="min-h-14"
      maxLength={REASON_LENGTH}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}

const LOWEST: [severity: string, text: string][] = [
  ["critical", "only critical"],
  ["high", "high and above"],
  ["medium", "medium and above"],
];

/** The lowest severity that counts. Nobody needs to choose `low`, which is all of them, but a filter made elsewhere may hold it. */
export function LowestSeverityField({
  label = "Severity",
  none = "all",
  value,
  error,
  onChange,
}: FieldProps & { label?: string; none?: string }) {
  return (
    <Field label={label} error={error}>
      {(ids) => (
        <ChoiceSelect
          {...ids}
          none={none}
          of={LOWEST}
          textOf={(one) => `${one} and above`}
          value={value}
          onChange={(chosen = "") => onChange(chosen)}
        />
      )}
    </Field>
  );
}

interface CodeFieldProps extends FieldProps {
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  type?: "password" | "url" | "email";
  maxLength?: number;
}

/** Names that the clusters chose, such as issue types or namespaces, or a URL: shown in the font of code, never corrected. */
export function CodeField(props: CodeFieldProps) {
  return <TextField {...props} spellCheck={false} className="font-mono text-sm!" />;
}
