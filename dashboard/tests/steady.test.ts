import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { notifyManager, QueryClient, QueryObserver, type QueryObserverResult } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem, unreachable } from "../src/api/problem";
import { LIVE, readAgain } from "../src/live/apply";
import { FIRST_WAIT_MS, keepErrors, LONGEST_WAIT_MS, recover } from "../src/live/steady";

const SOURCES = join(import.meta.dirname, "../src");
const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith("schema.d.ts"))
  .map((path) => ({ path, text: readFileSync(join(SOURCES, path), "utf8") }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ANSWERS_AFTER_MS = 3;

/** A page that shows the query `name`: every state it showed, and what the server does with the next requests. */
function page(client: QueryClient, answer: () => unknown, name = "issues") {
  const server = { answer, requests: 0 };
  const shown: QueryObserverResult[] = [];
  const observer = new QueryObserver(client, {
    queryKey: [name],
    queryFn: async () => {
      server.requests++;
      await new Promise((resolve) => setTimeout(resolve, ANSWERS_AFTER_MS));
      return server.answer();
    },
    retry: false,
  });
  // as React does: it looks when all changes of one turn have been made
  const stop = observer.subscribe(notifyManager.batchCalls(() => void shown.push(observer.getCurrentResult())));
  return { observer, server, shown, stop, now: () => observer.getCurrentResult(), words: () => shown.map((one) => one.status) };
}

const failing = (error: Error) => () => {
  throw error;
};
const settle = () => vi.advanceTimersByTimeAsync(10);

describe("an error that is shown stays where it is", () => {
  test.each([
    ["while the stream opens and everything is read again", (client: QueryClient) => readAgain(client)],
    ["while an event makes it outdated", (client: QueryClient) => void client.invalidateQueries({ queryKey: ["issues"] })],
    ["while the person tries again", (client: QueryClient) => void client.refetchQueries({ queryKey: ["issues"] })],
  ])("%s", async (_, again) => {
    const client = new QueryClient();
    keepErrors(client);
    const one = page(client, failing(new Problem(500, "internal", "the database is away")));
    await settle();
    expect(one.now().status).toBe("error");
    one.shown.length = 0;
    again(client);
    await settle();
    expect(one.server.requests).toBe(2);
    expect(new Set(one.words())).toEqual(new Set(["error"]));
    one.server.answer = () => "rows";
    again(client);
    await settle();
    expect(one.now()).toMatchObject({ status: "success", data: "rows" });
    one.stop();
  });
  test("the first try shows no error of another query", async () => {
    const client = new QueryClient();
    keepErrors(client);
    const one = page(client, failing(new Problem(500, "internal", "the database is away")));
    const other = page(client, () => new Promise(() => undefined), "clusters");
    await settle();
    expect([one.now().status, other.now().status]).toEqual(["error", "pending"]);
    one.stop();
    other.stop();
  });
  test("an old error does not return once the query was answered", async () => {
    const client = new QueryClient();
    keepErrors(client);
    const one = page(client, failing(unreachable()));
    await settle();
    one.server.answer = () => "rows";
    void one.observer.refetch();
    await settle();
    void client.resetQueries({ queryKey: ["issues"] });
    expect(one.now().status).toBe("pending");
    await settle();
    one.stop();
  });
});

describe("what the server could not answer is fetched again", () => {
  test("with longer waits, until it is answered, and then no more", async () => {
    const client = new QueryClient();
    keepErrors(client);
    const { stop } = recover(client);
    const one = page(client, failing(unreachable()));
    await settle();
    const at: number[] = [];
    for (let passedMs = 0; passedMs < 120_000; passedMs += 100) {
      const before = one.server.requests;
      await vi.advanceTimersByTimeAsync(100);
      if (one.server.requests > before) at.push(passedMs);
    }
    const waits = at.map((ms, place) => ms - (at[place - 1] ?? 0));
    expect(waits[0]).toBeLessThanOrEqual(FIRST_WAIT_MS + 100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST_WAIT_MS + 200);
    expect(at.length).toBeLessThan(120_000 / (LONGEST_WAIT_MS / 2) + 4);
    one.server.answer = () => "rows";
    await vi.advanceTimersByTimeAsync(LONGEST_WAIT_MS);
    expect(one.now().data).toBe("rows");
    const answered = one.server.requests;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(one.server.requests).toBe(answered);
    stop();
    one.stop();
  });
  test("at once when the server is known to be back", async () => {
    const client = new QueryClient();
    const { now, stop } = recover(client);
    const one = page(client, failing(new Problem(503, "unavailable", "the server is starting")));
    await settle();
    one.server.answer = () => "rows";
    now();
    await settle();
    expect(one.now().data).toBe("rows");
    stop();
    one.stop();
  });
  test.each([400, 403, 404, 409, 429, 500])("but not what it refused with %i", async (status) => {
    const client = new QueryClient();
    const { now, stop } = recover(client);
    const one = page(client, failing(new Problem(status, "refused", "no")));
    await settle();
    now();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.server.requests).toBe(1);
    stop();
    one.stop();
  });
  test("and not what nobody looks at any more", async () => {
    const client = new QueryClient();
    const { stop } = recover(client);
    const one = page(client, failing(unreachable()));
    await settle();
    one.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.server.requests).toBe(1);
    stop();
  });
});

/** Queries that no event changes, and what keeps them from looking current. */
const NOT_LIVE: Record<string, string> = {
  alertReceivers: "settings: fetched on every visit",
  alerts: "fetched every 15 s",
  analysisSettings: "settings: fetched on every visit",
  apiKeys: "fetched every 30 s",
  assistant: "one request to sign in, checked once",
  capturedWords: "the words of a log do not change; every reading is audited",
  clusterKinds: "fetched at an interval",
  compare: "a comparison of the moment, fetched on request",
  connection: "fetched at an interval",
  contract: "part of the running version",
  coverage: "fetched every 30 s",
  deliveries: "fetched at an interval",
  delivery: "fetched until it has ended",
  document: "written when it is opened, with its time; nothing moves while it is read",
  detectors: "settings: fetched on every visit",
  forges: "settings: fetched on every visit",
  forgeTest: "the result of a test, fetched on request",
  identityProviders: "settings: fetched on every visit",
  identityTest: "the result of a test, fetched on request",
  install: "one command for the token that was just created",
  invites: "settings: fetched on every visit",
  issueTickets: "fetched every 5 s while the dialog is open",
  me: "who is signed in: fetched on every visit",
  members: "settings: fetched on every visit",
  muteRule: "one rule by its id, for its name",
  notificationSettings: "settings: fetched on every visit",
  objectByName: "turns a name into a link",
  offer: "a link is checked once",
  ownerRules: "settings: fetched on every visit",
  owners: "fetched every 30 s",
  plan: "fetched every 15 s",
  resourcesLike: "words for an input",
  resourcesNamed: "the clusters to choose from in a comparison",
  sessions: "fetched every 30 s",
  search: "fetched for the words in the palette",
  silences: "fetched every 15 s",
  preview: "an answer about a draft, asked again with every change of it",
  trends: "fetched again when the counts of the overview change",
  topology: "of one version of an issue; another version is another query",
  signInPolicy: "settings: fetched on every visit",
  session: "who is signed in: fetched on every visit",
  names: "words for an input",
  usage: "fetched at an interval",
  views: "fetched when the menu opens: their counts are read by as many queries as there are views",
  webhooks: "settings: fetched on every visit",
};

describe("every page", () => {
  test("shows what is kept current by events, or it is decided here why not", () => {
    const keys = new Set(sources.flatMap(({ text }) => [...text.matchAll(/queryKey: \["(\w+)"/g)].map((match) => match[1]!)));
    const undecided = [...keys].filter((key) => !LIVE.has(key) && !(key in NOT_LIVE));
    expect(undecided, "add the key to LIVE in src/live/apply.ts, or here with a reason").toEqual([]);
    expect(Object.keys(NOT_LIVE).filter((key) => !keys.has(key) || LIVE.has(key))).toEqual([]);
  });
  test("keeps what it has shown when a later fetch fails", () => {
    const found = sources.filter(({ text }) => /\.isError\b/.test(text)).map(({ path }) => path);
    expect(found, "isLoadingError replaces the content; the frame says that content could not be updated").toEqual([]);
  });
});
