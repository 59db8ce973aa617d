// What a member may do where: bindings of a role to clusters and namespaces, with or without an end.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { Button, FormDialog, TextField, Time, toast } from "../../parts";
import { OwnPassword } from "../ownpassword";
import { type Binding, placeOf } from "./place";
import { bodyOfPlace, NO_PLACE, PlaceFields } from "./placefields";
import type { Member } from "./queries";
import { useSubmit } from "./submit";

export const whyPassword = (role: string) => `Required to make somebody an ${role}.`;

/** The role of a member, or what bindings give instead. */
export function Access({ of }: { of: Member }) {
  if (!of.bindings.length) return <span className="text-muted">Limited: no access</span>;
  return (
    <ul>
      {of.bindings.map((one) => (
        <li key={one.id} className={one.active ? "" : "text-muted"}>
          {placeOf(one)}
          <End of={one} />
        </li>
      ))}
    </ul>
  );
}

function End({ of }: { of: Binding }) {
  if (!of.endsAt) return null;
  return (
    <span className="text-muted">
      , {of.active ? "ends" : "ended"} <Time at={of.endsAt} />
    </span>
  );
}

export function AccessDialog({
  of,
  errorsOf,
  onClose,
}: {
  of: Member;
  errorsOf: (error: unknown) => Record<string, string>;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit(errorsOf);
  const [place, setPlace] = useState(NO_PLACE);
  const { role } = place;
  const [until, setUntil] = useState("");
  const [password, setPassword] = useState("");
  const path = `/v1/members/${encodeURIComponent(of.id)}`;
  const change = (request: () => Promise<unknown>, said: string) =>
    submit(async () => {
      await request();
      toast(said);
      setPassword("");
      await client.invalidateQueries({ queryKey: ["members"] });
    });
  const add = async () => {
    const body = {
      ...bodyOfPlace(place),
      endsAt: until ? new Date(until).toISOString() : undefined,
      password: (role === "admin" && password) || undefined,
    };
    await change(async () => {
      await send("POST", `${path}/bindings`, { body });
      setPlace({ ...NO_PLACE, role });
      setUntil("");
    }, `${of.email} has access as ${role}`);
  };
  const remove = (one: Binding) =>
    change(() => send("DELETE", `${path}/bindings/${encodeURIComponent(one.id)}`), `Removed: ${placeOf(one)}`);
  const lift = () =>
    change(
      () => send("PATCH", path, { body: { limited: false, password: password || undefined } }),
      `${of.email} has the role ${of.role} in the whole organization again`,
    );
  const needsPassword = role === "admin" || (of.limited && of.role === "admin");
  return (
    <FormDialog
      onClose={onClose}
      title={`Access of ${of.email}`}
      description={
        of.limited
          ? `Limited to the clusters and namespaces below. Lift the limit to make this member ${of.role} in the whole organization again.`
          : `${of.role} in the whole organization. A binding limits this member to the clusters and namespaces that you name.`
      }
      submit="Add binding"
      back="Close"
      isBusy={isBusy}
      actions={
        of.limited && (
          <Button kind="danger" busy={isBusy} onClick={() => void lift()}>
            Lift limit
          </Button>
        )
      }
      error={errors.form}
      onSubmit={add}
    >
      {of.bindings.length > 0 && (
        <ul aria-label="Bindings" className="flex flex-col gap-1">
          {of.bindings.map((one) => (
            <li key={one.id} className="flex items-start gap-2">
              <span className={`min-w-0 flex-1 break-words ${one.active ? "" : "text-muted"}`}>
                {placeOf(one)}
                <End of={one} />
              </span>
              <Button small kind="danger" aria-label={`Remove binding ${placeOf(one)}`} onClick={() => void remove(one)}>
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      <PlaceFields value={place} errors={errors} onChange={setPlace} />
      <TextField
        label="Ends (optional)"
        hint="The member loses this access at that time."
        type="datetime-local"
        value={until}
        error={errors.endsAt}
        onChange={setUntil}
      />
      {needsPassword && (
        <OwnPassword
          hint={whyPassword(role === "admin" ? role : of.role)}
          value={password}
          onChange={setPassword}
          error={errors.password}
        />
      )}
    </FormDialog>
  );
}
