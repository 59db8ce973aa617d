import { describe, expect, test } from "vitest";
import {
  areas,
  blindness,
  type Detector,
  effectiveSaid,
  placeText,
  rangeText,
  thresholdsChanged,
  tuningText,
} from "../src/pages/settings/detector";
import {
  bodyOf,
  changesOf,
  clashOf,
  type Delivery,
  draftOf,
  isInProgress,
  mistakesIn,
  outcome,
  shownAs,
  type Webhook,
  type WebhookDraft,
} from "../src/pages/settings/webhook";

const delivery: Delivery = { id: "dlv_1", event: "webhook.test", status: "pending", attempts: 0, createdAt: "2026-01-15T12:00:00Z" };

describe("a delivery", () => {
  test.each<[Partial<Delivery>, string]>([
    [{}, "sending"],
    [{ status: "delivered", statusCode: 204, durationMs: 12 }, "returned 204 in 12 ms"],
    [{ status: "failed", error: "timeout" }, "no response within 10 seconds"],
    [{ status: "failed", error: "something_new" }, "something_new"],
    [{ status: "failed", statusCode: 422, message: "GitHub refuses this: title is too long" }, "GitHub refuses this: title is too long"],
  ])("%o", (is, said) => expect(outcome({ ...delivery, ...is })).toBe(said));
  test.each<[Partial<Delivery>, string]>([
    [{}, "Pending"],
    [{ nextAttemptAt: new Date(Date.now() + 1_000).toISOString() }, "Pending"],
    [{ nextAttemptAt: new Date(Date.now() + 240_000).toISOString() }, "Held"],
    [{ attempts: 1 }, "Next attempt"],
    [{ status: "failed", error: "timeout", attempts: 8 }, "Failed"],
    [{ status: "failed", error: "superseded", attempts: 1 }, "Not needed"],
    [{ status: "failed", error: "acknowledged" }, "Not needed"],
  ])("%o is shown by its status", (is, word) => expect(shownAs({ ...delivery, ...is })[1]).toBe(word));
  test("one that waits for its next attempt is not in progress", () => {
    expect(isInProgress(delivery)).toBe(true);
    expect(isInProgress({ ...delivery, attempts: 1, nextAttemptAt: new Date(Date.now() + 240_000).toISOString() })).toBe(false);
    expect(isInProgress({ ...delivery, attempts: 1, nextAttemptAt: new Date(Date.now() - 1_000).toISOString() })).toBe(true);
    expect(isInProgress({ ...delivery, status: "failed", attempts: 8 })).toBe(false);
    expect(isInProgress({ ...delivery, nextAttemptAt: new Date(Date.now() + 240_000).toISOString() })).toBe(false);
  });
  test("one that is being sent again is in progress, though its next attempt is set for when the sender does not return", () =>
    expect(isInProgress({ ...delivery, attempts: 1, nextAttemptAt: new Date(Date.now() + 60_000).toISOString() })).toBe(true));
});

describe("a changed webhook", () => {
  const webhook = {
    id: "whk_1",
    name: "on-call",
    url: "https://x/•••",
    form: "json",
    enabled: true,
    filters: { events: ["issue.resolved", "issue.created"], clusters: ["cls_1", "cls_2"], issueTypes: ["OOMKilled"] },
  } as unknown as Webhook;
  const rest = { events: ["issue.created", "issue.resolved"], clusters: ["cls_1", "cls_2"], issueTypes: ["OOMKilled"] };
  test.each<[Partial<WebhookDraft>, object]>([
    [{}, {}],
    [{ name: " on-call " }, {}],
    [{ url: " https://y/z " }, { url: "https://y/z" }],
    [
      { name: "pager", enabled: false },
      { name: "pager", enabled: false },
    ],
    [{ namespaces: "shop,  dev-* shop" }, { filters: { ...rest, namespaces: ["shop", "dev-*"] } }],
    [{ clusters: [], types: "" }, { filters: { events: rest.events } }],
    [{ events: ["issue.created"] }, { filters: { ...rest, events: ["issue.created"] } }],
  ])("%o", (drafted, sent) => expect(changesOf(webhook, { ...draftOf(webhook), ...drafted })).toEqual(sent));
});

describe("a webhook of a service", () => {
  const app = { ...draftOf(), name: "ops", form: "slack-app", channel: "C0123456789", secret: "xoxb-1" } as WebhookDraft;
  test("has the tokens of its app", () => {
    expect(bodyOf({ ...app, appToken: " xapp-1" })).toMatchObject({
      channel: "C0123456789",
      credentials: { token: "xoxb-1", appToken: "xapp-1" },
    });
    expect(Object.values(mistakesIn(app)).filter(Boolean)).toEqual([]);
    expect(mistakesIn({ ...app, channel: "#ops", secret: "" })).toMatchObject({
      channel: "Enter the id of the channel, such as C0123456789.",
      credentials: "Enter the bot token.",
    });
  });
  test("keeps its tokens until a bot token is entered", () => {
    const there = { form: "slack-app", channel: "C0123456789", authentication: "app", filters: { events: [] } } as unknown as Webhook;
    expect(changesOf(there, { ...draftOf(there), channel: "C0000000001" })).toEqual({ channel: "C0000000001" });
    expect(changesOf(there, { ...draftOf(there), secret: "xoxb-2" })).toEqual({ credentials: { token: "xoxb-2" } });
    expect(mistakesIn({ ...draftOf(there), appToken: "xapp-2" }, there).credentials).toBe("Enter the bot token.");
  });
  test("of tickets needs credentials", () => {
    const ticket = { ...draftOf(), name: "ops", form: "ticket", url: "https://api.github.com/repos/shop/ops/issues" } as WebhookDraft;
    expect(mistakesIn(ticket).credentials).toBe("Enter the credentials.");
    expect(bodyOf({ ...ticket, secret: "t" })).toMatchObject({ credentials: { token: "t" } });
  });
  test("of tickets has a template, with the fields that its service has", () => {
    const url = "https://shop.atlassian.net/rest/api/2/project/OPS";
    const template = {
      title: "[{cluster}] {title}",
      labels: ["on call", "team:{team}"],
      issueType: "Task",
      fields: { priority: { name: "High" } },
    };
    const jira = { form: "ticket", url, ticket: template, authentication: "basic", filters: { events: [] } } as unknown as Webhook;
    const draft = draftOf(jira);
    expect(changesOf(jira, draft)).toEqual({});
    expect(changesOf(jira, { ...draft, ticket: { ...draft.ticket, text: "Cause: {cause}\n", fields: "" } })).toEqual({
      ticket: { title: template.title, text: "Cause: {cause}\n", labels: template.labels, issueType: "Task" },
    });
    const { issueType: _, fields: __, ...rest } = template;
    const moved = "https://api.github.com/repos/shop/ops/issues";
    expect(changesOf(jira, { ...draft, url: moved })).toEqual({ url: moved, ticket: rest });
    expect(changesOf(jira, { ...draft, ticket: draftOf().ticket })).toEqual({ ticket: null });
    const wrong = { ...draft, ticket: { ...draft.ticket, fields: "priority: High" } };
    expect(mistakesIn(wrong, jira)).toMatchObject({ fields: expect.stringContaining("JSON object") });
    expect(mistakesIn({ ...wrong, url: moved }, jira)).toMatchObject({ fields: false });
    expect(clashOf(jira, { ...jira, ticket: { title: "{title}" } }, { ticket: null })).toBe("template");
  });
  test("takes an email address with and without its scheme", () => {
    const mail = { ...draftOf(), name: "night", form: "email" } as WebhookDraft;
    for (const url of ["ops@example.com", "mailto:ops@example.com"]) {
      expect(mistakesIn({ ...mail, url }).url).toBe(false);
      expect(bodyOf({ ...mail, url })).toMatchObject({ url: "mailto:ops@example.com", credentials: {} });
    }
    expect(mistakesIn({ ...mail, url: "https://example.com" }).url).toBe("Enter an email address.");
  });
});

describe("a webhook that somebody else changed meanwhile", () => {
  const before = {
    name: "on-call",
    url: "https://x/•••",
    enabled: true,
    filters: { events: ["issue.resolved", "issue.created"] },
  } as unknown as Webhook;
  test.each<[Partial<Webhook>, Record<string, unknown>, string]>([
    [{}, { name: "pager" }, ""],
    [{ failingSince: "2026-01-15T12:00:00Z" }, { name: "pager", enabled: false }, ""],
    [{ name: "mail" }, { enabled: false }, ""],
    [{ name: "mail" }, { name: "mail" }, ""],
    [{ name: "mail" }, { name: "pager" }, "name"],
    [{ url: "https://y/•••" }, { url: "https://z/in" }, "address"],
    [{ filters: { events: ["issue.created", "issue.resolved"] } }, { filters: {} }, ""],
    [{ name: "mail", filters: { events: ["issue.created"] } }, { name: "pager", filters: {}, enabled: false }, "name and filters"],
  ])("%o and %o", (theirs, mine, said) => expect(clashOf(before, { ...before, ...theirs } as Webhook, mine)).toBe(said));
});

const detector = (type: string, category: string, more: Partial<Detector> = {}) =>
  ({
    type,
    category,
    defaults: { severity: "high", openAfterSeconds: 90, resolveAfterSeconds: 120 },
    effective: {},
    sees: "yes",
    blindTo: [],
    ...more,
  }) as unknown as Detector;

describe("detectors", () => {
  test("stand by area, risks last", () => {
    const found = areas([detector("B", "risk"), detector("C", "control-plane"), detector("A", "control-plane"), detector("D", "storage")]);
    expect(found.map(([area, ones]) => [area, ones.map((one) => one.type)])).toEqual([
      ["Control plane", ["A", "C"]],
      ["Storage", ["D"]],
      ["Risk", ["B"]],
    ]);
  });
  test("say what holds, and what they cannot see", () => {
    expect(effectiveSaid(detector("A", "x"))).toBe("High, after 90 s");
    expect(effectiveSaid(detector("A", "x", { effective: { severity: "low", openAfterSeconds: 0 } }))).toBe("Low, immediately");
    expect(blindness({ sees: "no", blindTo: ["metrics"] })).toBe("No data: agents do not report metrics");
    expect(blindness({ sees: "partly", blindTo: ["Lease.coordination.k8s.io"] })).toBe("Limited data: some agents do not report Lease");
    expect(blindness({ sees: "yes", blindTo: [] })).toBe("");
  });
  test("say what is set where", () => {
    const by = { updatedBy: "usr_1", updatedAt: "" };
    expect(tuningText({ ...by, enabled: false, severity: "low", openAfterSeconds: 120, resolveAfterSeconds: 600 })).toBe(
      "off, low, opens after 2 min, resolves after 10 min",
    );
    expect(tuningText({ ...by, thresholds: { fullFrom: 0.8 } })).toBe("fullFrom 0.8");
    expect(placeText({ namespace: "shop", cluster: "cl_1" }, () => "prod")).toBe("namespace shop in prod");
    expect(placeText({}, String)).toBe("all namespaces in all clusters");
  });
  test("say what a threshold may be, and change only what is another", () => {
    expect(rangeText({ min: 3, max: 100, unit: "restarts" })).toBe("3 to 100 restarts");
    expect(rangeText({ min: 0.5, max: 0.99, unit: "share" })).toBe("0.5 to 0.99 of 1");
    expect(thresholdsChanged({ a: "5", b: "", c: "7", d: "" }, { a: 5, b: 6 })).toEqual({ b: null, c: 7 });
  });
});
