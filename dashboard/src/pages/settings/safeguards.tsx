// What executions may change, and when: freezes and maintenance windows, hourly limits, the risk without approval, blocked triggers.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import {
  Button,
  Cell,
  Clock,
  cx,
  Failed,
  Loading,
  Mark,
  MenuItem,
  MenuLine,
  MoreMenu,
  Row,
  Section,
  Table,
  Time,
  toast,
  toastError,
} from "../../parts";
import { capitalize } from "../../parts/casing";
import { useClusterName } from "../clusterselect";
import { NoAccess } from "../noaccess";
import {
  type ChangeWindow,
  type Safeguards,
  safeguardsQuery,
  type Trigger,
  triggerPath,
  triggersQuery,
  windowPath,
  windowsQuery,
} from "../triggers/queries";
import { useChange } from "./change";
import { DeleteDialog } from "./deletedialog";
import { type Limit, LimitDialog, RISKS, RiskDialog, useLimits } from "./limitdialogs";
import { KINDS, type Kind, placeText } from "./window";
import { WindowDialog } from "./windowdialog";

export function SafeguardsTab() {
  const { data: me } = useQuery(meQuery);
  // Together: a section that arrives later would move those below it.
  const parts = [useQuery(windowsQuery), useQuery(safeguardsQuery), useQuery(triggersQuery)];
  if (isLimited(me)) return <NoAccess to="view safeguards" />;
  if (parts.some((one) => one.isPending)) return <Loading label="Loading safeguards" />;
  const mayWrite = may(me, "runbooks:write");
  return (
    <div>
      <p className="max-w-prose px-4 py-3 text-muted">
        Safeguards apply to every execution, no matter who starts it. {!mayWrite && "Admins and owners can change them."}
      </p>
      <Windows mayWrite={mayWrite} />
      <Limits mayWrite={mayWrite} />
      <Blocked mayWrite={mayWrite} />
    </div>
  );
}

type OpenedWindow = { what: "edit" | "delete"; of: ChangeWindow } | { what: "new"; kind: Kind } | null;

function Windows({ mayWrite }: { mayWrite: boolean }) {
  const query = useQuery(windowsQuery);
  const [opened, open] = useState<OpenedWindow>(null);
  const close = () => open(null);
  return (
    <Section
      title="Freezes and maintenance windows"
      actions={
        mayWrite && (
          <span className="flex flex-wrap gap-2">
            <Button small icon={<Plus aria-hidden />} onClick={() => open({ what: "new", kind: "freeze" })}>
              New freeze
            </Button>
            <Button small icon={<Plus aria-hidden />} onClick={() => open({ what: "new", kind: "maintenance" })}>
              New maintenance window
            </Button>
          </span>
        )
      }
    >
      {query.isPending ? null : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load freezes and windows" retry={() => void query.refetch()} />
      ) : query.data.windows.length === 0 ? (
        <p className="text-muted">No freezes or maintenance windows. Executions can make changes at any time.</p>
      ) : (
        <div className="-mx-4">
          <WindowTable windows={query.data.windows} mayWrite={mayWrite} onOpen={open} />
        </div>
      )}
      {opened?.what === "new" && <WindowDialog kind={opened.kind} onClose={close} />}
      {opened?.what === "edit" && <WindowDialog kind={opened.of.kind} of={opened.of} onClose={close} />}
      {opened?.what === "delete" && (
        <DeleteDialog name={opened.of.name} path={windowPath(opened.of.id)} list={["changeWindows"]} onClose={close}>
          {opened.of.kind === "freeze"
            ? "Held executions resume."
            : "Triggers are no longer restricted to this window. If no other window is defined, they can make changes at any time."}
        </DeleteDialog>
      )}
    </Section>
  );
}

const NOT_ON_TABLETS = "sm:max-md:hidden"; // there the first column has it

interface WindowTableProps {
  windows: ChangeWindow[];
  mayWrite: boolean;
  onOpen: (opened: OpenedWindow) => void;
}

function WindowTable({ windows, mayWrite, onOpen }: WindowTableProps) {
  const cluster = useClusterName();
  return (
    <Table
      label="Freezes and maintenance windows"
      head={["Name", "State", "When", "Where", <span className="sr-only">Actions</span>]}
      columns={{ 2: NOT_ON_TABLETS, 3: NOT_ON_TABLETS }}
    >
      {windows.map((one) => (
        <Row key={one.id}>
          <Cell className="max-w-md min-w-32">
            <span className="font-medium break-words">{one.name}</span>
            <span className="block text-xs text-muted">{KINDS[one.kind].name}</span>
            {one.reason && <span className="block text-xs break-words text-muted">{one.reason}</span>}
            <span className="block text-xs break-words text-muted max-sm:hidden md:hidden">
              <When of={one} />
              <span className="block">{placeText(one, cluster)}</span>
            </span>
          </Cell>
          <Cell className="min-w-24">
            <State of={one} />
          </Cell>
          <Cell className={cx("max-w-xs min-w-32 break-words", NOT_ON_TABLETS)}>
            <When of={one} />
          </Cell>
          <Cell className={cx("max-w-xs break-words text-muted", NOT_ON_TABLETS)}>{placeText(one, cluster)}</Cell>
          <Cell className="w-10 text-right">
            {mayWrite && (
              <Actions
                name={one.name}
                onEdit={() => onOpen({ what: "edit", of: one })}
                onDelete={() => onOpen({ what: "delete", of: one })}
              />
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Actions({ name, onEdit, onDelete }: { name: string; onEdit: () => void; onDelete: () => void }) {
  return (
    <MoreMenu of={name}>
      <MenuItem onSelect={onEdit}>Edit…</MenuItem>
      <MenuLine />
      <MenuItem onSelect={onDelete}>Delete…</MenuItem>
    </MoreMenu>
  );
}

function When({ of }: { of: ChangeWindow }) {
  if (of.schedule)
    return (
      <>
        <span className="font-mono text-xs">{of.schedule}</span> ({of.timeZone}) for {of.durationMinutes} min
      </>
    );
  return (
    <>
      <Clock at={of.startsAt!} /> to <Clock at={of.endsAt!} />
    </>
  );
}

function State({ of }: { of: ChangeWindow }) {
  if (of.activeUntil)
    return (
      <span>
        <Mark tone={of.kind === "freeze" ? "medium" : "ok"}>{KINDS[of.kind].verb}</Mark>
        <span className="block text-xs text-muted">
          until <Clock at={of.activeUntil} />
        </span>
      </span>
    );
  if (!of.nextStartAt) return <Mark tone="info">Ended</Mark>;
  return (
    <span>
      <Mark tone="info">Planned</Mark>
      <span className="block text-xs text-muted">
        begins <Time at={of.nextStartAt} />
      </span>
    </span>
  );
}

type OpenedLimit = { what: "new" | "risk" } | { what: "edit"; of: Limit } | null;

function Limits({ mayWrite }: { mayWrite: boolean }) {
  const query = useQuery(safeguardsQuery);
  const [opened, open] = useState<OpenedLimit>(null);
  const close = () => open(null);
  if (query.isPending) return null;
  if (query.isLoadingError) return <Failed error={query.error} what="Could not load the limits" retry={() => void query.refetch()} />;
  const now = query.data;
  return (
    <>
      <Section
        title="Changes per hour"
        actions={
          mayWrite && (
            <Button small icon={<Plus aria-hidden />} onClick={() => open({ what: "new" })}>
              New limit
            </Button>
          )
        }
      >
        <LimitTable of={now} mayWrite={mayWrite} onEdit={(of) => open({ what: "edit", of })} />
      </Section>
      <Section
        title="Risk without approval"
        actions={
          mayWrite && (
            <Button small onClick={() => open({ what: "risk" })}>
              Change
            </Button>
          )
        }
      >
        <p>
          <span className="font-medium">{RISKS[now.unattendedRisk][0]}.</span> {RISKS[now.unattendedRisk][1]}
        </p>
      </Section>
      {opened?.what === "new" && <LimitDialog of={now} onClose={close} />}
      {opened?.what === "edit" && <LimitDialog of={now} limit={opened.of} onClose={close} />}
      {opened?.what === "risk" && <RiskDialog of={now} onClose={close} />}
    </>
  );
}

function LimitTable({ of, mayWrite, onEdit }: { of: Safeguards; mayWrite: boolean; onEdit: (limit: Limit) => void }) {
  const cluster = useClusterName();
  const change = useLimits();
  const remove = async (limit: Limit) => {
    try {
      await change(of, (limits) => limits.filter((one) => one !== limit));
      toast("The limit was deleted");
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <div className="-mx-4">
      <Table label="Changes per hour" head={["Where", "At most", <span className="sr-only">Actions</span>]}>
        {of.limits.map((one) => {
          const place = placeText(one, cluster);
          return (
            <Row key={`${one.clusterId} ${one.namespace}`}>
              <Cell className="max-w-md break-words">{place}</Cell>
              <Cell className="tabular-nums">{one.changesPerHour}</Cell>
              <Cell className="w-10 text-right">
                {mayWrite && <Actions name={place} onEdit={() => onEdit(one)} onDelete={() => void remove(one)} />}
              </Cell>
            </Row>
          );
        })}
        <Row>
          <Cell className="text-muted">Each cluster without its own limit</Cell>
          <Cell className="text-muted tabular-nums">{of.defaultChangesPerHour}</Cell>
          <Cell>{null}</Cell>
        </Row>
      </Table>
    </div>
  );
}

/** Triggers that loop protection has stopped, or whose last executions failed. */
function Blocked({ mayWrite }: { mayWrite: boolean }) {
  const query = useQuery(triggersQuery);
  const found = query.data?.triggers.filter((one) => one.blocked || one.failures > 0) ?? [];
  return (
    <Section
      title="Protection against loops"
      actions={
        <Link to="/triggers" className="rounded-sm text-accent underline">
          All triggers
        </Link>
      }
    >
      {query.isPending ? null : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load triggers" retry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <p className="text-muted">No trigger is blocked. A trigger is blocked after three failed executions in a row.</p>
      ) : (
        <div className="-mx-4">
          <Table label="Blocked triggers" head={["Trigger", "State", "Failures in a row", <span className="sr-only">Actions</span>]}>
            {found.map((one) => (
              <BlockedRow key={one.id} of={one} mayWrite={mayWrite} />
            ))}
          </Table>
        </div>
      )}
    </Section>
  );
}

function BlockedRow({ of, mayWrite }: { of: Trigger; mayWrite: boolean }) {
  const { change, isBusy, sheet } = useChange(["triggers"]);
  const resume = () => change(() => send("POST", triggerPath(of.id, "/unblock"), { body: {} }), `${of.name} may fire again`);
  return (
    <Row>
      <Cell className="max-w-xs min-w-28 font-medium break-words">{of.name}</Cell>
      <Cell className="max-w-md break-words">
        {of.blocked ? (
          <>
            <Mark tone="critical">Blocked</Mark>
            <span className="block text-xs wrap-anywhere text-muted">
              {capitalize(of.blocked.reason)}.{" "}
              {of.blocked.nextAllowedAt ? (
                <>
                  Fires again <Time at={of.blocked.nextAllowedAt} />.
                </>
              ) : of.blocked.code === "consecutive_failures" ? (
                "Until a person resumes it."
              ) : (
                "Until that person can run runbooks again, or someone who can run them saves the trigger."
              )}
            </span>
          </>
        ) : (
          <Mark tone="medium">Failing</Mark>
        )}
      </Cell>
      <Cell className="tabular-nums">{of.failures}</Cell>
      <Cell className="text-right">
        {mayWrite && of.blocked?.code === "consecutive_failures" && (
          <Button small busy={isBusy} aria-label={`Resume ${of.name}`} onClick={() => void resume()}>
            Resume
          </Button>
        )}
        {sheet}
      </Cell>
    </Row>
  );
}
