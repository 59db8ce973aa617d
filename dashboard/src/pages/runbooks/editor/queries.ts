// What the editor asks the server.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../../api/client";
import type { Runbook, WithoutNulls } from "../queries";
import type { Schema } from "./schema";

export type Mistake = WithoutNulls<Schemas["MistakeShape"]>;
export type Validation = WithoutNulls<Schemas["ValidationShape"]>;
export type VersionEntry = WithoutNulls<Schemas["VersionEntry"]>;
export type Version = WithoutNulls<Schemas["VersionShape"]>;

const at = (id: string, part = "") => `/v1/runbooks/${encodeURIComponent(id)}${part}`;

export const schemaQuery = queryOptions({
  queryKey: ["runbook schema"],
  queryFn: ({ signal }) => send<Schema>("GET", "/v1/runbooks/schema", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["runbook", id, "versions"],
    queryFn: ({ signal }) => send<{ versions: VersionEntry[] }>("GET", at(id, "/versions"), { signal }),
  });

export const versionQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ["runbook", id, "versions", version],
    queryFn: ({ signal }) => send<Version>("GET", at(id, `/versions/${version}`), { signal }),
  });

export const validate = (source: string, signal: AbortSignal) =>
  send<Validation>("POST", "/v1/runbooks/validate", { body: { source }, signal });

export const create = (source: string, idempotencyKey: string) =>
  send<Runbook>("POST", "/v1/runbooks", { body: { source }, idempotencyKey });

export const change = (id: string, body: { source?: string; enabled?: boolean; restoreVersion?: number }, ifVersion: number) =>
  send<Runbook>("PATCH", at(id), { body, ifVersion });

export const remove = (id: string, ifVersion: number) => send<Runbook>("DELETE", at(id), { ifVersion });
