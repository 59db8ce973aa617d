// A suggested runbook inside the panel of its issue: the preview, then the approval, the steps as they run, and the verification.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, FlaskConical, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../../api/client";
import type { Issue } from "../../api/queries";
import { Button, CodeBlock, Failed, Form, Loading, Spinner } from "../../parts";
import { ReasonField } from "../formfields";
import { usePeople } from "../people";
import { DriftChoice, TypedName } from "./consent";
import type { CureAddress } from "./cureaddress";
import { CureExecution } from "./cureexecution";
import { ABOVE_FOOTER, CureFooter } from "./curefooter";
import { Refusal } from "./execute";
import { BreakGlass, useFreeze } from "./freeze";
import { HoldNotice } from "./hold";
import { Risk } from "./labels";
import { isRefused, ObstacleNotice } from "./obstacle";
import { ParameterField } from "./parameterfield";
import { givenIn, isOpenToChoice, mistakes, namespaceIn, startValues, targetOf, type Values } from "./parameters";
import { PermissionText, PlanFailure, PlanView } from "./plan";

import { hasRepository, isSynced, ProposeButton } from "./pullrequest";
import { executionQuery, isFinal, needsApproval, type Parameter, type Runbook, runbookQuery } from "./queries";
import { useRunDraft } from "./rundraft";

interface Props {
  issue: Issue;
  address: CureAddress;
  onClose: () => void;
  onStarted: (executionId: string) => void;
}

export function Cure({ issue, address, onClose, onStarted }: Props) {
  const found = useQuery(runbookQuery(address.run ?? ""));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  useEffect(() => {
    // Back to the issue; without this the panel itself would close.
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog],[role=menu]")) return;
      event.preventDefault();
      onClose();
    };
    addEventListener("keydown", onKey, { capture: true });
    return () => removeEventListener("keydown", onKey, { capture: true });
  }, [onClose]);
  return (
    <section aria-label="Runbook" className="flex min-h-full flex-col">
      <div className="top-0 z-10 flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-bg px-2 py-1.5 [@media(min-height:600px)]:sticky">
        <Button small kind="quiet" icon={<ArrowLeft aria-hidden />} onClick={onClose}>
          Issue
        </Button>
        <h3 ref={heading} tabIndex={-1} className="min-w-0 flex-1 font-semibold break-words outline-none">
          {found.data?.name ?? address.run}
        </h3>
        {found.data && <Risk value={found.data.risk} />}
      </div>
      {address.execution ? (
        <CureExecution key={address.execution} id={address.execution} onClose={onClose} onStarted={onStarted} />
      ) : found.isPending ? (
        <Loading label="Loading runbook" rows={4} />
      ) : !found.data ? (
        <Failed error={found.error} what="Could not load the runbook" retry={() => void found.refetch()} />
      ) : (
        <Preview
          key={`${address.run} ${address.p}`}
          runbook={found.data}
          issue={issue}
          given={address.p}
          onClose={onClose}
          onStarted={onStarted}
        />
      )}
    </section>
  );
}

interface PreviewProps extends Pick<Props, "issue" | "onClose" | "onStarted"> {
  runbook: Runbook;
  given?: string;
}

function Preview({ runbook, issue, given, onClose, onStarted }: PreviewProps) {
  const { isAlone } = usePeople();
  const [start] = useState(() => startValues(runbook.parameters, givenIn(given), targetOf(issue)));
  const run = useRunDraft({ runbook, start: () => start, clusterId: issue.clusterId, issueId: issue.id, onStarted });
  const { me, values, allowDrift, wrong, message, busy, planned, isDestructive, send } = run;
  const freeze = useFreeze(issue.clusterId, namespaceIn(values), runbook.risk !== "readOnly");
  const target = targetOf(issue);
  const action = suggestionOf(issue, runbook.slug, given);
  const toDecide = runbook.parameters.filter((one) => action?.toDecide?.includes(one.name));
  const open = runbook.parameters.filter((one) => !toDecide.includes(one) && isOpenToChoice(one, start, target));
  const obstacle = isRefused(action?.obstacle)
    ? action!.obstacle!.message
    : message instanceof Problem && message.code === "agent_read_only"
      ? "Optral's agent is read-only in this cluster, so it cannot make this change."
      : null;
  const blocked = run.blocked ?? obstacle;
  const isHeld = isRefused(action?.obstacle); // the notice says it, with what to do instead
  const isDecided = toDecide.every((one) => start[one.name] !== "");
  const isReadyToPlan = !blocked && !!me && isDecided && Object.keys(mistakes(runbook.parameters, start)).length === 0;
  const isPlannedAtOnce = useRef(false);
  useEffect(() => {
    if (!isReadyToPlan || isPlannedAtOnce.current) return;
    isPlannedAtOnce.current = true;
    void send(true);
  }, [isReadyToPlan]);
  const query = useQuery({
    ...executionQuery(planned?.id ?? ""),
    initialData: planned ?? undefined,
    enabled: !!planned && !isFinal(planned.status),
    staleTime: 0,
  });
  const plan = planned && (query.data ?? planned);
  const isPlanned = plan?.status === "succeeded";
  const hasApproval = needsApproval(runbook, plan);
  const isManaged = (message instanceof Problem && message.code === "managed_object") || !!plan?.plan?.managers.length;
  const isInRepository = hasRepository(plan?.plan);
  const change = (one: string, value: Values[string]) => {
    run.change(one, value);
    run.setMessage(null);
  };
  const field = (one: Parameter) => (
    <ParameterField
      key={one.name}
      of={one}
      value={values[one.name]!}
      values={values}
      cluster={issue.clusterId}
      error={wrong[one.name]}
      onChange={(value) => change(one.name, value)}
    />
  );
  return (
    <Form
      aria-label={`Run ${runbook.name}`}
      noValidate
      className={`flex-1 gap-0! ${ABOVE_FOOTER}`}
      isBusy={!!blocked || busy !== null}
      onSubmit={() => send(!isPlanned)}
    >
      <div className="flex flex-col gap-3 px-4 py-3">
        <Target runbook={runbook} values={values} issue={issue} hidden={[...toDecide, ...open].map((one) => one.name)} />
        {toDecide.length > 0 && (
          <fieldset className="flex flex-col gap-3 rounded-md border border-medium-solid bg-medium-tint/40 px-3 pb-3">
            <legend className="px-1 font-medium">You decide</legend>
            <p>{action?.why}</p>
            {toDecide.map((one) => field({ ...one, required: true }))}
          </fieldset>
        )}
        {open.map(field)}
        <HoldNotice of={action?.hold} />
        {action?.obstacle && (
          <div className="overflow-hidden rounded-md border border-line">
            <ObstacleNotice of={action.obstacle} />
            {action.command && <CodeBlock text={action.command} label={`Command: ${action.title}`} wrap />}
          </div>
        )}
        {!isHeld && (
          <section aria-label="Preview" aria-live="polite">
            <h4 className="mb-1 text-xs font-medium text-muted">What changes</h4>
            {message ? (
              <Refusal error={message} />
            ) : busy === "plan" || (plan && !isFinal(plan.status)) ? (
              <p className="flex items-center gap-2 text-muted">
                <Spinner /> Planning: the API server of {issue.cluster} computes what would change…
              </p>
            ) : !plan ? (
              <p className="text-muted">
                {blocked
                  ? "No preview."
                  : open.length + toDecide.length
                    ? "Set the values, then preview the change."
                    : "Preview the change first."}
              </p>
            ) : plan.plan && isPlanned ? (
              <>
                <PlanView plan={plan.plan} />
                <p className="mt-1 text-xs text-muted">From a dry run by the cluster's API server. Nothing has changed yet.</p>
              </>
            ) : (
              <PlanFailure of={plan} />
            )}
          </section>
        )}
        {isPlanned && <BreakGlass freeze={freeze} refusal={message} value={run.glass} error={wrong.breakGlass} onChange={run.breakGlass} />}
        {isManaged && <DriftChoice value={allowDrift} isSynced={isSynced(plan?.plan)} onChange={run.setDrift} />}
        {isDestructive && <TypedName name={run.name} value={run.typed} error={wrong[" typed"]} onChange={run.type} />}
        {isPlanned && !(hasApproval && isAlone) && <ReasonField value={run.reason} onChange={run.setReason} />}
        <p className="text-xs text-muted">{runbook.description}</p>
      </div>
      <CureFooter
        buttons={
          isPlanned ? (
            <>
              {isInRepository && planned && (
                <ProposeButton
                  execution={planned}
                  kind={allowDrift ? undefined : "primary"}
                  isBlocked={!!blocked || busy !== null}
                  onStarted={onStarted}
                />
              )}
              <Button
                kind={isDestructive ? "danger" : isInRepository && !allowDrift ? undefined : "primary"}
                type="submit"
                icon={<Play aria-hidden />}
                busy={busy === "run"}
                disabled={!!blocked || busy !== null || (isManaged && !allowDrift)}
              >
                {!hasApproval ? "Run" : isAlone ? "Continue to approval" : "Request approval"}
              </Button>
              <Button onClick={() => void send(true)} busy={busy === "plan"} disabled={busy !== null}>
                Preview again
              </Button>
            </>
          ) : isHeld ? (
            <Button onClick={onClose}>Back to the issue</Button>
          ) : (
            <Button
              kind="primary"
              type="submit"
              icon={<FlaskConical aria-hidden />}
              busy={busy === "plan" || (!!plan && !isFinal(plan.status))}
              disabled={!!blocked || busy !== null}
            >
              {plan || message ? "Preview again" : "Preview"}
            </Button>
          )
        }
      >
        {isHeld ? null : blocked ? (
          <p className="text-medium">{blocked}</p>
        ) : (
          <div className="flex flex-col gap-0.5 text-muted">
            <p>
              {hasApproval
                ? isAlone
                  ? "Needs approval. You can approve it yourself: you are the only member."
                  : "Needs the approval of another member. Nothing changes before that."
                : "Needs no approval."}
            </p>
            {isPlanned && plan?.plan && <PermissionText plan={plan.plan} />}
          </div>
        )}
      </CureFooter>
      {run.sheet}
    </Form>
  );
}

/** The recommended action that led to this runbook; with other parameters, the first with the same runbook. */
export function suggestionOf(issue: Issue, slug: string, given: string | undefined) {
  const found = (issue.analysis?.recommendedActions ?? []).filter((one) => one.runbook === slug);
  return found.find((one) => JSON.stringify(one.parameters ?? {}) === (given ?? "{}")) ?? found[0];
}

/** What is already decided: the object, by what the issue and the analysis say. */
function Target({ runbook, values, issue, hidden }: { runbook: Runbook; values: Values; issue: Issue; hidden: string[] }) {
  const text = (name: string) => (typeof values[name] === "string" ? (values[name] as string) : "");
  const stated = runbook.steps.map((one) => one.with.kind).find((one) => typeof one === "string" && !one.startsWith("$"));
  const kind = text("kind") || (values.pod !== undefined ? "Pod" : values.node !== undefined ? "Node" : String(stated ?? "Deployment"));
  const object = text("name") || text("pod") || text("node");
  const known = new Set(["kind", "namespace", "name", "pod", "node", ...hidden]);
  const rest = runbook.parameters.filter((one) => !known.has(one.name) && text(one.name));
  const own = targetOf(issue);
  const isOwn =
    object === own.pod || (object === own.name && kind === own.kind && (!text("namespace") || text("namespace") === own.namespace));
  const cause = issue.analysis?.rootCause;
  return (
    <div>
      <p className="break-words">
        <span className="font-mono text-xs">
          {kind} {text("namespace") && `${text("namespace")}/`}
          {object}
        </span>
        {rest.map((one) => (
          <span key={one.name}>
            , {one.name} <span className="font-mono text-xs">{text(one.name)}</span>
          </span>
        ))}{" "}
        in{" "}
        <Link to="/clusters/$clusterId" params={{ clusterId: issue.clusterId }} className="rounded-sm text-accent underline">
          {issue.cluster}
        </Link>
      </p>
      {object && own.name && !isOwn && (
        <p className="text-xs break-words text-muted">
          The issue is about {own.kind} {own.namespace && `${own.namespace}/`}
          {own.name}
          {cause ? `. This object is changed because of the cause: ${cause.title.replaceAll("`", "").trim()}` : ", not about this object"}.
        </p>
      )}
    </div>
  );
}
