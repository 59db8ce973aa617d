// An assistant wants to sign in as the person who opened this page (OAuth). Nothing is approved by opening it: the person reads who asks
// for what, where the browser is sent afterwards, and decides.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, type Schemas, send } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Button, Facts, Failed, Form, FormError, Loading, PageHeader } from "../../parts";
import { useConfirmed } from "../settings/confirm";
import { useSubmit } from "../settings/submit";
import { useTitle } from "../title";

type Assistant = Schemas["AssistantShape"];
type Grant = Schemas["AssistantGrant"];

const NAMES = {
  client_id: "clientId",
  redirect_uri: "redirectUri",
  code_challenge: "codeChallenge",
  code_challenge_method: "codeChallengeMethod",
  state: "state",
  resource: "resource",
} as const;

function request(): Record<string, string> {
  const given = new URLSearchParams(window.location.search);
  return Object.fromEntries(Object.entries(NAMES).flatMap(([name, member]) => (given.has(name) ? [[member, given.get(name) ?? ""]] : [])));
}

const post = <T,>(verb: "check" | "approve", body: object) =>
  send<T>("POST", `/v1/assistants/${verb}`, { body, ...(verb === "approve" && { idempotencyKey: freshKey() }) });

export function Authorize() {
  const [body] = useState(request);
  const [isDenied, deny] = useState(false);
  const assistant = useQuery({ queryKey: ["assistant", body], queryFn: () => post<Assistant>("check", body), retry: false });
  const session = useQuery(sessionQuery);
  useTitle("Connect an assistant");
  return (
    <>
      <PageHeader title="Connect an assistant" />
      <div className="max-w-xl p-4">
        {isDenied ? (
          <p role="status">The assistant gets no access. You can close this page.</p>
        ) : assistant.isLoadingError ? (
          <Failed error={assistant.error} what="This request of an assistant is not valid" />
        ) : assistant.isPending || !session.data ? (
          <Loading rows={4} />
        ) : (
          <Approval
            assistant={assistant.data}
            body={body}
            email={session.data.member.email}
            organisation={session.data.organisation.name}
            onDeny={() => deny(true)}
          />
        )}
      </div>
    </>
  );
}

function Approval({
  assistant,
  body,
  email,
  organisation,
  onDeny,
}: {
  assistant: Assistant;
  body: Record<string, string>;
  email: string;
  organisation: string;
  onDeny: () => void;
}) {
  const { errors, isBusy, submit } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const approve = () =>
    submit(async () => {
      const grant = await confirmed(() => post<Grant>("approve", body));
      window.location.assign(grant.redirectTo);
    });
  return (
    <Form noValidate isBusy={isBusy} onSubmit={approve}>
      <p>
        An assistant asks to read and plan as <strong>{email}</strong> in {organisation}. It can change nothing: another person approves
        each plan.
      </p>
      <Facts
        of={[
          ["Assistant", <span className="break-words">{assistant.name}</span>],
          ["Sends you to", <span className="break-all font-mono">{assistant.redirectUri}</span>],
          ["Scopes", assistant.scopes.join(", ")],
          ["Access ends after", `${Math.round(assistant.expiresInSeconds / 3600)} hours`],
        ]}
      />
      <p role="note" className="rounded-sm border border-line bg-high-tint px-3 py-2 text-sm">
        Approve only if you started this yourself. What the assistant reads goes to the provider of its model.
      </p>
      <FormError>{Object.values(errors)[0]}</FormError>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={isBusy}>
          Approve
        </Button>
        <Button kind="danger" disabled={isBusy} onClick={onDeny}>
          Deny
        </Button>
      </div>
      {sheet}
    </Form>
  );
}
