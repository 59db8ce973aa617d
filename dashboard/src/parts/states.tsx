// What a screen shows when it has no data to show: still loading, nothing there, nothing fits, or it went wrong.

import { CircleAlert, Inbox, Lock } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { isPassing, Problem } from "../api/problem";
import { Button, Spinner } from "./button";
import { cx } from "./style";

/** Grey bars in the final geometry; invisible for the first moment, so that quick answers show none. */
export function Loading({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" className="late">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} aria-hidden className="flex h-10 items-center gap-4 border-b border-line px-4">
          <span className="h-3 w-16 rounded-sm bg-hover" />
          <span className={cx("h-3 rounded-sm bg-hover", ["w-1/2", "w-2/5", "w-3/5", "w-1/3"][row % 4])} />
        </div>
      ))}
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-16 text-center">
      <Inbox aria-hidden className="size-7 text-control" strokeWidth={1.5} />
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="text-muted">{children}</div>}
      {action && <div className="mt-2 flex gap-2">{action}</div>}
    </div>
  );
}

const REFUSED: Record<string, string> = {
  missing_scope: "Your role does not allow this",
  beyond_own_namespaces: "Your access does not include this",
  beyond_own_clusters: "Your access does not include this",
};

/** What failed, in words, with the number that finds it in the log, and another try; what is refused to this person is no failure. */
export function Failed({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const isRefused = problem?.status === 403;
  const Icon = isRefused ? Lock : CircleAlert;
  const [tried, setTried] = useState<unknown>(null); // the error that is shown while the next try is on its way
  return (
    <div role="alert" className="m-4 flex h-fit flex-wrap items-start gap-3 rounded-md border border-line bg-surface p-4">
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", isRefused ? "text-muted" : "text-critical-solid")} />
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium">{isRefused ? (REFUSED[problem.code] ?? "You do not have access to this") : what}</p>
        <p className="break-words text-muted first-letter:uppercase">
          {problem?.detail ?? (error instanceof Error ? error.message : String(error))}
        </p>
        {retry && isPassing(error) && <p className="text-muted">Retrying automatically.</p>}
        {problem?.status === 429 && <Countdown seconds={problem.retryAfterS ?? 60} />}
        {problem?.requestId && !isRefused && <p className="mt-1 font-mono text-xs break-all text-muted">Request id {problem.requestId}</p>}
      </div>
      {retry && !isRefused && (
        <Button
          small
          icon={tried === error ? <Spinner /> : undefined}
          onClick={() => {
            setTried(error);
            retry();
          }}
        >
          Try again
        </Button>
      )}
    </div>
  );
}

function Countdown({ seconds }: { seconds: number }) {
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    const timer = setInterval(() => setLeft((one) => Math.max(0, one - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  return <p className="text-muted">{left > 0 ? `Try again in ${left} s.` : "You can try again now."}</p>;
}
