// The log of an execution as it grows: read by offset, each question waiting on the server until there is something new.
import { useEffect, useState } from "react";
import { type LogEntry, readLog } from "./queries";

const WAIT_S = 20;
const MAX_PAUSE_MS = 15_000;

export interface ExecutionLog {
  entries: readonly LogEntry[];
  isComplete: boolean;
  error: Error | null;
}

/** Follow the log of `id` from its beginning until it is complete. */
export function useExecutionLog(id: string): ExecutionLog {
  const [log, setLog] = useState<ExecutionLog>({ entries: [], isComplete: false, error: null });
  useEffect(() => {
    const aborter = new AbortController();
    setLog({ entries: [], isComplete: false, error: null });
    void follow(id, aborter.signal, setLog);
    return () => aborter.abort();
  }, [id]);
  return log;
}

export async function follow(
  id: string,
  signal: AbortSignal,
  onLog: (log: ExecutionLog) => void,
  read: typeof readLog = readLog,
  pause: (ms: number, signal: AbortSignal) => Promise<void> = pauseFor,
): Promise<void> {
  let entries: LogEntry[] = [];
  let offset = 0;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const page = await read(id, offset, offset === 0 ? 0 : WAIT_S, signal);
      failures = 0;
      if (page.logs.length) entries = [...entries, ...page.logs.filter((one) => one.offset >= offset)];
      const isStill = page.nextOffset === offset;
      offset = page.nextOffset;
      onLog({ entries, isComplete: page.completed, error: null });
      if (page.completed) return;
      if (isStill) await pause(500, signal); // a server that does not wait must not be asked without end
    } catch (error) {
      if (signal.aborted) return;
      onLog({ entries, isComplete: false, error: error as Error });
      await pause(Math.min(MAX_PAUSE_MS, 1_000 * 2 ** failures++), signal);
    }
  }
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    const stop = () => {
      clearTimeout(timer);
      done();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
