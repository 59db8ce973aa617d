// Who belongs to the organisation, in which role, and who is invited.
import { useState, type FormEvent } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { freshKey, Problem, send } from "../../api/client";
import { meQuery } from "../../api/session";
import { Button, Cell, CopyField, Dialog, Failed, Field, FormError, Input, Loading, Row, Section, Select, Table, Time, toast, toastError } from "../../parts";
import { isWithdrawn, useConfirmed } from "./confirm";
import { fieldsOf } from "./fields";
import { invitesQuery, membersQuery, type CreatedInvite, type Invite, type Member } from "./queries";

const ROLES: [role: string, why: string][] = [
  ["viewer", "looks at everything but logs and manifests"],
  ["operator", "also handles issues, runs runbooks, reads logs"],
  ["admin", "also approves, connects clusters, makes keys, invites"],
  ["owner", "everything; only owners add or remove owners"],
];
const isPowerful = (role: string) => role === "admin" || role === "owner";

/** What was refused, with a wrong password said at its field. */
function saidOf(error: unknown): Record<string, string> {
  const code = error instanceof Problem ? error.code : "";
  if (code === "wrong_password") return { password: "That is not your password." };
  if (code === "password_required") return { password: "Enter your own password." };
  return fieldsOf(error);
}

export function Members() {
  const query = useQuery(membersQuery);
  const { data: me } = useQuery(meQuery);
  const [isInviting, invite] = useState(false);
  const mayChange = !me?.actor.scopes || me.actor.scopes.includes("members:write");
  return (
    <div>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="min-w-0 flex-1 basis-72 text-muted">People of {me?.organisation.name ?? "the organisation"}. No mail is sent: you pass the link on yourself.</p>
        <Button
          kind="primary"
          icon={<UserPlus aria-hidden />}
          disabled={!mayChange}
          title={mayChange ? undefined : `Your role${me?.actor.role ? ` (${me.actor.role})` : ""} may not invite; an admin or owner can`}
          onClick={() => invite(true)}
        >
          Invite
        </Button>
      </div>
      {query.isPending ? (
        <Loading label="Loading members" rows={3} />
      ) : query.isError ? (
        <Failed error={query.error} what="The members could not be loaded" retry={() => void query.refetch()} />
      ) : (
        <MemberTable members={query.data.members} mayChange={mayChange} ownId={(me?.member as { id?: string } | undefined)?.id ?? me?.actor.id} isOwner={me?.actor.role === "owner"} />
      )}
      {mayChange && <Invites />}
      {isInviting && <InviteDialog isOwner={me?.actor.role === "owner"} onClose={() => invite(false)} />}
    </div>
  );
}

function MemberTable({ members, mayChange, ownId, isOwner }: { members: Member[]; mayChange: boolean; ownId: string | undefined; isOwner: boolean }) {
  const [removing, remove] = useState<Member | null>(null);
  const [giving, give] = useState<{ of: Member; role: string } | null>(null);
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
      <Table label="Members" head={["E-mail", "Role", "Last signed in", "Since", <span className="sr-only">Actions</span>]}>
        {members.map((one) => {
          const mayTouch = mayChange && (isOwner || one.role !== "owner");
          return (
            <Row key={one.id}>
              <Cell className="font-medium">
                {one.email}
                {one.id === ownId && <span className="font-normal text-muted"> (you)</span>}
              </Cell>
              <Cell>
                {mayTouch ? (
                  <Select aria-label={`Role of ${one.email}`} className="h-8! w-auto" value={one.role} onChange={(event) => void setRole(one, event.target.value)}>
                    {ROLES.filter(([role]) => role !== "owner" || isOwner || one.role === "owner").map(([role]) => (
                      <option key={role}>{role}</option>
                    ))}
                  </Select>
                ) : (
                  one.role
                )}
              </Cell>
              <Cell>{one.signedInAt ? <Time at={one.signedInAt} /> : <span className="text-muted">never</span>}</Cell>
              <Cell className="text-muted">
                <Time at={one.createdAt} />
              </Cell>
              <Cell className="text-right">
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
      {removing && <RemoveDialog of={removing} onClose={() => remove(null)} />}
      {giving && <RoleDialog of={giving.of} role={giving.role} onClose={() => give(null)} />}
    </>
  );
}

async function changeRole(member: Member, role: string, password?: string) {
  await send("PATCH", `/v1/members/${encodeURIComponent(member.id)}`, { body: { role, password } });
  toast(`${member.email} is ${role} now`);
}

/** The password goes with the very request that gives a powerful role: an open session alone must not make an administrator. */
function RoleDialog({ of, role, onClose }: { of: Member; role: string; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [said, say] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    say({});
    try {
      await changeRole(of, role, password || undefined);
      onClose();
    } catch (error) {
      say(saidOf(error));
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["members"] });
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Make ${of.email} an ${role}?`}
      description={role === "owner" ? "An owner can do everything, and only owners add or remove owners." : "An admin approves executions, connects clusters, and manages keys and members."}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="give-role" busy={isBusy}>
            Make them {role}
          </Button>
        </>
      }
    >
      <form id="give-role" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <OwnPassword role={role} value={password} onChange={setPassword} error={said.password} autoFocus />
        <FormError>{said.form}</FormError>
      </form>
    </Dialog>
  );
}

function OwnPassword({ role, value, onChange, error, autoFocus = false }: { role: string; value: string; onChange: (value: string) => void; error?: string; autoFocus?: boolean }) {
  return (
    <Field label="Your password" hint={`Making somebody an ${role} takes your password.`} error={error}>
      {(ids) => <Input {...ids} type="password" autoComplete="current-password" autoFocus={autoFocus} maxLength={1024} value={value} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

function RemoveDialog({ of, onClose }: { of: Member; onClose: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [said, say] = useState<string | null>(null);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const remove = async () => {
    setBusy(true);
    try {
      await confirmed(() => send("DELETE", `/v1/members/${encodeURIComponent(of.id)}`));
      toast(`${of.email} was removed`);
      void client.invalidateQueries({ predicate: (query) => ["members", "apiKeys"].includes(String(query.queryKey[0])) });
      onClose();
    } catch (error) {
      if (!isWithdrawn(error)) say((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Remove ${of.email}?`}
      footer={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button kind="danger" busy={isBusy} onClick={() => void remove()}>
            Remove
          </Button>
        </>
      }
    >
      <p>Their sessions end, and every API key they made stops working, within seconds. What they did stays in the audit log.</p>
      <FormError>{said}</FormError>
      {sheet}
    </Dialog>
  );
}

function Invites() {
  const query = useQuery(invitesQuery);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  if (!query.data?.invites.length) return null;
  const withdraw = async (one: Invite) => {
    try {
      await confirmed(() => send("DELETE", `/v1/invites/${encodeURIComponent(one.id)}`));
      toast("The invitation was withdrawn");
    } catch (error) {
      if (!isWithdrawn(error)) toastError(error);
    }
    void client.invalidateQueries({ queryKey: ["invites"] });
  };
  return (
    <Section title="Open invitations">
      <div className="-mx-4">
        <Table label="Open invitations" head={["For", "Role", "Ends", <span className="sr-only">Actions</span>]}>
          {query.data.invites.map((one) => (
            <Row key={one.id}>
              <Cell>{one.email ?? <span className="text-muted">whoever has the link</span>}</Cell>
              <Cell>{one.role}</Cell>
              <Cell>
                <Time at={one.expiresAt} />
              </Cell>
              <Cell className="text-right">
                <Button small kind="danger" onClick={() => void withdraw(one)}>
                  Withdraw
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
  const [said, say] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const [made, setMade] = useState<CreatedInvite | null>(null);
  const client = useQueryClient();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    say({});
    try {
      const body = { role, email: email.trim() || undefined, password: (isPowerful(role) && password) || undefined };
      setMade(await send<CreatedInvite>("POST", "/v1/invites", { body, idempotencyKey: freshKey() }));
      setPassword("");
      void client.invalidateQueries({ queryKey: ["invites"] });
    } catch (error) {
      say(saidOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (made)
    return (
      <Dialog
        open
        blocking
        onClose={onClose}
        title="Pass this link on"
        description="It works once, and is not shown again. Whoever opens it chooses a password and is in."
        footer={
          <Button kind="primary" onClick={onClose}>
            I have passed it on
          </Button>
        }
      >
        <CopyField label="invitation link" value={made.url} />
        <p className="mt-2 text-muted">
          As {made.role}
          {made.email && ` for ${made.email}`}, until <Time at={made.expiresAt} />.
        </p>
      </Dialog>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title="Invite somebody"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="invite" busy={isBusy}>
            Make the link
          </Button>
        </>
      }
    >
      <form id="invite" noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field label="E-mail (optional)" hint="With one, only that address can be used with the link." error={said.email}>
          {(ids) => <Input {...ids} type="email" autoComplete="off" maxLength={254} value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <fieldset>
          <legend className="mb-1 font-medium">Role</legend>
          <div className="flex flex-col gap-1.5">
            {ROLES.filter(([one]) => one !== "owner" || isOwner).map(([one, why]) => (
              <label key={one} className="flex items-start gap-2">
                <input type="radio" name="role" className="mt-1" checked={role === one} onChange={() => setRole(one)} />
                <span>
                  {one.charAt(0).toUpperCase() + one.slice(1)}
                  <span className="block text-xs text-muted">{why}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {isPowerful(role) && <OwnPassword role={role} value={password} onChange={setPassword} error={said.password} />}
        <FormError>{said.form}</FormError>
      </form>
    </Dialog>
  );
}
