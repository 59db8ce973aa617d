// The data captured when the issue opened. It is fetched on demand, because each access to logs is in the audit log.
import { useState } from "react";
import { Button, Section } from "../../parts";
import { lazyPage } from "../lazy";

const CapturedBody = lazyPage(() => import("./capturedbody"), "CapturedBody");

export function CapturedSection({ issueId, mayRead }: { issueId: string; mayRead: boolean }) {
  const [isShown, show] = useState(false);
  return (
    <Section
      id="captured"
      title="Captured at detection"
      actions={
        mayRead && (
          <Button
            small
            kind="quiet"
            aria-expanded={isShown}
            aria-label={isShown ? "Hide captured data" : "Show captured data"}
            onClick={() => show(!isShown)}
          >
            {isShown ? "Hide" : "Show"}
          </Button>
        )
      }
    >
      {!mayRead ? (
        <p className="text-muted">
          The last log lines of the containers, with Kubernetes events and changes. Your role cannot read logs; operators can.
        </p>
      ) : isShown ? (
        <CapturedBody issueId={issueId} />
      ) : (
        <p className="text-muted">
          The last log lines of the containers, Kubernetes events and changes at the time the issue opened. Kept for two weeks.
        </p>
      )}
    </Section>
  );
}
