// The field for networks that something can be used from, one CIDR on each line.
import { TextAreaField } from "../../parts";

/** What was typed, as it is sent: null for any network. */
export function networksOf(text: string): string[] | null {
  const given = text.split(/[\s,]+/).filter(Boolean);
  return given.length ? given : null;
}

type Props = { hint: string; value: string; error: string | undefined; onChange: (value: string) => void };

export const NetworksField = ({ hint, value, error, onChange }: Props) => (
  <TextAreaField
    label="Networks"
    hint={hint}
    spellCheck={false}
    placeholder="192.0.2.0/24"
    value={value}
    className="min-h-16 font-mono text-sm!"
    error={error}
    onChange={onChange}
  />
);
