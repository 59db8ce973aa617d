// Webhooks and their deliveries as the API gives them, and what an outcome means in words.
import { queryOptions } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";
import { changed, trimmed } from "./draft";
import { splitNames } from "./mutematch";
import { type TicketDraft, templateDraftOf, templateMistakes, templateOf } from "./ticketdraft";
import { BROWSER_ZONE, localOf } from "./window";

export type Webhook = WithoutNulls<Schemas["WebhookShape"]>;
export type CreatedWebhook = WithoutNulls<Schemas["CreatedWebhook"]>;
export type Delivery = WithoutNulls<Schemas["DeliveryShape"]>;

const PENDING_MS = 1_500;
const CALM_MS = 20_000;
export const webhookPath = (id: string, part = "") => `/v1/webhooks/${encodeURIComponent(id)}${part}`;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => send<{ webhooks: Webhook[]; total: number }>("GET", "/v1/webhooks", { query: { pageSize: 100 }, signal }),
});

/** Looked at often as long as one is on its way. */
export const deliveriesQuery = (id: string, status: string | undefined) =>
  queryOptions({
    queryKey: ["deliveries", id, status],
    queryFn: ({ signal }) =>
      send<{ deliveries: Delivery[]; total: number }>("GET", webhookPath(id, "/deliveries"), { query: { pageSize: 50, status }, signal }),
    refetchInterval: (query) => (query.state.data?.deliveries.some(isInProgress) ? PENDING_MS : CALM_MS),
  });

export const deliveryQuery = (webhookId: string, id: string) =>
  queryOptions({
    queryKey: ["delivery", webhookId, id],
    queryFn: ({ signal }) => send<Delivery>("GET", webhookPath(webhookId, `/deliveries/${encodeURIComponent(id)}`), { signal }),
    refetchInterval: (query) => (!query.state.data || query.state.data.status === "pending" ? PENDING_MS : false),
  });

/** Nobody has tried it yet. */
export const isNotAttempted = (one: Delivery) => one.status === "pending" && one.attempts === 0;

const SOON_MS = 62_000; // while one is sent again, its next attempt is a minute away: when another worker would take it over
const isSoon = (one: Delivery) => !one.nextAttemptAt || Date.parse(one.nextAttemptAt) < Date.now() + SOON_MS;

/** It is being sent, or about to be; one that waits longer for its next attempt is not. */
export const isInProgress = (one: Delivery) => one.status === "pending" && isSoon(one);

/** It waits for the end of quiet hours or of a hold, or for an acknowledgment. */
export const isHeld = (one: Delivery) => isNotAttempted(one) && !isSoon(one);

const ERRORS: Record<string, string> = {
  refused_address: "the address is in a network that webhooks cannot access",
  dns: "the host name could not be resolved",
  connect: "connection failed",
  tls: "TLS handshake failed or the certificate is not trusted",
  timeout: "no response within 10 seconds",
  ratelimited: "the service limits the rate of requests; it is sent again when the service allows it",
  unreadable: "the URL and secret cannot be decrypted with the current key; delete and recreate the webhook",
  invalid_answer: "the response is not one of Slack, such as the page of a proxy; it is sent again",
  disabled: "the webhook was disabled",
  superseded: "a later notification has the present state of the issue",
  acknowledged: "the issue was acknowledged, resolved, snoozed or muted before it was to be sent",
};

const NOT_NEEDED = ["superseded", "acknowledged"];

/** The status of a delivery in words. One that was not needed any more did not fail. */
export function shownAs(one: Delivery): ["ok" | "critical" | "info" | "medium", string] {
  const { status, error, attempts } = one;
  if (status === "delivered") return ["ok", "Delivered"];
  if (isHeld(one)) return ["info", "Held"];
  if (status === "pending") return attempts > 0 ? ["medium", "Next attempt"] : ["info", "Pending"];
  return NOT_NEEDED.includes(error ?? "") ? ["info", "Not needed"] : ["critical", "Failed"];
}

/** "answered 204 in 12 ms", "no response within 10 seconds". */
export function outcome(one: Delivery): string {
  const took = one.durationMs === undefined ? "" : ` in ${one.durationMs} ms`;
  if (one.message) return one.message;
  if (one.error) return ERRORS[one.error] ?? one.error;
  if (one.statusCode !== undefined) return `returned ${one.statusCode}${took}`;
  return one.status === "pending" ? "sending" : "no response";
}

export const ENDED: Record<string, string> = {
  manual: "disabled",
  gone: "disabled: the endpoint returned 410 Gone",
  failing: "disabled: all attempts failed for five days",
};

interface Format {
  /** As a choice of the form. */
  choice: string;
  /** Beside the name of a webhook. */
  words: string;
  /** Carries the state of an issue until it resolves, whatever the events: what follows it. */
  follows?: string;
  /** What authenticates requests: credentials of HTTP, unless it is an integration key, tokens of an app, or nothing. */
  credentials?: "key" | "app" | "none";
  /** The service has one address for everybody. */
  hasAddress?: boolean;
  /** Somebody needs the secret of a new webhook: to verify signatures, or for requests to Optral. */
  secretUse?: string;
}

const VERIFIES = "Your endpoint uses it to verify the signature of deliveries (Standard Webhooks).";
const REPORTS = "Jira Service Management sends it as a bearer token with its events, so that an acknowledgment there counts here.";

export const FORMATS: Record<Webhook["form"], Format> = {
  json: { choice: "The event as JSON, signed", words: "", secretUse: VERIFIES },
  slack: { choice: "A message for Slack, Mattermost or Rocket.Chat", words: "as a Slack message" },
  "slack-app": {
    choice: "A Slack app: one message per issue, with buttons",
    words: "as messages of a Slack app",
    follows: "messages",
    credentials: "app",
    hasAddress: true,
  },
  teams: { choice: "A card for Microsoft Teams", words: "as a card for Microsoft Teams" },
  email: { choice: "An email", words: "as an email", credentials: "none" },
  alerts: { choice: "Alerts for Alertmanager", words: "as alerts for Alertmanager", follows: "alerts" },
  pagerduty: {
    choice: "Alerts in PagerDuty",
    words: "as alerts in PagerDuty",
    follows: "alerts",
    credentials: "key",
    hasAddress: true,
  },
  jsm: {
    choice: "Alerts in Jira Service Management",
    words: "as alerts in Jira Service Management",
    follows: "alerts",
    credentials: "key",
    hasAddress: true,
    secretUse: REPORTS,
  },
  ticket: { choice: "Tickets in GitHub, GitLab, Gitea or Jira", words: "as tickets", follows: "tickets" },
};

const EVENTS: [event: string, word: string][] = [
  ["issue.created", "Issue opened"],
  ["issue.updated", "Issue updated"],
  ["issue.resolved", "Issue resolved"],
  ["analysis.ready", "Analysis ready"],
  ["cluster.online", "Cluster online"],
  ["cluster.offline", "Cluster offline"],
  ["runbook.started", "Runbook started"],
  ["runbook.completed", "Runbook completed"],
  ["runbook.notification", "Message of a runbook"],
  ["approval.requested", "Approval requested"],
  ["execution.breakGlass", "Break-glass used"],
  ["audit.anchor", "Newest hash of the audit log"],
  ["digest.weekly", "Weekly digest"],
];

/** The events that a webhook of a format can have. */
export const eventsOf = (form: Webhook["form"]) => EVENTS.filter(([event]) => form === "email" || event !== "digest.weekly");

export const DEFAULT_EVENTS = ["issue.created", "issue.resolved"];

export interface WebhookDraft {
  name: string;
  url: string;
  form: Webhook["form"];
  events: string[];
  clusters: string[];
  namespaces: string;
  types: string;
  minSeverity: string;
  query: string;
  /** Minutes, as typed. */
  escalation: string;
  quietFrom: string;
  quietTo: string;
  quietZone: string;
  quietBut: string;
  quietDrop: boolean;
  /** As inputs of the type `datetime-local` have it. */
  heldUntil: string;
  enabled: boolean;
  auth: "none" | "basic" | "bearer" | "app";
  username: string;
  secret: string;
  /** Of the form `slack-app`, with its app-level token. */
  channel: string;
  appToken: string;
  /** Of the webhook subscription in PagerDuty. */
  signingSecret: string;
  /** Of the form `ticket`. */
  ticket: TicketDraft;
}

/** What the form holds; texts as they are typed. The URL is empty with a webhook that there is: its address stays. */
export const draftOf = (webhook?: Webhook): WebhookDraft => ({
  name: webhook?.name ?? "",
  url: "",
  form: webhook?.form ?? "json",
  events: webhook?.filters.events ?? DEFAULT_EVENTS,
  clusters: webhook?.filters.clusters ?? [],
  namespaces: (webhook?.filters.namespaces ?? []).join(", "),
  types: (webhook?.filters.issueTypes ?? []).join(", "),
  minSeverity: webhook?.filters.minSeverity ?? "",
  query: webhook?.filters.query ?? "",
  escalation: webhook?.escalationMinutes ? String(webhook.escalationMinutes) : "",
  quietFrom: webhook?.quietHours?.start ?? "",
  quietTo: webhook?.quietHours?.end ?? "",
  quietZone: webhook?.quietHours?.timeZone ?? BROWSER_ZONE,
  quietBut: webhook?.quietHours?.passingSeverity ?? "",
  quietDrop: webhook?.quietHours?.drop ?? false,
  heldUntil: localOf(webhook?.heldUntil),
  enabled: webhook?.enabled ?? true,
  auth: webhook?.authentication ?? "none",
  username: "",
  secret: "",
  channel: webhook?.channel ?? "",
  appToken: "",
  signingSecret: "",
  ticket: templateDraftOf(webhook?.ticket),
});

/** The address of the tickets: the one that is entered, or the one that stays. */
export const projectOf = (draft: WebhookDraft, webhook?: Webhook) => draft.url.trim() || webhook?.url || "";

/** The filters of a draft: what is empty lets everything through. */
export function filtersOf(draft: WebhookDraft) {
  const namespaces = splitNames(draft.namespaces);
  const issueTypes = splitNames(draft.types);
  return {
    events: [...draft.events].sort(),
    ...(draft.clusters.length && { clusters: draft.clusters }),
    ...(namespaces.length && { namespaces }),
    ...(issueTypes.length && { issueTypes }),
    ...(draft.minSeverity && { minSeverity: draft.minSeverity }),
    ...(draft.form !== "alerts" && draft.query.trim() && { query: draft.query.trim() }), // Alertmanager routes itself
  };
}

/** Which issues a webhook is notified of, and when. The days of quiet hours, which the form does not show, stay what they are. */
export function routingOf(draft: WebhookDraft, webhook?: Webhook) {
  const hours = draft.quietFrom && {
    ...(webhook?.quietHours && { days: webhook.quietHours.days }),
    start: draft.quietFrom,
    end: draft.quietTo,
    timeZone: draft.quietZone.trim(),
    ...(draft.quietBut && { passingSeverity: draft.quietBut }),
    drop: draft.quietDrop,
  };
  return {
    filters: filtersOf(draft),
    quietHours: hours || null,
    heldUntil: draft.heldUntil ? new Date(draft.heldUntil).toISOString() : null,
    escalationMinutes: Number(draft.escalation || 0),
  };
}

/** How requests authenticate: tickets cannot be created without credentials. */
export const authOf = ({ form, auth }: WebhookDraft) => (form === "ticket" && auth === "none" ? "bearer" : auth);

/** What is sent of the credentials; the same as before, where nothing is typed. */
function credentialsOf(draft: WebhookDraft) {
  const { form, username, secret, appToken } = draft;
  const auth = authOf(draft);
  const kind = FORMATS[form].credentials;
  if (kind === "app" && secret) return { token: secret.trim(), ...(appToken.trim() && { appToken: appToken.trim() }) };
  if ((kind === "key" || auth === "bearer") && secret) return { token: secret.trim() };
  if (!kind && auth === "basic" && (username || secret)) return { username: username.trim(), password: secret };
  return (kind ? kind !== "none" : auth !== "none") ? { unchanged: auth } : {};
}

/** The webhook as it is sent. */
export function bodyOf(draft: WebhookDraft, webhook?: Webhook) {
  const { name, form, enabled } = draft;
  const url = draft.url.trim();
  const common = {
    ...trimmed({ name, form, enabled }),
    signingSecret: draft.signingSecret.trim() || undefined,
    channel: draft.channel.trim() || undefined,
    url: (form === "email" && url ? `mailto:${url.replace(/^mailto:/, "")}` : url) || undefined,
    credentials: credentialsOf(draft),
    ...(form === "ticket" && { ticket: templateOf(draft.ticket, projectOf(draft, webhook)) }),
  };
  return form === "alerts" ? { ...common, filters: filtersOf(draft) } : { ...common, ...routingOf(draft, webhook) };
}

/** What is missing or cannot be read, by field, before the server is asked. */
export function mistakesIn(draft: WebhookDraft, webhook?: Webhook): Record<string, string | false> {
  const { credentials, hasAddress } = FORMATS[draft.form];
  const url = draft.url.trim();
  const needsUrl = Boolean(url) || !(webhook || hasAddress);
  const auth = authOf(draft);
  const needsSecret = credentials ? credentials !== "none" && !webhook : auth !== "none" && auth !== webhook?.authentication;
  const isMail = draft.form === "email";
  const isChannel = /^[CGD][A-Z0-9]{2,30}$/.test(draft.channel.trim());
  return {
    name: !draft.name.trim() && "Enter a name.",
    channel: credentials === "app" && !isChannel && "Enter the id of the channel, such as C0123456789.",
    url:
      needsUrl &&
      !(isMail ? /^(mailto:)?\S+@\S+$/ : /^https?:\/\/\S+$/).test(url) &&
      (isMail ? "Enter an email address." : "Enter a URL that starts with https://"),
    events: !FORMATS[draft.form].follows && !draft.events.length && "Select at least one event.",
    credentials: !draft.secret && (needsSecret || Boolean(draft.appToken)) && ASK[credentials ?? "http"],
    quietTo: Boolean(draft.quietFrom) && !draft.quietTo && "Enter when the hours end.",
    ...(draft.form === "ticket" && templateMistakes(draft.ticket, projectOf(draft, webhook))),
  };
}

const ASK = { key: "Enter the integration key.", app: "Enter the bot token.", http: "Enter the credentials.", none: false } as const;

/** What a draft changes of a webhook: the rest is not sent, so that nobody's work of the meantime is undone, nor the masked address saved. */
export const changesOf = (webhook: Webhook, draft: WebhookDraft) => changed(bodyOf(draftOf(webhook), webhook), bodyOf(draft, webhook));

const WORDS = { name: "name", url: "address", filters: "filters", ticket: "template" } as const; // of the switch there are two positions: two who move it agree
const seenAs = (webhook: Webhook, part: keyof typeof WORDS) =>
  JSON.stringify(
    part === "filters"
      ? filtersOf(draftOf(webhook))
      : part === "ticket"
        ? templateOf(templateDraftOf(webhook.ticket), webhook.url)
        : webhook[part],
  );

/** What of my change somebody else changed meanwhile, too, in words ("name and filters"); nothing where both can hold. */
export function clashOf(before: Webhook, now: Webhook, mine: Record<string, unknown>): string {
  const parts = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter(
    (part) => part in mine && seenAs(before, part) !== seenAs(now, part) && JSON.stringify(mine[part]) !== seenAs(now, part),
  );
  return parts.map((part) => WORDS[part]).join(" and ");
}
