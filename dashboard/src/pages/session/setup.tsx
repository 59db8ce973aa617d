// Links that make somebody a member: the one-use link of the first run, and an invitation. The token stands behind `#`, which a browser
// sends to nobody, and is taken out of the address at once, where a history would keep it.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Problem } from "../../api/problem";
import { clustersQuery } from "../../api/queries";
import { acceptInvite, checkInvite, checkReset, checkSetup, type Offer, setUp } from "../../api/session";
import { Button, Form, FormError, Loading, TextField } from "../../parts";
import { prefer } from "../../parts/preferences";
import { useSubmit } from "../settings/submit";
import { Card } from "./card";
import { Email, NewPassword, tooShort, useArrival } from "./form";

export function useToken(): string {
  const [token] = useState(() => location.hash.slice(1).replace(/^token=/, ""));
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, "", location.pathname);
  }, []);
  return token;
}

export function Setup() {
  const token = useToken();
  const offer = useOffer("setup", token);
  const [isDone, finish] = useState(false);
  if (isDone) return <Done />;
  if (!token || offer.isLoadingError)
    return (
      <NoLink title="Set up" error={offer.error}>
        Open this page with the one-time link that the server prints at startup. The link is valid for 30 minutes; restart the server to get
        a new one.
      </NoLink>
    );
  if (!offer.data)
    return (
      <Card title="Set up Optral">
        <Loading rows={3} />
      </Card>
    );
  return (
    <Card title="Set up Optral" below="Nothing leaves this server, and no email is sent.">
      <AccountForm offer={offer.data} word="Create account" onSubmit={(given) => setUp({ token, ...given })} onDone={() => finish(true)} />
    </Card>
  );
}

/** What to do first: connect a cluster, or look at the one that is connected, as in the demo. */
function Done() {
  const go = useNavigate();
  const { data: clusters, isPending } = useQuery(clustersQuery({}));
  if (isPending)
    return (
      <Card title="Setup complete">
        <Loading rows={3} />
      </Card>
    );
  const connected = clusters?.clusters.filter((one) => one.status !== "pending").map((one) => one.name) ?? [];
  const connect = () => void go({ to: "/clusters/new" });
  const look = () => void go({ to: "/issues" });
  if (connected.length)
    return (
      <Card title="Setup complete">
        <p className="mb-4 text-muted">
          {connected.length === 1 ? `Cluster ${connected[0]} is connected.` : `${connected.length} clusters are connected.`}
        </p>
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" onClick={look}>
            View issues
          </Button>
          <Button onClick={connect}>Connect another cluster</Button>
        </div>
      </Card>
    );
  return (
    <Card title="Setup complete">
      <p className="mb-4 text-muted">
        Next, connect a cluster. Its agent opens outbound connections to this server, so the cluster needs no open port.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" onClick={connect}>
          Connect a cluster
        </Button>
        <Button onClick={() => void go({ to: "/" })}>Explore</Button>
      </div>
    </Card>
  );
}

export function Invited() {
  const token = useToken();
  const go = useNavigate();
  const offer = useOffer("invite", token);
  if (!token || offer.isLoadingError)
    return (
      <NoLink title="Invitation" error={offer.error}>
        An invitation can be used once within seven days. Ask the member who sent it for a new one.
      </NoLink>
    );
  if (!offer.data)
    return (
      <Card title="Invitation">
        <Loading rows={3} />
      </Card>
    );
  return (
    <Card title={`Join ${offer.data.organisation ?? "Optral"}`}>
      <AccountForm
        offer={offer.data}
        word="Join"
        onSubmit={(given) => acceptInvite({ token, email: given.email, password: given.password })}
        onDone={() => void go({ to: "/" })}
      />
    </Card>
  );
}

const CHECKS = { setup: checkSetup, invite: checkInvite, reset: checkReset };

export function useOffer(kind: keyof typeof CHECKS, token: string) {
  return useQuery({
    queryKey: ["offer", kind, token],
    queryFn: () => CHECKS[kind](token),
    enabled: token !== "",
    retry: false,
    staleTime: Infinity,
  });
}

export function NoLink({ title, error, children }: { title: string; error: unknown; children: string }) {
  return (
    <Card title={title}>
      {error instanceof Problem && (
        <div className="mb-3">
          <FormError>{error.detail}</FormError>
        </div>
      )}
      <p className="mb-4 text-muted">{children}</p>
      <Link to="/login" className="text-accent hover:underline">
        Sign in instead
      </Link>
    </Card>
  );
}

interface Given {
  organisation?: string;
  email: string;
  password: string;
}

function AccountForm({
  offer,
  word,
  onSubmit,
  onDone,
}: {
  offer: Offer;
  word: string;
  onSubmit: (given: Given) => Promise<unknown>;
  onDone: () => void;
}) {
  const arrive = useArrival();
  const [organisation, setOrganization] = useState("");
  const [email, setEmail] = useState(offer.email ?? "");
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit, check } = useSubmit(problems);
  const join = async () => {
    if (!check({ password: tooShort(password) })) return;
    await submit(async () => {
      await onSubmit({ ...(offer.organisation ? {} : { organisation }), email, password });
      await arrive();
      prefer({ tour: true });
      onDone();
    });
  };
  return (
    <Form isBusy={isBusy} onSubmit={join}>
      <FormError>{errors.form}</FormError>
      {offer.organisation ? (
        <p className="text-muted">
          You will join as <strong className="font-medium text-text">{offer.role}</strong> of{" "}
          <strong className="font-medium text-text">{offer.organisation}</strong>.
        </p>
      ) : (
        <TextField
          label="Organization"
          name="organization"
          autoComplete="organization"
          autoFocus
          required
          maxLength={100}
          value={organisation}
          error={errors.organisation}
          onChange={setOrganization}
        />
      )}
      <Email label="Your email" hint="Used to sign in" maxLength={254} error={errors.email} value={email} onChange={setEmail} />
      <NewPassword label="Password" error={errors.password} value={password} onChange={setPassword} />
      <Button type="submit" kind="primary" busy={isBusy}>
        {word}
      </Button>
    </Form>
  );
}

/** What was refused, by field; as a whole where it is none of ours. */
export function problems(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return { form: error instanceof Error ? error.message : String(error) };
  const fields = Object.fromEntries(error.errors.map((one) => [one.field.split(".").at(-1) ?? "", one.message]));
  return "organisation" in fields || "email" in fields || "password" in fields ? fields : { form: error.detail };
}
