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
const LEFT = "optral.left"; // in the storage of the window, while it ends the session at the provider

/** What the page after signing out says: the provider, and the state with which it returns; no state where its session stays. */
interface Left {
  provider: string;
  state: string | null;
}

/** Ends the session; resolves to where the browser goes next: to the provider, if its session is to end, too. */
export async function signOut(): Promise<string> {
  const { providerName, providerLogoutUrl } = await send<Schemas["SignedOutShape"]>("DELETE", "/v1/session", { quiet: true });
  if (!providerName) return "/login";
  const state = providerLogoutUrl ? new URL(providerLogoutUrl).searchParams.get("state") : null;
  sessionStorage.setItem(LEFT, JSON.stringify({ provider: providerName, state } satisfies Left));
  return providerLogoutUrl ?? "/signed-out";
}

export const forgetSignedOut = () => sessionStorage.removeItem(LEFT);

/** The provider that this window has signed out of, and whether its answer with this state says that its session has ended; null for none. */
export function signedOut(state: string | null): { provider: string; isEnded: boolean } | null {
  const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null") as Left | null;
  return left && { provider: left.provider, isEnded: left.state !== null && left.state === state };
}

export const checkSetup = (token: string) => send<Offer>("POST", "/v1/setup/check", { body: { token }, quiet: true });
export const setUp = (given: { token: string; organisation?: string; email: string; password: string }) =>
  send<Session>("POST", "/v1/setup", { body: given, quiet: true });
export const checkInvite = (token: string) => send<Offer>("POST", "/v1/invites/check", { body: { token }, quiet: true });
export const acceptInvite = (given: { token: string; email: string; password: string }) =>
  send<Session>("POST", "/v1/invites/accept", { body: given, quiet: true });

export const requestReset = (email: string) => send<void>("POST", "/v1/password-resets", { body: { email }, quiet: true });
export const checkReset = (token: string) => send<Offer>("POST", "/v1/password-resets/check", { body: { token }, quiet: true });
export const completeReset = (token: string, password: string) =>
  send<Session>("POST", "/v1/password-resets/complete", { body: { token, password }, quiet: true });

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
