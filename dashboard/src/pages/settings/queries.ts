import { queryOptions } from "@tanstack/react-query";
import { guarded, type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

export type ApiKey = WithoutNulls<Schemas["KeyShape"]>;
export type CreatedKey = WithoutNulls<Schemas["CreatedKey"]>;
export type Member = WithoutNulls<Schemas["MemberShape"]>;
export type Invite = WithoutNulls<Schemas["InviteShape"]>;
export type CreatedInvite = WithoutNulls<Schemas["CreatedInvite"]>;

export const keysQuery = (withRevoked: boolean) =>
  queryOptions({
    queryKey: ["apiKeys", withRevoked],
    queryFn: ({ signal }) =>
      send<{ apiKeys: ApiKey[]; total: number }>("GET", "/v1/api-keys", {
        query: { pageSize: 100, withRevoked: withRevoked || undefined },
        signal,
      }),
    refetchInterval: 30_000, // last used moves without an event
  });

export const membersQuery = queryOptions({
  queryKey: ["members"],
  queryFn: ({ signal }) => send<{ members: Member[]; total: number }>("GET", "/v1/members", { query: { pageSize: 100 }, signal }),
});

export const invitesQuery = queryOptions({
  queryKey: ["invites"],
  queryFn: ({ signal }) => send<{ invites: Invite[] }>("GET", "/v1/invites", { signal }),
});

export interface PlanNow {
  plan: string;
  requestsPerMinute: number;
  /** Of the asking session's own window, from the answer's headers. */
  limit: number | null;
  remaining: number | null;
  resetAt: string | null;
}

export const planQuery = queryOptions({
  queryKey: ["plan"],
  queryFn: async ({ signal }): Promise<PlanNow> => {
    const response = await guarded(new Request(new URL("/v1/plan", location.origin), { signal }));
    const number = (name: string) => (response.headers.has(name) ? Number(response.headers.get(name)) : null);
    const reset = number("x-ratelimit-reset");
    const body = (await response.json()) as { plan: string; requestsPerMinute: number };
    return {
      ...body,
      limit: number("x-ratelimit-limit"),
      remaining: number("x-ratelimit-remaining"),
      resetAt: reset === null ? null : new Date(reset * 1000).toISOString(),
    };
  },
  refetchInterval: 15_000,
  staleTime: 0,
});

export const automaticQuery = queryOptions({
  queryKey: ["analysisSettings", "automatic"],
  queryFn: ({ signal }) => send<Schemas["AutomaticShape"]>("GET", "/v1/automatic-analysis", { signal }),
});

export const captureQuery = queryOptions({
  queryKey: ["analysisSettings", "capture"],
  queryFn: ({ signal }) => send<{ enabled: boolean }>("GET", "/v1/log-capture", { signal }),
});

export const modelUsageQuery = (month: string) =>
  queryOptions({
    queryKey: ["analysisSettings", "usage", month],
    queryFn: ({ signal }) => send<Schemas["AiUsage"]>("GET", "/v1/ai/usage", { query: { month }, signal }),
  });

export const modelQuery = queryOptions({
  queryKey: ["analysisSettings", "model"],
  queryFn: ({ signal }) => send<WithoutNulls<Schemas["AiShape"]>>("GET", "/v1/ai", { signal }),
});
