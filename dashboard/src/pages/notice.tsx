// One line over every page that says what is shown is old, and from when: the connection is lost, or a part could not be fetched again.
import { notifyManager, type Query, useQueryClient } from "@tanstack/react-query";
import { CloudOff } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { tryNow, useLive } from "../live/live";
import { Button, timeOfDay } from "../parts";

const LASTING_MS = 1_000; // a connection that is back at once is not worth a line

export function Notice() {
  const { state, since } = useLive();
  const isLost = useLasting(state === "reconnecting");
  const outdated = useOutdated();
  if (isLost)
    return (
      <Line onRetry={tryNow} retry="Try now">
        Connection lost. This page shows data from <Clock at={since} />. Retrying automatically.
      </Line>
    );
  if (!outdated) return null;
  return (
    <Line onRetry={() => void outdated.fetch()} retry="Try again">
      Part of this page could not be updated and shows data from <Clock at={outdated.state.dataUpdatedAt} />:{" "}
      {(outdated.state.error as Error | null)?.message}
    </Line>
  );
}

function Line({ children, retry, onRetry }: { children: React.ReactNode; retry: string; onRetry: () => void }) {
  return (
    <div role="status" className="flex items-center gap-2 border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
      <CloudOff aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 break-words">{children}</p>
      <Button small onClick={onRetry}>
        {retry}
      </Button>
    </div>
  );
}

const Clock = ({ at }: { at: number }) => (
  <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
    {timeOfDay(at)}
  </time>
);

/** True once `value` has been true for a while. */
function useLasting(value: boolean): boolean {
  const [lasts, set] = useState(false);
  useEffect(() => {
    if (!value) {
      set(false);
      return;
    }
    const timer = setTimeout(() => set(true), LASTING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return lasts;
}

const isOutdated = (query: Query) => query.isActive() && query.state.status === "error" && query.state.data !== undefined;

/** The query with the oldest data among those on the screen whose last fetch failed. */
function useOutdated(): Query | undefined {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    (tell) => cache.subscribe(notifyManager.batchCalls(tell)),
    () =>
      cache
        .getAll()
        .filter(isOutdated)
        .sort((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt)[0],
  );
}
