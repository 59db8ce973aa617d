// Agents that wait for approval: where each comes from, which key it has, and the decision about it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, CodeBlock, Dialog, Facts, Failed, FormError, Loading, Time, toast } from "../../parts";
import { decide, fleetTokensQuery, type WaitingAgent, waitingQuery } from "./fleetqueries";

const KEY_DIGITS = 12;

/** All agents that wait, oldest first. */
export function WaitingAgents() {
  const waiting = useQuery(waitingQuery);
  if (waiting.isLoadingError)
    return <Failed error={waiting.error} what="Could not load the agents that wait" retry={() => void waiting.refetch()} />;
  if (!waiting.data) return <Loading rows={1} label="Loading agents that wait" />;
  const agents = waiting.data.waiting;
  if (agents.length === 0) return <p className="px-4 py-3 text-muted">No agent waits for approval.</p>;
  return (
    <ul aria-label="Agents that wait for approval">
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
        An agent waits for approval
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

function Decision({ agent, verb, onClose }: { agent: WaitingAgent; verb: "approve" | "reject"; onClose: () => void }) {
  const client = useQueryClient();
  const [shown] = useState(agent); // the decision is for what the person sees, whatever the list says meanwhile
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const isApproval = verb === "approve";
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await decide(shown, verb);
      toast(isApproval ? `${shown.clusterName} was approved; its agent enrolls within a minute` : `${shown.clusterName} was rejected`);
      onClose();
    } catch (problem) {
      const isOther = problem instanceof Problem && problem.status === 412;
      setError(
        isOther
          ? "An agent with another key waits by now, or the cluster was changed. Nothing was decided; close this and look at it again."
          : problem instanceof Error
            ? problem.message
            : String(problem),
      );
    } finally {
      setBusy(false);
      for (const name of ["waitingAgents", "fleetTokens", "fleetToken", "clusters", "cluster", "connection"])
        void client.invalidateQueries({ queryKey: [name] });
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={isApproval ? `Approve ${shown.clusterName}?` : `Reject ${shown.clusterName}?`}
      description={
        isApproval
          ? "The agent that holds this key gets a certificate for this cluster, and nobody else. Compare its address and uid with the cluster that you expect."
          : "The agent stays out, and the cluster is deleted here. Nothing changes in Kubernetes."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind={isApproval ? "primary" : "danger"} busy={isBusy} onClick={() => void run()}>
            {isApproval ? "Approve" : "Reject"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <AgentFacts agent={shown} isWhole />
        {isApproval && <CodeBlock text="kubectl get namespace kube-system -o jsonpath={.metadata.uid}" label="command for the uid" wrap />}
        <FormError>{error}</FormError>
      </div>
    </Dialog>
  );
}
