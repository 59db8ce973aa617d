import { describe, expect, test } from "vitest";
import { type LogSource, shortNames } from "../src/pages/resources/lognames";
import { logLine } from "../src/pages/resources/logs";
import { first, next } from "../src/pages/resources/logstream";
import { cut, cutAt, hits, invalid, linesOf, matches, plain } from "../src/parts/logtext";

test.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007after", "after"],
  ["bell\u0007 null\u0000", "bell null"],
  ["tab\tstays", "tab\tstays"],
  ["<script>alert(1)</script>", "<script>alert(1)</script>"],
])("a line loses what steers a terminal and keeps the rest: %j", (line, text) => expect(plain(line)).toBe(text));

test("text becomes lines, without an empty one at the end", () => {
  expect(linesOf("a\r\nb\n")).toEqual(["a", "b"]);
  expect(linesOf("")).toEqual([]);
});

describe("a search", () => {
  test("finds lines whatever their case", () => expect(hits(["An Error", "fine", "error"], "ERROR")).toEqual([0, 2]));
  test("finds nothing for nothing", () => expect(hits(["a"], "")).toEqual([]));
  test("cuts a line at its hits", () => expect(cut("Error: an error.", "error")).toEqual(["", "Error", ": an ", "error", "."]));
  test("takes no pattern for one", () => expect(cut("a.b", ".")).toEqual(["a", ".", "b"]));
});

test.each([
  ["2026-01-02T03:04:05.678Z ERROR no route", { lead: "03:04:05", text: "ERROR no route", tone: "error" }],
  ["level=warn msg=slow", { text: "level=warn msg=slow", tone: "warning" }],
  ["listening on 8080, no terror", { text: "listening on 8080, no terror", tone: undefined }],
])("a log line is taken apart: %s", (line, parts) => expect(logLine(line)).toMatchObject(parts));

describe("a regular expression", () => {
  test("finds places in lines", () =>
    expect(matches(["GET 200", "GET 503 and 504"], "5\\d\\d")).toEqual([
      [
        1,
        [
          [4, 7],
          [12, 15],
        ],
      ],
    ]));
  test("that fits an empty text finds nothing", () => expect(matches(["abc"], "x*")).toEqual([]));
  test("cuts a line where it fits", () => expect(cutAt("GET 503 now", [[4, 7]])).toEqual(["GET ", "503", " now"]));
  test("that is none is said", () => expect([invalid("a("), invalid("a+")]).toEqual(["invalid expression", undefined]));
});

const source = (pod: string, more: object = {}) =>
  ({
    resourceId: `res_${pod}`,
    pod,
    container: "app",
    state: "read",
    namespace: "shop",
    hasEarlier: false,
    restarted: false,
    isNew: false,
    ...more,
  }) as LogSource;
const answer = (sources: LogSource[], ...lines: [source: number, text: string][]) => ({
  lines: lines.map(([index, text]) => ({ source: index, text })),
  sources,
  leftOut: 0,
  cursor: "c",
  readAt: "2026-01-01T00:00:00Z",
});

describe("followed logs", () => {
  const begun = first(answer([source("web-1"), source("web-2")], [0, "one"], [1, "two"]));
  const shown = (state: typeof begun) => state.lines.map((line) => line.note ?? line.text);

  test("grow by what is new", () => expect(shown(next(begun, answer([source("web-1")], [0, "three"])))).toEqual(["one", "two", "three"]));
  test("say which pods came and went, restarted and lost lines", () => {
    const sources = [source("web-3", { isNew: true }), source("web-2", { restarted: true, hasEarlier: true })];
    const gone = source("web-1", { state: "gone", namespace: undefined, reason: "the pod no longer exists" });
    const after = next(begun, answer([...sources, gone], [0, "hello"]));
    expect(shown(after)).toEqual([
      "one",
      "two",
      "web-3 app is new",
      "web-2 app has restarted",
      "Lines of web-2 app are missing here: the log grew faster than it can be read",
      "web-1 app: the pod no longer exists",
      "hello",
    ]);
    expect(after.sources.map((one) => one.pod)).toEqual(["web-3", "web-2"]);
  });
  test("of a pod that the node lost say so once", () => {
    const gone = [source("web-1", { state: "gone" }), source("web-2")];
    expect(shown(next(next(begun, answer(gone)), answer(gone)))).toEqual(["one", "two", "web-1 app: the pod no longer exists"]);
  });
});

test.each([
  [
    ["web-7d4f8b9c6-xk2lm", "web-7d4f8b9c6-p9q8r"],
    ["xk2lm", "p9q8r"],
  ],
  [
    ["db-0", "cache-0"],
    ["db-0", "cache-0"],
  ],
])("pods have short names that differ: %j", (pods, names) =>
  expect([...shortNames(pods.map((one) => source(one))).values()]).toEqual(names),
);

test("the container is named where there are several", () => {
  const one = [source("web-a", { container: "app" }), source("web-a", { container: "proxy" })];
  expect([...shortNames(one).values()]).toEqual(["app", "proxy"]);
});
