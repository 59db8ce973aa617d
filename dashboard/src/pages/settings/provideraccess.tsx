// Who of an identity provider's people gets which role: rules over the claims of the ID token, and who may become a member.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { Button, Check, Choice, FormDialog, TextField, toast } from "../../parts";
import { useClusterName } from "../clusterselect";
import { CodeField } from "../formfields";
import { useConfirmed } from "./confirm";
import { bodyOfPlace, NO_PLACE, PlaceFields } from "./placefields";
import { type Provider, providerPath, type Rule, ruleText } from "./provider";
import { useSubmit } from "./submit";

const NO_RULE = { claim: "groups", value: "" };

export function ProviderAccessDialog({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const [domains, setDomains] = useState(provider.domains.join(", "));
  const [trustsEmail, trustEmail] = useState(provider.trustsEmail);
  const [createsMembers, createMembers] = useState(provider.createsMembers);
  const [rules, setRules] = useState(provider.rules);
  const [match, setMatch] = useState(NO_RULE);
  const [place, setPlace] = useState(NO_PLACE);
  const { errors, isBusy, submit, check } = useSubmit();
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const isTyped = match.value.trim() !== "";
  const typed = (): Rule => ({ claim: match.claim.trim(), value: match.value.trim(), ...bodyOfPlace(place) }) as Rule;
  const isRight = () => check({ claim: !match.claim.trim() && "Enter the name of a claim." });
  const add = () => {
    if (!check({ value: !isTyped && "Enter a value." }) || !isRight()) return;
    setRules([...rules, typed()]);
    setMatch({ ...match, value: "" });
    setPlace(NO_PLACE);
  };
  const save = async () => {
    if (isTyped && !isRight()) return;
    await submit(async () => {
      const body = {
        domains: domains.split(/[\s,]+/).filter(Boolean),
        trustsEmail,
        createsMembers,
        rules: isTyped ? [...rules, typed()] : rules,
      };
      await confirmed(() => send("PATCH", providerPath(provider.id), { body, ifVersion: provider.version }));
      toast(`The access of ${provider.name} was saved`);
      void client.invalidateQueries({ queryKey: ["identityProviders"] });
      onClose();
    });
  };
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={`Access of ${provider.name}`}
      description="Applies from each person’s next sign-in. Owners keep their role."
      submit="Save"
      isBusy={isBusy}
      error={errors.form}
      sheet={sheet}
      onSubmit={save}
    >
      <Choice legend="Rules" error={errors.rules}>
        <RuleList of={rules} onRemove={(gone) => setRules(rules.filter((one) => one !== gone))} />
      </Choice>
      <Choice legend="New rule">
        <div className="flex flex-col gap-3 rounded-md border border-line p-3">
          <CodeField
            label="Claim"
            hint="Name of a claim in the ID token. realm_access.roles is roles inside realm_access."
            maxLength={100}
            value={match.claim}
            error={errors.claim}
            onChange={(claim) => setMatch({ ...match, claim })}
          />
          <CodeField
            label="Value"
            hint="Exact value, or one of a list. * for any value."
            maxLength={200}
            value={match.value}
            error={errors.value}
            onChange={(value) => setMatch({ ...match, value })}
          />
          <PlaceFields value={place} errors={errors} onChange={setPlace} />
          <div>
            <Button small onClick={add}>
              Add rule
            </Button>
          </div>
        </div>
      </Choice>
      <TextField
        label="Email domains"
        hint="Separated by commas. Addresses in them find existing members once, and may become members."
        placeholder="example.com"
        value={domains}
        error={errors.domains}
        onChange={setDomains}
      />
      <Check checked={createsMembers} onChange={createMembers} hint="Otherwise, only people who were invited can sign in.">
        Everybody who gets a role by a rule becomes a member at the first sign-in
      </Check>
      <Check
        checked={trustsEmail}
        onChange={trustEmail}
        hint="Only if your company alone assigns the addresses. Microsoft Entra ID sends no email_verified."
      >
        Treat addresses in these domains as verified
      </Check>
    </FormDialog>
  );
}

function RuleList({ of, onRemove }: { of: Rule[]; onRemove: (rule: Rule) => void }) {
  const nameOf = useClusterName();
  if (!of.length) return <p className="text-muted">No rules: roles are given in Optral, and nobody becomes a member by signing in.</p>;
  return (
    <ul aria-label="Rules" className="flex flex-col gap-1">
      {of.map((one) => {
        const { who, what } = ruleText(one, nameOf);
        return (
          <li key={`${who} ${what}`} className="flex items-start gap-2">
            <span className="min-w-0 flex-1 break-words">
              <span className="font-medium">{who}</span>: {what}
            </span>
            <Button small kind="danger" aria-label={`Remove rule ${who}: ${what}`} onClick={() => onRemove(one)}>
              Remove
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
