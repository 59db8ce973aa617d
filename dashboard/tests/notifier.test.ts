import { expect, test } from "vitest";
import { isQuiet, kindOf, noteOfApprovals, noteOfIssues } from "../src/live/notifier";
import type { LiveEvent } from "../src/live/stream";

const event = (type: string, data: Record<string, unknown>) => ({ id: "1", type, data: { id: "iss_1", ...data } }) as unknown as LiveEvent;
const at = (time: string) => new Date(`2026-01-15T${time}:00Z`);

test.each([
  ["22:00", "07:00", "23:30", true],
  ["22:00", "07:00", "06:59", true],
  ["22:00", "07:00", "07:00", false],
  ["22:00", "07:00", "21:59", false],
  ["12:00", "13:00", "12:30", true],
  ["12:00", "13:00", "13:00", false],
  ["00:00", "00:00", "12:00", false],
])("quiet from %s until %s: at %s %s", (start, end, now, quiet) => {
  expect(isQuiet({ start, end, timeZone: "UTC" }, at(now))).toBe(quiet);
});

test("quiet hours are those of the person's time zone", () => {
  const night = { start: "22:00", end: "07:00" };
  expect(isQuiet({ ...night, timeZone: "Asia/Tokyo" }, at("12:00"))).toBe(false); // 21:00 there
  expect(isQuiet({ ...night, timeZone: "Asia/Tokyo" }, at("14:00"))).toBe(true); // 23:00 there
  expect(() => isQuiet({ ...night, timeZone: "Mars/Olympus" }, at("12:00"))).not.toThrow();
  expect(isQuiet(null, at("23:00"))).toBe(false);
});

test.each([
  ["an issue that opens", event("issue.created", { severity: "critical" }), "issues"],
  ["a symptom that opens", event("issue.created", { severity: "critical", parentIssueId: "iss_2" }), null],
  ["one that is not critical", event("issue.created", { severity: "high" }), null],
  [
    "one that becomes critical",
    event("issue.updated", { severity: "critical", changes: { severity: { from: "high", to: "critical" } } }),
    "issues",
  ],
  ["one that reopens", event("issue.updated", { severity: "critical", changes: { status: { from: "resolved", to: "open" } } }), "issues"],
  [
    "one that is acknowledged",
    event("issue.updated", { severity: "critical", changes: { status: { from: "open", to: "acknowledged" } } }),
    null,
  ],
  ["one that happens again", event("issue.updated", { severity: "critical", changes: { count: { from: 1, to: 2 } } }), null],
  [
    "one that outlives its root",
    event("issue.updated", { severity: "critical", changes: { parentIssueId: { from: "iss_2", to: null } } }),
    "issues",
  ],
  ["an approval", event("approval.requested", {}), "executions"],
  ["an approval that was given", event("approval.approved", {}), null],
])("%s", (_, given, kind) => expect(kindOf(given)).toBe(kind));

const issue = (n: number) => ({ id: `iss_${n}`, title: `Issue ${n}`, cluster: "production" });

test("many issues are one notification", () => {
  expect(noteOfIssues([])).toBeNull();
  expect(noteOfIssues([issue(1)])).toEqual({ title: "Critical issue", body: "Issue 1 (production)", path: "/issues/iss_1" });
  expect(noteOfIssues([1, 2, 3, 4].map(issue))).toEqual({
    title: "4 critical issues",
    body: "Issue 1\nIssue 2\nand 2 more",
    path: "/issues?severity=critical",
  });
  expect(noteOfIssues([{ ...issue(1), title: "x".repeat(500) }])!.body.length).toBeLessThan(130);
});

test("an approval names the runbook and the object", () => {
  const one = { id: "exe_1", runbook: { name: "Restart" }, target: { namespace: "shop", name: "web" }, cluster: "production" } as never;
  expect(noteOfApprovals([one])).toEqual({ title: "Approval needed", body: "Restart on shop/web (production)", path: "/executions/exe_1" });
  expect(noteOfApprovals([one, one])!.title).toBe("2 approvals needed");
});
