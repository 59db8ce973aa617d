// Delegations: the members who let another member approve on their behalf, and until when.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, Cell, Failed, FormDialog, Loading, Options, Row, Section, Table, TextField, Time, toast } from "../../parts";
import { ReasonField } from "../formfields";
import { usePeople } from "../people";
import { useConfirmed } from "./confirm";
import { type Delegation, delegationsQuery } from "./delegation";
import { useSubmit } from "./submit";

export function Delegations() {
  const { data: me } = useQuery(meQuery);
  const query = useQuery(delegationsQuery);
  const [opened, open] = useState<"new" | Delegation | null>(null);
  const isPerson = me?.actor.kind === "person";
  const mayDelegate = isPerson && may(me, "runbooks:approve");
  const mayEnd = (one: Delegation) => isPerson && (me.actor.id === one.delegator.id || me.actor.role === "owner");
  if (query.isPending) return <Loading label="Loading delegations" rows={2} />;
  if (!query.data) return <Failed error={query.error} what="Could not load delegations" retry={() => void query.refetch()} />;
  const found = query.data.delegations;
  return (
    <Section
      title="Delegations"
      actions={
        <Button
          icon={<Plus aria-hidden />}
          disabled={!mayDelegate}
          title={mayDelegate ? undefined : "Only a signed-in member who may approve can delegate"}
          onClick={() => open("new")}
        >
          Delegate
        </Button>
      }
    >
      <p className="max-w-prose text-muted">
        While you are away, another member can approve on your behalf what you can approve. The execution must have been requested by
        somebody else, and each of you counts as one approval.
      </p>
      {found.length > 0 && (
        <div className="-mx-4 mt-3">
          <Table label="Delegations" head={["From", "To", "Ends", ""]}>
            {found.map((one) => (
              <DelegationRow key={one.id} of={one} mayEnd={mayEnd(one)} onEnd={() => open(one)} />
            ))}
          </Table>
        </div>
      )}
      {opened === "new" && <DelegateDialog onClose={() => open(null)} />}
      {opened && opened !== "new" && <EndDialog of={opened} onClose={() => open(null)} />}
    </Section>
  );
}

function DelegationRow({ of: one, mayEnd, onEnd }: { of: Delegation; mayEnd: boolean; onEnd: () => void }) {
  return (
    <Row>
      <Cell className="break-all whitespace-normal">
        {one.delegator.email}
        {one.reason && <span className="block text-xs text-muted">{one.reason}</span>}
      </Cell>
      <Cell className="break-all whitespace-normal">{one.delegate.email}</Cell>
      <Cell>
        {!one.active && "Ended "}
        <Time at={one.endsAt} />
      </Cell>
      <Cell>
        {one.active && (
          <Button
            small
            kind="danger"
            disabled={!mayEnd}
            title={mayEnd ? undefined : "The delegator and owners can end it"}
            aria-label={`End the delegation from ${one.delegator.email} to ${one.delegate.email}`}
            onClick={onEnd}
          >
            End
          </Button>
        )}
      </Cell>
    </Row>
  );
}

function DelegateDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { me, all } = usePeople();
  const { errors, isBusy, submit, check } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const [delegate, setDelegate] = useState("");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const save = () => {
    const missing = { delegate: !delegate.trim() && "Enter the email address of a member.", endsAt: !until && "Enter an end time." };
    if (!check(missing)) return;
    void submit(async () => {
      const body = { delegate: delegate.trim(), endsAt: new Date(until).toISOString(), reason: reason.trim() };
      await confirmed(() => send("POST", "/v1/delegations", { body }));
      await client.invalidateQueries({ queryKey: ["delegations"] });
      toast(`${delegate.trim()} can approve on your behalf`);
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Delegate approvals"
      description="The member can approve what you can approve, until the delegation ends."
      submit="Delegate"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={save}
    >
      <TextField
        label="Member"
        hint="Email address."
        type="email"
        list="delegate-members"
        maxLength={254}
        value={delegate}
        error={errors.delegate}
        onChange={setDelegate}
      />
      <datalist id="delegate-members">
        <Options of={all.filter((one) => one.id !== me).map((one) => one.email)} />
      </datalist>
      <TextField
        label="Ends"
        hint="At most 30 days from now."
        type="datetime-local"
        value={until}
        error={errors.endsAt}
        onChange={setUntil}
      />
      <ReasonField
        label="Reason (optional)"
        hint="Shown here and in the audit log."
        error={errors.reason}
        value={reason}
        onChange={setReason}
      />
    </FormDialog>
  );
}

function EndDialog({ of: one, onClose }: { of: Delegation; onClose: () => void }) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit();
  const end = () =>
    submit(async () => {
      await send("DELETE", `/v1/delegations/${encodeURIComponent(one.id)}`);
      await client.invalidateQueries({ queryKey: ["delegations"] });
      toast("The delegation has ended");
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="End this delegation"
      description={`${one.delegate.email} can no longer approve on behalf of ${one.delegator.email}.`}
      submit="End delegation"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={end}
    >
      <p>Approvals that were given on behalf of this member no longer count for executions that have not started their first change.</p>
    </FormDialog>
  );
}
