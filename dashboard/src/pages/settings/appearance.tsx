import type { ReactNode } from "react";
import { Check, Section } from "../../parts";
import { prefer, usePreferences } from "../../parts/preferences";
import { setTheme, type Theme, useTheme } from "../theme";

const THEMES: [Theme, string][] = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function Appearance() {
  const theme = useTheme();
  const { letterKeys, zone } = usePreferences();
  return (
    <>
      <Section title="Theme">
        <Choices name="theme" value={theme} choices={THEMES} onChange={setTheme} />
      </Section>
      <Section title="Times">
        <Choices
          name="zone"
          value={zone}
          choices={[
            ["local", `My time zone (${Intl.DateTimeFormat().resolvedOptions().timeZone})`],
            ["utc", "UTC"],
          ]}
          onChange={(next) => prefer({ zone: next })}
        />
      </Section>
      <Section title="Keyboard">
        <Check
          checked={letterKeys}
          onChange={(isOn) => prefer({ letterKeys: isOn })}
          hint="For example j, k and a in the issue list. Turn off if you use voice input."
        >
          Single-key shortcuts
        </Check>
      </Section>
      <p className="px-4 py-3 text-xs text-muted">Stored in this browser only.</p>
    </>
  );
}

function Choices<Value extends string>({
  name,
  value,
  choices,
  onChange,
}: {
  name: string;
  value: Value;
  choices: [Value, ReactNode][];
  onChange: (value: Value) => void;
}) {
  return (
    <div role="radiogroup" aria-label={name} className="flex flex-col gap-1.5">
      {choices.map(([one, word]) => (
        <label key={one} className="flex min-h-7 items-center gap-2">
          <input type="radio" name={name} checked={one === value} onChange={() => onChange(one)} />
          {word}
        </label>
      ))}
    </div>
  );
}
