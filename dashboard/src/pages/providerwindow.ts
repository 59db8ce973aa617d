// A sign-in at the identity provider that confirms a change, in a window of its own: the form stays as it is.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Blocked, confirmInWindow, visitProvider } from "../api/visit";
import { fieldsOf } from "./settings/fields";

/** `blocked`: the browser opened no window; the next click goes there in this one, and what was typed is lost. */
type Stage = "idle" | "waiting" | "blocked";

const WORDS: Record<Stage, string> = {
  idle: "",
  waiting: "Sign in in the window that opened. This page keeps what you entered.",
  blocked: "The browser did not open a window. If you continue in this one, you come back to this page and enter the change again.",
};

export function useProviderWindow(onConfirmed: () => unknown) {
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage>("idle");
  const [problem, setProblem] = useState<string>();
  const attempt = useRef<AbortController>(undefined);
  useEffect(() => () => attempt.current?.abort(), []);
  const visit = async () => {
    attempt.current?.abort();
    attempt.current = new AbortController();
    const { signal } = attempt.current;
    setProblem(undefined);
    try {
      if (stage === "blocked") return await visitProvider(location.pathname + location.search);
      setStage("waiting");
      await confirmInWindow(signal);
      await client.invalidateQueries({ queryKey: ["session"] });
      if (signal.aborted) return;
      await onConfirmed();
      setStage("idle");
    } catch (error) {
      if (signal.aborted) return;
      const isBlocked = error instanceof Blocked;
      setStage(isBlocked ? "blocked" : "idle");
      setProblem(isBlocked ? undefined : fieldsOf(error).form);
    }
  };
  return { stage, words: WORDS[stage], problem, visit };
}
