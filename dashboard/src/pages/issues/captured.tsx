// What was captured when the issue opened. Nothing is asked for before somebody wants to see it, since each reading of logs is on record.
import { lazy, Suspense, useState } from "react";
import { Button, Loading, Section } from "../../parts";

const CapturedBody = lazy(() => import("./capturedbody").then((module) => ({ default: module.CapturedBody })));

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
        <Suspense fallback={<Loading rows={3} label="Loading what was captured" />}>
          <CapturedBody issueId={issueId} />
        </Suspense>
      ) : (
        <p className="text-muted">The last lines of its containers, Kubernetes events and changes, as they were when it opened. Kept for two weeks.</p>
      )}
    </Section>
  );
}
