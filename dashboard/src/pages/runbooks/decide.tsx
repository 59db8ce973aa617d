// Approve, reject or cancel an execution: in a dialog, or for an approval also in place.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { freshKey, Problem } from "../../api/client";
import { type Me, may, meQuery } from "../../api/session";
import { Check, FormDialog, Options, SelectField, TextField, toast } from "../../parts";
import { ReasonField } from "../formfields";
import { usePeople } from "../people";
import { useConfirmed } from "../settings/confirm";
import { useDelegators } from "../settings/delegation";
import { useSubmit } from "../settings/submit";
import { safeguardsQuery } from "../triggers/queries";
import { targetText } from "./labels";
import { PlanView } from "./plan";
import { decide, type Execution } from "./queries";

export type Word = "approve" | "reject" | "cancel" | "breakGlass";

/** The person behind the session, or behind the key. */
export const selfOf = (me: Me | undefined) => (me?.member as { id?: string } | undefined)?.id ?? me?.actor.id;

const WORDS: Record<Word, [title: string, button: string, message: string]> = {
  approve: ["Approve this plan", "Approve and run", "Approved"],
  reject: ["Reject this execution", "Reject", "Rejected"],
  cancel: ["Cancel this execution", "Cancel", "Canceling"],
  breakGlass: ["Skip missing approvals", "Skip approvals and run", "Running without the missing approvals"],
};

const formError = (error: unknown) => ({ form: (error as Error).message });

/** Whether the signed-in person may go on without approvals that are missing. */
export function useBreakGlass(): boolean {
  const { data: me } = useQuery(meQuery);
  const isPossible = may(me, "runbooks:approve") && me?.actor.kind === "person";
  const { data } = useQuery({ ...safeguardsQuery, enabled: isPossible });
  const role = me?.actor.role;
  return isPossible && (data?.breakGlassRoles ?? []).some((one) => one === role);
}

/** What the server asks for with a decision, and sending it. `isOwn`: by the person who requested the execution. */
export function useDecision({ word, execution, isOwn, onDone }: { word: Word; execution: Execution; isOwn: boolean; onDone?: () => void }) {
  const [reason, setReason] = useState("");
  const [confirm, setConfirm] = useState("");
  const { errors, isBusy, submit } = useSubmit(formError);
  const [leavesOpen, leaveOpen] = useState(false);
  const [needsName, needName] = useState(isOwn && word === "approve");
  const [key] = useState(freshKey);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const { data: me } = useQuery(meQuery);
  const delegators = useDelegators(execution.requestedBy, word === "approve" && execution.status === "pendingApproval");
  const mayApprove = may(me, "runbooks:approve");
  const [chosen, choose] = useState<string | null>(null);
  const member = chosen ?? (mayApprove ? "" : (delegators[0]?.id ?? ""));
  const send = () => {
    const rest = word === "cancel" && execution.byPullRequest ? { reason, leavePullRequestOpen: leavesOpen } : { reason };
    const skipping = { breakGlass: reason.trim(), planHash: execution.plan?.hash };
    const body =
      word === "breakGlass"
        ? skipping
        : word === "approve" && member
          ? { member, reason, planHash: execution.plan?.hash }
          : word === "approve"
            ? { reason, planHash: execution.plan?.hash, ...(needsName ? { confirm: confirm.trim() } : {}) }
            : rest;
    const verb = word === "breakGlass" ? "approve" : word === "approve" && member ? "approve-on-behalf" : word;
    const intent = needsName || errors.form ? freshKey() : key;
    return submit(async () => {
      const after = await confirmed(() => decide(execution.id, verb, body, intent)).catch((error: unknown) => {
        if (error instanceof Problem && error.code === "confirmation_needed") needName(true);
        throw error;
      });
      client.setQueryData(["execution", execution.id], after);
      if (!onDone) return; // in place, the page shows it
      toast(WORDS[word][2]);
      onDone();
    });
  };
  const fields = (
    <>
      {word === "cancel" && execution.byPullRequest && (
        <Check checked={leavesOpen} onChange={leaveOpen}>
          Leave the pull request open
        </Check>
      )}
      {delegators.length > 0 && (
        <SelectField
          label="Approve"
          hint="Each member counts once, no matter who approves on their behalf."
          value={member}
          onChange={choose}
        >
          {mayApprove && <option value="">As yourself</option>}
          <Options of={delegators.map((one) => [one.id, `On behalf of ${one.email}`])} />
        </SelectField>
      )}
      <ReasonField
        hint={
          word === "breakGlass"
            ? "Required; at least ten characters. Sent to webhooks, and recorded in the audit log."
            : needsName
              ? "Required; at least three characters."
              : undefined
        }
        value={reason}
        onChange={setReason}
      />
      {needsName && (
        <TextField label={`Type ${execution.target.name} to confirm`} spellCheck={false} value={confirm} onChange={setConfirm} />
      )}
    </>
  );
  return { fields, submit: send, isBusy, error: errors.form, sheet };
}

/** Who approves an execution that somebody requested. */
export const approverText = (isOwn: boolean, isAlone: boolean) =>
  !isOwn
    ? null
    : isAlone
      ? "You can approve it yourself: you are the only member. Give a reason and the target's name."
      : "You requested this execution, so another member has to approve it.";

export function Decide({ word, execution, isOwn, onClose }: { word: Word; execution: Execution; isOwn: boolean; onClose: () => void }) {
  const isAlone = usePeople().isAlone && !execution.needsAnotherPerson;
  const { fields, submit, isBusy, error, sheet } = useDecision({ word, execution, isOwn, onDone: onClose });
  const [title, button] = WORDS[word];
  const what: Record<Word, ReactNode> = {
    approve: execution.plan && <PlanView plan={execution.plan} />,
    breakGlass: (
      <>
        <p>The plan runs now, without the missing approvals and even during a freeze. Use this only in an emergency.</p>
        {execution.plan && <PlanView plan={execution.plan} />}
      </>
    ),
    reject: <p>Nothing changes in the cluster.</p>,
    cancel: (
      <p>
        {execution.byPullRequest
          ? "Its pull request is closed. Nothing was changed in the cluster."
          : execution.startedAt
            ? "The running step finishes first, because it cannot be interrupted. Later steps do not start. Completed changes are not reverted."
            : "Nothing has changed yet, and nothing will change."}
      </p>
    ),
  };
  return (
    <FormDialog
      wide={word === "approve" || word === "breakGlass"}
      onClose={onClose}
      title={title}
      description={`${execution.runbook.name} on ${targetText(execution.target)} in ${execution.cluster}`}
      submit={button}
      kind={word === "approve" ? "primary" : "danger"}
      back="Back"
      isBusy={isBusy}
      error={error}
      sheet={sheet}
      onSubmit={submit}
    >
      {what[word]}
      {word === "approve" && isOwn && <p className="text-muted">{approverText(isOwn, isAlone)}</p>}
      {fields}
    </FormDialog>
  );
}
