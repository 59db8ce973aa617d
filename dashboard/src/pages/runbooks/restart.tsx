// Starting from an execution that has ended: undo it, or run the same runbook again.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Undo2 } from "lucide-react";
import { useState } from "react";
import { freshKey } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, FormDialog } from "../../parts";
import { ReasonField } from "../formfields";
import { type Change, Diff } from "../resources/diff";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { RefusalText } from "./execute";
import { BreakGlass, glassMistake, useFreeze } from "./freeze";
import { targetText } from "./labels";
import { decide, type Execution } from "./queries";

type Word = "undo" | "again" | "retry";

const TITLES: Record<Word, [title: string, button: string]> = {
  undo: ["Undo this execution", "Undo"],
  again: ["Run again", "Run again"],
  retry: ["Retry from the failed step", "Retry"],
};

/** The buttons; `onStarted` gets the id of the new execution. */
export function RestartButtons({ execution, onStarted }: { execution: Execution; onStarted: (id: string) => void }) {
  const { data: me } = useQuery(meQuery);
  const [asking, ask] = useState<Word | null>(null);
  const mayRun = may(me, "runbooks:execute");
  const role = mayRun ? undefined : "Your role cannot run runbooks; operators can";
  return (
    <>
      {execution.undo && !execution.undoOf && (
        <Button
          icon={<Undo2 aria-hidden />}
          disabled={!mayRun || !execution.undo.possible}
          title={role ?? execution.undo.reason}
          onClick={() => ask("undo")}
        >
          Undo
        </Button>
      )}
      {!execution.undoOf && (
        <Button icon={<RotateCcw aria-hidden />} disabled={!mayRun} title={role} onClick={() => ask("again")}>
          Run again
        </Button>
      )}
      {asking && <Restart word={asking} execution={execution} onClose={() => ask(null)} onStarted={onStarted} />}
    </>
  );
}

/** What an undo would restore: the changes of the execution the other way round, the last one first. */
export function wayBack(execution: Execution): Change[] {
  return [...(execution.steps ?? [])].reverse().flatMap((step) => {
    const after = (step.result?.after ?? {}) as Record<string, unknown>;
    const before = (step.preImage ?? {}) as Record<string, unknown>;
    return Object.keys(after).map((path) => ({ path, from: after[path], to: before[path] }));
  });
}

/** `refusal`: why it was refused without a dialog. */
export function Restart({
  word,
  execution,
  refusal = null,
  onClose,
  onStarted,
}: {
  word: Word;
  execution: Execution;
  refusal?: Error | null;
  onClose: () => void;
  onStarted: (id: string) => void;
}) {
  const [reason, setReason] = useState("");
  const [glass, breakGlass] = useState("");
  const [error, setError] = useState<Error | null>(refusal);
  const [isBusy, setBusy] = useState(false);
  const [key, setKey] = useState(freshKey);
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const [title, button] = TITLES[word];
  const freeze = useFreeze(execution.clusterId, execution.target.namespace, !execution.dryRun);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      const created = await confirmed(() =>
        decide(execution.id, word, { reason: reason.trim(), breakGlass: glass.trim() || undefined }, key),
      );
      void client.invalidateQueries({ queryKey: ["executions"] });
      onClose();
      onStarted(created.id);
    } catch (problem) {
      if (isWithdrawn(problem)) return;
      setKey(freshKey());
      setError(problem as Error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDialog
      wide={word === "undo"}
      onClose={onClose}
      title={title}
      description={`${execution.runbook.name} on ${targetText(execution.target)} in ${execution.cluster}`}
      submit={button}
      back="Back"
      isBusy={isBusy}
      error={error && <RefusalText error={error} />}
      sheet={sheet}
      onSubmit={submit}
    >
      {word === "undo" ? (
        <>
          <Diff changes={wayBack(execution)} label="What is restored" />
          <p className="text-muted">
            A dry run first checks that nobody has changed these values since.
            {execution.approvedBy && " The plan needs an approval, as the execution did."}
          </p>
        </>
      ) : word === "retry" ? (
        <p className="text-muted">Completed steps are not repeated.</p>
      ) : (
        <p className="text-muted">
          Starts the runbook at its current version with the same parameters
          {execution.dryRun ? ", as a dry run." : "."}
          {execution.approvedBy && " The new plan needs its own approval."}
        </p>
      )}
      <ReasonField value={reason} onChange={setReason} />
      <BreakGlass freeze={freeze} refusal={error} value={glass} error={glassMistake(glass)} onChange={breakGlass} />
    </FormDialog>
  );
}
