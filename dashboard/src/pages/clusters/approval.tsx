// Agents waiting for approval: where each comes from, which key it has, and the decision about it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, CodeBlock, Facts, Failed, FormDialog, Loading, Time, toast } from "../../parts";
import { fieldsOf } from "../settings/fields";
import { useSubmit } from "../settings/submit";
import { decide, fleetTokensQuery, type WaitingAgent, waitingQuery } from "./fleetqueries";

const KEY_DIGITS = 12;

/** All agents that wait, oldest first. */
export function WaitingAgents() {
  const waiting = useQuery(waitingQuery);
  if (waiting.isLoadingError)
    return <Failed error={waiting.error} what="Could not load the waiting agents" retry={() => void waiting.refetch()} />;
  if (!waiting.data) return <Loading rows={1} label="Loading waiting agents" />;
  const agents = waiting.data.waiting;
  if (agents.length === 0) return <p className="px-4 py-3 text-muted">No agents are waiting for approval.</p>;
  return (
    <ul aria-label="Agents waiting for approval">
      {agents.map((one) => (
        <li key={one.clusterId} className="border-b border-line px-4 py-3">
          <Waiting agent={one} />
        </li>
      ))}
    </ul>
  );
}

/** On the page of one cluster: the agent that waits under it. */
export function WaitingAgentOf({ clusterId }: { clusterId: string }) {
  const { data: me } = useQuery(meQuery);
  const mayDecide = may(me, "clusters:write");
  const waiting = useQuery({ ...waitingQuery, enabled: mayDecide });
  const agent = waiting.data?.waiting.find((one) => one.clusterId === clusterId);
  return (
    <section aria-labelledby="approval" className="min-w-0">
      <h2 id="approval" className="mb-2 text-base font-semibold">
        An agent is waiting for approval
      </h2>
      {!mayDecide ? (
        <p className="text-muted">An admin or owner can approve it.</p>
      ) : waiting.isLoadingError ? (
        <Failed error={waiting.error} what="Could not load the agent" retry={() => void waiting.refetch()} />
      ) : !waiting.data ? (
        <Loading rows={2} />
      ) : agent ? (
        <Waiting agent={agent} />
      ) : (
        <p className="text-muted">It was approved or rejected.</p>
      )}
    </section>
  );
}

function Waiting({ agent }: { agent: WaitingAgent }) {
  const [verb, choose] = useState<"approve" | "reject" | null>(null);
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <p className="mb-1 font-medium break-words">{agent.clusterName}</p>
        <AgentFacts agent={agent} />
      </div>
      <div className="flex gap-2">
        <Button kind="primary" onClick={() => choose("approve")} aria-label={`Approve ${agent.clusterName}`}>
          Approve…
        </Button>
        <Button kind="danger" onClick={() => choose("reject")} aria-label={`Reject ${agent.clusterName}`}>
          Reject…
        </Button>
      </div>
      {verb && <Decision agent={agent} verb={verb} onClose={() => choose(null)} />}
    </div>
  );
}

function AgentFacts({ agent, isWhole = false }: { agent: WaitingAgent; isWhole?: boolean }) {
  const pages = useQueryClient().getQueryData(fleetTokensQuery.queryKey)?.pages ?? [];
  const token = pages.flatMap((page) => page.fleetTokens).find((one) => one.id === agent.fleetTokenId);
  return (
    <Facts
      wide={!isWhole}
      of={[
        ["Last request", <Time at={agent.since} />],
        ["From", agent.address || "unknown address"],
        ["Fleet token", token?.name ?? <code className="font-mono text-xs break-all">{agent.fleetTokenId}</code>],
        ["kube-system uid", <code className="font-mono text-xs break-all">{agent.kubeSystemUid}</code>],
        [
          "Key (SHA-256)",
          <code className="font-mono text-xs break-all" title={agent.keyFingerprint}>
            {isWhole ? agent.keyFingerprint : `${agent.keyFingerprint.slice(0, KEY_DIGITS)}…`}
          </code>,
        ],
      ]}
    />
  );
}

const errorsOf = (error: unknown): Record<string, string> =>
  error instanceof Problem && error.status === 412
    ? { form: "The waiting agent or the cluster has changed. Nothing was decided. Close this dialog and check the agent again." }
    : fieldsOf(error);

function Decision({ agent, verb, onClose }: { agent: WaitingAgent; verb: "approve" | "reject"; onClose: () => void }) {
  const client = useQueryClient();
  const [shown] = useState(agent); // the decision is for what the person sees, whatever the list says meanwhile
  const { errors, isBusy, submit } = useSubmit(errorsOf);
  const isApproval = verb === "approve";
  const run = () =>
    submit(async () => {
      try {
        await decide(shown, verb);
        toast(isApproval ? `${shown.clusterName} was approved; its agent enrolls within a minute` : `${shown.clusterName} was rejected`);
        onClose();
      } finally {
        for (const name of ["waitingAgents", "fleetTokens", "fleetToken", "clusters", "cluster", "connection"])
          void client.invalidateQueries({ queryKey: [name] });
      }
    });
  return (
    <FormDialog
      onClose={onClose}
      title={isApproval ? `Approve ${shown.clusterName}?` : `Reject ${shown.clusterName}?`}
      description={
        isApproval
          ? "Only the agent with this key gets a certificate for this cluster. Compare its address and uid with those of the cluster that you expect."
          : "The agent gets no certificate, and the cluster is deleted from Optral. Nothing changes in Kubernetes."
      }
      submit={isApproval ? "Approve" : "Reject"}
      kind={isApproval ? "primary" : "danger"}
      isBusy={isBusy}
      error={errors.form}
      onSubmit={run}
    >
      <AgentFacts agent={shown} isWhole />
      {isApproval && <CodeBlock text="kubectl get namespace kube-system -o jsonpath={.metadata.uid}" label="command for the uid" wrap />}
    </FormDialog>
  );
}
