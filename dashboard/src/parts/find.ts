// The search in lines: plain text at once, a regular expression in a worker of its own with a deadline.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { cut, cutAt, hits, invalid, type Ranges } from "./logtext";
import type { SearchAnswer, SearchRequest } from "./searchworker";

const DEADLINE_MS = 1000;

export interface Found {
  /** The numbers of the lines that fit. */
  lines: readonly number[];
  /** A line cut where it fits; every second part is a hit. */
  parts: (index: number) => string[];
  /** Why there is no result. */
  problem?: string;
}

export function useFind(texts: readonly string[], wanted: string, isRegex: boolean): Found {
  const byWorker = useMatches(texts, isRegex ? wanted : "");
  const plain = useMemo(() => (isRegex ? [] : hits(texts, wanted)), [texts, wanted, isRegex]);
  const parts = useCallback(
    (index: number) => (isRegex ? cutAt(texts[index] ?? "", byWorker.found.get(index) ?? []) : cut(texts[index] ?? "", wanted)),
    [texts, wanted, isRegex, byWorker],
  );
  return isRegex ? { lines: byWorker.lines, parts, problem: byWorker.problem } : { lines: plain, parts };
}

interface Matches {
  found: ReadonlyMap<number, Ranges>;
  lines: readonly number[];
  problem?: string;
}
const NONE: Matches = { found: new Map(), lines: [] };

function useMatches(texts: readonly string[], pattern: string): Matches {
  const [state, set] = useState<Matches>(NONE);
  const worker = useRef<Worker | null>(null);
  const last = useRef(0);
  const isTooSlow = useRef(""); // a pattern that was ended once is not tried again with every new line
  useEffect(() => () => worker.current?.terminate(), []);
  useEffect(() => {
    const problem = pattern ? invalid(pattern) : undefined;
    if (!pattern || problem || isTooSlow.current === pattern) {
      set((before) => (pattern && !problem ? before : problem ? { ...NONE, problem } : NONE));
      return;
    }
    worker.current ??= new Worker(new URL("./searchworker.ts", import.meta.url), { type: "module" });
    const current = worker.current;
    const id = ++last.current;
    current.onmessage = (event: MessageEvent<SearchAnswer>) => {
      if (event.data.id !== last.current) return;
      clearTimeout(deadline);
      set({ found: new Map(event.data.found), lines: event.data.found.map(([index]) => index) });
    };
    const deadline = setTimeout(() => {
      current.terminate();
      worker.current = null;
      isTooSlow.current = pattern;
      set({ ...NONE, problem: "takes too long" });
    }, DEADLINE_MS);
    current.postMessage({ id, texts, pattern } satisfies SearchRequest);
    return () => clearTimeout(deadline);
  }, [texts, pattern]);
  return state;
}
