// One alert: when it started, the expression of its rule, its labels.
import { Link } from "@tanstack/react-router";
import { Mark, Time } from "../../parts";
import { capitalize } from "../../parts/casing";
import type { Alert } from "./queries";

export const OUTCOMES: Record<Alert["outcome"], [tone: "ok" | "medium" | "critical" | "info", word: string]> = {
  joined: ["ok", "Explained"],
  waiting: ["info", "Waiting for an issue"],
  unexplained: ["medium", "No failure found"],
  unresolved: ["medium", "Object unknown"],
};

export function AlertFacts({ of }: { of: Alert }) {
  const labels = Object.entries(of.labels).filter(([name]) => name !== "alertname");
  return (
    <div className="min-w-0 text-xs text-muted">
      <p className="break-words">
        {of.status === "firing" ? "Firing since " : "Fired "}
        <Time at={of.startsAt} />
        {of.endsAt && (
          <>
            {" · ended "}
            <Time at={of.endsAt} />
          </>
        )}
      </p>
      {of.expression && <code className="block break-all">{of.expression}</code>}
      <p className="break-all">{labels.map(([name, value]) => `${name}=${value}`).join(" · ")}</p>
    </div>
  );
}

export function AlertName({ of }: { of: Alert }) {
  return of.sourceUrl ? (
    <a href={of.sourceUrl} target="_blank" rel="noreferrer" className="font-medium break-words hover:underline">
      {of.name}
    </a>
  ) : (
    <span className="font-medium break-words">{of.name}</span>
  );
}

/** The issue that explains an alert, or why none does. */
export function AlertOutcome({ of }: { of: Alert }) {
  const [tone, word] = OUTCOMES[of.outcome];
  return (
    <>
      <Mark tone={tone}>{word}</Mark>
      {of.issueId && (
        <Link
          to="/issues/$issueId"
          params={{ issueId: of.issueId }}
          search={true as never}
          className="block rounded-sm break-words text-accent hover:underline"
        >
          {of.issueTitle ?? "Open issue"}
        </Link>
      )}
      {of.reason && <p className="text-xs break-words text-muted">{capitalize(of.reason)}</p>}
    </>
  );
}
