import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, describe, expect, test, vi } from "vitest";
import { applier, patched, readAgain } from "../src/live/apply";
import { FrameReader } from "../src/live/frames";
import { type Message, Stream } from "../src/live/stream";

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
  const held = {
    pages: [
      {
        issues: [
          { id: "iss_1", status: "open", title: "t" },
          { id: "iss_2", status: "open", title: "u" },
        ],
        total: 2,
      },
    ],
  };
  test("the row with its id, and nothing else", () => {
    const after = patched(held, { id: "iss_2", status: "resolved" });
    expect(after.pages[0]!.issues).toEqual([
      { id: "iss_1", status: "open", title: "t" },
      { id: "iss_2", status: "resolved", title: "u" },
    ]);
    expect(after.pages[0]!.issues[0]).toBe(held.pages[0]!.issues[0]);
  });
  test("another id changes nothing, not even the object", () => expect(patched(held, { id: "iss_9", status: "resolved" })).toBe(held));

  test("rows are patched at once, counts are fetched once", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    const renew = vi.spyOn(client, "invalidateQueries");
    client.setQueryData(["issues", {}], held);
    for (let at = 0; at < 50; at++)
      apply({ id: String(at), type: "issue.updated", data: { id: "iss_1", severity: "critical", changes: { severity: {} } } });
    const now = client.getQueryData<typeof held>(["issues", {}])!;
    expect(now.pages[0]!.issues[0]).toMatchObject({ severity: "critical", title: "t" });
    expect(now.pages[0]!.issues[0]).not.toHaveProperty("changes");
    expect(renew).not.toHaveBeenCalled();
    expect(jobs).toHaveLength(1);
    jobs[0]!();
    expect(renew).toHaveBeenCalledTimes(1);
  });
  test("a finished analysis puts its cause into the row, and one that its issue does not show leaves the row's", () => {
    const client = new QueryClient();
    const apply = applier(client, () => undefined);
    client.setQueryData(["issues", {}], held);
    const row = () => client.getQueryData<typeof held>(["issues", {}])!.pages[0]!.issues[1]!;
    const cause = { id: "c", title: "The limit is too low", explanation: "e" };
    const done = { id: "ana_1", issueId: "iss_2", status: "ready" };
    apply({ id: "1", type: "analysis.ready", data: { ...done, cause, causeUnknown: null, action: null } });
    expect(row()).toMatchObject({ hasAnalysis: true, cause });
    apply({ id: "2", type: "analysis.ready", data: { ...done, status: "inconclusive" } });
    expect(row()).toMatchObject({ cause });
  });
  test("changed members are shown even if the event carries only their names, and related queries are fetched again", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    client.setQueryData(["issues", {}], held);
    for (const name of ["issue", "comments", "issueCounts"]) client.setQueryData([name, "iss_9"], { id: "iss_9" });
    apply({
      id: "1",
      type: "issue.updated",
      data: {
        id: "iss_1",
        status: "open",
        changes: { assignee: { from: null, to: "usr_1" }, snooze: { from: {}, to: null }, parentIssueId: { from: null, to: "iss_9" } },
      },
    });
    expect(client.getQueryData<typeof held>(["issues", {}])!.pages[0]!.issues[0]).toMatchObject({
      assignee: "usr_1",
      snooze: null,
      parentIssueId: "iss_9",
      title: "t",
    });
    jobs.forEach((job) => job());
    const isOld = (name: string) => client.getQueryState([name, "iss_9"])!.isInvalidated;
    expect([isOld("issue"), isOld("comments"), isOld("issueCounts")]).toEqual([true, false, true]);
  });
  test("when a cluster goes offline its issues are stale at once, and other queries that show it are fetched again", () => {
    const client = new QueryClient();
    const jobs: (() => void)[] = [];
    const apply = applier(client, (job) => jobs.push(job));
    const rows = [
      { id: "iss_1", clusterId: "cls_1", stale: false },
      { id: "iss_2", clusterId: "cls_2", stale: false },
    ];
    client.setQueryData(["issues", {}], { pages: [{ issues: rows }] });
    for (const name of ["resources", "issue", "resourceTree"]) client.setQueryData([name, {}], {});
    apply({
      id: "1",
      type: "cluster.offline",
      data: { id: "cls_1", name: "a", status: "offline", stale: true, staleSince: "2026-01-15T12:00:00Z" },
    });
    const after = client.getQueryData<{ pages: { issues: typeof rows }[] }>(["issues", {}])!.pages[0]!.issues;
    expect(after[0]).toMatchObject({ stale: true, staleSince: "2026-01-15T12:00:00Z" });
    expect(after[1]).toBe(rows[1]);
    jobs.forEach((job) => job());
    for (const name of ["resources", "issue", "resourceTree"]) expect(client.getQueryState([name, {}])!.isInvalidated).toBe(true);
    apply({ id: "2", type: "cluster.online", data: { id: "cls_1", name: "a", status: "online", stale: false, staleSince: null } });
    expect(client.getQueryData<{ pages: { issues: typeof rows }[] }>(["issues", {}])!.pages[0]!.issues[0]).toMatchObject({ stale: false });
  });
  test("after a gap everything is fetched again", () => {
    const client = new QueryClient();
    const renew = vi.spyOn(client, "invalidateQueries");
    applier(client)({ id: "9", type: "stream.reset", data: { reason: "too_old", head: 9 } });
    expect(renew).toHaveBeenCalledWith();
  });
});

describe("what happens before the stream is live is not missed", () => {
  /** A page that shows `name`; each reading is answered by the test. */
  const shown = (client: QueryClient, name: string) => {
    const answers: ((value: unknown) => void)[] = [];
    const stop = new QueryObserver(client, {
      queryKey: [name],
      queryFn: () => new Promise((resolve) => answers.push(resolve)),
      staleTime: Infinity,
      retry: false,
    }).subscribe(() => undefined);
    return { answers, stop, held: () => client.getQueryData([name]) };
  };

  test("a list that was read before is read again", async () => {
    const client = new QueryClient();
    const list = shown(client, "issues");
    list.answers[0]!("old");
    await vi.waitFor(() => expect(list.held()).toBe("old"));
    readAgain(client);
    await vi.waitFor(() => expect(list.answers).toHaveLength(2));
    list.answers[1]!("new");
    await vi.waitFor(() => expect(list.held()).toBe("new"));
    list.stop();
  });
  test("a list that is being read for the first time is read again after its answer", async () => {
    const client = new QueryClient();
    const list = shown(client, "clusters");
    readAgain(client);
    expect(list.answers).toHaveLength(1);
    list.answers[0]!("old");
    await vi.waitFor(() => expect(list.answers).toHaveLength(2));
    list.answers[1]!("new");
    await vi.waitFor(() => expect(list.held()).toBe("new"));
    expect(list.answers).toHaveLength(2);
    list.stop();
  });
  test("an event that arrives while a list is read counts, though the answer is older", async () => {
    const client = new QueryClient();
    const list = shown(client, "issues");
    const issues = (status: string) => ({ issues: [{ id: "iss_1", status }] });
    const apply = applier(client, () => undefined);
    const resolved = { id: "1", type: "issue.updated", data: { id: "iss_1", status: "resolved", changes: { status: {} } } };
    apply(resolved);
    list.answers[0]!(issues("open"));
    await vi.waitFor(() => expect(list.held()).toEqual(issues("resolved")));
    readAgain(client);
    await vi.waitFor(() => expect(list.answers).toHaveLength(2));
    apply(resolved);
    list.answers[1]!(issues("open"));
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));
    expect(list.held()).toEqual(issues("resolved"));
    list.stop();
  });
  test("what events do not keep current is left alone: every reading of captured logs is audited", async () => {
    const client = new QueryClient();
    const lists = ["capturedWords", "resourceLogs", "members"].map((name) => shown(client, name));
    lists.forEach((one) => one.answers[0]!("read"));
    await vi.waitFor(() => expect(lists.map((one) => one.held())).toEqual(["read", "read", "read"]));
    readAgain(client);
    expect(lists.map((one) => one.answers.length)).toEqual([1, 1, 1]);
    lists.forEach((one) => one.stop());
  });
});

describe("a stream says whether it may have missed events", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** A server whose streams end at once, each after one of `bodies`; the last one stays open. */
  const served = (...bodies: string[]) => {
    const fetched = vi.fn(() => {
      const body = bodies.shift() ?? "";
      const isLast = bodies.length === 0;
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body));
          if (!isLast) controller.close();
        },
      });
      return Promise.resolve(new Response(stream, { status: 200 }));
    });
    vi.stubGlobal("fetch", fetched);
    vi.useFakeTimers();
    const states: boolean[] = [];
    const stream = new Stream((message: Message) => message.kind === "state" && message.state === "live" && states.push(message.isGapless));
    return { stream, states };
  };
  const EVENT = 'id: 7\nevent: issue.created\ndata: {"id":"iss_1"}\n\n';

  test.each([
    ["at the first connection it may", [EVENT], [false]],
    ["with the place of its last event it goes on without a gap", [EVENT, ": hb\n\n"], [false, true]],
    ["without any event before the line broke it may", ["retry: 3000\n\n", ": hb\n\n"], [false, false]],
  ])("%s", async (_, bodies, expected) => {
    const { stream, states } = served(...bodies);
    stream.start();
    for (let turn = 0; turn < 20 && states.length < expected.length; turn++) await vi.advanceTimersByTimeAsync(1_000);
    stream.stop();
    expect(states).toEqual(expected);
  });
  test("stopped and started, it says so again", async () => {
    const { stream, states } = served(EVENT, EVENT, ": hb\n\n");
    stream.start();
    await vi.advanceTimersByTimeAsync(10);
    stream.stop();
    expect(stream.state).toBe("connecting");
    stream.start();
    await vi.advanceTimersByTimeAsync(10);
    stream.stop();
    expect(states).toEqual([false, true]);
  });
  test("after another sign-in it may", async () => {
    const { stream, states } = served(EVENT, EVENT, ": hb\n\n");
    stream.start();
    await vi.advanceTimersByTimeAsync(10);
    stream.restart();
    await vi.advanceTimersByTimeAsync(10);
    stream.stop();
    expect(states).toEqual([false, false]);
  });
});
