// Whether an analysis helped: the reader's own vote with a reason after "No", the counts, and what others said.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import type { Analysis } from "../../api/analysis";
import { freshKey, type Schemas, send } from "../../api/client";
import { Button, ChoiceSelect, Failed, Form, plural, TextArea, Time, toast, toastError } from "../../parts";
import { REASONS, reasonText } from "../feedbackreasons";
import { usePeople } from "../people";

const PRESSED = "aria-pressed:border-accent aria-pressed:bg-selected";
const MAX = 2000; // as the server takes
type Said = Schemas["MemberFeedback"];
type Vote = Pick<Said, "helpful" | "reason" | "comment">;

const pathOf = (analysis: Analysis) => `/v1/analyses/${encodeURIComponent(analysis.id)}/feedback`;

function useVote(analysis: Analysis): [busy: boolean, vote: (vote: Vote | null) => Promise<boolean>] {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const vote = async (given: Vote | null) => {
    setBusy(true);
    try {
      const how = given ? { body: { ...given } } : {};
      await send(given ? "PUT" : "DELETE", pathOf(analysis), { ...how, idempotencyKey: freshKey() });
      toast(given ? "Feedback saved" : "Feedback withdrawn", { tone: "ok" });
      await Promise.all([["issue", analysis.issueId], ["feedback"]].map((queryKey) => client.invalidateQueries({ queryKey })));
      return true;
    } catch (error) {
      toastError(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return [busy, vote];
}

export function Feedback({ analysis, mayGive }: { analysis: Analysis; mayGive: boolean }) {
  const [busy, vote] = useVote(analysis);
  const [isWriting, write] = useState(false);
  const { helpful, notHelpful, own } = analysis.feedback;
  const total = helpful + notHelpful;
  if (!mayGive && !total) return null;
  return (
    <div role="group" aria-label="Feedback" className="no-print flex flex-col gap-2">
      {mayGive && !isWriting && (
        <p className="flex flex-wrap items-center gap-2 text-muted">
          {own ? "Your feedback:" : "Was this analysis helpful?"}
          <Button
            small
            busy={busy}
            aria-pressed={own?.helpful === true}
            className={PRESSED}
            icon={<ThumbsUp aria-hidden />}
            onClick={() => void vote({ helpful: true })}
          >
            Yes
          </Button>
          <Button small disabled={busy} aria-pressed={own?.helpful === false} icon={<ThumbsDown aria-hidden />} onClick={() => write(true)}>
            No…
          </Button>
          {own && (
            <Button small disabled={busy} onClick={() => void vote(null)}>
              Withdraw
            </Button>
          )}
        </p>
      )}
      {isWriting && (
        <Reason
          given={own?.helpful === false ? own : undefined}
          isBusy={busy}
          onSubmit={async (given) => (await vote(given)) && write(false)}
          onCancel={() => write(false)}
        />
      )}
      {total > 0 && <Said analysis={analysis} summary={counted(helpful, notHelpful)} />}
    </div>
  );
}

const counted = (helpful: number, notHelpful: number) =>
  `${plural(helpful + notHelpful, "vote")}: ${helpful} helpful, ${notHelpful} not helpful`;

/** What each person said; read when somebody opens it. */
function Said({ analysis, summary }: { analysis: Analysis; summary: string }) {
  const [isOpen, open] = useState(false);
  const { name, me } = usePeople();
  const found = useQuery({
    queryKey: ["feedback", "analysis", analysis.id],
    queryFn: ({ signal }) => send<{ feedback: Said[] }>("GET", pathOf(analysis), { signal }),
    enabled: isOpen,
  });
  return (
    <details className="text-xs text-muted" onToggle={(event) => open(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer rounded-sm">{summary}</summary>
      {found.isLoadingError && <Failed error={found.error} what="Could not load the feedback" retry={() => void found.refetch()} />}
      <ul className="mt-1 flex flex-col gap-1">
        {found.data?.feedback.map((one) => (
          <li key={one.by} className="break-words">
            <span className="text-text">{one.by === me ? "You" : (name(one.by) ?? "A member")}</span>
            {`: ${one.helpful ? "helpful" : "not helpful"}`}
            {one.reason && `, ${reasonText(one.reason).toLowerCase()}`} · <Time at={one.at} />
            {one.comment && <q className="block text-text">{one.comment}</q>}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface ReasonProps {
  given: Vote | undefined;
  isBusy: boolean;
  onSubmit: (vote: Vote) => void;
  onCancel: () => void;
}

function Reason({ given, isBusy, onSubmit, onCancel }: ReasonProps) {
  const [reason, choose] = useState<Vote["reason"]>(given?.reason);
  const [comment, write] = useState(given?.comment ?? "");
  const submit = () => {
    onSubmit({ helpful: false, ...(reason && { reason }), ...(comment.trim() && { comment: comment.trim() }) });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    if (event.key !== "Escape") return;
    event.preventDefault(); // the panel would close over what was typed
    event.stopPropagation();
    onCancel();
  };
  return (
    <Form isBusy={isBusy} onSubmit={submit} onKeyDown={press} className="gap-2!">
      <ChoiceSelect
        aria-label="Why was it not helpful?"
        autoFocus
        className="w-full sm:w-72"
        none="No reason"
        of={REASONS}
        value={reason ?? undefined}
        onChange={(chosen) => choose(chosen as Vote["reason"])}
      />
      <TextArea
        aria-label="What is wrong?"
        placeholder="What is wrong? (optional)"
        rows={2}
        maxLength={MAX}
        value={comment}
        onChange={(event) => write(event.target.value)}
      />
      <span className="flex gap-2">
        <Button small kind="primary" type="submit" busy={isBusy}>
          Submit
        </Button>
        <Button small onClick={onCancel}>
          Cancel
        </Button>
      </span>
    </Form>
  );
}
