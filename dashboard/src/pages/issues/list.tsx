// The issue list. Filter, sort and the open issue are in the address; rows are loaded in windows. Events change rows in place; new issues wait
// behind a button, so that nothing moves while somebody reads.

import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { type Issue, issuesQuery } from "../../api/queries";
import { Button, cx, Empty, Failed, Loading, StaleNotice, Time } from "../../parts";
import { usePeople } from "../people";
import { refusal } from "../search";
import { DisplayMenu } from "./display";
import { type IssueSearch, issueParams, stays } from "./filter";
import { FilterBar, Views } from "./filterbar";
import { useFresh } from "./fresh";
import { rowsBelow, useGroups } from "./groups";
import { Nothing } from "./nothing";
import { KEYS } from "./querytext";
import { Rows } from "./rows";
import { ChangedSinceSaved, Unopened, useOpenView, ViewMenu } from "./viewmenu";
import { isBare, NO_FILTER, opened } from "./views";

const route = getRouteApi("/framed/issues");

export function IssueList() {
  const search = route.useSearch() as IssueSearch;
  const { issueId } = useParams({ strict: false });
  const go = useNavigate();
  const isOpening = isBare(search);
  const { grouped, within, isGrouped } = useGroups(search);
  const isListed = !isOpening && (!isGrouped || (grouped?.openAt ?? -1) >= 0);
  const list = useInfiniteQuery({ ...issuesQuery(issueParams(within)), enabled: isListed });
  const isOfOther = isGrouped && (!isListed || list.isPlaceholderData); // rows of a group that is closed by now
  const reason = refusal(list.error);
  const { me } = usePeople();
  const below = useMemo(() => {
    const isShown = (one: Issue) => one.id === issueId || stays(search, one, me);
    const read = isOfOther ? [] : (list.data?.pages ?? []).flatMap((page) => page.issues).filter(isShown);
    return grouped ? rowsBelow(grouped, read, isShown) : [read];
  }, [list.data, search, me, issueId, isOfOther, grouped]);
  const rows = useMemo(() => below.flat(), [below]);
  const total = grouped?.issues ?? list.data?.pages[0]?.total ?? 0;
  const [fresh, seen] = useFresh(within, rows, me);
  const filterBox = useRef<HTMLInputElement>(null);
  const turn = useCallback(
    (next: Partial<IssueSearch>, replace: boolean) => {
      const applied = (before: IssueSearch) => {
        const after = { ...before, ...next };
        return isBare(after) ? { ...after, view: undefined } : after; // a filter that is cleared is no view
      };
      void go({ to: ".", search: applied, replace } as never);
    },
    [go],
  );
  const change = useCallback((next: Partial<IssueSearch>) => turn(next, true), [turn]);
  const show = useCallback((next: IssueSearch) => turn({ ...NO_FILTER, ...next }, false), [turn]);
  const { view } = useOpenView(search);
  useEffect(() => {
    if (isOpening && view) change(opened(view));
  }, [isOpening, view, change]);
  const reload = () => {
    seen();
    void list.refetch();
  };
  const isFull = search.full === "1" && issueId !== undefined;

  return (
    <div className="flex min-h-0 flex-1">
      <div className={cx("flex min-w-0 flex-1 flex-col", isFull && "hidden")}>
        <header className="flex items-center justify-between gap-3 border-b border-line px-4 pt-2">
          <h1 className="sr-only">Issues</h1>
          <Views search={search} change={change} />
          <span className="flex min-w-0 shrink-0 items-center gap-1">
            <DisplayMenu search={search} change={change} />
            <ViewMenu search={search} show={show} />
          </span>
        </header>
        <FilterBar search={search} change={change} show={show} box={filterBox} error={reason} />
        <ChangedSinceSaved search={search} show={show} />
        {isOpening ? (
          <Unopened isFound={view !== undefined} show={show} />
        ) : reason ? (
          <Empty title="The query is not valid" action={<Button onClick={() => change({ q: undefined })}>Clear the query</Button>}>
            {reason}. Keys: {KEYS.map(([key]) => key).join(", ")}.
          </Empty>
        ) : list.isLoadingError ? (
          <Failed error={list.error} what="Could not load issues" retry={() => void list.refetch()} />
        ) : (isGrouped ? !grouped : list.isPending) ? (
          <Loading />
        ) : rows.length === 0 && !grouped?.groups.length ? (
          <Nothing search={search} change={change} fresh={fresh.size} reload={reload} />
        ) : (
          <>
            {grouped?.isCapped && (
              <p role="status" className="border-b border-line bg-surface px-4 py-1.5">
                Only the newest {grouped.issues.toLocaleString()} matching issues are counted. Narrow the filter for exact numbers.
              </p>
            )}
            {grouped?.stale.stale && !rows.some((one) => one.stale) && (
              <p role="status" className="border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
                The counts of some clusters are out of date
                {grouped.stale.staleSince && (
                  <>
                    : last update <Time at={grouped.stale.staleSince} />
                  </>
                )}
                .
              </p>
            )}
            <StaleNotice rows={rows.filter((one) => one.status !== "resolved")} />
            <Rows
              rows={rows}
              below={below}
              total={Math.max(total, rows.length)}
              search={search}
              grouped={grouped}
              change={change}
              open={issueId}
              fresh={fresh.size}
              reload={reload}
              filterBox={filterBox}
              more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
              busy={list.isFetching && !list.isFetchingNextPage}
            />
          </>
        )}
      </div>
      <Outlet />
    </div>
  );
}
