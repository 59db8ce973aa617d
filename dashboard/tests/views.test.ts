import { expect, test } from "vitest";
import { type IssueSearch, issueParams } from "../src/pages/issues/filter";
import { displayOf, isBare, isChanged, opened, queryOf, type View } from "../src/pages/issues/views";

const view = (query: string, sort = "-severity") =>
  ({ id: "viw_1", name: "One", query, sort, display: {}, shared: false, isOwn: true }) as View;

test.each<[IssueSearch, string]>([
  [{}, "status:open,acknowledged snoozed:false muted:false"],
  [{ severity: "critical", namespace: "shop" }, "severity:critical ns:shop status:open,acknowledged snoozed:false muted:false"],
  [{ status: "all" }, "status:open,acknowledged,resolved"],
  [{ status: "resolved" }, "status:resolved"],
  [{ snoozed: "true" }, "status:open,acknowledged snoozed:true"],
  [{ snoozed: "any", parent: "any" }, "parent:any status:open,acknowledged muted:false"],
  [{ label: "team:pay", q: "-type:Node*" }, "label:team=pay -type:Node* status:open,acknowledged snoozed:false muted:false"],
  [{ cluster: "prod east" }, 'cluster:"prod east" status:open,acknowledged snoozed:false muted:false'],
])("%o is saved as %s, and opens as the same list", (search, query) => {
  expect(queryOf(search)).toBe(query);
  const again = opened(view(query));
  expect(queryOf(again)).toBe(query);
  expect(isChanged(again, view(query))).toBe(false);
  if (!search.cluster) expect(issueParams(again)).toEqual(issueParams(search));
});

test.each<[string, object]>([
  ["severity:critical", { status: "open,acknowledged", snoozed: "any", muted: "any", severity: "critical" }],
  ["-status:resolved", { status: "all", q: "-status:resolved" }],
  ["status:acknowledged,open,resolved", { status: "all" }],
  ["snoozed:false muted:false", { status: "open,acknowledged" }],
])("a query written by hand, %s, leaves out nothing that it does not name", (query, search) =>
  expect(opened(view(query))).toEqual({ ...search, view: "viw_1" }),
);

test("a view is changed by another filter or order, not by the order of values", () => {
  const saved = view("severity:critical,high status:open snoozed:false muted:false");
  const search = opened(saved);
  expect(isChanged({ ...search, severity: "high,critical" }, saved)).toBe(false);
  expect(isChanged({ ...search, severity: "high" }, saved)).toBe(true);
  expect(isChanged({ ...search, snoozed: "any" }, saved)).toBe(true);
  expect(isChanged({ ...search, sort: "-detectedAt" }, saved)).toBe(true);
});

test("a view keeps the group, the columns and the density that were chosen for it", () => {
  const search: IssueSearch = { group: "workload", columns: "severity,count", density: "compact" };
  const display = displayOf(search);
  expect(display).toEqual({ group: "workload", columns: ["severity", "count"], density: "compact" });
  const saved = { ...view("status:open,acknowledged snoozed:false muted:false"), display } as View;
  const again = opened(saved);
  expect([again.group, again.columns, again.density]).toEqual(["workload", "severity,count", "compact"]);
  expect(isChanged(again, saved)).toBe(false);
  expect(isChanged({ ...again, columns: "count,severity" }, saved)).toBe(false);
  expect(isChanged({ ...again, group: undefined }, saved)).toBe(true);
  expect(displayOf({})).toEqual({});
  expect(opened(view("status:open")).group).toBeUndefined();
});

test("only a link to a view is bare", () => {
  expect(isBare({ view: "viw_1" })).toBe(true);
  expect(isBare({ view: "viw_1", full: "1" })).toBe(true);
  expect(isBare(opened(view("status:open,acknowledged snoozed:false muted:false")))).toBe(false);
  expect(isBare({})).toBe(false);
});
