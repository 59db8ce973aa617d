// An issue whose failure no object shows any more: fixed, and not resolved until it has stayed healthy for a while.
import type { Issue } from "../../api/queries";
import { Badge, Mark } from "../../parts";
import { dateText } from "../../parts/time";

export const isFixed = (issue: Issue) => issue.status !== "resolved" && !!issue.resolvesAt;

/** "Fixed; resolves at 21:49 if it stays healthy" */
export const fixedText = (at: string) => `Fixed; resolves at ${minute(at)} if it stays healthy`;

const minute = (at: string) => dateText(at, { hour: "2-digit", minute: "2-digit" });

/** In a row there is room for the time only. */
export function Fixed({ issue }: { issue: Issue }) {
  return (
    <Mark tone="ok" title={fixedText(issue.resolvesAt!)}>
      Resolves {minute(issue.resolvesAt!)}
    </Mark>
  );
}

export function FixedBadge({ issue }: { issue: Issue }) {
  return isFixed(issue) && <Badge tone="ok">{fixedText(issue.resolvesAt!)}</Badge>;
}
