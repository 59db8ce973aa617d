// Alerts of other systems, as the API gives them.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

export type Alert = WithoutNulls<Schemas["AlertShape"]>;
export type AlertPage = { alerts: Alert[]; total: number };

const PAGE_ROWS = 100;
const OF_ISSUE_ROWS = 20;
const AGAIN_MS = 15_000; // no event says that an alert arrived

export const alertsQuery = (filter: Record<string, string | undefined>) =>
  queryOptions({
    queryKey: ["alerts", filter],
    queryFn: ({ signal }) => send<AlertPage>("GET", "/v1/alerts", { query: { pageSize: PAGE_ROWS, ...filter }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });

export const issueAlertsQuery = (issueId: string) =>
  queryOptions({
    queryKey: ["alerts", "issue", issueId],
    queryFn: ({ signal }) =>
      send<AlertPage>("GET", `/v1/issues/${encodeURIComponent(issueId)}/alerts`, { query: { pageSize: OF_ISSUE_ROWS }, signal }),
    refetchInterval: AGAIN_MS,
  });

export const qualityQuery = queryOptions({
  queryKey: ["alerts", "quality"],
  queryFn: ({ signal }) => send<Schemas["AlertQualityReport"]>("GET", "/v1/alerts/quality", { signal }),
});

export type IssueSilences = WithoutNulls<Schemas["IssueSilencesShape"]>;
export type Silence = WithoutNulls<Schemas["SilenceShape"]>;
export const silencesPath = (issueId: string, silenceId?: string) =>
  `/v1/issues/${encodeURIComponent(issueId)}/silences${silenceId === undefined ? "" : `/${encodeURIComponent(silenceId)}`}`;

export const issueSilencesQuery = (issueId: string) =>
  queryOptions({
    queryKey: ["silences", issueId],
    queryFn: ({ signal }) => send<IssueSilences>("GET", silencesPath(issueId), { signal }),
    refetchInterval: AGAIN_MS,
  });

export type Receiver = WithoutNulls<Schemas["AlertReceiver"]>;
export type CreatedReceiver = WithoutNulls<Schemas["CreatedAlertReceiver"]>;
export const receiverPath = (id: string, part = "") => `/v1/alert-receivers/${encodeURIComponent(id)}${part}`;

export const receiversQuery = queryOptions({
  queryKey: ["alertReceivers"],
  queryFn: ({ signal }) =>
    send<{ receivers: Receiver[]; total: number }>("GET", "/v1/alert-receivers", { query: { pageSize: 100 }, signal }),
});
