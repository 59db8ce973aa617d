import { describe, expect, test } from "vitest";
import { belongs, type IssueSearch, issueParams, type Judged, sorted } from "../src/pages/issues/filter";
import { parseSearch, pick, safePath, stringifySearch, toggled } from "../src/pages/search";

describe("the address and the filter say the same", () => {
  test.each<[string, IssueSearch]>([
    ["", {}],
    ["?severity=critical,high", { severity: "critical,high" }],
    ["?status=resolved&cluster=prod-eu&q=api+server", { status: "resolved", cluster: "prod-eu", q: "api server" }],
    ["?q=%26%3D%23%3Cscript%3E", { q: "&=#<script>" }],
    ["?q=100%25", { q: "100%" }],
  ])("%s", (address, search) => {
    expect(parseSearch(address)).toEqual(search);
    expect(stringifySearch(search)).toBe(address);
  });
  test("numbers and words stay text", () => expect(parseSearch("?q=123&status=true")).toEqual({ q: "123", status: "true" }));
  test("unknown members are dropped", () => expect(pick("q")({ q: "a", other: "b", token: "c" })).toEqual({ q: "a" }));
});

test("without a filter, the issues that need work are requested", () => {
  expect(issueParams({})).toMatchObject({ status: "open,acknowledged", sort: "-severity" });
  expect(issueParams({ status: "all" }).status).toBeUndefined();
  expect(issueParams({ full: "1" })).not.toHaveProperty("full");
});

test("a word goes in and out of a list", () => {
  expect(toggled(undefined, "high")).toBe("high");
  expect(toggled("high,low", "high")).toBe("low");
  expect(toggled("high", "high")).toBeUndefined();
});

test("a column sorts down, then up", () => {
  expect(sorted(undefined, "detectedAt")).toBe("-detectedAt");
  expect(sorted("-detectedAt", "detectedAt")).toBe("detectedAt");
  expect(sorted("severity", "severity")).toBeUndefined();
});

const issue: Judged = { status: "open", severity: "high", type: "OOMKilled", cluster: "prod", namespace: "shop" };
test.each<[IssueSearch, boolean]>([
  [{}, true],
  [{ status: "resolved" }, false],
  [{ severity: "critical,high" }, true],
  [{ severity: "critical" }, false],
  [{ cluster: "other" }, false],
  [{ namespace: "shop" }, true],
  [{ status: "all", type: "CrashLoopBackOff" }, false],
])("an event's issue belongs to %o: %s", (search, belonging) => expect(belongs(search, issue)).toBe(belonging));

test.each([
  ["/issues?severity=high", "/issues?severity=high"],
  ["https://elsewhere.example/", "/"],
  ["//elsewhere.example/", "/"],
  ["/\\elsewhere.example", "/"],
  ["/\t/elsewhere.example", "/"],
  ["/.//elsewhere.example", "/"],
  ["/%2f%2felsewhere.example", "/%2f%2felsewhere.example"],
  ["javascript:alert(1)", "/"],
  [undefined, "/"],
])("after signing in, %s leads to %s", (wanted, path) => expect(safePath(wanted)).toBe(path));
