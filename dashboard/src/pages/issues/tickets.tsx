// The tickets of an issue in GitHub, GitLab, Gitea or Jira, and the dialog that creates one.
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { freshKey, type Schemas, send } from "../../api/client";
import { Failed, Field, FormDialog, Loading, Options, Select, toast } from "../../parts";
import { entityLinks } from "../entitylinks";
import { useSubmit } from "../settings/submit";

type Tickets = Schemas["IssueTicketList"];
type Ticket = Tickets["tickets"][number];

const path = (issueId: string) => `/v1/issues/${issueId}/tickets` as const;
const ticketsQuery = (issueId: string) =>
  queryOptions({
    queryKey: ["issueTickets", issueId],
    queryFn: ({ signal }) => send<Tickets>("GET", path(issueId), { signal }),
    refetchInterval: 5_000, // a ticket is created some time after it was requested
  });

export function TicketDialog({ issueId, onClose }: { issueId: string; onClose: () => void }) {
  const found = useQuery(ticketsQuery(issueId));
  const [chosen, choose] = useState("");
  const [key] = useState(freshKey);
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const tickets = found.data?.tickets ?? [];
  const have = new Set(tickets.filter((one) => !["failed", "deleted"].includes(one.status)).map((one) => one.webhookId));
  const offered = (found.data?.webhooks ?? []).filter((one) => !have.has(one.id));
  const webhookId = offered.some((one) => one.id === chosen) ? chosen : (offered[0]?.id ?? "");
  const create = () =>
    submit(async () => {
      await send("POST", path(issueId), { body: { webhookId }, idempotencyKey: `${key}${webhookId}` });
      toast("The ticket was requested");
      for (const queryKey of [["issueTickets", issueId], ["issue"]]) void client.invalidateQueries({ queryKey });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Create ticket"
      description="The ticket follows the issue: it is closed when the issue resolves, and gets a comment when the failure is back."
      submit="Create ticket"
      disabled={!webhookId}
      isBusy={isBusy}
      error={errors.form ?? errors.webhookId}
      onSubmit={create}
    >
      {found.isPending ? (
        <Loading label="Loading tickets" rows={2} />
      ) : found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the tickets" retry={() => void found.refetch()} />
      ) : (
        <>
          {tickets.length > 0 && (
            <ul aria-label="Tickets" className="divide-y divide-line rounded-md border border-line">
              {tickets.map((one) => (
                <li key={one.webhookId} className="px-3 py-1.5 break-words">
                  <TicketText of={one} name={found.data.webhooks.find(({ id }) => id === one.webhookId)?.name} />
                </li>
              ))}
            </ul>
          )}
          {offered.length > 0 && (
            <Field label="Webhook">
              {(ids) => (
                <Select {...ids} value={webhookId} onChange={(event) => choose(event.target.value)}>
                  <Options of={offered.map((one): [string, string] => [one.id, one.name])} />
                </Select>
              )}
            </Field>
          )}
          {offered.length === 0 && tickets.length === 0 && (
            <p>
              No webhook of the form ticket includes this issue. Administrators can create one under{" "}
              <Link to="/settings/$tab" params={{ tab: "webhooks" }} className="text-accent underline">
                Settings &gt; Webhooks
              </Link>
              .
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}

function TicketText({ of, name }: { of: Ticket; name?: string }) {
  const through = name && <span className="text-muted"> ({name})</span>;
  if (!of.id)
    return (
      <>
        {of.status === "failed" ? `Could not be created: ${of.error ?? "unknown error"}` : "Being created"}
        {through}
        {of.status === "pending" && of.error && <span className="block text-muted">Last attempt failed: {of.error}</span>}
      </>
    );
  return (
    <>
      {of.url ? entityLinks([{ title: of.id, url: of.url, annotation: "Ticket" }]) : of.id} {of.status}
      {through}
      {of.status === "deleted" && <span className="block text-muted">Somebody deleted it there. Create ticket creates another one.</span>}
      {of.error && of.status !== "deleted" && <span className="block text-muted">Last update failed: {of.error}</span>}
    </>
  );
}
