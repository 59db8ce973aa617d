// Approvals: how many members must approve plans of a risk, whose approvals count, and who may go on without them.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery, seesWhole } from "../../api/session";
import { Button, Cell, Checks, Failed, Field, FormDialog, Loading, Options, Row, Section, SelectField, Table, toast } from "../../parts";
import { ClusterSelect, useClusterName } from "../clusterselect";
import { NamespaceField } from "../names";
import { OwnPassword } from "../ownpassword";
import { usePeople } from "../people";
import { type Safeguards, safeguardsQuery } from "../triggers/queries";
import { Delegations } from "./delegations";
import { withPassword } from "./fields";
import { useSubmit } from "./submit";

type Rule = Safeguards["approvals"][number];
type Opened = "rule" | "breakGlass" | Rule | null;

const RISKS = { low: "Low", high: "High", destructive: "Destructive" } as const;
const ROLES = ["owner", "admin"] as const;

export function ApprovalsTab() {
  const { data: me } = useQuery(meQuery);
  const rules = useQuery({ ...safeguardsQuery, enabled: seesWhole(me) });
  return (
    <>
      {seesWhole(me) && <ApprovalRules />}
      {/* shown after what is above it, so that it does not move */}
      <div hidden={rules.isLoading}>
        <Delegations />
      </div>
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
          By default, plans of high and destructive risk need one approval from another admin or owner. Rules override this by risk and
          scope; the most specific scope wins. The member who requested the execution never counts.
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
  const name = useClusterName();
  return (one: Rule) => {
    const cluster = one.clusterId && name(one.clusterId);
    if (!one.namespace) return cluster || "Organization";
    return `${one.namespace} of ${cluster || "each cluster"}`;
  };
}

function Rules({ of, mayChange, onRemove }: { of: Safeguards; mayChange: boolean; onRemove: (rule: Rule) => void }) {
  const place = usePlace();
  const { name } = usePeople();
  return (
    <div className="-mx-4 mt-3">
      <Table label="Approval rules" head={["Risk", "Where", "Approvals", "Counted", ""]}>
        {of.approvals.map((one) => {
          const who = [...(one.roles ?? []).map((role) => `${role}s`), ...(one.members ?? []).map((id) => name(id) ?? id)].join(", ");
          return (
            <Row key={`${one.risk} ${place(one)}`}>
              <Cell>{RISKS[one.risk]}</Cell>
              <Cell className="break-words whitespace-normal">{place(one)}</Cell>
              <Cell>{one.approvals}</Cell>
              <Cell className="break-words whitespace-normal">{who || "Everyone who may approve"}</Cell>
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
  const field = <OwnPassword error={errors.password} value={password} onChange={setPassword} />;
  return { errors, isBusy, save, field };
}

function RuleDialog({ settings, onClose }: { settings: Safeguards; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const { all } = usePeople();
  const [risk, setRisk] = useState<Rule["risk"]>("high");
  const [count, setCount] = useState("2");
  const [cluster, setCluster] = useState("");
  const [namespace, setNamespace] = useState("");
  const [roles, setRoles] = useState<readonly string[]>([]);
  const [members, setMembers] = useState<readonly string[]>([]);
  const submit = () => {
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
    void save({ approvals: [...others.map(asInput), made] }, "Rule saved");
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Add a rule"
      description="It replaces the rule for the same risk and scope, and applies to new plans only."
      submit="Save rule"
      isBusy={isBusy}
      error={errors.form ?? errors.approvals}
      onSubmit={submit}
    >
      <SelectField label="Risk" value={risk} onChange={(value) => setRisk(value as Rule["risk"])}>
        <Options of={Object.entries(RISKS)} />
      </SelectField>
      <SelectField label="Approvals" value={count} onChange={setCount}>
        <Options of={["1", "2", "3", "4", "5"]} />
      </SelectField>
      <Field label="Cluster">{(ids) => <ClusterSelect {...ids} value={cluster} onChange={setCluster} />}</Field>
      <NamespaceField label="Namespace" hint="Empty: all namespaces." cluster={cluster} value={namespace} onChange={setNamespace} />
      <Checks legend="Only these roles" of={ROLES.map((one) => [one, `${one}s`])} chosen={roles} onChange={setRoles} />
      {all.length > 0 && (
        <Checks legend="Only these members" of={all.map((one) => [one.id, one.email])} chosen={members} onChange={setMembers} />
      )}
      <p className="text-muted">If empty, any approver counts. Rules do not grant the permission to approve.</p>
      {field}
    </FormDialog>
  );
}

function RemoveDialog({ settings, rule, onClose }: { settings: Safeguards; rule: Rule; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const place = usePlace();
  const submit = () => {
    void save({ approvals: settings.approvals.filter((one) => one !== rule).map(asInput) }, "Rule removed");
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Remove this rule"
      description={`${RISKS[rule.risk]} risk, ${place(rule)}: ${rule.approvals} approval${rule.approvals === 1 ? "" : "s"}. Executions already waiting for approval are not affected.`}
      submit="Remove rule"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={submit}
    >
      {field}
    </FormDialog>
  );
}

function BreakGlassDialog({ settings, onClose }: { settings: Safeguards; onClose: () => void }) {
  const { errors, isBusy, save, field } = useChange(settings, onClose);
  const [roles, setRoles] = useState<readonly string[]>(settings.breakGlassRoles);
  const submit = () => {
    void save({ breakGlassRoles: roles }, "Break-glass roles saved");
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Break-glass"
      description="These roles can run a plan without the missing approvals, including their own requests."
      submit="Save"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={submit}
    >
      <Checks legend="Roles" of={ROLES.map((one) => [one, `${one}s`])} chosen={roles} onChange={setRoles} />
      {field}
    </FormDialog>
  );
}
