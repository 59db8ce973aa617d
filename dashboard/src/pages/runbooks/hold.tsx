// Why a run would be refused for a while: its runbook changes the object already, or has changed it just now.
import type { Action } from "../../api/analysis";
import { Clock } from "../../parts";
import { useNow } from "../../parts/time";
import { RefusalText } from "./execute";

/** Nothing once a cooldown has ended. */
export function HoldNotice({ of: hold }: { of: Action["hold"] }) {
  const now = useNow();
  if (!hold || (hold.until && Date.parse(hold.until) <= now)) return null;
  return (
    <p role="note" className="rounded-md bg-medium-tint px-3 py-2 break-words text-medium">
      {hold.until ? (
        <>
          {hold.message}. A run is possible again at <Clock at={hold.until} />.
        </>
      ) : (
        <RefusalText error={new Error(`${hold.message}.`)} />
      )}
    </p>
  );
}
