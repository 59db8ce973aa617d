// The way to an identity provider and back, in a file of its own: the first screen does not need it.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "./client";
import type { Session } from "./session";

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
