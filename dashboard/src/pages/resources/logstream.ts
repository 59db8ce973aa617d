// Lines of many containers: the first read, and what follows. Missing lines are named to a reader that comes late.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Problem, type Schemas, send } from "../../api/client";
import { keyOf, type LogSource } from "./lognames";

type Answer = Schemas["LogLines"];

export interface LogsParams {
  /** Ids with commas between them. */
  resource: string;
  container: string;
  allContainers: boolean;
  previous: boolean;
  tailLines: number;
  sinceSeconds?: number;
}

export interface ShownLine {
  /** `keyOf` its source; empty for a note. */
  source: string;
  text: string;
  time?: string;
  /** Instead of a line: what has to be said here. */
  note?: string;
}

interface State {
  lines: readonly ShownLine[];
  sources: readonly LogSource[];
  /** Pod and container of every source that was there, by `keyOf`. */
  names: ReadonlyMap<string, string>;
  leftOut: number;
  hasEarlier: boolean;
  error: unknown;
  isFetching: boolean;
}

export interface Shown extends State {
  reload: () => void;
}

const MOST_LINES = 20_000; // kept on the page; of more, the newest
const WAIT_S = 10;
const PAUSE_MS = 500;
const RETRY_MS = 3000;
const BEGUN: State = { lines: [], sources: [], names: new Map(), leftOut: 0, hasEarlier: false, error: null, isFetching: true };

const read = (params: LogsParams, signal: AbortSignal, more: { cursor?: string; wait?: number } = {}) =>
  send<Answer>("GET", "/v1/logs", {
    query: { ...params, previous: params.previous || undefined, allContainers: params.allContainers || undefined, ...more },
    signal,
  });

export function useLogs(params: LogsParams, isFollowed: boolean): Shown {
  const key = JSON.stringify(params);
  const wanted = useMemo<LogsParams>(() => JSON.parse(key), [key]);
  const [turn, setTurn] = useState(0);
  const [state, set] = useState<State>(BEGUN);
  const cursor = useRef<string>(undefined);
  const [isBegun, begin] = useState(false);

  useEffect(() => {
    const leaving = new AbortController();
    begin(false);
    set((before) => ({ ...before, isFetching: true, error: null }));
    read(wanted, leaving.signal).then(
      (answer) => {
        cursor.current = answer.cursor;
        set(first(answer));
        begin(true);
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) set({ ...BEGUN, isFetching: false, error });
      },
    );
    return () => leaving.abort();
  }, [wanted, turn]);

  useEffect(() => {
    if (!isFollowed || !isBegun) return;
    const leaving = new AbortController();
    void follow(wanted, cursor, leaving.signal, set);
    return () => leaving.abort();
  }, [wanted, isFollowed, isBegun]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return useMemo(() => ({ ...state, reload }), [state, reload]);
}

/** Reads on until `signal`; what cannot pass by itself ends it. */
async function follow(
  params: LogsParams,
  cursor: { current: string | undefined },
  signal: AbortSignal,
  set: (change: (before: State) => State) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const answer = await read(params, signal, { cursor: cursor.current, wait: WAIT_S });
      cursor.current = answer.cursor;
      set((before) => next(before, answer));
      await pause(answer.lines.length ? PAUSE_MS : 0, signal);
    } catch (error) {
      if (signal.aborted) return;
      set((before) => ({ ...before, error }));
      if (!mayPass(error)) return;
      await pause(RETRY_MS, signal);
    }
  }
}

const mayPass = (error: unknown) =>
  error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500 || error.code === "cluster_offline");

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

export function first(answer: Answer): State {
  return {
    lines: lines(answer),
    sources: answer.sources,
    names: named(new Map(), answer.sources),
    leftOut: answer.leftOut,
    hasEarlier: answer.sources.some((one) => one.hasEarlier),
    error: null,
    isFetching: false,
  };
}

/** What was shown and what is new, with a note wherever a pod came or went, restarted, or lines are missing. */
export function next(before: State, answer: Answer): State {
  const knownGone = new Set(before.sources.filter((one) => one.state === "gone").map(keyOf));
  const notes = answer.sources.flatMap((one) => noteOf(one, knownGone).map((note): ShownLine => ({ source: "", text: "", note })));
  const gone = answer.sources.filter((one) => one.state === "gone" && !one.namespace); // the inventory has no such pod any more
  const names = named(before.names, answer.sources);
  if (!answer.lines.length && !notes.length && before.error === null) return { ...before, sources: kept(answer.sources, gone), names };
  return {
    ...before,
    lines: [...before.lines, ...notes, ...lines(answer)].slice(-MOST_LINES),
    sources: kept(answer.sources, gone),
    names,
    leftOut: answer.leftOut,
    error: null,
  };
}

const kept = (all: readonly LogSource[], gone: readonly LogSource[]) => (gone.length ? all.filter((one) => !gone.includes(one)) : all);

function noteOf(one: LogSource, knownGone: ReadonlySet<string>): string[] {
  const name = `${one.pod} ${one.container}`;
  const notes: string[] = [];
  if (one.state === "gone" && !knownGone.has(keyOf(one))) notes.push(`${name}: ${one.reason ?? "the pod no longer exists"}`);
  if (one.isNew && one.state === "read") notes.push(`${name} is new`);
  if (one.restarted) notes.push(`${name} has restarted`);
  if (one.hasEarlier && !one.isNew) notes.push(`Lines of ${name} are missing here: the log grew faster than it can be read`);
  return notes;
}

const lines = (answer: Answer): ShownLine[] =>
  answer.lines.map((line) => ({ source: keyOf(answer.sources[line.source]!), text: line.text, time: line.time ?? undefined }));

function named(before: ReadonlyMap<string, string>, sources: readonly LogSource[]): ReadonlyMap<string, string> {
  const fresh = sources.filter((one) => !before.has(keyOf(one)));
  return fresh.length ? new Map([...before, ...fresh.map((one): [string, string] => [keyOf(one), `${one.pod} ${one.container}`])]) : before;
}
