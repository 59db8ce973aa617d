// The alerts of other systems that the issue explains, as evidence of it. Absent without any.
import { useQuery } from "@tanstack/react-query";
import { Failed, Mark, Section } from "../../parts";
import { AlertFacts, AlertName } from "../alerts/alert";
import { issueAlertsQuery } from "../alerts/queries";

export function AlertsSection({ issueId }: { issueId: string }) {
  const found = useQuery(issueAlertsQuery(issueId));
  if (found.isLoadingError)
    return (
      <Section id="alerts" title="Alerts">
        <Failed error={found.error} what="Could not load alerts" retry={() => void found.refetch()} />
      </Section>
    );
  const { alerts = [], total = 0 } = found.data ?? {};
  if (!alerts.length) return null;
  return (
    <Section
      id="alerts"
      title={
        <>
          Alerts <span className="font-normal text-muted">{total}</span>
        </>
      }
    >
      <ul className="divide-y divide-line rounded-md border border-line">
        {alerts.map((one) => (
          <li key={one.id} className="px-3 py-1.5">
            <div className="flex flex-wrap items-center gap-x-3">
              <AlertName of={one} />
              <Mark tone={one.status === "firing" ? "critical" : "ok"}>{one.status === "firing" ? "Firing" : "Resolved"}</Mark>
            </div>
            <AlertFacts of={one} />
          </li>
        ))}
      </ul>
      {total > alerts.length && <p className="mt-2 text-muted">Showing the newest {alerts.length}.</p>}
    </Section>
  );
}
