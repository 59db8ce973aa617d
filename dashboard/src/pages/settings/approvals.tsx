// Approvals: how many members must approve plans of a risk, whose approvals count, and who may go on without them.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { may, meQuery, seesWhole } from "../../api/session";
import { Button, Cell, Dialog, Failed, Field, FormError, Input, Loading, Row, Section, Select, Table, toast } from "../../parts";
import { usePeople } from "../people";
import { type Safeguards, safeguardsQuery } from "../triggers/queries";
import { Delegations } from "./delegations";
import { withPassword } from "./fields";
import { useSubmit } from "./submit";

type Rule = Safeguards["approvals"][number];
type Opened = "rule" | "breakGlass" | Rule | null;

const RISKS = { low: "Low", high: "High", destructive: "Destructive" } as const;
const ROLES = ["owner", "admin"] as const;
const HIDE_ON_PHONE = "max-sm:hidden";

export function ApprovalsTab() {
  const { data: me } = useQuery(meQuery);
  return (
    <>
      {seesWhole(me) && <ApprovalRules />}
      <Delegations />
    </>
  );
}

function ApprovalRules() {
  const { data: me } = useQuery(meQuery);
  const query = useQuery(safeguardsQuery);
  const mayChange = may(me, "runbooks:write") && me?.actor.kind === "person";
  const [opened, open] = useState<Opened>(null);
  if (query.isPending) return <Loading label="Loading approval rules" rows={3} />;
  if (!query.data) return <Failed error={query.error} what="Could not load the approval rules" retry={() => void query.refetch()} />;
  const settings = query.data;
  const why = mayChange ? undefined : "Only a signed-in owner or admin can change this";
  const close = () => open(null);
  return (
    <>
      <Section
        title="Required approvals"
        actions={
          <Button icon={<Plus aria-hidden />} disabled={!mayChange} title={why} onClick={() => open("rule")}>
            Add rule
          </Button>
        }
      >
        <p className="max-w-prose text-muted">
          By default, plans of high and destructive risk need one approval from another admin or owner. A rule changes this for its risk and
          place; the rule of the most specific place applies. The member who requested the execution never counts.
        </p>
        {settings.approvals.length > 0 && <Rules of={settings} mayChange={mayChange} onRemove={open} />}
      </Section>
      <Section
        title="Break-glass"
        actions={
          <Button disabled={!mayChange} title={why} onClick={() => open("breakGlass")}>
            Change
          </Button>
        }
      >
        <p className="max-w-prose text-muted">
          {settings.breakGlassRoles.length
            ? `In an emergency, a member with the role ${settings.breakGlassRoles.join(" or ")} can run a plan without the missing approvals. The reason is recorded and sent to webhooks.`
            : "Nobody can run a plan without the missing approvals."}
        </p>
      </Section>
      {opened === "rule" && <RuleDialog settings={settings} onClose={close} />}
      {opened === "breakGlass" && <BreakGlassDialog settings={settings} onClose={close} />}
      {opened && typeof opened === "object" && <RemoveDialog settings={settings} rule={opened} onClose={close} />}
    </>
  );
}

/** "shop of production". */
function usePlace() {
  const known = useQuery(clustersQuery({})).data?.clusters ?? [];
  return (one: Rule) => {
    const cluster = one.clusterId && (known.find((other) => other.id === one.clusterId)?.name ?? one.clusterId);
    if (!one.namespace) return cluster || "Organization";
    return `${one.namespace} of ${cluster || "each cluster"}`;
  };
}

function Rules({ of, mayChange, onRemove }: { of: Safeguards; mayChange: boolean; onRemove: (rule: Rule) => void }) {
  const place = usePlace();
  const { name } = usePeople();
  return (
    <div className="-mx-4 mt-3">
      <Table label="Approval rules" head={["Risk", "Where", "Approvals", "Counted", ""]} columns={{ 3: HIDE_ON_PHONE }}>
        {of.approvals.map((one) => {
          const who = [...(one.roles ?? []).map((role) => `${role}s`), ...(one.members ?? []).map((id) => name(id) ?? id)].join(", ");
          return (
            <Row key={`${one.risk} ${place(one)}`}>
              <Cell>{RISKS[one.risk]}</Cell>
              <Cell className="break-words whitespace-normal">
                {place(one)}
                <span className="block text-xs text-muted sm:hidden">{who}</span>
              </Cell>
              <Cell>{one.approvals}</Cell>
              <Cell className={`${HIDE_ON_PHONE} break-words whitespace-normal`}>{who || "Everyone who may approve"}</Cell>
              <Cell>
                <Button
                  small
                  kind="danger"
                  disabled={!mayChange}
                  aria-label={`Remove the rule for ${one.risk} risk, ${place(one)}`}
                  onClick={() => onRemove(one)}
                >
                  Remove
                </Button>
              </Cell>
            </Row>
          );
        })}
      </Table>
    </div>
  );
}

const asInput = ({ clusterId, ...rest }: Rule) => ({ ...rest, cluster: clusterId });

/** Sends changed settings with the password of the person. */
function useChange(settings: Safeguards, onClose: () => void) {
  const client = useQueryClient();
  const { errors, isBusy, submit } = useSubmit(withPassword);
  const [password, setPassword] = useState("");
  const save = (body: object, said: string) =>
    submit(async () => {
      await send("PATCH", "/v1/safeguards", { body: { ...body, password: password || undefined }, ifVersion: settings.version });
      await client.invalidateQueries({ queryKey: ["safeguards"] });
      toast(said);
      onClose();
    });
  const field = (
    <Field label="Your password" error={errors.password}>
      {(ids) => (
        <Input
          {...ids}
          type="password"
          autoComplete="current-password"
          maxLength={1024}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      )}
    </Field>
  );
  return { errors, isBusy, save, field };
}

function RuleDialog({ settings, onClose }: { settings: Safeguards; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const { all } = usePeople();
  const known = useQuery(clustersQuery({})).data?.clusters ?? [];
  const [risk, setRisk] = useState<Rule["risk"]>("high");
  const [count, setCount] = useState("2");
  const [cluster, setCluster] = useState("");
  const [namespace, setNamespace] = useState("");
  const [roles, setRoles] = useState<readonly string[]>([]);
  const [members, setMembers] = useState<readonly string[]>([]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = {
      risk,
      approvals: Number(count),
      cluster: cluster || undefined,
      namespace: namespace.trim() || undefined,
      roles,
      members,
    };
    const others = settings.approvals.filter(
      (one) => one.risk !== risk || (one.clusterId ?? "") !== cluster || (one.namespace ?? "") !== namespace.trim(),
    );
    void save({ approvals: [...others.map(asInput), made] }, "The rule is saved");
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a rule"
      description="It replaces the rule for the same risk and place, and applies to new plans only."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="approval-rule" busy={isBusy}>
            Save rule
          </Button>
        </>
      }
    >
      <form id="approval-rule" noValidate onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Risk">
          {(ids) => (
            <Select {...ids} value={risk} onChange={(event) => setRisk(event.target.value as Rule["risk"])}>
              {Object.entries(RISKS).map(([one, text]) => (
                <option key={one} value={one}>
                  {text}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Approvals">
          {(ids) => (
            <Select {...ids} value={count} onChange={(event) => setCount(event.target.value)}>
              {["1", "2", "3", "4", "5"].map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Cluster">
          {(ids) => (
            <Select {...ids} value={cluster} onChange={(event) => setCluster(event.target.value)}>
              <option value="">All clusters</option>
              {known.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Namespace" hint="Empty: all namespaces.">
          {(ids) => <Input {...ids} autoComplete="off" value={namespace} onChange={(event) => setNamespace(event.target.value)} />}
        </Field>
        <Choices legend="Only these roles" of={ROLES.map((one) => [one, `${one}s`])} chosen={roles} onChange={setRoles} />
        {all.length > 0 && (
          <Choices legend="Only these members" of={all.map((one) => [one.id, one.email])} chosen={members} onChange={setMembers} />
        )}
        <p className="text-muted">With nothing chosen, everyone who may approve counts. A rule gives nobody the right to approve.</p>
        {field}
        <FormError>{errors.form ?? errors.approvals}</FormError>
      </form>
    </Dialog>
  );
}

function Choices({
  legend,
  of,
  chosen,
  onChange,
}: {
  legend: string;
  of: [value: string, text: string][];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      <div className="flex max-h-40 flex-col gap-1 overflow-y-auto">
        {of.map(([value, text]) => (
          <label key={value} className="flex items-start gap-2 break-all">
            <input
              type="checkbox"
              className="mt-1"
              checked={chosen.includes(value)}
              onChange={(event) => onChange(event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function RemoveDialog({ settings, rule, onClose }: { settings: Safeguards; rule: Rule; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const place = usePlace();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save({ approvals: settings.approvals.filter((one) => one !== rule).map(asInput) }, "The rule is removed");
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Remove this rule"
      description={`${RISKS[rule.risk]} risk, ${place(rule)}: ${rule.approvals} approval${rule.approvals === 1 ? "" : "s"}. Executions that wait keep it.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" type="submit" form="remove-rule" busy={isBusy}>
            Remove rule
          </Button>
        </>
      }
    >
      <form id="remove-rule" noValidate onSubmit={submit} className="flex flex-col gap-3">
        {field}
        <FormError>{errors.form}</FormError>
      </form>
    </Dialog>
  );
}

function BreakGlassDialog({ settings, onClose }: { settings: Safeguards; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const [roles, setRoles] = useState<readonly string[]>(settings.breakGlassRoles);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save({ breakGlassRoles: roles }, "Break-glass is changed");
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Break-glass"
      description="These roles can run a plan without the missing approvals, including their own requests."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="break-glass" busy={isBusy}>
            Save
          </Button>
        </>
      }
    >
      <form id="break-glass" noValidate onSubmit={submit} className="flex flex-col gap-3">
        <Choices legend="Roles" of={ROLES.map((one) => [one, `${one}s`])} chosen={roles} onChange={setRoles} />
        {field}
        <FormError>{errors.form}</FormError>
      </form>
    </Dialog>
  );
}
