// When notifications of a webhook are sent, and a preview of what would have been sent in the past week.

import type { Schemas } from "../../api/client";
import { Check, Clock, Glyph, plural, TextField } from "../../parts";
import { LowestSeverityField } from "../formfields";
import { AskedBox, useAsked } from "../triggers/preview";
import { routingOf, type Webhook, type WebhookDraft } from "./webhook";

type Preview = Schemas["RoutingPreview"];

interface TimesProps {
  draft: WebhookDraft;
  errors: Record<string, string | null>;
  set: (change: Partial<WebhookDraft>) => void;
}

export function TimeFields({ draft, errors, set }: TimesProps) {
  const input = (name: "escalation" | "quietFrom" | "quietTo" | "quietZone" | "heldUntil", label: string, type: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      type={type}
      min={type === "number" ? 0 : undefined}
      max={type === "number" ? 1440 : undefined}
      spellCheck={false}
      value={draft[name]}
      error={errors[name]}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {input("escalation", "Escalate after (minutes)", "number", "Only issues that nobody has acknowledged by then. Empty for at once.")}
        {input("heldUntil", "Hold until", "datetime-local", "Notifications wait until then, at most seven days.")}
        {input("quietFrom", "Quiet hours from", "time", "Notifications of these hours wait until the hours end.")}
        {draft.quietFrom && input("quietTo", "Quiet hours to", "time")}
        {draft.quietFrom && input("quietZone", "Time zone", "text")}
        {draft.quietFrom && (
          <LowestSeverityField
            label="Severities sent anyway"
            none="none"
            value={draft.quietBut}
            error={errors.quietBut}
            onChange={(quietBut) => set({ quietBut })}
          />
        )}
      </div>
      {draft.quietFrom && (
        <Check checked={draft.quietDrop} onChange={(quietDrop) => set({ quietDrop })}>
          Discard the notifications of these hours
        </Check>
      )}
    </>
  );
}

const OUTCOMES: Record<Preview["issues"][number]["outcome"], string> = {
  sent: "",
  held: "held until",
  dropped: "not sent",
  escalated: "if not acknowledged by",
};

const SHOWN = 10;

/** Which issues of the past week such a webhook would have been notified of. */
export const useRouting = (draft: WebhookDraft, webhook?: Webhook) =>
  useAsked<Preview>("/v1/webhooks/preview", draft.form === "alerts" || isHalfQuiet(draft) ? undefined : routingOf(draft, webhook));

const isHalfQuiet = ({ quietFrom, quietTo }: WebhookDraft) => Boolean(quietFrom) && !quietTo;

export function RoutingPreview({ of }: { of: ReturnType<typeof useRouting> }) {
  const [why = "Enter when the quiet hours end to see which issues of the past seven days match."] = Object.values(of.errors);
  return (
    <AskedBox of={of} empty={why}>
      {({ total, issues }) => (
        <>
          <p>{total ? `${plural(total, "issue")} of the past seven days match.` : "No issue of the past seven days matches."}</p>
          <ul className="mt-1 flex flex-col gap-0.5">
            {issues.slice(0, SHOWN).map((one) => (
              <li key={one.id} className="flex items-baseline gap-2">
                <Glyph tone={one.severity} />
                <span className="min-w-0 truncate">{one.title}</span>
                <span className="ml-auto shrink-0 text-xs text-muted">
                  {OUTCOMES[one.outcome]} <Clock at={one.leavesAt} />
                </span>
              </li>
            ))}
          </ul>
          {total > SHOWN && <p className="mt-1 text-muted">and {total - SHOWN} more</p>}
        </>
      )}
    </AskedBox>
  );
}
