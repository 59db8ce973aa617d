// When something expires: after a number of days, or at the end of a day.

import { useState } from "react";
import { Options, SelectField, TextField } from "../parts";

const DAY_MS = 86_400_000;
const MOST_DAYS = 364; // the end of that day is within the year that the server allows
const DATE = "date";
const WORDS: Record<number, string> = { 365: "A year" };

const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** The end of a day in the time zone of the browser. */
export const endOfDay = (day: string) => new Date(`${day}T23:59:00`).toISOString();

interface DayFieldProps {
  value: string;
  error?: string;
  onChange: (day: string) => void;
}

export function ExpiryDay({ value, error, onChange }: DayFieldProps) {
  return (
    <TextField
      label="Expiry date"
      hint="At most one year from now."
      type="date"
      min={dayIn(0)}
      max={dayIn(MOST_DAYS)}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}

/** A choice of `lives` in days, or a date. `mistake` is what is wrong with it; `at` is the moment, once nothing is. */
export function useExpiry(lives: readonly number[], first: number) {
  const [life, setLife] = useState(String(first));
  const [day, setDay] = useState("");
  const isDate = life === DATE;
  const options = [...lives.map((days) => [String(days), WORDS[days] ?? `${days} days`] as const), [DATE, "Custom date…"] as const];
  return {
    mistake: isDate && !day && "Choose a date.",
    at: () => (isDate ? endOfDay(day) : new Date(Date.now() + Number(life) * DAY_MS).toISOString()),
    fields: (label: string, error?: string) => (
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={label}
          hint={isDate ? undefined : `Until ${dayIn(Number(life))}.`}
          value={life}
          error={isDate ? null : error}
          onChange={setLife}
        >
          <Options of={options} />
        </SelectField>
        {isDate && <ExpiryDay value={day} error={error} onChange={setDay} />}
      </div>
    ),
  };
}
