// Active mute rules: what they match, why, and until when.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BellOff } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { type MuteRule, muteRulesQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Button, Cell, Empty, Failed, FormDialog, Loading, NewButton, Row, Table, TextAreaField, Time, toast } from "../../parts";
import { useClusterName } from "../clusterselect";
import { ExpiryDay, endOfDay } from "../expiry";
import { usePeople } from "../people";
import { Introduction } from "./introduction";
import { MuteDialog } from "./mutedialog";
import { sentence } from "./mutematch";
import { useSubmit } from "./submit";

const OUTDATED = ["muteRules", "muteRule", "issues", "issue", "issueCounts", "openCritical"];

export function MuteRules() {
  const query = useQuery(muteRulesQuery);
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "issues:write");
  const [isMaking, make] = useState(false);
  const create = (
    <NewButton refused={!mayWrite && "Your role cannot change issues"} onClick={() => make(true)}>
      New mute rule
    </NewButton>
  );
  return (
    <div>
      <Introduction actions={create}>
        Issues that match a rule are listed and counted, but send no notifications until the rule expires.
      </Introduction>
      {query.isPending ? (
        <Loading label="Loading mute rules" rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load mute rules" retry={() => void query.refetch()} />
      ) : query.data.muteRules.length === 0 ? (
        <Empty title="No mute rules" action={create}>
          A mute rule stops notifications about known issues until a date. Issues stay listed.
        </Empty>
      ) : (
        <Rules rules={query.data.muteRules} mayWrite={mayWrite} />
      )}
      {isMaking && <MuteDialog onClose={() => make(false)} />}
    </div>
  );
}

function Rules({ rules, mayWrite }: { rules: MuteRule[]; mayWrite: boolean }) {
  const [ending, end] = useState<MuteRule | null>(null);
  const [changing, change] = useState<MuteRule | null>(null);
  const { name } = usePeople();
  const cluster = useClusterName();
  const describe = (rule: MuteRule) => sentence(rule.match, cluster);
  const buttons = (rule: MuteRule) =>
    mayWrite && (
      <span className="inline-flex gap-1.5">
        <Button small aria-label={`Edit mute rule for ${describe(rule)}`} onClick={() => change(rule)}>
          Edit
        </Button>
        <Button small kind="danger" aria-label={`Delete mute rule for ${describe(rule)}`} onClick={() => end(rule)}>
          Delete
        </Button>
      </span>
    );
  return (
    <>
      <Table label="Mute rules" head={["Matches", "Expires", "Muted issues", "Created by", <span className="sr-only">Actions</span>]}>
        {rules.map((rule) => (
          <Row key={rule.id}>
            <Cell className="max-w-xl min-w-48">
              <span className="font-medium break-words">{describe(rule)}</span>
              <span className="block break-words text-muted">{rule.reason}</span>
            </Cell>
            <Cell>
              <Time at={rule.expiresAt} />
            </Cell>
            <Cell>
              {rule.mutedIssues > 0 ? (
                <Link to="/issues" search={{ muted: "true" } as never} className="text-accent hover:underline">
                  {rule.mutedIssues}
                </Link>
              ) : (
                <span className="text-muted">none</span>
              )}
            </Cell>
            <Cell className="text-muted">
              <span className="block max-w-44 truncate">
                {name(rule.createdBy) ?? (rule.createdBy.startsWith("key_") ? "an API key" : "a former member")}
              </span>
              <span className="text-xs">
                <Time at={rule.createdAt} />
              </span>
            </Cell>
            <Cell className="text-right whitespace-nowrap">{buttons(rule)}</Cell>
          </Row>
        ))}
      </Table>
      {ending && <EndDialog rule={ending} description={describe(ending)} onClose={() => end(null)} />}
      {changing && <ChangeDialog rule={changing} description={describe(changing)} onClose={() => change(null)} />}
    </>
  );
}

function EndDialog({ rule, description, onClose }: { rule: MuteRule; description: string; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const end = () =>
    submit(async () => {
      try {
        await send("DELETE", `/v1/mute-rules/${encodeURIComponent(rule.id)}`);
        toast("Mute rule deleted");
        onClose();
      } finally {
        for (const name of OUTDATED) void client.invalidateQueries({ queryKey: [name] });
      }
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Delete this mute rule?"
      submit="Delete rule"
      kind="danger"
      icon={<BellOff aria-hidden />}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={end}
    >
      <p className="break-words">
        {rule.mutedIssues > 0
          ? `${rule.mutedIssues} ${rule.mutedIssues === 1 ? "issue" : "issues"} will be unmuted. `
          : "No issue is muted by it now. "}
        New issues will send notifications again: {description}.
      </p>
    </FormDialog>
  );
}

function ChangeDialog({ rule, description, onClose }: { rule: MuteRule; description: string; onClose: () => void }) {
  const [reason, setReason] = useState(rule.reason);
  const [day, setDay] = useState(rule.expiresAt.slice(0, 10));
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const save = () =>
    submit(async () => {
      const expiresAt = day === rule.expiresAt.slice(0, 10) ? undefined : endOfDay(day);
      await send("PATCH", `/v1/mute-rules/${encodeURIComponent(rule.id)}`, {
        body: { reason: reason.trim(), expiresAt },
        ifVersion: rule.version,
      });
      toast("Mute rule saved");
      for (const name of OUTDATED) void client.invalidateQueries({ queryKey: [name] });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Edit mute rule"
      description={`Matches ${description}.`}
      submit="Save"
      isBusy={isBusy}
      disabled={!reason.trim() || !day}
      error={errors.form}
      onSubmit={save}
    >
      <TextAreaField
        label="Reason"
        rows={2}
        className="min-h-16!"
        maxLength={1000}
        value={reason}
        error={errors.reason}
        onChange={setReason}
      />
      <ExpiryDay value={day} error={errors.expiresAt} onChange={setDay} />
    </FormDialog>
  );
}
