import { QueryClient } from "@tanstack/react-query";
import { describe, expect, test, vi } from "vitest";
import { applier, patched } from "../src/live/apply";
import { FrameReader } from "../src/live/frames";

describe("frames", () => {
  test("come whole, however the bytes are cut", () => {
    const text = 'retry: 3641\n\n: hb\n\nid: 8812\nevent: issue.created\ndata: {"id":"iss_1"}\n\n';
    for (const size of [1, 3, 7, 1000]) {
      const reader = new FrameReader();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...reader.take(text.slice(at, at + size)));
      expect(found).toEqual([{ id: "8812", event: "issue.created", data: '{"id":"iss_1"}' }]);
      expect(reader.retryMs).toBe(3641);
    }
  });
  test("a comment is no event", () => expect(new FrameReader().take(": hb\n\n")).toEqual([]));
  test("lines of data are joined", () => expect(new FrameReader().take("data: a\ndata: b\n\n")[0]?.data).toBe("a\nb"));
});

describe("an event changes what pages hold", () => {
  const held = { pages: [{ issues: [{ id: "iss_1", status: "open", title: "t" }, { id: "iss_2", status: "open", title: "u" }], total: 2 }] };
  test("the row with its id, and nothing else", () => {
    const after = patched(held, { id: "iss_2", status: "resolved" });
    expect(after.pages[0]!.issues).toEqual([{ id: "iss_1", status: "open", title: "t" }, { id: "iss_2", status: "resolved", title: "u" }]);
    expect(after.pages[0]!.issues[0]).toBe(held.pages[0]!.issues[0]);
  });
  test("another id changes nothing, not even the object", () => expect(patched(held, { id: "iss_9", status: "resolved" })).toBe(held));

  test("rows are patched at once, counts are asked for once", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    const renew = vi.spyOn(client, "invalidateQueries");
    client.setQueryData(["issues", {}], held);
    for (let at = 0; at < 50; at++) apply({ id: String(at), type: "issue.updated", data: { id: "iss_1", severity: "critical", changes: { severity: {} } } });
    const now = client.getQueryData<typeof held>(["issues", {}])!;
    expect(now.pages[0]!.issues[0]).toMatchObject({ severity: "critical", title: "t" });
    expect(now.pages[0]!.issues[0]).not.toHaveProperty("changes");
    expect(renew).not.toHaveBeenCalled();
    expect(jobs).toHaveLength(1);
    jobs[0]!();
    expect(renew).toHaveBeenCalledTimes(1);
  });
  test("what an event says of members it does not carry is shown, and what hangs together is asked for again", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    client.setQueryData(["issues", {}], held);
    for (const name of ["issue", "comments", "issueCounts"]) client.setQueryData([name, "iss_9"], { id: "iss_9" });
    apply({ id: "1", type: "issue.updated", data: { id: "iss_1", status: "open", changes: { assignee: { from: null, to: "usr_1" }, snooze: { from: {}, to: null }, parentIssueId: { from: null, to: "iss_9" } } } });
    expect(client.getQueryData<typeof held>(["issues", {}])!.pages[0]!.issues[0]).toMatchObject({ assignee: "usr_1", snooze: null, parentIssueId: "iss_9", title: "t" });
    jobs.forEach((job) => job());
    const isOld = (name: string) => client.getQueryState([name, "iss_9"])!.isInvalidated;
    expect([isOld("issue"), isOld("comments"), isOld("issueCounts")]).toEqual([true, false, true]);
  });
  test("when a cluster goes offline its issues are out of date at once, and what else shows it is asked for again", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    const rows = [{ id: "iss_1", clusterId: "cls_1", stale: false }, { id: "iss_2", clusterId: "cls_2", stale: false }];
    client.setQueryData(["issues", {}], { pages: [{ issues: rows }] });
    for (const name of ["resources", "issue", "resourceTree"]) client.setQueryData([name, {}], {});
    apply({ id: "1", type: "cluster.offline", data: { id: "cls_1", name: "a", status: "offline", stale: true, staleSince: "2026-01-15T12:00:00Z" } });
    const after = client.getQueryData<{ pages: { issues: typeof rows }[] }>(["issues", {}])!.pages[0]!.issues;
    expect(after[0]).toMatchObject({ stale: true, staleSince: "2026-01-15T12:00:00Z" });
    expect(after[1]).toBe(rows[1]);
    jobs.forEach((job) => job());
    for (const name of ["resources", "issue", "resourceTree"]) expect(client.getQueryState([name, {}])!.isInvalidated).toBe(true);
    apply({ id: "2", type: "cluster.online", data: { id: "cls_1", name: "a", status: "online", stale: false, staleSince: null } });
    expect(client.getQueryData<{ pages: { issues: typeof rows }[] }>(["issues", {}])!.pages[0]!.issues[0]).toMatchObject({ stale: false });
  });
  test("after a gap everything is asked for again", () => {
    const client = new QueryClient();
    const renew = vi.spyOn(client, "invalidateQueries");
    applier(client)({ id: "9", type: "stream.reset", data: { reason: "too_old", head: 9 } });
    expect(renew).toHaveBeenCalledWith();
  });
});
