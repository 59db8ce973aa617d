// What goes on: executions that run or wait for a person, and what changed in the clusters in the last hour.
import { Link } from "@tanstack/react-router";
import { Mark, Name, plural, Time } from "../../parts";
import { usePeople } from "../people";
import { shown } from "../resources/diff";
import { State, targetText } from "../runbooks/labels";
import { Card, MORE, Quiet } from "./card";
import type { LiveExecution, Overview, RecentChange } from "./queries";

const EXECUTIONS = 5;
const CHANGES = 12;

export function Executions({ of, scope }: { of: Overview; scope: string | undefined }) {
  const all = of.executions;
  if (!all) return null;
  const words = [all.running ? `${all.running} running` : "", all.waiting ? `${all.waiting} waiting for approval` : ""].filter(Boolean);
  return (
    <Card
      title="Executions"
      note={words.join(", ")}
      action={
        <Link to="/executions" search={{ cluster: scope } as never} className={MORE}>
          All executions
        </Link>
      }
    >
      {all.newest.length ? (
        <ul>
          {all.newest.slice(0, EXECUTIONS).map((one) => (
            <ExecutionRow key={one.id} of={one} />
          ))}
        </ul>
      ) : (
        <Quiet>No runbook is running or waiting for approval.</Quiet>
      )}
    </Card>
  );
}

function ExecutionRow({ of }: { of: LiveExecution }) {
  const { name } = usePeople();
  const who = name(of.requestedBy);
  const target =
    of.target.kind && of.target.name ? targetText({ kind: of.target.kind, namespace: of.target.namespace, name: of.target.name }) : "";
  return (
    <li className="relative border-b border-line px-4 py-2 last:border-b-0 hover:bg-hover">
      <div className="flex min-w-0 items-baseline gap-3">
        <Link
          to="/executions/$executionId"
          params={{ executionId: of.id }}
          className="min-w-0 flex-1 truncate font-medium outline-offset-0 after:absolute after:inset-0"
        >
          {of.runbook}
          {of.dryRun && <span className="font-normal text-muted"> (dry run)</span>}
        </Link>
        <span className="shrink-0 text-xs">
          <State value={of.status} quiet />
        </span>
      </div>
      <div className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
        <Name className="min-w-10 shrink font-mono">{target}</Name>
        <span className="min-w-8 shrink-[2] truncate">
          <span aria-hidden>· </span>
          {of.cluster}
        </span>
        <span className="ml-auto shrink-0 whitespace-nowrap">
          {of.expiresAt ? (
            <>
              expires <Time at={of.expiresAt} />
            </>
          ) : (
            <>
              {who ? `${who}, ` : ""}
              <Time at={of.createdAt} />
            </>
          )}
        </span>
      </div>
    </li>
  );
}

export function Changes({ of }: { of: Overview }) {
  const all = of.changes;
  if (!all) return null;
  const { opened, resolved } = of.issues.lastHour;
  const listed = all.newest.slice(0, CHANGES);
  const isFleet = (of.fleet?.total ?? 2) > 1;
  return (
    <Card
      title="Last hour"
      className="flex-1"
      note={`${plural(opened, "issue")} opened, ${resolved} resolved, ${plural(all.total, "change")}`}
    >
      {listed.length ? (
        <ul>
          {listed.map((one, index) => (
            <ChangeRow key={`${one.resourceId} ${one.at} ${index}`} of={one} withCluster={isFleet} />
          ))}
          {all.total > listed.length && (
            <li className="px-4 py-1.5 text-xs text-muted">
              The newest {listed.length} of {plural(all.total, "change")}.
            </li>
          )}
        </ul>
      ) : (
        <Quiet>No workload, configuration or node changed.</Quiet>
      )}
    </Card>
  );
}

const ACTIONS: Record<RecentChange["action"], ["ok" | "low" | "info", string]> = {
  created: ["ok", "Created"],
  changed: ["low", "Changed"],
  deleted: ["info", "Deleted"],
};
const MAX_VALUE = 60;
const CLIENT_SIDE = /-client-side-apply$/; // kubectl's name for itself

function ChangeRow({ of, withCluster }: { of: RecentChange; withCluster: boolean }) {
  const [tone, word] = ACTIONS[of.action];
  return (
    <li className="relative border-b border-line px-4 py-2 last:border-b-0 hover:bg-hover">
      <div className="flex min-w-0 items-baseline gap-2">
        <Link
          to="/resources/$resourceId"
          params={{ resourceId: of.resourceId }}
          search={{ tab: "history" } as never}
          preload={false}
          className="flex min-w-0 flex-1 gap-1.5 outline-offset-0 after:absolute after:inset-0"
        >
          <span className="shrink-0 text-muted">{of.kind}</span>
          <Name className="font-medium">{`${of.namespace ? `${of.namespace}/` : ""}${of.name}`}</Name>
        </Link>
        <span className="shrink-0 text-xs text-muted">
          <Time at={of.at} />
        </span>
      </div>
      <div className="flex min-w-0 items-center gap-1.5 text-xs text-muted">
        {of.action === "changed" ? <ChangedText of={of} /> : <Mark tone={tone}>{word}</Mark>}
        <span className="ml-auto max-w-[50%] shrink-0 truncate">
          {[of.manager?.replace(CLIENT_SIDE, ""), withCluster && of.cluster].filter(Boolean).join(" · ")}
        </span>
      </div>
    </li>
  );
}

/** "replicas 3 → 5, 2 more fields" */
function ChangedText({ of }: { of: RecentChange }) {
  const [first] = of.fields;
  if (!first) return <span>Changed</span>;
  const more = of.fieldCount - 1;
  const text = `${fieldName(first.path)} ${brief(first.from)} → ${brief(first.to)}`;
  return (
    <span className="min-w-0 truncate" title={`${first.path}: ${brief(first.from)} → ${brief(first.to)}`}>
      <span className="font-mono text-text">{text}</span>
      {more > 0 && `, ${plural(more, "more field")}`}
    </span>
  );
}

/** The last named step of a path: `/spec/template/spec/containers/0/image` is the image. */
function fieldName(path: string): string {
  const steps = path.split("/").filter(Boolean);
  return steps.filter((one) => !/^\d+$/.test(one)).at(-1) ?? path;
}

function brief(value: unknown): string {
  const text = shown(value).replace(/\s+/g, " ");
  if (!text) return "none";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
