// The own account: who one is, another password, and where one is signed in.
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem, type Schemas, send } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Badge, Button, Facts, Failed, Form, FormError, Loading, Section, TextField, Time, toast } from "../../parts";
import { useChange } from "./change";
import { deviceName } from "./device";
import { fieldsOf } from "./fields";
import { useSubmit } from "./submit";

const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => send<Schemas["OwnSessions"]>("GET", "/v1/sessions", { signal }),
  refetchInterval: 30_000, // last used moves without an event
});
type OwnSession = Schemas["OwnSession"];

export function Profile() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <>
      <Section title="Account">
        {session && (
          <Facts
            of={[
              ["Email", session.member.email],
              ["Role", session.member.role],
              ["Organization", session.organisation.name],
            ]}
          />
        )}
      </Section>
      {session?.providerId && session.member.role !== "owner" ? (
        <Section title="Password">
          <p className="text-muted">You sign in with your identity provider. Optral has no password of yours.</p>
        </Section>
      ) : (
        <Password email={session?.member.email ?? ""} />
      )}
      <Sessions />
    </>
  );
}

const errorsOf = (error: unknown) =>
  error instanceof Problem && error.code === "wrong_password" ? { currentPassword: "Incorrect password." } : fieldsOf(error);

function Password({ email }: { email: string }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit(errorsOf);
  const client = useQueryClient();
  const change = () =>
    submit(async () => {
      await send("POST", "/v1/session/password", { body: { currentPassword: current, password }, quiet: true });
      setCurrent("");
      setPassword("");
      toast("Password changed. Your other sessions have ended.");
      void client.invalidateQueries({ queryKey: ["sessions"] });
    });
  return (
    <Section title="Password">
      <Form className="max-w-sm gap-3!" isBusy={isBusy} onSubmit={change}>
        <FormError>{errors.form}</FormError>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          error={errors.currentPassword}
          onChange={setCurrent}
        />
        <TextField
          label="New password"
          hint="At least 12 characters. Your other sessions end; API keys stay valid."
          type="password"
          autoComplete="new-password"
          required
          value={password}
          error={errors.password}
          onChange={setPassword}
        />
        <div>
          <Button type="submit" kind="primary" busy={isBusy}>
            Change password
          </Button>
        </div>
      </Form>
    </Section>
  );
}

function Sessions() {
  const query = useQuery(sessionsQuery);
  const { change, isBusy, sheet } = useChange(["sessions"]);
  const end = (path: string, done: string) => change(() => send("DELETE", path), done);
  const others = query.data?.sessions.filter((one) => !one.isCurrent).length ?? 0;
  return (
    <Section
      title="Sessions"
      actions={
        others > 0 && (
          <Button small busy={isBusy} onClick={() => void end("/v1/sessions", "All other sessions have ended.")}>
            Sign out all others
          </Button>
        )
      }
    >
      {query.isPending ? (
        <Loading rows={2} label="Loading sessions" />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load your sessions" retry={() => void query.refetch()} />
      ) : (
        <ul aria-label="Sessions" className="divide-y divide-line">
          {query.data.sessions.map((one) => (
            <Line key={one.id} session={one} isBusy={isBusy} onEnd={() => void end(`/v1/sessions/${one.id}`, "The session has ended.")} />
          ))}
        </ul>
      )}
      {sheet}
    </Section>
  );
}

function Line({ session, isBusy, onEnd }: { session: OwnSession; isBusy: boolean; onEnd: () => void }) {
  const name = deviceName(session.device ?? undefined);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-2 font-medium break-all" title={session.device ?? undefined}>
          {name}
          {session.isCurrent && <Badge tone="ok">This session</Badge>}
        </p>
        <p className="text-xs text-muted">
          {session.address && <>{session.address} · </>}
          signed in <Time at={session.createdAt} /> · last used <Time at={session.lastUsedAt} />
        </p>
      </div>
      {!session.isCurrent && (
        <Button small disabled={isBusy} aria-label={`Sign out ${name}`} onClick={onEnd}>
          Sign out
        </Button>
      )}
    </li>
  );
}
