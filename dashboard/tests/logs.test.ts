import { describe, expect, test } from "vitest";
import { logLine } from "../src/pages/resources/logs";
import { cut, hits, linesOf, plain } from "../src/parts/logtext";

test.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007after", "after"],
  ["bell\u0007 null\u0000", "bell null"],
  ["tab\tstays", "tab\tstays"],
  ["<script>alert(1)</script>", "<script>alert(1)</script>"],
])("a line loses what steers a terminal and nothing else: %j", (line, text) => expect(plain(line)).toBe(text));

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
