// Saved views: what the list shows now as a query that says everything, and the address that a query means. The query of a view says all of
// its filter, so that it shows the same issues whatever the list leaves out by itself; `display` says how they are shown.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { type Preferences, preferences } from "../../parts/preferences";
import { words } from "../search";
import { type IssueSearch, issueParams, MEMBERS, OPEN, SORT } from "./filter";
import { mentions, quoted, read } from "./querytext";

export type View = Schemas["ViewShape"];

export const viewsQuery = queryOptions({
  queryKey: ["views"],
  queryFn: async ({ signal }) => (await send<Schemas["ViewList"]>("GET", "/v1/views", { signal })).views,
  staleTime: 30_000,
});

const EVERY_STATUS = "open,acknowledged,resolved";
const NARROWING = ["severity", "type", "category", "cluster", "namespace", "assignee", "team", "parent"] as const;
const all = (value: string) => words(value).map(quoted).join(",");

/** The filter as a query, with what the list leaves out written as well. */
export function queryOf(search: IssueSearch): string {
  const params = issueParams(search);
  return [
    ...NARROWING.filter((name) => params[name]).map((name) => `${name === "namespace" ? "ns" : name}:${all(params[name]!)}`),
    ...words(params.label).map((one) => `label:${one.replace(":", "=")}`),
    params.q,
    `status:${params.status ?? EVERY_STATUS}`,
    ...(["snoozed", "muted"] as const).filter((name) => params[name]).map((name) => `${name}:${params[name]}`),
  ]
    .filter(Boolean)
    .join(" ");
}

/** The address that shows a view. Without `status:` a list shows what needs work, as everywhere; it leaves out nothing else. */
export function opened(view: View): IssueSearch {
  const said = read(view.query, {});
  const status = said.status ?? (mentions(view.query, "status") ? EVERY_STATUS : OPEN);
  const isAll = words(status).sort().join() === words(EVERY_STATUS).sort().join();
  const wanted: IssueSearch = {
    ...said,
    status: isAll ? "all" : status,
    snoozed: said.snoozed ?? "any",
    muted: said.muted ?? "any",
    sort: view.sort === SORT ? undefined : view.sort,
    view: view.id,
  };
  return { ...shortest(wanted), ...shown(view.display) };
}

const DISPLAYED = ["group", "columns", "density"] as const;
type Display = View["display"];

/** The members of the address that say how the list looks; those that are not set replace those of the list before. */
const shown = ({ group, columns, density }: Display): Pick<IssueSearch, (typeof DISPLAYED)[number]> => ({
  group: group ?? undefined,
  columns: columns?.join(","),
  density: density ?? undefined,
});

/** How the list looks now, as a view keeps it: what is as usual is left to who opens the view. */
export function displayOf(search: IssueSearch): Display {
  const now = displayed(search, preferences());
  return {
    ...(search.group && { group: search.group as Display["group"] }),
    ...(now.columns && { columns: now.columns as Display["columns"] }),
    ...((search.density || now.density === "compact") && { density: now.density }),
  };
}

/** The columns (null: as usual) and the density of the rows: as the view in the address says, or as this browser has them. */
export function displayed(search: IssueSearch, { issueColumns, density }: Pick<Preferences, "issueColumns" | "density">) {
  return {
    columns: search.columns === undefined ? issueColumns : words(search.columns),
    density: search.density === "compact" || search.density === "comfortable" ? search.density : density,
  };
}

/** The same without members that say what the list leaves out by itself. */
function shortest(search: IssueSearch): IssueSearch {
  let short = search;
  for (const name of ["snoozed", "muted"] as const) {
    const without = { ...short, [name]: undefined };
    if (queryOf(without) === queryOf(short)) short = without;
  }
  return Object.fromEntries(Object.entries(short).filter(([, value]) => value !== undefined));
}

/** Whether the address only names a view, as a link to it does: one that is open also says the status. */
export const isBare = (search: IssueSearch): boolean =>
  search.view !== undefined &&
  MEMBERS.every((name) => name === "view" || name === "group" || name === "full" || search[name] === undefined);

const inOrder = (search: IssueSearch): IssueSearch =>
  Object.fromEntries(
    Object.entries(search).map(([name, value]) => [name, name === "q" || name === "sort" ? value : words(value).sort().join(",")]),
  );

/** Whether the list no longer shows what the view says. */
export function isChanged(search: IssueSearch, view: View): boolean {
  const saved = opened(view);
  const isOtherDisplay = DISPLAYED.some((name) => words(search[name]).sort().join() !== words(saved[name]).sort().join());
  return queryOf(inOrder(search)) !== queryOf(inOrder(saved)) || (search.sort ?? SORT) !== view.sort || isOtherDisplay;
}

/** Members of the address that end a view and everything it says. */
export const NO_FILTER: Partial<IssueSearch> = Object.fromEntries(
  MEMBERS.filter((name) => name !== "full" && name !== "group").map((name) => [name, undefined]),
);
