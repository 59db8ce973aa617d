// Fields that several forms have.

import type { ReactNode } from "react";
import { ChoiceSelect, Field, Input, TextArea } from "../parts";

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
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <TextArea
          {...ids}
          className="min-h-14"
          maxLength={REASON_LENGTH}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
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

/** Names that the clusters chose, such as issue types or namespaces, or a URL: shown in the font of code, never corrected. */
export function CodeField({
  label,
  hint,
  placeholder,
  value,
  error,
  onChange,
  ...rest
}: FieldProps & { label: string; hint?: ReactNode; placeholder?: string; type?: "password" | "url" | "email"; maxLength?: number }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <Input
          {...ids}
          {...rest}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="font-mono text-sm!"
        />
      )}
    </Field>
  );
}
