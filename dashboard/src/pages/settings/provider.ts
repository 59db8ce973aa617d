// Identity providers and the sign-in policy as the API gives them.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";
import { changed, trimmed } from "./draft";
import { placeOf } from "./place";

export type Provider = WithoutNulls<Schemas["ProviderShape"]>;
export type ProviderTest = WithoutNulls<Schemas["ProviderTest"]>;
export type Rule = WithoutNulls<Schemas["ProviderRule"]>;
export type Scim = WithoutNulls<Schemas["ScimShape"]>;
export type SignInPolicy = WithoutNulls<Schemas["SignInPolicyShape"]>;

export const providerPath = (id: string, part = "") => `/v1/identity-providers/${encodeURIComponent(id)}${part}`;

export const identityProvidersQuery = queryOptions({
  queryKey: ["identityProviders"],
  queryFn: ({ signal }) => send<{ identityProviders: Provider[]; total: number }>("GET", "/v1/identity-providers", { signal }),
});

export const scimPath = (id: string, part = "") => providerPath(id, `/scim${part}`);

/** Below the providers, so that it is fetched again with them. */
export const scimQuery = (id: string) =>
  queryOptions({
    queryKey: ["identityProviders", id, "scim"],
    queryFn: ({ signal }) => send<Scim>("GET", scimPath(id), { signal }),
    refetchInterval: 30_000, // the last request and the counts change without an event
  });

export const policyQuery = queryOptions({
  queryKey: ["signInPolicy"],
  queryFn: ({ signal }) => send<SignInPolicy>("GET", "/v1/sign-in-policy", { signal }),
});

/** What the form holds; texts as they are typed. The secret is empty with a provider that there is: its secret stays. */
export const draftOf = (provider?: Provider) => ({
  name: provider?.name ?? "",
  issuer: provider?.issuer ?? "",
  clientId: provider?.clientId ?? "",
  clientSecret: "",
  scopes: provider?.scopes.join(" ") ?? "openid email profile",
  endsProviderSession: provider?.endsProviderSession ?? false,
});

export type ProviderDraft = ReturnType<typeof draftOf>;

/** The provider as it is sent. */
export const bodyOf = ({ scopes, ...texts }: ProviderDraft) => {
  const { clientSecret, ...rest } = trimmed(texts);
  return { ...rest, ...(clientSecret && { clientSecret }), scopes: scopes.split(/[\s,]+/).filter(Boolean) };
};

/** What a draft changes of a provider; the rest is not sent. */
export const changesOf = (provider: Provider, draft: ProviderDraft) => changed(bodyOf(draftOf(provider)), bodyOf(draft));

/** "groups is shop-team": operator in shop of production. `nameOf`: the name of a cluster by its id. */
export function ruleText({ claim, value, ...place }: Rule, nameOf: (id: string) => string): { who: string; what: string } {
  const isWhole = !place.clusters && !place.namespaces && !place.clusterLabels;
  return {
    who: value === "*" ? `anybody with ${claim}` : `${claim} is ${value}`,
    what: isWhole ? `${place.role} everywhere` : placeOf({ ...place, clusters: place.clusters?.map((one) => ({ name: nameOf(one) })) }),
  };
}
