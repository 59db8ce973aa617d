import { infiniteQueryOptions, keepPreviousData } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";

export type AuditRecord = Schemas["AuditShape"];
/** The filters as the API has them. */
export type AuditFilter = Partial<Record<"group" | "actor" | "target" | "cluster" | "since" | "until", string>>;

const ROWS = 50;
const LOOK_AGAIN_MS = 15_000; // what is only read, such as an export, is recorded without an event
const MAX_PAGES_RENEWED = 3; // deeper in the list, records are renewed when it is opened again

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) =>
      send<Schemas["AuditList"]>("GET", "/v1/audit", { query: { pageSize: ROWS, ...filter, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= MAX_PAGES_RENEWED ? LOOK_AGAIN_MS : false),
  });

export function exportUrl(filter: AuditFilter, format: "csv" | "jsonl"): string {
  const params = new URLSearchParams({ format, ...filter });
  return `/v1/audit/export?${params}`;
}
