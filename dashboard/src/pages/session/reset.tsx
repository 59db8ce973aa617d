// A forgotten password: asking for a link by email, and the page that the link opens. The answer to an address is always the same, so that
// nobody learns here who is a member.

import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { completeReset, requestReset } from "../../api/session";
import { Button, Form, FormError, Loading } from "../../parts";
import { useSubmit } from "../settings/submit";
import { Card } from "./card";
import { Email, NewPassword, tooShort, useArrival } from "./form";
import { NoLink, problems, useOffer, useToken } from "./setup";

export function Forgot() {
  const [email, setEmail] = useState("");
  const [isSent, sent] = useState(false);
  const { errors, isBusy, submit } = useSubmit(problems);
  const request = () =>
    submit(async () => {
      await requestReset(email.trim());
      sent(true);
    });
  return (
    <Card title={isSent ? "Check your email" : "Reset your password"}>
      {isSent ? (
        <p role="status" className="mb-4 text-muted">
          If a member signs in with {email.trim()} and a password, a link is on its way. It can be used once, within one hour. Nothing
          arrives? Look for it in spam, or ask an administrator to invite you again.
        </p>
      ) : (
        <Form isBusy={isBusy} onSubmit={request}>
          <FormError>{errors.form}</FormError>
          <Email
            label="Email"
            hint="The address you sign in with"
            autoFocus
            maxLength={254}
            error={errors.email}
            value={email}
            onChange={setEmail}
          />
          <Button type="submit" kind="primary" busy={isBusy}>
            Send link
          </Button>
        </Form>
      )}
      <p className="mt-4">
        <Link to="/login" className="text-accent hover:underline">
          Back to sign in
        </Link>
      </p>
    </Card>
  );
}

export function Reset() {
  const token = useToken();
  const offer = useOffer("reset", token);
  const arrive = useArrival();
  const go = useNavigate();
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit, check } = useSubmit(problems);
  if (!token || offer.isLoadingError)
    return (
      <NoLink title="Reset your password" error={offer.error}>
        A link can be used once, within one hour. Request another one from the sign-in page.
      </NoLink>
    );
  if (!offer.data)
    return (
      <Card title="Reset your password">
        <Loading rows={3} />
      </Card>
    );
  const change = async () => {
    if (!check({ password: tooShort(password) })) return;
    await submit(async () => {
      await completeReset(token, password);
      await arrive();
      void go({ to: "/" });
    });
  };
  return (
    <Card title="Set a new password" below="This ends all of your sessions. API keys stay valid.">
      <Form isBusy={isBusy} onSubmit={change}>
        <FormError>{errors.form}</FormError>
        <p className="text-muted">
          For <strong className="font-medium text-text">{offer.data.email}</strong> in {offer.data.organisation}.
        </p>
        <input type="hidden" name="email" autoComplete="username" value={offer.data.email ?? ""} readOnly />
        <NewPassword label="New password" error={errors.password} value={password} onChange={setPassword} />
        <Button type="submit" kind="primary" busy={isBusy}>
          Set password
        </Button>
      </Form>
    </Card>
  );
}
