// What can be done with a runbook beside running it.

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Copy, History, Pencil, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, FormDialog, toast } from "../../../parts";
import { useChange } from "../../settings/change";
import { useSubmit } from "../../settings/submit";
import type { Runbook } from "../queries";
import { change, remove } from "./queries";

export function RunbookActions({ runbook }: { runbook: Runbook }) {
  const [isDeleting, ask] = useState(false);
  const go = useNavigate();
  const params = { runbookId: runbook.slug };
  return (
    <div className="flex flex-wrap gap-2">
      {!runbook.builtIn && (
        <>
          {!runbook.enabled && <Enable runbook={runbook} />}
          <Button icon={<Pencil aria-hidden />} onClick={() => void go({ to: "/runbooks/$runbookId/edit", params })}>
            Edit
          </Button>
          <Button icon={<History aria-hidden />} onClick={() => void go({ to: "/runbooks/$runbookId/versions", params })}>
            Versions
          </Button>
        </>
      )}
      <Button icon={<Copy aria-hidden />} onClick={() => void go({ to: "/runbooks/new", search: { from: runbook.slug } })}>
        Duplicate
      </Button>
      {!runbook.builtIn && (
        <Button kind="danger" icon={<Trash2 aria-hidden />} onClick={() => ask(true)}>
          Delete
        </Button>
      )}
      {isDeleting && <Delete runbook={runbook} onClose={() => ask(false)} />}
    </div>
  );
}

function Enable({ runbook }: { runbook: Runbook }) {
  const { change: run, isBusy, sheet } = useChange(["runbook"]);
  const enable = () => run(() => change(runbook.id, { enabled: true }, runbook.revision), `Enabled ${runbook.name}`);
  return (
    <>
      <Button icon={<Power aria-hidden />} busy={isBusy} onClick={() => void enable()}>
        Enable
      </Button>
      {sheet}
    </>
  );
}

function Delete({ runbook, onClose }: { runbook: Runbook; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const go = useNavigate();
  const erase = () =>
    submit(async () => {
      try {
        await remove(runbook.id, runbook.revision);
      } catch (error) {
        void client.invalidateQueries({ queryKey: ["runbook"] });
        throw error;
      }
      toast(`Deleted ${runbook.name}`);
      void client.invalidateQueries({ queryKey: ["runbooks"] });
      void go({ to: "/runbooks" });
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Delete this runbook?"
      description={`${runbook.name} and its versions can no longer be used. Its executions are kept.`}
      submit="Delete"
      kind="danger"
      back="Back"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={erase}
    />
  );
}
