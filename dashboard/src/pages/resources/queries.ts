// Queries of the resource pages. Objects change without events, so visible data is fetched again periodically.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";

export type Resource = Schemas["ResourceShape"];
export type ResourceWithManifest = Schemas["ResourceWithManifest"];
export type ResourcePage = Schemas["ResourceList"];
export type KindCount = Schemas["KindCountShape"];
export type Revision = Schemas["RevisionShape"];
export type KubernetesEvent = Schemas["KubernetesEventShape"];
export type Tree = Schemas["TreeShape"];
type Filter = Record<string, string | undefined>;

const PAGE_ROWS = 100; // the most the API gives at once
const LOOK_AGAIN_MS = 15_000;
const MAX_PAGES_RENEWED = 3; // deeper in a list, rows are renewed when the list is opened again
const at = (id: string, part = "") => `/v1/resources/${encodeURIComponent(id)}${part}`;

export const resourcesQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["resources", filter],
    queryFn: ({ signal, pageParam }) =>
      send<ResourcePage>("GET", "/v1/resources", { query: { pageSize: PAGE_ROWS, ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= MAX_PAGES_RENEWED ? LOOK_AGAIN_MS : false),
  });

/** Every kind and namespace of the chosen cluster, counted in one call. */
export const countsQuery = (cluster: string | undefined) =>
  queryOptions({
    queryKey: ["resourceCounts", cluster],
    queryFn: ({ signal }) => send<Schemas["Counts"]>("GET", "/v1/resources/counts", { query: { cluster }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const resourceQuery = (id: string) =>
  queryOptions({
    queryKey: ["resource", id],
    queryFn: ({ signal }) => send<ResourceWithManifest>("GET", at(id), { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const treeQuery = (id: string) =>
  queryOptions({
    queryKey: ["resourceTree", id],
    queryFn: ({ signal }) => send<Tree>("GET", at(id, "/tree"), { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["resourceEvents", id],
    queryFn: ({ signal }) => send<Schemas["KubernetesEvents"]>("GET", at(id, "/events"), { signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["resourceHistory", id],
    queryFn: ({ signal }) => send<Schemas["History"]>("GET", at(id, "/history"), { signal }),
  });
