// What can be done with a runbook beside running it.

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Copy, History, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, Dialog, FormError, toast } from "../../../parts";
import type { Runbook } from "../queries";
import { remove } from "./queries";

export function RunbookActions({ runbook }: { runbook: Runbook }) {
  const [isDeleting, ask] = useState(false);
  const go = useNavigate();
  const params = { runbookId: runbook.slug };
  return (
    <div className="flex flex-wrap gap-2">
      {!runbook.builtIn && (
        <>
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

function Delete({ runbook, onClose }: { runbook: Runbook; onClose: () => void }) {
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const client = useQueryClient();
  const go = useNavigate();
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await remove(runbook.id, runbook.revision);
    } catch (problem) {
      setBusy(false);
      setError(problem as Error);
      void client.invalidateQueries({ queryKey: ["runbook"] });
      return;
    }
    toast(`Deleted ${runbook.name}`);
    void client.invalidateQueries({ queryKey: ["runbooks"] });
    void go({ to: "/runbooks" });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Delete this runbook?"
      description={`${runbook.name} and its versions can no longer be used. Its executions are kept.`}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button kind="danger" busy={isBusy} onClick={() => void submit()}>
            Delete
          </Button>
        </>
      }
    >
      {error && <FormError>{error.message}</FormError>}
    </Dialog>
  );
}
