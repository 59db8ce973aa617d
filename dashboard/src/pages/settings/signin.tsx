// How people sign in: the identity providers, the policy for passwords, sessions and networks, and provisioning. For owners.

import { useQuery } from "@tanstack/react-query";
import { PlugZap, Plus } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, Cell, Facts, Failed, Loading, Mark, MenuItem, MenuLine, MoreMenu, Row, Section, Table } from "../../parts";
import { useClusterName } from "../clusterselect";
import { NoAccess } from "../noaccess";
import { useChange } from "./change";
import { DeleteDialog } from "./deletedialog";
import { identityProvidersQuery, type Provider, policyQuery, providerPath, ruleText, type SignInPolicy } from "./provider";
import { ProviderAccessDialog } from "./provideraccess";
import { ProviderDialog } from "./providerdialog";
import { ProviderTestDialog } from "./providertest";
import { Provisioning } from "./scim";
import { PolicyDialog } from "./signinpolicy";

export function SignIn() {
  const { data: me } = useQuery(meQuery);
  const isAllowed = may(me, "identity:write");
  // Together: a section that arrives later would move those below it.
  const providers = useQuery({ ...identityProvidersQuery, enabled: isAllowed });
  const policy = useQuery({ ...policyQuery, enabled: isAllowed });
  if (!isAllowed) return <NoAccess to="manage how people sign in" isOfOwners />;
  if (providers.isPending || policy.isPending) return <Loading label="Loading sign-in settings" rows={6} />;
  return (
    <div>
      {providers.isLoadingError ? (
        <Failed error={providers.error} what="Could not load identity providers" retry={() => void providers.refetch()} />
      ) : (
        <Providers of={providers.data.identityProviders} />
      )}
      {policy.isLoadingError ? (
        <Failed error={policy.error} what="Could not load the sign-in policy" retry={() => void policy.refetch()} />
      ) : (
        <Policy of={policy.data} hasProvider={!!providers.data?.identityProviders.some((one) => one.enabled)} />
      )}
      {!!providers.data?.identityProviders.length && <Provisioning of={providers.data.identityProviders} />}
    </div>
  );
}

type Opened = { what: "new" } | { what: "edit" | "access" | "test" | "delete"; provider: Provider } | null;

function Providers({ of }: { of: Provider[] }) {
  const [opened, open] = useState<Opened>(null);
  const { change, sheet } = useChange(["identityProviders"]);
  const close = () => open(null);
  const setEnabled = ({ id, name, version }: Provider, enabled: boolean) =>
    change(
      () => send("PATCH", providerPath(id), { body: { enabled }, ifVersion: version }),
      `${name} was ${enabled ? "enabled" : "disabled"}`,
    );
  return (
    <Section
      title="Identity providers"
      actions={
        <Button small icon={<Plus aria-hidden />} onClick={() => open({ what: "new" })}>
          Add identity provider
        </Button>
      }
    >
      {of.length === 0 ? (
        <p className="max-w-prose text-muted">
          No identity provider. People sign in with a password. Add your company’s provider (OpenID Connect: Keycloak, Microsoft Entra ID,
          Google, Okta and others), so that its people sign in with it, and its groups decide who may do what.
        </p>
      ) : (
        <div className="-mx-4">
          <ProviderTable of={of} open={open} setEnabled={setEnabled} />
        </div>
      )}
      {sheet}
      {opened?.what === "new" && <ProviderDialog onClose={(created) => open(created ? { what: "test", provider: created } : null)} />}
      {opened?.what === "edit" && <ProviderDialog provider={opened.provider} onClose={close} />}
      {opened?.what === "access" && <ProviderAccessDialog provider={opened.provider} onClose={close} />}
      {opened?.what === "test" && <ProviderTestDialog provider={opened.provider} onClose={close} />}
      {opened?.what === "delete" && (
        <DeleteDialog name={opened.provider.name} path={providerPath(opened.provider.id)} list={["identityProviders"]} onClose={close}>
          Nobody can sign in with it any more. Members, their rights and their open sessions remain; those without a password cannot sign in
          again. This cannot be undone.
        </DeleteDialog>
      )}
    </Section>
  );
}

interface TableProps {
  of: Provider[];
  open: (opened: Opened) => void;
  setEnabled: (one: Provider, enabled: boolean) => Promise<void>;
}

function ProviderTable({ of, open, setEnabled }: TableProps) {
  return (
    <Table label="Identity providers" head={["Name", "Status", "Access", <span className="sr-only">Actions</span>]}>
      {of.map((one) => (
        <Row key={one.id}>
          <Cell className="max-w-md min-w-40">
            <span className="font-medium break-words">{one.name}</span>
            <span className="block font-mono text-xs break-all text-muted">{one.issuer}</span>
          </Cell>
          <Cell>{one.enabled ? <Mark tone="ok">Enabled</Mark> : <Mark tone="info">Disabled</Mark>}</Cell>
          <Cell className="max-w-md min-w-40">
            <Access of={one} />
          </Cell>
          <Cell className="text-right whitespace-nowrap">
            <span className="inline-flex gap-1.5">
              <Button
                small
                icon={<PlugZap aria-hidden />}
                aria-label={`Test ${one.name}`}
                onClick={() => open({ what: "test", provider: one })}
              >
                Test
              </Button>
              <MoreMenu of={one.name}>
                <MenuItem onSelect={() => open({ what: "edit", provider: one })}>Edit…</MenuItem>
                <MenuItem onSelect={() => open({ what: "access", provider: one })}>Access…</MenuItem>
                <MenuItem onSelect={() => void setEnabled(one, !one.enabled)}>{one.enabled ? "Disable" : "Enable"}</MenuItem>
                <MenuLine />
                <MenuItem onSelect={() => open({ what: "delete", provider: one })}>Delete…</MenuItem>
              </MoreMenu>
            </span>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

const SHOWN = 3;

function Access({ of }: { of: Provider }) {
  const nameOf = useClusterName();
  if (!of.rules.length) return <span className="text-muted">As set for each member</span>;
  return (
    <ul>
      {of.rules.slice(0, SHOWN).map((rule) => {
        const { who, what } = ruleText(rule, nameOf);
        return (
          <li key={`${who} ${what}`} className="break-words">
            {who}: {what}
          </li>
        );
      })}
      {of.rules.length > SHOWN && <li className="text-muted">and {of.rules.length - SHOWN} more</li>}
    </ul>
  );
}

function Policy({ of, hasProvider }: { of: SignInPolicy; hasProvider: boolean }) {
  const [isEditing, edit] = useState(false);
  return (
    <Section
      title="Sign-in policy"
      actions={
        <Button small aria-label="Change the sign-in policy" onClick={() => edit(true)}>
          Change
        </Button>
      }
    >
      <Facts
        of={[
          ["Passwords", of.providerOnly ? "Owners only" : "All members"],
          [
            "Break-glass",
            of.passwordOwners.length ? (
              <>
                {of.passwordOwners.join(", ")}
                <span className="block text-muted">can sign in with a password while the identity provider is down</span>
              </>
            ) : (
              <span className="text-muted">no owner has a password</span>
            ),
          ],
          ["Session length", of.sessionHours ? hours(of.sessionHours) : "7 days"],
          ["Idle time", of.idleMinutes ? minutes(of.idleMinutes) : "12 hours"],
          ["Networks", of.sessionNetworks?.length ? <span className="font-mono text-xs">{of.sessionNetworks.join(", ")}</span> : "any"],
        ]}
      />
      {isEditing && <PolicyDialog policy={of} hasProvider={hasProvider} onClose={() => edit(false)} />}
    </Section>
  );
}

const counted = (many: number, unit: string) => `${many} ${unit}${many === 1 ? "" : "s"}`;
const hours = (many: number) => (many % 24 ? counted(many, "hour") : counted(many / 24, "day"));
const minutes = (many: number) => (many % 60 ? counted(many, "minute") : counted(many / 60, "hour"));
