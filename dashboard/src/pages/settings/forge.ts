// Connections to forges as the API gives them.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

export type Forge = WithoutNulls<Schemas["ForgeShape"]>;
export type RolledForge = WithoutNulls<Schemas["RolledForge"]>;
export type ForgeTest = WithoutNulls<Schemas["ForgeTest"]>;

export const forgePath = (id: string, part = "") => `/v1/forges/${encodeURIComponent(id)}${part}`;

export const forgesQuery = queryOptions({
  queryKey: ["forges"],
  queryFn: ({ signal }) => send<{ forges: Forge[]; total: number }>("GET", "/v1/forges", { signal }),
});

export const KINDS: Record<Forge["kind"], { name: string; url: string; token: string }> = {
  github: {
    name: "GitHub",
    url: "https://github.com",
    token: "A fine-grained token that may read and write Contents and Pull requests of the repositories.",
  },
  gitlab: {
    name: "GitLab",
    url: "https://gitlab.com",
    token: "A project or group access token with the role Developer and the scope api.",
  },
  gitea: {
    name: "Gitea or Forgejo",
    url: "",
    token: "A token with the scopes write:repository and read:user, of an account that may push to the repositories.",
  },
};

/** What the form holds; texts as they are typed. */
export interface ForgeDraft {
  name: string;
  kind: Forge["kind"];
  url: string;
  /** Empty with a connection that there is: its token stays. */
  token: string;
  repositories: string;
  branchPrefix: string;
}

export const draftOf = (forge?: Forge): ForgeDraft => ({
  name: forge?.name ?? "",
  kind: forge?.kind ?? "github",
  url: forge?.url ?? KINDS.github.url,
  token: "",
  repositories: forge?.repositories.join("\n") ?? "",
  branchPrefix: forge?.branchPrefix ?? "optral/",
});

export const repositoriesOf = (draft: ForgeDraft) => draft.repositories.split(/[\s,]+/).filter(Boolean);

/** What a draft changes of a connection; the rest is not sent. */
export function changesOf(forge: Forge, draft: ForgeDraft): Record<string, unknown> {
  const repositories = repositoriesOf(draft);
  return {
    ...(draft.name.trim() !== forge.name && { name: draft.name.trim() }),
    ...(draft.url.trim().replace(/\/+$/, "") !== forge.url && { url: draft.url.trim() }),
    ...(draft.token.trim() && { token: draft.token.trim() }),
    ...(repositories.join() !== forge.repositories.join() && { repositories }),
    ...(draft.branchPrefix.trim() !== forge.branchPrefix && { branchPrefix: draft.branchPrefix.trim() }),
  };
}
