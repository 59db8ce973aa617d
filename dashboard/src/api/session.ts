// Who is signed in. A session is a cookie the page cannot read; `/v1/me` tells whose it is.
import { queryOptions } from "@tanstack/react-query";
import { send, type Problem } from "./client";

export interface Me {
  actor: { kind: string; id: string; name?: string; email?: string; role?: string; scopes?: string[] };
  organisation: { id: string; name: string; plan?: string };
  [more: string]: unknown;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => send<Me>("GET", "/v1/me", { signal, quiet: true }),
  staleTime: 60_000,
  retry: (count, error) => (error as Problem).status === 0 && count < 2,
});

export const signIn = (email: string, password: string) => send<unknown>("POST", "/v1/session", { body: { email, password }, quiet: true });
export const signOut = () => send<unknown>("DELETE", "/v1/session");
export const setUp = (given: { token: string; organisation: string; email: string; password: string }) =>
  send<unknown>("POST", "/v1/setup", { body: given, quiet: true });

export function may(me: Me | undefined, scope: string): boolean {
  const scopes = me?.actor.scopes;
  return !scopes || scopes.includes(scope);
}
