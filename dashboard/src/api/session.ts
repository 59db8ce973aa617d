// Who is signed in. A session is a cookie the page cannot read; `/v1/me` tells whose it is.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "./client";

export interface Me {
  actor: {
    kind: string;
    id: string;
    name?: string;
    email?: string;
    role?: string;
    scopes?: string[];
    places?: Schemas["PlaceShape"][] | null;
  };
  organisation: { id: string; name: string; plan?: string };
  [more: string]: unknown;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => send<Me>("GET", "/v1/me", { signal, quiet: true }),
  staleTime: 60_000,
});

export interface Session {
  member: { id: string; email: string; role: string };
  organisation: { id: string; name: string; plan: string };
  scopes: string[];
  expiresAt: string;
  reauthenticatedAt: string;
  providerId?: string;
}
/** What a link of this server offers before it is used. Without an organisation it makes the first one. */
export interface Offer {
  organisation?: string;
  email?: string;
  role: string;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => send<Session>("GET", "/v1/session", { signal, quiet: true }),
  staleTime: 60_000,
  retry: false,
});

export const signIn = (email: string, password: string) => send<Session>("POST", "/v1/session", { body: { email, password }, quiet: true });
export const signOut = () => send<void>("DELETE", "/v1/session", { quiet: true });

/** The identity providers that people of the organization can sign in with; of the only one if none is named. */
export const providersQuery = (organisation: string | undefined) =>
  queryOptions({
    queryKey: ["offer", "providers", organisation],
    queryFn: () =>
      send<Schemas["OfferedProviders"]>("POST", "/v1/session/providers", { body: organisation ? { organisation } : {}, quiet: true }),
    retry: false,
    staleTime: Infinity,
  });

const VISIT = "optral.visit";
interface Visit {
  path: string;
  to: string;
}

/** Sends the browser to an identity provider: to sign in with the one named, or else to confirm the session. It returns to `finishVisit`. */
export async function visitProvider(to: string, providerId?: string): Promise<void> {
  const path = providerId ? "/v1/session/provider" : "/v1/session/confirm/provider";
  const body = providerId ? { providerId } : undefined;
  const { authorizationUrl } = await send<Schemas["AuthorizationShape"]>("POST", path, { body, quiet: true });
  sessionStorage.setItem(VISIT, JSON.stringify({ path, to } satisfies Visit));
  location.assign(authorizationUrl);
}

/** Hands what the identity provider returned to the server. Resolves to where the person wanted to go. */
export async function finishVisit(returned: URLSearchParams): Promise<string> {
  const { path, to } = JSON.parse(sessionStorage.getItem(VISIT) ?? '{"path":"/v1/session/provider","to":"/"}') as Visit;
  sessionStorage.removeItem(VISIT);
  const body = Object.fromEntries(
    ["state", "code", "error", "iss"].flatMap((name) => (returned.has(name) ? [[name, returned.get(name)]] : [])),
  );
  await send<Session>("POST", `${path}/callback`, { body, quiet: true });
  return to;
}

export const checkSetup = (token: string) => send<Offer>("POST", "/v1/setup/check", { body: { token }, quiet: true });
export const setUp = (given: { token: string; organisation?: string; email: string; password: string }) =>
  send<Session>("POST", "/v1/setup", { body: given, quiet: true });
export const checkInvite = (token: string) => send<Offer>("POST", "/v1/invites/check", { body: { token }, quiet: true });
export const acceptInvite = (given: { token: string; email: string; password: string }) =>
  send<Session>("POST", "/v1/invites/accept", { body: given, quiet: true });

/** Whether the person may do what needs `scope`; true while it is not known, since the server judges anyway. */
export function may(me: Me | undefined, scope: string): boolean {
  const scopes = me?.actor.scopes;
  return !scopes || scopes.includes(scope);
}

/** Whether the person is limited to places: the server refuses to them what concerns the whole organization. */
export const isLimited = (me: Me | undefined): boolean => !!me?.actor.places;

/** Whether the person sees a cluster as a whole, with what is outside of namespaces; any cluster if none is named. */
export function seesWhole(me: Me | undefined, clusterId?: string): boolean {
  const isHere = (one: Schemas["PlaceShape"]) => !clusterId || !one.clusters || one.clusters.some((cluster) => cluster.id === clusterId);
  return me?.actor.places?.some((one) => !one.namespaces && isHere(one)) ?? true;
}
