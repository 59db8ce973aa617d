// What was captured when the issue opened. Nothing is asked for before somebody wants to see it, since each reading of logs is on record.
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
          <Button small kind="quiet" aria-expanded={isShown} aria-label={isShown ? "Hide what was captured" : "Show what was captured"} onClick={() => show(!isShown)}>
            {isShown ? "Hide" : "Show"}
          </Button>
        )
      }
    >
      {!mayRead ? (
        <p className="text-muted">The last lines of its containers, and what was around them. Your role may not read logs; an operator can.</p>
      ) : isShown ? (
        <CapturedBody issueId={issueId} />
      ) : (
        <p className="text-muted">The last lines of its containers, Kubernetes events and changes, as they were when it opened. Kept for two weeks.</p>
      )}
    </Section>
  );
}
