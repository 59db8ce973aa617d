// What new tickets are created with, as a form holds it and as it is sent.
import type { Schemas } from "../../api/client";
import type { WithoutNulls } from "../runbooks/queries";

type Template = WithoutNulls<Schemas["WebhookTicket"]>;

/** Texts as they are typed: labels separated by commas, `fields` a JSON object. */
export type TicketDraft = Record<"title" | "text" | "labels" | "assignee" | "issueType" | "fields", string>;

export const templateDraftOf = (template: Template = {}): TicketDraft => ({
  title: template.title ?? "",
  text: template.text ?? "",
  labels: (template.labels ?? []).join(", "),
  assignee: template.assignee ?? "",
  issueType: template.issueType ?? "",
  fields: Object.keys(template.fields ?? {}).length ? JSON.stringify(template.fields, null, 2) : "",
});

export const isJira = (url: string) => url.includes("/rest/api/2/project/");

/** Whether the template has an issue type and fields. Addresses saved by earlier versions do not show their project. */
export const hasJiraFields = (url: string) => isJira(url) || url.endsWith("/…");

/** The object that is typed; undefined if it is none. */
function parsed(fields: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(fields || "{}");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The template as it is sent, for the tickets at this address; null for none. */
export function templateOf(draft: TicketDraft, url: string): Template | null {
  const labels = draft.labels
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  const fields = parsed(draft.fields.trim()) ?? {};
  const sent = {
    ...(draft.title.trim() && { title: draft.title.trim() }),
    ...(draft.text.trim() && { text: draft.text }),
    ...(labels.length && { labels }),
    ...(draft.assignee.trim() && { assignee: draft.assignee.trim() }),
    ...(hasJiraFields(url) && draft.issueType.trim() && { issueType: draft.issueType.trim() }),
    ...(hasJiraFields(url) && Object.keys(fields).length && { fields }),
  };
  return Object.keys(sent).length ? sent : null;
}

export const templateMistakes = (draft: TicketDraft, url: string) => ({
  fields: hasJiraFields(url) && !parsed(draft.fields.trim()) && 'Enter a JSON object, such as {"priority": {"name": "High"}}.',
});
