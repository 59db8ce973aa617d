// A runbook for an issue, drafted by the language model of the organization. It is saved disabled; a person reviews and enables it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { freshKey, type Schemas, send } from "../../api/client";
import type { Issue } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Badge, Button, Failed } from "../../parts";
import { modelQuery } from "../settings/queries";
import type { WithoutNulls } from "./queries";

type Draft = WithoutNulls<Schemas["DraftShape"]>;

export function DraftRunbook({ issue }: { issue: Issue }) {
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "runbooks:write");
  const model = useQuery({ ...modelQuery, enabled: mayWrite });
  const client = useQueryClient();
  const [state, setState] = useState<{ isBusy?: boolean; draft?: Draft; error?: unknown }>({});
  if (!mayWrite || !model.data?.enabled) return null;
  const draft = async () => {
    setState({ isBusy: true });
    try {
      const made = await send<Draft>("POST", `/v1/issues/${issue.id}/runbook-drafts`, { idempotencyKey: freshKey() });
      setState({ draft: made });
      void client.invalidateQueries({ queryKey: ["runbooks"] });
    } catch (error) {
      setState({ error });
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Button small busy={state.isBusy} onClick={() => void draft()}>
        Draft a runbook
      </Button>
      <span className="flex items-center gap-1.5 text-xs text-muted">
        <Badge tone="ai">AI</Badge> {model.data.provider}/{model.data.model}; saved disabled, for review
      </span>
      <div aria-live="polite" className="w-full">
        {state.draft && <Saved draft={state.draft} issueId={issue.id} />}
      </div>
      {!!state.error && <Failed error={state.error} what="No runbook was drafted" />}
    </div>
  );
}

const look = "font-medium text-accent hover:underline";

function Saved({ draft, issueId }: { draft: Draft; issueId: string }) {
  return (
    <p className="break-words">
      <Link to="/runbooks/$runbookId" params={{ runbookId: draft.runbook.slug }} search={{ issue: issueId } as never} className={look}>
        {draft.runbook.name}
      </Link>{" "}
      was saved, disabled.{" "}
      {draft.dryRun && (
        <>
          See the{" "}
          <Link to="/executions/$executionId" params={{ executionId: draft.dryRun }} className={look}>
            dry run
          </Link>
          .
        </>
      )}
      {draft.notes.join(" ")}
    </p>
  );
}
