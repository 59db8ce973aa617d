import { expect, test } from "vitest";
import type { IssueSearch } from "../src/pages/issues/filter";
import { quoted, read, wordAt, write } from "../src/pages/issues/querytext";
import { isUnfinished } from "../src/pages/search";

const said = (text: string, now: IssueSearch = {}) =>
  Object.fromEntries(Object.entries(read(text, now)).filter(([, value]) => value !== undefined));

test.each<[string, IssueSearch]>([
  ["", {}],
  ["api server", { q: "api server" }],
  ["severity:critical,high ns:shop", { severity: "critical,high", namespace: "shop" }],
  ["label:team=pay label:a/b=c", { label: "team:pay,a/b:c" }],
  ["label:team", { q: "label:team" }],
  ["-severity:low type:Node* owner:web", { q: "-severity:low type:Node* owner:web" }],
  ["severity:high severity:low", { severity: "high", q: "severity:low" }],
  ["api ns:shop server", { namespace: "shop", q: '"api" "server"' }],
  ['api ns:shop "b c"', { namespace: "shop", q: 'api "b c"' }],
  ['"ns:shop"', { q: '"ns:shop"' }],
  ["ns:", { q: "ns:" }],
  ["Severity:High STATUS:Open", { severity: "high", status: "open" }],
  ["severity:worst snoozed:true,false ns:Shop", { namespace: "Shop", q: "severity:worst snoozed:true,false" }],
])("%s in the box is %o in the address", (text, search) => expect(said(text)).toEqual(search));

test.each<[IssueSearch, string]>([
  [{}, ""],
  [{ status: "resolved" }, ""],
  [{ status: "all", q: "api" }, "api"],
  [{ status: "acknowledged" }, "status:acknowledged"],
  [{ assignee: "me" }, ""],
  [{ assignee: "me", status: "open" }, "status:open assignee:me"],
  [
    { severity: "high", namespace: "shop", label: "team:pay,tier:web", q: "-type:Node*" },
    "severity:high ns:shop label:team=pay label:tier=web -type:Node*",
  ],
  [{ team: "data team,none" }, 'team:"data team",none'],
  [{ parent: "any", snoozed: "any" }, ""],
])("%o in the address is %s in the box", (search, text) => {
  expect(write(search)).toBe(text);
  expect(write({ ...search, ...read(text, search) })).toBe(text);
});

test("a term that is deleted leaves the address, a view stays", () => {
  expect({ ...{ severity: "high" }, ...read("", { severity: "high" }) }).toMatchObject({ severity: undefined, q: undefined });
  expect(read("", { status: "resolved" })).not.toHaveProperty("status");
});

test.each([
  ["severity:", true],
  ["api -ns:", true],
  ["severity:high,", true],
  ['"api', true],
  ["severity:high", false],
  ["exit code: 137", false],
  ['"a \\" b"', false],
])("%s is unfinished: %s", (text, unfinished) => expect(isUnfinished(text)).toBe(unfinished));

test.each<[string, number, object]>([
  ["", 0, { from: 0, to: 0, typed: "" }],
  ["sev", 3, { from: 0, to: 3, typed: "sev" }],
  ["api -ty", 7, { from: 5, to: 7, typed: "ty" }],
  ["ns:sh", 5, { from: 3, to: 5, key: "namespace", typed: "sh" }],
  ["severity:high,cr api", 16, { from: 14, to: 16, key: "severity", typed: "cr" }],
  ["api ", 4, { from: 4, to: 4, typed: "" }],
])("the word in %s at %s", (text, cursor, word) => expect(wordAt(text, cursor)).toEqual(word));

test.each([
  ["shop", "shop"],
  ["a b", '"a b"'],
  ['a"b\\', '"a\\"b\\\\"'],
  ["a*", '"a*"'],
])("%s is written %s", (value, text) => expect(quoted(value)).toBe(text));
