// The form that plans and runs a runbook, made of what the runbook declares.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { FlaskConical, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../../api/client";
import { type Issue, issueQuery } from "../../api/queries";
import { Button, Field, Form, FormError, statusOf } from "../../parts";
import { ClusterSelect, useClusters } from "../clusterselect";
import { ReasonField } from "../formfields";
import { usePeople } from "../people";
import { DriftChoice, TypedName } from "./consent";
import { BreakGlass, useFreeze } from "./freeze";
import { ParameterField } from "./parameterfield";
import { givenIn, namespaceIn, startValues, targetOf } from "./parameters";
import { PlanFailure, PlanView } from "./plan";
import { isSynced } from "./pullrequest";
import { type Execution, executionQuery, isFinal, needsApproval, type Runbook } from "./queries";
import { useRunDraft } from "./rundraft";

interface Props {
  runbook: Runbook;
  cluster: string | undefined;
  issueId: string | undefined;
  given: string | undefined;
}

export function ExecuteForm(props: Props) {
  const issue = useQuery({ ...issueQuery(props.issueId ?? ""), enabled: !!props.issueId });
  if (props.issueId && issue.isPending) return null; // the form starts with what the issue says
  return <ReadyForm {...props} issue={issue.data} />;
}

function ReadyForm({ runbook, cluster, given, issue }: Props & { issue: Issue | undefined }) {
  const clusters = useClusters();
  const { isAlone } = usePeople();
  const [clusterName, setCluster] = useState(issue?.cluster ?? cluster ?? "");
  const result = useRef<HTMLDivElement>(null);
  const go = useNavigate();
  useEffect(() => {
    const only = clusters.length === 1 ? clusters[0] : undefined;
    if (!clusterName && only) setCluster(only.name);
  }, [clusters, clusterName]);
  const chosen = clusters.find((one) => one.name === clusterName || one.id === clusterName);
  const isAway = !!chosen && chosen.status !== "online" && chosen.status !== "degraded";
  const run = useRunDraft({
    runbook,
    start: () => startValues(runbook.parameters, givenIn(given), targetOf(issue)),
    clusterId: chosen?.id ?? clusterName,
    issueId: issue?.id,
    onStarted: (executionId) => void go({ to: "/executions/$executionId", params: { executionId } }),
  });
  const { values, allowDrift, wrong, message, busy, planned, isDestructive } = run;
  const freeze = useFreeze(chosen?.id, namespaceIn(values), runbook.risk !== "readOnly");
  const away = isAway
    ? `The agent of ${chosen.name} is ${statusOf(chosen.status)[1].toLowerCase()}: runbooks cannot run there until it reconnects.`
    : null;
  const blocked = run.blocked ?? away;
  useEffect(() => {
    if (planned || message) result.current?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }, [planned, message]);
  return (
    <Form
      aria-label={`Run ${runbook.name}`}
      noValidate
      isBusy={!!blocked || busy !== null}
      onSubmit={() => run.send(true)}
      // A focused field is never under the buttons, which stay in view.
      className="[&_input]:scroll-mb-16 [&_select]:scroll-mb-16 [&_textarea]:scroll-mb-16"
    >
      {issue?.id && (
        <p className="rounded-md bg-surface px-3 py-2">
          For issue{" "}
          <Link to="/issues/$issueId" params={{ issueId: issue.id }} className="rounded-sm text-accent underline">
            {issue.title}
          </Link>
        </p>
      )}
      <Field label="Cluster" error={wrong[" cluster"]}>
        {(ids) => (
          <ClusterSelect
            {...ids}
            none="Choose…"
            textOf={(one) => `${one.name} (${statusOf(one.status)[1].toLowerCase()})`}
            value={chosen?.id ?? clusterName}
            disabled={!!issue?.cluster}
            onChange={(value) => {
              setCluster(value);
              run.dropPlan();
            }}
          />
        )}
      </Field>
      {runbook.parameters.map((one) => (
        <ParameterField
          key={one.name}
          of={one}
          value={values[one.name]!}
          values={values}
          cluster={chosen?.id}
          error={wrong[one.name]}
          onChange={(value) => run.change(one.name, value)}
        />
      ))}
      <ReasonField value={run.reason} onChange={run.setReason} />
      {isDestructive && (
        <TypedName
          name={run.name}
          value={run.typed}
          error={wrong[" typed"]}
          when=" Required for a run, but not for a dry run."
          onChange={run.type}
        />
      )}
      {(allowDrift || (message instanceof Problem && message.code === "managed_object") || !!planned?.plan?.managers.length) && (
        <DriftChoice value={allowDrift} isSynced={isSynced(planned?.plan)} onChange={run.setDrift} />
      )}
      <BreakGlass freeze={freeze} refusal={message} value={run.glass} error={wrong.breakGlass} onChange={run.breakGlass} />
      <div ref={result}>
        {message && <Refusal error={message} />}
        {planned && <Planned of={planned} />}
      </div>
      {blocked && (
        <p id="blocked" className="rounded-md bg-medium-tint px-3 py-2 text-medium">
          {blocked}
        </p>
      )}
      {needsApproval(runbook, planned) && (
        <p className="text-muted">
          {isAlone
            ? "A run starts with a plan. You are the only member, so you approve it yourself, with a reason and the target's name."
            : "A run starts with a plan that another member must approve."}{" "}
          Nothing changes before approval.
        </p>
      )}
      <div className="sticky bottom-0 flex flex-wrap gap-2 border-t border-line bg-bg py-3 xl:-bottom-3">
        <Button
          type="submit"
          icon={<FlaskConical aria-hidden />}
          busy={busy === "plan"}
          disabled={!!blocked || busy !== null}
          aria-describedby={blocked ? "blocked" : undefined}
        >
          Dry run
        </Button>
        <Button
          kind={isDestructive ? "danger" : "primary"}
          icon={<Play aria-hidden />}
          busy={busy === "run"}
          disabled={!!blocked || busy !== null}
          aria-describedby={blocked ? "blocked" : undefined}
          onClick={() => void run.send(false)}
        >
          {needsApproval(runbook, planned) ? "Run after approval" : "Run"}
        </Button>
      </div>
      {run.sheet}
    </Form>
  );
}

export const Refusal = ({ error }: { error: Error }) => (
  <FormError>
    <RefusalText error={error} />
  </FormError>
);

/** Why an execution was refused, with a link to the one that is in its way. */
export function RefusalText({ error }: { error: Error }) {
  const other = /exe_[0-9a-z]{26}/.exec(error.message)?.[0];
  const role = error instanceof Problem && error.status === 403 ? "Your role does not allow this: " : "";
  return (
    <>
      {role}
      {error.message}
      {other && (
        <>
          {" "}
          <Link to="/executions/$executionId" params={{ executionId: other }} className="underline">
            Open execution
          </Link>
        </>
      )}
    </>
  );
}

/** The answer to a dry run; looked for again while it is not there yet. */
function Planned({ of }: { of: Execution }) {
  const query = useQuery({ ...executionQuery(of.id), initialData: of, enabled: !isFinal(of.status), staleTime: 0 });
  const now = query.data;
  const isFailed = isFinal(now.status) && now.status !== "succeeded";
  return (
    <section aria-label="Dry run" aria-live="polite" className="rounded-md border border-line p-3">
      <h3 className="mb-2 flex items-center justify-between gap-2 font-semibold">
        Dry run
        <Link to="/executions/$executionId" params={{ executionId: of.id }} className="rounded-sm font-normal text-accent underline">
          Details
        </Link>
      </h3>
      {isFailed ? (
        <PlanFailure of={now} />
      ) : now.plan ? (
        <>
          <PlanView plan={now.plan} />
          <p className="mt-2 text-xs text-muted">Server-side dry run by the cluster's API server. Nothing was changed.</p>
        </>
      ) : isFinal(now.status) ? (
        <p>No changes.</p>
      ) : (
        <p className="text-muted">Planning…</p>
      )}
    </section>
  );
}
