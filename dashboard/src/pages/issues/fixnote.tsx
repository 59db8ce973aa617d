// That no object shows the failure of an issue any more: who fixed it, and how long until it resolves if it stays healthy; or who had fixed it.
import { useCallback, useSyncExternalStore } from "react";
import { Badge, Mark } from "../../parts";
import { dateText, span } from "../../parts/time";
import { usePeople } from "../people";

/** The members of an issue that tell it. `fix` is there after a verified execution. */
export interface Fixable {
  status: string;
  resolvesAt?: string | null;
  fix?: { by?: string | null; resolvesAt?: string | null } | null;
}

const TICK_MS = 1_000;
const IN_SECONDS_S = 120; // below, a minute would stand still for too long

export const isFixed = (issue: Fixable) => !!issue.fix || (issue.status !== "resolved" && !!issue.resolvesAt);

/** Whether an object shows the failure after a verified fix. */
export const isBack = (issue: Fixable) => issue.status !== "resolved" && !!issue.fix && !endOf(issue);

const endOf = (issue: Fixable) => issue.fix?.resolvesAt ?? issue.resolvesAt;

/** "Fixed by you, resolves in 50 s"; `by` is how the person is named. Without an execution that fixed it, it recovered. */
export function fixText(issue: Fixable, by: string | undefined, now: number): string {
  const at = endOf(issue);
  const what = issue.fix ? `Fixed${by ? ` by ${by}` : ""}` : "Recovered";
  if (issue.status === "resolved") return what;
  if (!at) return `${what}, but the failure is back`;
  const seconds = Math.ceil((Date.parse(at) - now) / 1000);
  return seconds > 0 ? `${what}, resolves in ${seconds < IN_SECONDS_S ? `${seconds} s` : span(seconds)}` : `${what}, resolves now`;
}

const titleOf = ({ status }: Fixable, at: string | null | undefined) =>
  status === "resolved"
    ? "The fix was verified before the issue resolved"
    : at
      ? `Resolves at ${dateText(at, { timeStyle: "medium" })} if it stays healthy`
      : "The fix was verified, but an object shows the failure again";

function useSeconds(isCounting: boolean): number {
  const watch = useCallback(
    (tell: () => void) => {
      const timer = isCounting ? setInterval(tell, TICK_MS) : undefined;
      return () => clearInterval(timer);
    },
    [isCounting],
  );
  return useSyncExternalStore(watch, () => Math.floor(Date.now() / TICK_MS) * TICK_MS);
}

/** Nothing unless the issue is fixed. Quiet in a row, a badge in a header. */
export function FixNote({ issue, badge = false }: { issue: Fixable; badge?: boolean }) {
  return isFixed(issue) && <Countdown issue={issue} badge={badge} />;
}

function Countdown({ issue, badge }: { issue: Fixable; badge: boolean }) {
  const now = useSeconds(!!endOf(issue));
  const { name } = usePeople();
  const by = issue.fix?.by ? name(issue.fix.by) : undefined;
  const Look = badge ? Badge : Mark;
  return (
    <Look tone={isBack(issue) ? "medium" : "ok"} title={titleOf(issue, endOf(issue))}>
      {fixText(issue, by, now)}
    </Look>
  );
}
