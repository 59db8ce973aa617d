// The server's judgment of a text while it is being typed.
import { useEffect, useState } from "react";
import { Problem } from "../../../api/client";
import { isPassing } from "../../../api/problem";
import { onBack } from "../../../live/live";
import { type Mistake, validate } from "./queries";

const AFTER_MS = 300;
const AGAIN_MS = 5_000;

export interface Check {
  /** The text that was judged; other than the present one while a new judgment is on its way. */
  text: string | null;
  mistakes: Mistake[];
  /** Why there is no judgment. */
  error: Error | null;
}

/** The latest judgment. One that arrives after a newer text was typed is ignored. */
export function useCheck(text: string, isOn: boolean): [Check, (mistakes: Mistake[]) => void] {
  const [check, setCheck] = useState<Check>({ text: null, mistakes: [], error: null });
  const [attempt, again] = useState(0);
  const isAway = !!check.error && isPassing(check.error);
  useEffect(() => {
    if (!isOn) return;
    if (!text.trim()) {
      setCheck({ text, mistakes: [{ field: "", code: "missing", message: "The definition is empty." }], error: null });
      return;
    }
    const control = new AbortController();
    const timer = setTimeout(
      () =>
        validate(text, control.signal).then(
          (found) => control.signal.aborted || setCheck({ text, mistakes: found.errors.map((one) => within(one, text)), error: null }),
          (error: Error) => {
            if (control.signal.aborted) return;
            // A text that the server cannot even read as a request, such as one that is too long.
            const isRefused = error instanceof Problem && error.errors.length > 0;
            setCheck(isRefused ? { text, mistakes: mistakesOf(error as Problem), error: null } : { text, mistakes: [], error });
          },
        ),
      AFTER_MS,
    );
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, isOn, attempt]);
  useEffect(() => {
    if (!isAway) return;
    const retry = () => again((count) => count + 1);
    const timer = setInterval(retry, AGAIN_MS);
    const stop = onBack(retry);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [isAway]);
  return [check, (mistakes) => setCheck({ text, mistakes, error: null })];
}

/** A mistake at the end can be said to be on the line after the last. */
const within = (one: Mistake, text: string): Mistake =>
  one.line === undefined ? one : { ...one, line: Math.min(one.line, text.trimEnd().split("\n").length) };

/** The mistakes of a refused request, whose messages begin with their line. */
export function mistakesOf(problem: Problem): Mistake[] {
  return problem.errors.map((one) => {
    const found = /^line (\d+): (.*)$/s.exec(one.message);
    return { field: one.field, code: one.code ?? "", message: found ? found[2]! : one.message, line: found ? Number(found[1]) : undefined };
  });
}
