// Who belongs to the organization, in which role, and who is invited.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { meQuery } from "../../api/session";
import {
  Button,
  Cell,
  CopyField,
  capitalize,
  Dialog,
  Failed,
  FormDialog,
  Loading,
  Options,
  Radios,
  Row,
  Section,
  Select,
  Table,
  TextField,
  Time,
  toast,
  toastError,
} from "../../parts";
import { OwnPassword } from "../ownpassword";
import { Access, AccessDialog, whyPassword } from "./bindings";
import { useChange } from "./change";
import { useConfirmed } from "./confirm";
import { withPassword } from "./fields";
import { Introduction } from "./introduction";
import { type CreatedInvite, type Invite, invitesQuery, type Member, membersQuery } from "./queries";
import { Removal } from "./removal";
import { useSubmit } from "./submit";

const ROLES: [role: string, why: string][] = [
  ["viewer", "Can view everything except logs and manifests"],
  ["operator", "Can also work on issues, run runbooks and read logs"],
  ["admin", "Can also approve executions, connect clusters, create keys and invite members"],
  ["owner", "Full access; only owners can add or remove owners"],
];
const isPowerful = (role: string) => role === "admin" || role === "owner";

export function Members() {
  const query = useQuery(membersQuery);
  const { data: me } = useQuery(meQuery);
  const [isInviting, invite] = useState(false);
  const mayChange = !me?.actor.scopes || me.actor.scopes.includes("members:write");
  return (
    <div>
      <Introduction
        actions={
          <Button
            kind="primary"
            icon={<UserPlus aria-hidden />}
            disabled={!mayChange}
            title={
              mayChange ? undefined : `Your role${me?.actor.role ? ` (${me.actor.role})` : ""} cannot invite members; admins and owners can`
            }
            onClick={() => invite(true)}
          >
            Invite
          </Button>
        }
      >
        Members of {me?.organisation.name ?? "the organization"}. Optral sends no email: you share invitation links yourself.
      </Introduction>
      {query.isPending ? (
        <Loading label="Loading members" rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load members" retry={() => void query.refetch()} />
      ) : (
        <MemberTable
          members={query.data.members}
          mayChange={mayChange}
          ownId={(me?.member as { id?: string } | undefined)?.id ?? me?.actor.id}
          isOwner={me?.actor.role === "owner"}
        />
      )}
      {mayChange && <Invites />}
      {isInviting && <InviteDialog isOwner={me?.actor.role === "owner"} onClose={() => invite(false)} />}
    </div>
  );
}

function MemberTable({
  members,
  mayChange,
  ownId,
  isOwner,
}: {
  members: Member[];
  mayChange: boolean;
  ownId: string | undefined;
  isOwner: boolean;
}) {
  const [removing, remove] = useState<Member | null>(null);
  const [giving, give] = useState<{ of: Member; role: string } | null>(null);
  const [limiting, limit] = useState<string | null>(null);
  const limited = members.find((one) => one.id === limiting);
  const client = useQueryClient();
  const setRole = async (member: Member, role: string) => {
    if (isPowerful(role)) {
      give({ of: member, role });
      return;
    }
    try {
      await changeRole(member, role);
    } catch (error) {
      toastError(error);
    }
    void client.invalidateQueries({ queryKey: ["members"] });
  };
  return (
    <>
      <Table label="Members" head={["Email", "Role", "Last signed in", "Since", <span className="sr-only">Actions</span>]}>
        {members.map((one) => {
          const mayTouch = mayChange && (isOwner || one.role !== "owner");
          return (
            <Row key={one.id}>
              <Cell className="font-medium">
                {one.email}
                {one.id === ownId && <span className="font-normal text-muted"> (you)</span>}
              </Cell>
              <Cell>
                {one.limited ? (
                  <Access of={one} />
                ) : mayTouch ? (
                  <Select
                    aria-label={`Role of ${one.email}`}
                    className="h-8! w-auto text-sm!"
                    value={one.role}
                    onChange={(event) => void setRole(one, event.target.value)}
                  >
                    <Options of={ROLES.map(([role]) => role).filter((role) => role !== "owner" || isOwner || one.role === "owner")} />
                  </Select>
                ) : (
                  one.role
                )}
              </Cell>
              <Cell>{one.signedInAt ? <Time at={one.signedInAt} /> : <span className="text-muted">never</span>}</Cell>
              <Cell className="text-muted">
                <Time at={one.createdAt} />
              </Cell>
              <Cell className="whitespace-nowrap text-right">
                {mayTouch && one.role !== "owner" && (
                  <Button small className="mr-2" aria-label={`Access of ${one.email}`} onClick={() => limit(one.id)}>
                    Access
                  </Button>
                )}
                {mayTouch && (
                  <Button small kind="danger" aria-label={`Remove ${one.email}`} onClick={() => remove(one)}>
                    Remove
                  </Button>
                )}
              </Cell>
            </Row>
          );
        })}
      </Table>
      {limited && <AccessDialog of={limited} errorsOf={withPassword} onClose={() => limit(null)} />}
      {removing && <RemoveDialog of={removing} onClose={() => remove(null)} />}
      {giving && <RoleDialog of={giving.of} role={giving.role} onClose={() => give(null)} />}
    </>
  );
}

async function changeRole(member: Member, role: string, password?: string) {
  await send("PATCH", `/v1/members/${encodeURIComponent(member.id)}`, { body: { role, password } });
  toast(`${member.email} is now ${role}`);
}

/** The password goes with the very request that gives a powerful role: an open session alone must not make an administrator. */
function RoleDialog({ of, role, onClose }: { of: Member; role: string; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit(withPassword);
  const client = useQueryClient();
  const save = async () => {
    await submit(async () => {
      await changeRole(of, role, password || undefined);
      onClose();
    });
    void client.invalidateQueries({ queryKey: ["members"] });
  };
  return (
    <FormDialog
      onClose={onClose}
      title={`Make ${of.email} an ${role}?`}
      description={
        role === "owner"
          ? "Owners have full access. Only owners can add or remove owners."
          : "Admins can approve executions, connect clusters, and manage keys and members."
      }
      submit={<>Make {role}</>}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={save}
    >
      <OwnPassword hint={whyPassword(role)} value={password} onChange={setPassword} error={errors.password} />
    </FormDialog>
  );
}

function RemoveDialog({ of, onClose }: { of: Member; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const remove = () =>
    submit(async () => {
      await confirmed(() => send("DELETE", `/v1/members/${encodeURIComponent(of.id)}`));
      toast(`${of.email} was removed`);
      void client.invalidateQueries({ predicate: (query) => ["members", "apiKeys"].includes(String(query.queryKey[0])) });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Remove ${of.email}?`}
      submit="Remove"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={remove}
    >
      <p>
        Ends their sessions and revokes the API keys that they created; both take effect within seconds. Their actions stay in the audit
        log.
      </p>
      <Removal memberId={of.id} />
    </FormDialog>
  );
}

function Invites() {
  const query = useQuery(invitesQuery);
  const { change, sheet } = useChange(["invites"]);
  if (!query.data?.invites.length) return null;
  const withdraw = (one: Invite) => change(() => send("DELETE", `/v1/invites/${encodeURIComponent(one.id)}`), "Invitation revoked");
  return (
    <Section title="Pending invitations">
      <div className="-mx-4">
        <Table label="Pending invitations" head={["Email", "Role", "Expires", <span className="sr-only">Actions</span>]}>
          {query.data.invites.map((one) => (
            <Row key={one.id}>
              <Cell>{one.email ?? <span className="text-muted">anyone with the link</span>}</Cell>
              <Cell>{one.role}</Cell>
              <Cell>
                <Time at={one.expiresAt} />
              </Cell>
              <Cell className="text-right">
                <Button small kind="danger" onClick={() => void withdraw(one)}>
                  Revoke
                </Button>
              </Cell>
            </Row>
          ))}
        </Table>
      </div>
      {sheet}
    </Section>
  );
}

function InviteDialog({ isOwner, onClose }: { isOwner: boolean; onClose: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("viewer");
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit(withPassword);
  const [created, setCreated] = useState<CreatedInvite | null>(null);
  const client = useQueryClient();
  const create = async () => {
    await submit(async () => {
      const body = { role, email: email.trim() || undefined, password: (isPowerful(role) && password) || undefined };
      setCreated(await send<CreatedInvite>("POST", "/v1/invites", { body, idempotencyKey: freshKey() }));
      setPassword("");
      void client.invalidateQueries({ queryKey: ["invites"] });
    });
  };
  if (created)
    return (
      <Dialog
        open
        blocking
        onClose={onClose}
        title={created.emailed ? "Invitation sent" : "Share this link"}
        description={`${created.emailed ? `The link is on its way to ${created.email}. ` : ""}It can be used once and won't be shown again. The person who opens it sets a password and joins the organization.`}
        footer={
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <CopyField label="invitation link" value={created.url} />
        <p className="mt-2 text-muted">
          As {created.role}
          {created.email && ` for ${created.email}`}, until <Time at={created.expiresAt} />.
        </p>
      </Dialog>
    );
  return (
    <FormDialog onClose={onClose} title="Invite member" submit="Create link" isBusy={isBusy} error={errors.form} onSubmit={create}>
      <TextField
        label="Email (optional)"
        hint="If set, only this address can use the link, and it is sent there if this server sends email."
        type="email"
        maxLength={254}
        value={email}
        error={errors.email}
        onChange={setEmail}
      />
      <Radios
        legend="Role"
        of={ROLES.filter(([one]) => one !== "owner" || isOwner).map(([one, why]) => [one, capitalize(one), why])}
        value={role}
        onChange={setRole}
      />
      {isPowerful(role) && <OwnPassword hint={whyPassword(role)} value={password} onChange={setPassword} error={errors.password} />}
    </FormDialog>
  );
}
