// Why a cluster has its status, in a sentence.
const REASONS: Record<string, string> = {
  never_connected: "No agent has connected yet",
  awaits_approval: "An agent is waiting for approval",
  heartbeat_late: "The agent's heartbeat is late",
  heartbeats_missed: "The agent stopped sending heartbeats",
  two_agents_one_identity: "Two agents use the same identity",
  protocol_error: "The agent violates the protocol and is temporarily refused",
  agent_stopped: "The agent shut down",
  credentials_revoked: "The agent's certificate was revoked",
  certificate_expired: "The agent's certificate has expired",
  deleted: "The cluster is being removed",
};
export const reasonOf = (reason: string | null | undefined) => (reason ? (REASONS[reason] ?? reason.replace(/_/g, " ")) : undefined);
