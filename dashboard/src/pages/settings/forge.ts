// Connections to forges as the API gives them.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";
import { changed, trimmed } from "./draft";

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
    token: "A fine-grained token with read and write access to Contents and Pull requests in the repositories.",
  },
  gitlab: {
    name: "GitLab",
    url: "https://gitlab.com",
    token: "A project or group access token with the role Developer and the scope api.",
  },
  gitea: {
    name: "Gitea or Forgejo",
    url: "",
    token: "A token with the scopes write:repository and read:user, from an account that can push to the repositories.",
  },
};

/** What the form holds; texts as they are typed. The token is empty with a connection that there is: its token stays. */
export const draftOf = (forge?: Forge) => ({
  name: forge?.name ?? "",
  kind: forge?.kind ?? "github",
  url: forge?.url ?? KINDS.github.url,
  token: "",
  repositories: forge?.repositories.join("\n") ?? "",
  branchPrefix: forge?.branchPrefix ?? "optral/",
});

export type ForgeDraft = ReturnType<typeof draftOf>;

/** The connection as it is sent. */
export const bodyOf = ({ url, repositories, ...texts }: ForgeDraft) => ({
  ...trimmed(texts),
  url: url.trim().replace(/\/+$/, ""),
  repositories: repositories.split(/[\s,]+/).filter(Boolean),
});

/** What a draft changes of a connection; the rest is not sent. */
export const changesOf = (forge: Forge, draft: ForgeDraft) => changed(bodyOf(draftOf(forge)), bodyOf(draft));
