// Lists are loaded in pages: each request carries the cursor of the page before it.
import { type InfiniteData, InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nextPage } from "../src/api/paging";
import { type IssuePage, issueActivityQuery, issuesQuery } from "../src/api/queries";
import { resourcesQuery } from "../src/pages/resources/queries";

/** Three pages of one row; the last one has no cursor. */
const CURSORS = ["second", "third", undefined];
let requests: URL[];
let failing: boolean;

beforeEach(() => {
  requests = [];
  failing = false;
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    requests.push(url);
    if (failing) return new Response(JSON.stringify({ code: "unavailable", detail: "No database", status: 503 }), { status: 503 });
    const at = CURSORS.indexOf(url.searchParams.get("cursor") ?? undefined) + 1;
    const page = at % CURSORS.length;
    const rows = [{ id: `row_${page}` }];
    const body = { issues: rows, resources: rows, activity: rows, total: 3, page: 1, pageSize: 1, nextCursor: CURSORS[page] ?? null };
    return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
  });
});
afterEach(() => vi.unstubAllGlobals());

const observe = () => new InfiniteQueryObserver(new QueryClient({ defaultOptions: { queries: { retry: false } } }), issuesQuery({}));
const idsOf = (data: InfiniteData<IssuePage> | undefined) => data?.pages.flatMap((page) => page.issues.map((one) => one.id));
const cursors = () => requests.map((url) => url.searchParams.get("cursor"));

describe("a list", () => {
  test("loads its first page without a cursor, and each next page with the cursor of the page before it", async () => {
    const data = await new QueryClient().fetchInfiniteQuery({ ...issuesQuery({}), pages: 5 });
    expect(cursors()).toEqual([null, "second", "third"]);
    expect(idsOf(data)).toEqual(["row_0", "row_1", "row_2"]);
  });
  test("keeps its rows if the next page cannot be loaded", async () => {
    const list = observe();
    await list.refetch();
    failing = true;
    await list.fetchNextPage();
    expect(list.getCurrentResult().isFetchNextPageError).toBe(true);
    expect(idsOf(list.getCurrentResult().data)).toEqual(["row_0"]);
  });
  test("loads its next page although it is read again meanwhile", async () => {
    const client = new QueryClient();
    const list = new InfiniteQueryObserver(client, issuesQuery({}));
    const stop = list.subscribe(() => undefined);
    await list.refetch();
    const asked = nextPage(list.getCurrentResult());
    const again = client.invalidateQueries();
    await Promise.all([asked, again]);
    expect(idsOf(list.getCurrentResult().data)).toEqual(["row_0", "row_1"]);
    stop();
  });
  test("asks once for a next page that cannot be loaded", async () => {
    const list = observe();
    await list.refetch();
    failing = true;
    await nextPage(list.getCurrentResult());
    expect(cursors()).toEqual([null, "second"]);
  });
  test.each([
    ["issues", issuesQuery({ status: "open" })],
    ["resources", resourcesQuery({ kind: "Pod" })],
    ["activity", issueActivityQuery("iss_1")],
  ])("of %s ends with the page that has no cursor", (_name, query) => {
    const next = query.getNextPageParam as (page: { nextCursor?: string | null }) => string | undefined;
    expect(next({ nextCursor: "second" })).toBe("second");
    expect(next({ nextCursor: null })).toBeUndefined();
    expect(next({})).toBeUndefined();
  });
});
