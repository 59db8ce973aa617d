import type { ReactNode } from "react";
import { Section } from "../../parts";
import { prefer, usePreferences } from "../../parts/preferences";
import { setTheme, useTheme, type Theme } from "../theme";

const THEMES: [Theme, string][] = [
  ["system", "As the system"],
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
            ["local", `In my time zone (${Intl.DateTimeFormat().resolvedOptions().timeZone})`],
            ["utc", "In UTC"],
          ]}
          onChange={(next) => prefer({ zone: next })}
        />
      </Section>
      <Section title="Keyboard">
        <label className="flex items-start gap-2">
          <input type="checkbox" className="mt-1" checked={letterKeys} onChange={(event) => prefer({ letterKeys: event.target.checked })} />
          <span>
            Keys of one letter
            <span className="block text-xs text-muted">Such as j, k and a in the list of issues. Switch them off if you speak your input or they get in the way.</span>
          </span>
        </label>
      </Section>
      <p className="px-4 py-3 text-xs text-muted">Kept in this browser only.</p>
    </>
  );
}

function Choices<Value extends string>({ name, value, choices, onChange }: { name: string; value: Value; choices: [Value, ReactNode][]; onChange: (value: Value) => void }) {
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
