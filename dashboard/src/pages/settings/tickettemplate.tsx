// The fields of a webhook's dialog that say what its new tickets are created with.

import { Choice, Field, Input, TextArea } from "../../parts";
import { hasJiraFields, isJira, type TicketDraft } from "./ticketdraft";

const PLACEHOLDERS = "{title}, {severity}, {cluster}, {namespace}, {object}, {type}, {team}, {cause}, {url}";

interface TemplateProps {
  draft: TicketDraft;
  /** The address of the tickets: only those of Jira have an issue type and further fields. */
  url: string;
  errors: Record<string, string>;
  set: (change: Partial<TicketDraft>) => void;
}

export function TemplateFields({ draft, url, errors, set }: TemplateProps) {
  const line = (name: keyof TicketDraft, label: string, hint: string, placeholder: string, maxLength = 200) => (
    <Field label={label} hint={hint} error={errors[name]}>
      {(ids) => (
        <Input
          {...ids}
          autoComplete="off"
          spellCheck={false}
          maxLength={maxLength}
          placeholder={placeholder}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const area = (name: keyof TicketDraft, label: string, hint: string, placeholder: string, maxLength?: number) => (
    <Field label={label} hint={hint} error={errors[name]}>
      {(ids) => (
        <TextArea
          {...ids}
          spellCheck={false}
          maxLength={maxLength}
          className="font-mono text-sm!"
          placeholder={placeholder}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Choice legend="New tickets">
      <p className="mb-3 text-xs text-muted">
        Title, text and labels can contain <span className="font-mono">{PLACEHOLDERS}</span>. Tickets that exist do not change.
      </p>
      <div className="flex flex-col gap-4">
        {line("title", "Title", "Empty for the title of the issue.", "[{cluster}] {title}")}
        {area("text", "Text", "Empty for the facts of the issue. Values from clusters are shown as code.", "Cause: {cause}", 4000)}
        <div className="grid gap-4 sm:grid-cols-2">
          {line(
            "labels",
            "Labels",
            `Comma-separated. ${isJira(url) ? "A space becomes a hyphen." : "In Gitea, only labels that exist."}`,
            "optral, team:{team}",
            2100,
          )}
          {line(
            "assignee",
            "Assignee",
            isJira(url) ? "The account id." : hasJiraFields(url) ? "The user name; for Jira, the account id." : "The user name.",
            "nobody",
          )}
          {hasJiraFields(url) && line("issueType", "Issue type", "Of Jira.", "Bug")}
        </div>
        {hasJiraFields(url) && area("fields", "Fields", "Further fields of Jira by their id, as JSON.", '{"priority": {"name": "High"}}')}
      </div>
    </Choice>
  );
}
