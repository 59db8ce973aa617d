// A person approves the login of a command line: they type the code that it shows, read who asks for what, and decide.
// The code is typed and never part of a link, so that nobody can be led to a filled-in page by clicking one.

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { freshKey, type Schemas, send } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Button, Facts, Failed, Form, FormError, Loading, Options, PageHeader, Radios, SelectField, TextField, Time } from "../../parts";
import { useConfirmed } from "../settings/confirm";
import { forKeys, type Preset, presetsFor, scopesOf } from "../settings/scopes";
import { useSubmit } from "../settings/submit";
import { useTitle } from "../title";

type Login = Schemas["DeviceLoginShape"];
type Decision = "approved" | "denied";

const LIVES = [
  ["1", "1 day"],
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;

const post = <T,>(verb: "check" | "approve" | "deny", body: object) =>
  send<T>("POST", `/v1/device/${verb}`, { body, idempotencyKey: freshKey() });

export function Device() {
  const [found, setFound] = useState<{ code: string; login: Login } | null>(null);
  const [decision, decide] = useState<Decision | null>(null);
  useTitle("Command-line login");
  return (
    <>
      <PageHeader title="Command-line login" />
      <div className="max-w-xl p-4">
        {decision ? (
          <Decided as={decision} />
        ) : found ? (
          <Approval {...found} onDecided={decide} onBack={() => setFound(null)} />
        ) : (
          <CodeForm onFound={(code, login) => setFound({ code, login })} />
        )}
      </div>
    </>
  );
}

function CodeForm({ onFound }: { onFound: (code: string, login: Login) => void }) {
  const [code, setCode] = useState("");
  const { errors, isBusy, submit, check } = useSubmit();
  const look = async () => {
    if (!check({ userCode: !code.trim() && "Enter the code that your terminal shows." })) return;
    await submit(async () => onFound(code, await post<Login>("check", { userCode: code })));
  };
  return (
    <Form noValidate isBusy={isBusy} onSubmit={look}>
      <p>
        Enter the code that <code className="font-mono">optral login</code> shows in your terminal.
      </p>
      <TextField
        label="Code"
        hint="Eight letters, for example WDJB-MJHT."
        autoFocus
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={40}
        className="w-48 font-mono uppercase"
        value={code}
        error={errors.userCode}
        onChange={setCode}
      />
      <FormError>{errors.form}</FormError>
      <div>
        <Button type="submit" kind="primary" busy={isBusy}>
          Continue
        </Button>
      </div>
    </Form>
  );
}

function Approval({
  code,
  login,
  onDecided,
  onBack,
}: {
  code: string;
  login: Login;
  onDecided: (decision: Decision) => void;
  onBack: () => void;
}) {
  const session = useQuery(sessionQuery);
  const [wanted, setPreset] = useState<Preset["id"]>("write");
  const [days, setDays] = useState("30");
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  if (session.isPending) return <Loading rows={4} />;
  if (session.isLoadingError)
    return <Failed error={session.error} what="Could not load your session" retry={() => void session.refetch()} />;
  const own = forKeys(session.data.scopes, false);
  const presets = presetsFor(own);
  const preset = (presets.find((one) => one.id === wanted) ?? presets[0]!).id;
  const scopes = scopesOf(preset, own);
  const approve = () =>
    submit(async () => {
      await confirmed(() => post("approve", { userCode: code, scopes, expiresInDays: Number(days) }));
      onDecided("approved");
    });
  const deny = () =>
    submit(async () => {
      await post("deny", { userCode: code });
      onDecided("denied");
    });
  return (
    <Form noValidate isBusy={isBusy} onSubmit={approve}>
      <p>
        A program is requesting an API key that acts as <strong>{session.data.member.email}</strong> in {session.data.organisation.name}.
      </p>
      <Facts
        of={[
          ["Program", <span className="break-words">{login.name}</span>],
          ["Network address", <span className="font-mono">{login.address}</span>],
          ["Started", <Time at={login.createdAt} />],
        ]}
      />
      <Warning>
        Approve only if you started this login yourself. If somebody sent you the code, deny it: they would get your permissions.
        {!login.isSameAddress && " It was started from a different network address than the one you are using now."}
      </Warning>
      <Radios legend="Permissions" of={presets.map((one) => [one.id, one.word, one.why])} value={preset} onChange={setPreset}>
        <p className="mt-2 text-xs break-words text-muted">Scopes: {scopes.join(", ")}</p>
      </Radios>
      <SelectField
        label="Expires after"
        hint="You can revoke the key at any time in Settings, API Keys, or with optral logout."
        className="w-40"
        value={days}
        onChange={setDays}
      >
        <Options of={LIVES} />
      </SelectField>
      <FormError>{Object.values(errors)[0]}</FormError>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={isBusy}>
          Approve
        </Button>
        <Button kind="danger" disabled={isBusy} onClick={() => void deny()}>
          Deny
        </Button>
        <Button disabled={isBusy} onClick={onBack}>
          Enter another code
        </Button>
      </div>
      {sheet}
    </Form>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p role="note" className="rounded-sm border border-line bg-high-tint px-3 py-2 text-sm">
      {children}
    </p>
  );
}

function Decided({ as }: { as: Decision }) {
  return (
    <div role="status">
      <h2 className="mb-1 font-semibold">{as === "approved" ? "Login approved" : "Login denied"}</h2>
      <p className="text-muted">
        {as === "approved"
          ? "Return to your terminal: it is logged in within a few seconds. You can close this page."
          : "The program gets no API key. You can close this page."}
      </p>
    </div>
  );
}
