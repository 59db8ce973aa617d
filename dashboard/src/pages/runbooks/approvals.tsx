// Who decided on a plan, how many approvals count, and the reason of whoever went on without them.
import type { ReactNode } from "react";
import { Glyph, Section, Time, type Tone } from "../../parts";
import { usePeople } from "../people";
import { Person } from "../settings/person";
import type { Execution } from "./queries";

type Approval = NonNullable<Execution["approval"]>;
type Decision = NonNullable<Approval["decisions"]>[number];

/** "1 of 2 approvals"; undefined before the plan is ready. */
export const countText = (of: Approval | undefined) =>
  of?.needed === undefined ? undefined : `${of.given} of ${of.needed} approval${of.needed === 1 ? "" : "s"}`;

const VERDICTS: Record<Decision["verdict"], [Tone, string]> = {
  approved: ["ok", "Approved"],
  rejected: ["critical", "Rejected"],
  breakGlass: ["high", "Skipped missing approvals"],
};

/** The reason of a change that the rules did not allow, where nobody overlooks it. */
export function BreakGlass({ execution }: { execution: Execution }) {
  if (!execution.breakGlass) return null;
  const skipped = execution.approval?.decisions?.some((one) => one.verdict === "breakGlass");
  return (
    <div role="note" aria-label="Break-glass" className="flex items-start gap-2 border-b border-line bg-high-tint px-4 py-3 text-high">
      <Glyph tone="high" className="mt-1.5 text-current" />
      <p className="min-w-0 break-words">
        <strong>Break-glass{skipped ? ", without the missing approvals" : ", also during a freeze"}:</strong> {execution.breakGlass}
      </p>
    </div>
  );
}

/** `actions`: what can be done beside approving. */
export function Approvals({ execution, actions }: { execution: Execution; actions?: ReactNode }) {
  const { approval } = execution;
  const { name } = usePeople();
  if (approval?.needed === undefined) return null;
  const decisions = approval.decisions ?? [];
  return (
    <Section title="Approvals" actions={actions}>
      <p className="text-muted">
        {countText(approval)}
        {approval.approvers?.map((group) => {
          const who = [...group.roles.map((role) => `${role}s`), ...group.members.map((id) => name(id) ?? id)];
          return <span key={who.join()}>; only from {who.join(", ")}</span>;
        })}
      </p>
      {decisions.length > 0 && (
        <ul aria-label="Decisions on the plan" className="mt-2 flex flex-col gap-2">
          {decisions.map((one) => (
            <DecisionLine key={one.at + one.by} of={one} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function DecisionLine({ of: one }: { of: Decision }) {
  const [tone, text] = VERDICTS[one.verdict];
  const isLost = !one.counts && one.verdict !== "rejected";
  return (
    <li className="flex items-start gap-2">
      <Glyph tone={isLost ? "info" : tone} className="mt-1.5" />
      <div className="min-w-0 break-words">
        {text} by <Person id={one.by} />
        {one.onBehalfOf && (
          <>
            {" "}
            on behalf of <Person id={one.onBehalfOf} />
          </>
        )}
        , <Time at={one.at} />
        {isLost && <span className="text-muted">; no longer counts</span>}
        {one.reason && <p className="text-muted">{one.reason}</p>}
      </div>
    </li>
  );
}
