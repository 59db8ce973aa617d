// Where the panel of an issue shows a runbook in place of the issue, by what stands behind the `#` of its address: the list does not
// filter by it, and the next issue starts without it. The code is loaded when it is needed.
import { useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo } from "react";
import type { Issue } from "../../api/queries";
import { lazyPage } from "../lazy";
import { type CureAddress, cureHash } from "./cureaddress";
import { holding, UnfinishedLine, useUnfinished } from "./unfinished";

const Cure = lazyPage(() => import("./cure"), "Cure");

export function IssueCure({ issue, otherwise }: { issue: Issue; otherwise: ReactNode }) {
  const hash = useLocation({ select: (at) => at.hash });
  const at = useMemo(() => Object.fromEntries(new URLSearchParams(hash)) as CureAddress, [hash]);
  const go = useNavigate();
  const show = useCallback(
    (next: CureAddress, replace: boolean) => void go({ to: ".", search: true, hash: cureHash(next), replace } as never),
    [go],
  );
  const close = useCallback(() => show({}, false), [show]);
  const { run } = at;
  const unfinished = useUnfinished(issue.id);
  const onStarted = useCallback((execution: string) => show({ run, execution }, true), [show, run]);
  if (!run)
    return (
      <>
        {unfinished.map((one) => (
          <div key={one.id} className="border-b border-line bg-surface px-4 py-2">
            <UnfinishedLine of={one} issueId={issue.id} />
          </div>
        ))}
        {otherwise}
      </>
    );
  const execution = at.execution ?? holding(unfinished, run)?.id;
  return <Cure issue={issue} address={{ ...at, execution }} onClose={close} onStarted={onStarted} />;
}
