import { describe, expect, test } from "vitest";
import type { Activity } from "../src/api/queries";
import { activityText, actorName } from "../src/pages/issues/activitytext";
import { type IssueSearch, issueParams, isView, type Judged, stays, VIEWS, viewed } from "../src/pages/issues/filter";
import { endOf, morning, usual } from "../src/pages/issues/snooze";
import { sentence, splitNames } from "../src/pages/settings/mutematch";

const words = { name: (id: string) => ({ usr_1: "you", usr_2: "ada@example.org" })[id], clock: () => "Jan 16, 09:00" };
const line = (action: string, detail: object = {}, actorKind: Activity["actorKind"] = "person", actorId = "usr_1"): Activity => ({
  id: "act_1",
  at: "2026-01-15T12:00:00Z",
  actorKind,
  actorId,
  action,
  detail: detail as Activity["detail"],
});

describe("the history in words", () => {
  test.each<[Activity, string]>([
    [line("opened", {}, "detector", "OOMKilled"), "The detector opened it"],
    [line("resolved", { resolution: "resource_deleted" }, "detector"), "The detector resolved it: resource deleted"],
    [line("resolved", { resolution: "detector_disabled", namespace: "shop" }), "You resolved it by switching off its detector"],
    [line("resolved", { resolution: "detector_disabled" }, "detector"), "The detector resolved it: the detector was switched off"],
    [line("resolved", { status: ["open", "resolved"] }), "You resolved it"],
    [line("assigned", { assignee: [null, "usr_1"] }), "You self-assigned it"],
    [line("assigned", { assignee: ["usr_1", "usr_2"] }), "You assigned it to ada@example.org"],
    [line("assigned", { assignee: [null, "usr_9"] }, "person", "usr_9"), "A former member self-assigned it"],
    [line("labelled", { labels: [{ old: "x", team: "a" }, { team: "b" }] }), "You set `team=b` and removed `old`"],
    [
      line("snoozed", { snooze: [null, { until: "2026-01-16T09:00:00Z", occurrences: 3, severityRises: true }] }, "key"),
      "An API key snoozed it until Jan 16, 09:00, it occurs 3 more times or it becomes more severe",
    ],
    [line("woke", { why: "occurrences" }, "system"), "Optral ended the snooze: the number of occurrences was reached"],
    [line("attached", { parentIssueId: [null, "iss_1"], relation: "runs on" }, "system"), "Optral attached it to its root issue (runs on)"],
    [line("updated", { severity: ["high", "critical"] }, "detector"), "The detector updated severity from `high` to `critical`"],
    [line("runbook_started", { runbook: "a`b" }), "You started the runbook `a'b`"],
    [
      line("runbook_started", { runbook: "scale-workload", executionId: "exe_1", status: "pendingApproval" }),
      "You started the runbook `scale-workload`, waiting for approval",
    ],
    [
      line("runbook_completed", { runbook: "scale-workload", executionId: "exe_1", status: "timedOut" }),
      "You ran the runbook `scale-workload`: timed out",
    ],
  ])("%#", (one, said) => expect(`${actorName(one, words)} ${activityText(one, words)}`).toBe(said));
});

describe("snoozing", () => {
  test("a critical issue cannot wait for more severity", () => {
    expect(usual(new Date(), "critical").some((one) => one.wish.severityRises)).toBe(false);
    expect(usual(new Date(), "high").some((one) => one.wish.severityRises)).toBe(true);
  });
  test("tomorrow is the next day at nine", () => {
    const at = morning(new Date(2026, 0, 31, 23, 59));
    expect([at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]).toEqual([1, 1, 9, 0]);
  });
  test("what ends it is said", () =>
    expect(endOf({ occurrencesLeft: 1, severityRises: false, by: "usr_1", at: "" }, () => "")).toBe("it occurs again"));
});

test("what is snoozed or muted is left out where work is listed, and only there", () => {
  expect(issueParams({})).toMatchObject({ snoozed: "false", muted: "false" });
  expect(issueParams({ status: "open", snoozed: "any" })).toMatchObject({ snoozed: undefined, muted: "false" });
  expect(issueParams({ snoozed: "true" })).toMatchObject({ snoozed: "true", muted: undefined });
  for (const status of ["all", "resolved"]) expect(issueParams({ status })).toMatchObject({ snoozed: undefined, muted: undefined });
});

test("each view is the address it makes, and no other", () => {
  for (const view of VIEWS) expect(VIEWS.filter((other) => isView(viewed(view.is), other.is))).toEqual([view]);
  expect(isView({ parent: "any", muted: "any" }, {})).toBe(true);
});

const issue: Judged = { status: "open", severity: "high", type: "OOMKilled", cluster: "prod", substatus: "ongoing" };
test.each<[IssueSearch, Partial<Judged>, boolean]>([
  [{}, {}, true],
  [{}, { snooze: { until: "x" } }, false],
  [{}, { substatus: "muted" }, false],
  [{}, { parentIssueId: "iss_1" }, false],
  [{ parent: "any" }, { parentIssueId: "iss_1" }, true],
  [{ parent: "iss_1" }, { parentIssueId: "iss_1" }, true],
  [{ parent: "iss_1" }, {}, false],
  [{ snoozed: "true" }, { snooze: { until: "x" } }, true],
  [{ snoozed: "true" }, {}, false],
  [{ assignee: "me" }, { assignee: "usr_1" }, true],
  [{ assignee: "me" }, { assignee: "usr_2" }, false],
  [{ assignee: "none,usr_2" }, {}, true],
  [{ team: "pay,none" }, {}, true],
  [{ team: "pay" }, { team: "shop" }, false],
])("in the list of %o an issue that is %o stays: %s", (search, is, staying) =>
  expect(stays(search, { ...issue, ...is }, "usr_1")).toBe(staying),
);

test("a mute rule is a sentence", () => {
  expect(splitNames(" dev-*, dev-*  test ")).toEqual(["dev-*", "test"]);
  const match = {
    types: ["OOMKilled"],
    kinds: ["Deployment"],
    names: ["api"],
    containers: ["app"],
    namespaces: ["dev-*", "test"],
    clusters: ["cl_1"],
    labels: { team: "a" },
  };
  expect(sentence(match, () => "prod")).toBe("OOMKilled of Deployment api, container app, in namespace dev-* or test on prod with team=a");
  expect(sentence({ containers: ["app"] }, String)).toBe("all issue types, container app");
});
