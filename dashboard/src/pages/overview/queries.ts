// The overview and the trends as the API gives them.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";

export type Overview = Schemas["OverviewShape"];
export type UrgentIssue = Schemas["IssueShape"];
export type FleetCluster = Schemas["OverviewCluster"];
export type RecentChange = Schemas["RecentChange"];
export type LiveExecution = Schemas["LiveExecution"];
export type Trends = Schemas["TrendsShape"];
export type Delay = Schemas["DelayShape"];
export type Range = Trends["range"];
export type Health = FleetCluster["health"];

const NO_EVENT_MS = 30_000; // nodes and pods change without an event

export const overviewQuery = (cluster: string | undefined) =>
  queryOptions({
    queryKey: ["overview", cluster],
    queryFn: ({ signal }) => send<Overview>("GET", "/v1/overview", { query: { cluster }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: NO_EVENT_MS,
  });

export const trendsQuery = (range: Range, cluster: string | undefined) =>
  queryOptions({
    queryKey: ["trends", range, cluster],
    queryFn: ({ signal }) => send<Trends>("GET", "/v1/issues/trends", { query: { range, cluster }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 2 * NO_EVENT_MS,
  });
