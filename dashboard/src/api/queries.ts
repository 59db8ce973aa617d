// What the pages ask for, by key. The first word of a key is what live/apply.ts patches or renews.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "./client";

export type Cluster = Schemas["ClusterShape"];
export type ClusterPage = Schemas["ClusterList"];
export type Issue = Schemas["IssueShape"];
export type IssuePage = Schemas["IssueList"];
export type Facets = Schemas["Facets"];
export type Activity = Schemas["ActivityShape"];
export type Comment = Schemas["CommentShape"];
export type MuteRule = Schemas["MuteRuleShape"];

export const PAGE_ROWS = 100; // the most the API gives at once
const JUST_READ_MS = 3_000; // the first page of a visit reads its rows before it is drawn
type Filter = Record<string, string | undefined>;

export const clustersQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["clusters", filter],
    queryFn: ({ signal }) => send<ClusterPage>("GET", "/v1/clusters", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const clusterQuery = (id: string) =>
  queryOptions({
    queryKey: ["cluster", id],
    queryFn: ({ signal }) => send<Cluster>("GET", `/v1/clusters/${encodeURIComponent(id)}`, { signal }),
  });

export const issuesQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["issues", filter],
    queryFn: ({ signal, pageParam }) =>
      send<IssuePage>("GET", "/v1/issues", { query: { pageSize: PAGE_ROWS, ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    // Rows do not move by themselves: events change them in place, and new ones wait for a click.
    staleTime: Infinity,
    gcTime: 60_000,
    refetchOnMount: ({ state }) => (Date.now() - state.dataUpdatedAt < JUST_READ_MS ? false : "always"),
  });

export const issueCountsQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["issueCounts", filter],
    queryFn: ({ signal }) => send<Facets>("GET", "/v1/issues/facets", { query: filter, signal }),
    placeholderData: keepPreviousData,
  });

const SMALL = 3; // issues of a group that are shown without a click

export const issueGroupsQuery = (by: string, filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ["issueCounts", "groups", by, filter],
    queryFn: ({ signal, pageParam }) =>
      send<Schemas["GroupList"]>("GET", "/v1/issues/groups", {
        query: { ...filter, by, withIssues: SMALL, pageSize: PAGE_ROWS, page: pageParam },
        signal,
      }),
    initialPageParam: 1,
    getNextPageParam: (page) => (page.page * page.pageSize < page.total ? page.page + 1 : undefined),
    placeholderData: keepPreviousData,
  });

/** The issues of one group, as current as its count. */
export const issuesOfGroupQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["issueCounts", "group", filter],
    queryFn: async ({ signal }) => {
      const page = await send<IssuePage>("GET", "/v1/issues", { query: { pageSize: PAGE_ROWS, ...filter }, signal });
      return page.issues;
    },
  });

export const openCriticalQuery = queryOptions({
  queryKey: ["openCritical"],
  queryFn: async ({ signal }) =>
    (await send<IssuePage>("GET", "/v1/issues", { query: { status: "open", severity: "critical", pageSize: 1 }, signal })).total,
});

const NO_EVENT_MS = 30_000; // no event says that a failure is gone or came back until its issue resolves
const FIXED_MS = 5_000; // while a fix waits for its issue to resolve

export const issueQuery = (id: string) =>
  queryOptions({
    queryKey: ["issue", id],
    queryFn: ({ signal }) => send<Issue>("GET", `/v1/issues/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === "resolved" ? false : state.data?.fix ? FIXED_MS : NO_EVENT_MS),
  });

const ACTIVITY_ROWS = 30;

/** Newest first; the next page is what was before. */
export const issueActivityQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["issueActivity", id],
    queryFn: ({ signal, pageParam }) =>
      send<Schemas["ActivityList"]>("GET", `/v1/issues/${encodeURIComponent(id)}/activity`, {
        query: { sort: "-at", pageSize: ACTIVITY_ROWS, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** How often an issue opened lately, and similar issues with what ended them. */
export const similarQuery = (id: string) =>
  queryOptions({
    queryKey: ["similar", id],
    queryFn: ({ signal }) => send<Schemas["SimilarList"]>("GET", `/v1/issues/${encodeURIComponent(id)}/similar`, { signal }),
  });

/** Objects related to an issue; read again when the issue or its analysis is another. */
export const topologyQuery = (id: string, version: number, analysisId: string) =>
  queryOptions({
    queryKey: ["topology", id, version, analysisId],
    queryFn: ({ signal }) => send<Schemas["IssueTopology"]>("GET", `/v1/issues/${encodeURIComponent(id)}/topology`, { signal }),
  });

/** The newest hundred, newest first. */
export const commentsQuery = (id: string) =>
  queryOptions({
    queryKey: ["comments", id],
    queryFn: ({ signal }) =>
      send<Schemas["CommentList"]>("GET", `/v1/issues/${encodeURIComponent(id)}/comments`, {
        query: { sort: "-at", pageSize: PAGE_ROWS },
        signal,
      }),
  });

export type Captured = Schemas["CapturedShape"];
export type CapturedLog = Schemas["CapturedLogShape"];
const ON_ITS_WAY_MS = 5_000;

const capturedPath = (issueId: string) => `/v1/issues/${encodeURIComponent(issueId)}/captured`;

/** Where each log stands, without a word of it, so off the record; looked at again while one is on its way. */
export const capturedQuery = (issueId: string) =>
  queryOptions({
    queryKey: ["captured", issueId],
    queryFn: ({ signal }) => send<Captured>("GET", capturedPath(issueId), { query: { text: false }, signal }),
    staleTime: Infinity,
    gcTime: 0,
    refetchInterval: (query) => (query.state.data?.logs.some((one) => one.state === "wanted") ? ON_ITS_WAY_MS : false),
  });

/** The same with the words. Every reading is written into the audit: once for what `words` names, and again only when more have come. */
export const capturedWordsQuery = (issueId: string, words: string) =>
  queryOptions({
    queryKey: ["capturedWords", issueId, words],
    queryFn: ({ signal }) => send<Captured>("GET", capturedPath(issueId), { signal }),
    enabled: words !== "",
    staleTime: Infinity,
    gcTime: 0,
    placeholderData: keepPreviousData,
  });

export const muteRulesQuery = queryOptions({
  queryKey: ["muteRules"],
  queryFn: ({ signal }) => send<Schemas["MuteRuleList"]>("GET", "/v1/mute-rules", { signal }),
});

/** Also one that has ended. */
export const muteRuleQuery = (id: string) =>
  queryOptions({
    queryKey: ["muteRule", id],
    queryFn: ({ signal }) => send<MuteRule>("GET", `/v1/mute-rules/${encodeURIComponent(id)}`, { signal }),
    staleTime: 60_000,
  });

export type KindCount = Schemas["KindCountShape"];

/** How many objects of each kind and namespace a cluster has, in one call. */
export const clusterCountsQuery = (clusterId: string) =>
  queryOptions({
    queryKey: ["clusterCounts", clusterId],
    queryFn: ({ signal }) => send<{ counts: KindCount[] }>("GET", "/v1/resources/counts", { query: { cluster: clusterId }, signal }),
  });
