// What starts runbooks without a person, what limits it, and the stop of everything.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import {
  Button,
  Cell,
  Clock,
  cx,
  Empty,
  Failed,
  Loading,
  Mark,
  MenuItem,
  MenuLine,
  MoreMenu,
  NewButton,
  PageHeader,
  Row,
  Table,
  Time,
  toast,
} from "../../parts";
import { capitalize } from "../../parts/casing";
import { useClusterName } from "../clusterselect";
import { NoAccess } from "../noaccess";
import { usePeople } from "../people";
import { useChange } from "../settings/change";
import { DeleteDialog } from "../settings/deletedialog";
import { RISKS } from "../settings/limitdialogs";
import { RollDialog } from "../settings/rolldialog";
import { SecretDialog } from "../settings/secret";
import { useTitle } from "../title";
import { CreateDialog, EditDialog } from "./dialogs";
import { Firings } from "./firings";
import { type CreatedTrigger, condition, safeguardsQuery, type Trigger, triggerPath, triggersQuery, windowsQuery } from "./queries";
import { StopButton } from "./stop";

export function TriggerList() {
  useTitle("Triggers");
  const { data: me } = useQuery(meQuery);
  return isLimited(me) ? (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Triggers" />
      <NoAccess to="view triggers" />
    </div>
  ) : (
    <AllTriggers />
  );
}

function AllTriggers() {
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "runbooks:write") && may(me, "runbooks:execute");
  const query = useQuery(triggersQuery);
  const [isMaking, make] = useState(false);
  const [created, setCreated] = useState<CreatedTrigger | null>(null);
  const client = useQueryClient();
  const create = (
    <NewButton refused={!mayWrite && "Your role cannot change triggers; admins and owners can"} onClick={() => make(true)}>
      <span>
        New<span className="max-sm:sr-only"> trigger</span>
      </span>
    </NewButton>
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Triggers">
        <StopButton />
        {create}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Limits />
        {query.isPending ? (
          <Loading label="Loading triggers" />
        ) : query.isLoadingError ? (
          <Failed error={query.error} what="Could not load triggers" retry={() => void query.refetch()} />
        ) : query.data.triggers.length === 0 ? (
          <Empty title="No triggers" action={create}>
            A trigger starts a runbook when an issue matches, on a schedule, or on a signed request.
          </Empty>
        ) : (
          <TriggerTable triggers={query.data.triggers} mayWrite={mayWrite} onRolled={setCreated} />
        )}
      </div>
      {isMaking && (
        <CreateDialog
          onClose={() => make(false)}
          onCreated={(one) => {
            make(false);
            void client.invalidateQueries({ queryKey: ["triggers"] });
            if (one.secret) setCreated(one);
            else toast(`${one.name} was created`);
          }}
        />
      )}
      {created?.secret && (
        <SecretDialog
          title="Store this secret now"
          description={`It won't be shown again. Sign requests to ${created.path} with it (Standard Webhooks).`}
          name={`Secret of ${created.name}`}
          secret={created.secret}
          onStored={() => setCreated(null)}
        />
      )}
    </div>
  );
}

/** What the organisation lets triggers do, and the freezes that are in force. */
function Limits() {
  const { data: limits } = useQuery(safeguardsQuery);
  const { data: all } = useQuery(windowsQuery);
  const active = all?.windows.filter((one) => one.activeUntil && one.kind === "freeze") ?? [];
  const cluster = useClusterName();
  return (
    <div className="flex flex-col gap-1 px-4 py-3 text-muted">
      <p>
        {RISKS[limits?.unattendedRisk ?? "none"][1]}{" "}
        <Link to="/settings/$tab" params={{ tab: "safeguards" }} className="rounded-sm text-accent underline">
          Safeguards
        </Link>
      </p>
      {active.map((one) => (
        <p key={one.id} className="text-medium">
          Freeze “{one.name}”
          {one.namespace || one.clusterId
            ? ` of ${[one.namespace, one.clusterId && cluster(one.clusterId)].filter(Boolean).join(" on ")}`
            : ""}
          : nothing changes until <Clock at={one.activeUntil!} />.
        </p>
      ))}
    </div>
  );
}

const NOT_ON_TABLETS = "sm:max-lg:hidden";

type Opened = { what: "firings" | "edit" | "roll" | "delete"; trigger: Trigger } | null;

interface TableProps {
  triggers: Trigger[];
  mayWrite: boolean;
  onRolled: (created: CreatedTrigger) => void;
}

function TriggerTable({ triggers, mayWrite, onRolled }: TableProps) {
  const [opened, open] = useState<Opened>(null);
  const cluster = useClusterName();
  const close = () => open(null);
  const { change, sheet } = useChange(["triggers"]);
  const buttons = (one: Trigger) => (
    <span className="inline-flex gap-1.5">
      <Button small aria-label={`Firings of ${one.name}`} onClick={() => open({ what: "firings", trigger: one })}>
        Firings
      </Button>
      {mayWrite && (
        <MoreMenu of={one.name}>
          <MenuItem onSelect={() => open({ what: "edit", trigger: one })}>Edit…</MenuItem>
          <MenuItem
            onSelect={() =>
              void change(
                () => send("PATCH", triggerPath(one.id), { body: { enabled: !one.enabled } }),
                `${one.name} ${one.enabled ? "disabled" : "enabled"}`,
              )
            }
          >
            {one.enabled ? "Disable" : "Enable"}
          </MenuItem>
          {one.blocked?.code === "consecutive_failures" && (
            <MenuItem onSelect={() => void change(() => send("POST", triggerPath(one.id, "/unblock"), { body: {} }), "Unblocked")}>
              Unblock
            </MenuItem>
          )}
          {one.source === "webhook" && <MenuItem onSelect={() => open({ what: "roll", trigger: one })}>New secret…</MenuItem>}
          <MenuLine />
          <MenuItem onSelect={() => open({ what: "delete", trigger: one })}>Delete…</MenuItem>
        </MoreMenu>
      )}
    </span>
  );
  return (
    <>
      <Table
        label="Triggers"
        head={["Name", "State", "Fires on", "Runs as", <span className="sr-only">Actions</span>]}
        columns={{ 4: NOT_ON_TABLETS }}
      >
        {triggers.map((one) => (
          <Row key={one.id}>
            <Cell className="max-w-md min-w-36">
              <span className="font-medium break-words">{one.name}</span>
              <Link
                to="/runbooks/$runbookId"
                params={{ runbookId: one.runbook }}
                className="block rounded-sm text-xs break-words text-accent hover:underline"
              >
                {one.runbook}
                {one.clusterId && ` in ${cluster(one.clusterId)}`}
              </Link>
              <span className="mt-1 block max-sm:hidden lg:hidden">{buttons(one)}</span>
            </Cell>
            <Cell className="max-w-xs min-w-28">
              <State of={one} />
            </Cell>
            <Cell className="max-w-xs min-w-32 break-words">
              {condition(one, cluster)}
              {one.path && <span className="block font-mono text-xs break-all text-muted">{one.path}</span>}
              {one.nextAt && (
                <span className="block text-xs text-muted">
                  next <Time at={one.nextAt} />
                </span>
              )}
            </Cell>
            <Cell className="text-muted">
              <Member id={one.actsFor} />
            </Cell>
            <Cell className={cx("text-right whitespace-nowrap", NOT_ON_TABLETS)}>{buttons(one)}</Cell>
          </Row>
        ))}
      </Table>
      {opened?.what === "firings" && <Firings trigger={opened.trigger} onClose={close} />}
      {opened?.what === "edit" && <EditDialog trigger={opened.trigger} onClose={close} />}
      {opened?.what === "roll" && (
        <RollDialog
          name={opened.trigger.name}
          path={triggerPath(opened.trigger.id, "/roll")}
          back="Back"
          onClose={close}
          onRolled={(one: CreatedTrigger) => {
            close();
            onRolled(one);
          }}
        >
          The trigger then runs with your permissions. If you have seen the current secret, it stays valid for another 24 hours, so that you
          can update the sender; otherwise it stops working at once.
        </RollDialog>
      )}
      {opened?.what === "delete" && (
        <DeleteDialog name={opened.trigger.name} path={triggerPath(opened.trigger.id)} list={["triggers"]} back="Back" onClose={close}>
          Also deletes the history of its firings. Executions that it started are kept. To pause it, disable it instead.
        </DeleteDialog>
      )}
      {sheet}
    </>
  );
}

function Member({ id }: { id: string }) {
  const { name } = usePeople();
  return <>{name(id) ?? "a former member"}</>;
}

function State({ of }: { of: Trigger }) {
  if (!of.enabled) return <Mark tone="info">Off</Mark>;
  if (!of.blocked) return <Mark tone="ok">On</Mark>;
  return (
    <span>
      <Mark tone="critical">Blocked</Mark>
      <span className="block text-xs wrap-anywhere text-muted">
        {capitalize(of.blocked.reason)}
        {of.blocked.nextAllowedAt && (
          <>
            ; until <Clock at={of.blocked.nextAllowedAt} />
          </>
        )}
      </span>
    </span>
  );
}
