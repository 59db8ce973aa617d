// Whether an analysis was right, as people say: two buttons, and a reason after "No". What was said last is shown and can be changed.
import { useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import type { Analysis } from "../../api/analysis";
import { freshKey, send } from "../../api/client";
import { Button, Time, toast, toastError } from "../../parts";
import { usePeople } from "../people";

const MAX = 2000; // as the server takes

export function Feedback({ analysis, mayGive }: { analysis: Analysis; mayGive: boolean }) {
  const client = useQueryClient();
  const { name, me } = usePeople();
  const [isWriting, write] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const given = analysis.feedback;
  const submit = async (isRight: boolean, comment?: string) => {
    setBusy(true);
    try {
      const body = { isRight, ...(comment?.trim() && { comment: comment.trim() }) };
      await send("POST", `/v1/analyses/${encodeURIComponent(analysis.id)}/feedback`, { body, idempotencyKey: freshKey() });
      write(false);
      toast("Feedback saved", { tone: "ok" });
      await client.invalidateQueries({ queryKey: ["issue", analysis.issueId] });
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  if (!mayGive && !given) return null;
  const by = given && (given.by === me ? "You" : (name(given.by) ?? "A former member"));
  return (
    <div role="group" aria-label="Feedback" className="flex flex-col gap-2">
      {given && (
        <p className="text-xs break-words text-muted">
          {by} marked this analysis as {given.isRight ? "right" : "wrong"} <Time at={given.at} />
          {given.comment ? `: ${given.comment}` : "."}
        </p>
      )}
      {mayGive && !isWriting && (
        <p className="flex flex-wrap items-center gap-2 text-muted">
          {given ? "Change it:" : "Is this analysis right?"}
          <Button
            small
            busy={isBusy}
            aria-pressed={given?.isRight === true}
            icon={<ThumbsUp aria-hidden />}
            onClick={() => void submit(true)}
          >
            Yes
          </Button>
          <Button
            small
            disabled={isBusy}
            aria-pressed={given?.isRight === false}
            icon={<ThumbsDown aria-hidden />}
            onClick={() => write(true)}
          >
            No…
          </Button>
        </p>
      )}
      {isWriting && <Reason isBusy={isBusy} onSubmit={(reason) => void submit(false, reason)} onCancel={() => write(false)} />}
    </div>
  );
}

function Reason({ isBusy, onSubmit, onCancel }: { isBusy: boolean; onSubmit: (reason: string) => void; onCancel: () => void }) {
  const [reason, set] = useState("");
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    onSubmit(reason);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    if (event.key !== "Escape") return;
    event.preventDefault(); // the panel would close over what was typed
    event.stopPropagation();
    onCancel();
  };
  return (
    <form onSubmit={send} className="flex flex-col gap-2">
      <textarea
        aria-label="What is wrong?"
        placeholder="What is wrong? (optional)"
        autoFocus
        rows={2}
        maxLength={MAX}
        value={reason}
        onChange={(event) => set(event.target.value)}
        onKeyDown={press}
        className="w-full rounded-sm border border-control bg-bg px-2.5 py-1.5 text-base"
      />
      <span className="flex gap-2">
        <Button small kind="primary" type="submit" busy={isBusy}>
          Mark as wrong
        </Button>
        <Button small onClick={onCancel}>
          Cancel
        </Button>
      </span>
    </form>
  );
}
