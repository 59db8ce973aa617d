// Fleet tokens and the agents that wait for approval. Only whoever may change clusters can read them.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

export type FleetToken = WithoutNulls<Schemas["FleetTokenShape"]>;
export type FleetTokenDetail = Schemas["FleetTokenDetail"];
export type CreatedFleetToken = Schemas["CreatedFleetToken"];
export type FleetUse = Schemas["FleetUse"];
export type WaitingAgent = Schemas["WaitingAgent"];
type TokenPage = Omit<Schemas["FleetTokenList"], "fleetTokens"> & { fleetTokens: FleetToken[] };

const PAGE_ROWS = 50;
const ASK_MS = 5_000; // an agent that waits asks every 15 seconds
const path = (id: string) => `/v1/fleet-tokens/${encodeURIComponent(id)}`;

export const fleetTokensQuery = infiniteQueryOptions({
  queryKey: ["fleetTokens"],
  queryFn: ({ signal, pageParam }) =>
    send<TokenPage>("GET", "/v1/fleet-tokens", { query: { pageSize: PAGE_ROWS, cursor: pageParam }, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

export const fleetTokenQuery = (id: string) =>
  queryOptions({
    queryKey: ["fleetToken", id],
    queryFn: ({ signal }) => send<FleetTokenDetail>("GET", path(id), { signal }),
  });

export const waitingQuery = queryOptions({
  queryKey: ["waitingAgents"],
  queryFn: ({ signal }) => send<Schemas["WaitingAgents"]>("GET", "/v1/fleet-tokens/waiting", { signal }),
  refetchInterval: ASK_MS,
});

export const revokeToken = (id: string) => send("DELETE", path(id));

/** For the key that was shown: refused with 412 if an agent with another key waits by now. */
export const decide = (agent: WaitingAgent, verb: "approve" | "reject") =>
  send("POST", `/v1/clusters/${encodeURIComponent(agent.clusterId)}/${verb}`, { body: {}, ifVersion: agent.version });
