// First run: the one-use link that the server printed makes the organisation and its owner, and signs that owner in.
import { useState, type FormEvent } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Problem } from "../../api/problem";
import { meQuery, setUp } from "../../api/session";
import { Button, Field, FormError, Input } from "../../parts";
import { Card } from "./card";
import { Password } from "./form";

const route = getRouteApi("/setup");
const MIN_PASSWORD = 12;

export function Setup() {
  const search = route.useSearch();
  const client = useQueryClient();
  const go = useNavigate();
  // Kept here and taken out of the address, where a history would keep it.
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token") ?? search.token ?? "");
  const [organisation, setOrganisation] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, work] = useState(false);
  const [wrong, say] = useState<Record<string, string>>({});
  const [isDone, finish] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (password.length < MIN_PASSWORD) {
      say({ password: `At least ${MIN_PASSWORD} characters` });
      return;
    }
    work(true);
    say({});
    try {
      await setUp({ token, organisation, email, password });
      history.replaceState(null, "", "/setup");
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      finish(true);
    } catch (error) {
      say(problems(error));
    } finally {
      work(false);
    }
  };
  if (isDone)
    return (
      <Card title="You are set up">
        <p className="mb-4 text-muted">The next thing is a cluster. An agent in or beside it dials out to this server; nothing has to be opened towards the cluster.</p>
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" onClick={() => void go({ to: "/clusters/new" })}>
            Connect a cluster
          </Button>
          <Button onClick={() => void go({ to: "/issues" })}>Look around</Button>
        </div>
      </Card>
    );
  if (!token)
    return (
      <Card title="Set up">
        <p className="mb-4 text-muted">
          This page needs the one-use link that the server prints when it starts on an empty database. It works for 30 minutes; a restart prints a new one.
        </p>
        <Link to="/login" className="text-accent hover:underline">
          Sign in instead
        </Link>
      </Card>
    );
  return (
    <Card title="Set up Optral" below="Nothing leaves this server: no mail is sent, nobody else is told.">
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <FormError>{wrong.form}</FormError>
        <Field label="Organisation" error={wrong.organisation}>
          {(ids) => <Input {...ids} name="organization" autoComplete="organization" autoFocus required maxLength={100} value={organisation} onChange={(event) => setOrganisation(event.target.value)} />}
        </Field>
        <Field label="Your e-mail" hint="You sign in with it" error={wrong.email}>
          {(ids) => <Input {...ids} type="email" name="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <Password label="Password" name="password" autoComplete="new-password" hint={`At least ${MIN_PASSWORD} characters`} error={wrong.password} value={password} onChange={setPassword} />
        <Button type="submit" kind="primary" busy={busy}>
          Create organisation
        </Button>
      </form>
    </Card>
  );
}

/** What was refused, by field; as a whole where it is none of ours. */
export function problems(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return { form: error instanceof Error ? error.message : String(error) };
  const fields = Object.fromEntries(error.errors.map((one) => [one.field.split(".").at(-1) ?? "", one.message]));
  return Object.keys(fields).length ? { ...fields, ...(fields.token ? { form: fields.token } : {}) } : { form: error.detail };
}
