// Who did what, and what people say about it: one list, oldest first, and a box to add to it. Comments are text, never markup.
import { Link } from "@tanstack/react-router";
import { useMemo, useState, type FormEvent, type KeyboardEvent } from "react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { freshKey, send } from "../../api/client";
import { commentsQuery, issueActivityQuery, type Activity, type Comment, type Issue } from "../../api/queries";
import { Button, Clock, Dialog, Failed, IconButton, Section, Spinner, Time, toast, toastError } from "../../parts";
import { usePeople, type People } from "../people";
import { clock } from "./care";
import { deed, doer } from "./deeds";
import { Worded } from "./said";

const MAX = 10_000;
type Line = { at: string; activity: Activity } | { at: string; comment: Comment };
const SHOWN_AS_COMMENT = new Set(["commented"]);

export function Talk({ issue, mayWrite }: { issue: Issue; mayWrite: boolean }) {
  const activity = useInfiniteQuery(issueActivityQuery(issue.id));
  const comments = useQuery(commentsQuery(issue.id));
  const people = usePeople();
  const lines = useMemo(() => {
    const deeds = (activity.data?.pages ?? []).flatMap((page) => page.activity);
    const since = activity.hasNextPage ? deeds.at(-1)?.at : undefined;
    const said = (comments.data?.comments ?? []).filter((one) => !since || Date.parse(one.createdAt) >= Date.parse(since));
    const all: Line[] = [
      ...[...deeds].reverse().filter((one) => !SHOWN_AS_COMMENT.has(one.action)).map((one) => ({ at: one.at, activity: one })),
      ...said.map((one) => ({ at: one.createdAt, comment: one })),
    ];
    return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }, [activity.data, activity.hasNextPage, comments.data]);
  const earlier = (activity.data?.pages[0]?.total ?? 0) - (activity.data?.pages ?? []).reduce((sum, page) => sum + page.activity.length, 0);
  return (
    <Section id="activity" title="Activity">
      {(activity.isError || comments.isError) && (
        <Failed
          error={activity.error ?? comments.error}
          what="What people did and said could not be read"
          retry={() => {
            void activity.refetch();
            void comments.refetch();
          }}
        />
      )}
      {activity.isPending && (
        <p role="status" className="late flex items-center gap-2 text-muted">
          <Spinner /> Reading the history…
        </p>
      )}
      {activity.hasNextPage && (
        <Button small kind="quiet" busy={activity.isFetchingNextPage} onClick={() => void activity.fetchNextPage()}>
          Show {earlier} earlier
        </Button>
      )}
      <ol className="flex flex-col gap-1">
        {lines.map((line) =>
          "activity" in line ? (
            <li key={line.activity.id} className="flex flex-wrap items-baseline gap-x-2 leading-6">
              <span className="min-w-0 break-words">
                <span className="font-medium">{doer(line.activity, { name: people.name, clock })}</span> <Worded>{deed(line.activity, { name: people.name, clock })}</Worded>
                {typeof line.activity.detail.executionId === "string" && (
                  <Link to="/executions/$executionId" params={{ executionId: line.activity.detail.executionId }} className="ml-1 text-accent underline">
                    Show the execution
                  </Link>
                )}
              </span>
              <span className="text-xs text-muted">
                <Clock at={line.at} />
              </span>
            </li>
          ) : (
            <li key={line.comment.id}>
              <CommentBox comment={line.comment} people={people} mayWrite={mayWrite} />
            </li>
          ),
        )}
      </ol>
      {mayWrite && <NewComment issueId={issue.id} />}
    </Section>
  );
}

const at = (issueId: string, commentId = "") => `/v1/issues/${encodeURIComponent(issueId)}/comments${commentId && `/${encodeURIComponent(commentId)}`}`;

function useRenewed(issueId: string) {
  const client = useQueryClient();
  return () => Promise.all(["comments", "issueActivity", "issue"].map((name) => client.invalidateQueries({ queryKey: [name, issueId] })));
}

function CommentBox({ comment, people, mayWrite }: { comment: Comment; people: People; mayWrite: boolean }) {
  const [isEditing, edit] = useState(false);
  const [isDeleting, remove] = useState(false);
  const renewed = useRenewed(comment.issueId);
  const isOwn = mayWrite && comment.authorId === people.me;
  const mayDelete = isOwn || (mayWrite && (people.role === "owner" || people.role === "admin"));
  const author = people.name(comment.authorId) ?? comment.author ?? "A former member";
  const save = async (body: string) => {
    await send("PATCH", at(comment.issueId, comment.id), { body: { body } });
    await renewed();
    edit(false);
  };
  const erase = async () => {
    try {
      await send("DELETE", at(comment.issueId, comment.id));
      toast("The comment was deleted");
    } catch (error) {
      toastError(error);
    }
    remove(false);
    await renewed();
  };
  return (
    <article aria-label={`Comment by ${author}`} className="my-1 rounded-md border border-line">
      <header className="flex min-h-8 items-center gap-2 border-b border-line bg-surface py-0.5 pr-1 pl-3">
        <span className="min-w-0 truncate font-medium">{author.charAt(0).toUpperCase() + author.slice(1)}</span>
        {comment.keyId && <span className="text-xs text-muted">with an API key</span>}
        <span className="flex-1 text-xs text-muted">
          <Time at={comment.createdAt} />
          {comment.editedAt && (
            <>
              , changed <Time at={comment.editedAt} />
            </>
          )}
        </span>
        {isOwn && !isEditing && (
          <IconButton label="Edit the comment" onClick={() => edit(true)}>
            <Pencil />
          </IconButton>
        )}
        {mayDelete && !isEditing && (
          <IconButton label="Delete the comment" onClick={() => remove(true)}>
            <Trash2 />
          </IconButton>
        )}
      </header>
      {isEditing ? (
        <div className="p-2">
          <Box label="Comment" first={comment.body} word="Save" onSend={save} onCancel={() => edit(false)} autoFocus />
        </div>
      ) : (
        <p className="px-3 py-2 break-words whitespace-pre-wrap">{comment.body}</p>
      )}
      {isDeleting && (
        <Dialog
          open
          onClose={() => remove(false)}
          title="Delete this comment?"
          description="The history says that there was one, not what it said."
          footer={
            <>
              <Button onClick={() => remove(false)}>Keep</Button>
              <Button kind="danger" onClick={() => void erase()}>
                Delete
              </Button>
            </>
          }
        />
      )}
    </article>
  );
}

function NewComment({ issueId }: { issueId: string }) {
  const renewed = useRenewed(issueId);
  const [round, next] = useState(0);
  const say = async (body: string) => {
    await send("POST", at(issueId), { body: { body }, idempotencyKey: freshKey() });
    await renewed();
    next(round + 1);
  };
  return (
    <div className="mt-3">
      <Box key={round} label="Add a comment" first="" word="Comment" onSend={say} />
    </div>
  );
}

interface BoxProps {
  label: string;
  first: string;
  word: string;
  onSend: (body: string) => Promise<void>;
  onCancel?: () => void;
  autoFocus?: boolean;
}

/** What was typed stays when it could not be sent. */
function Box({ label, first, word, onSend, onCancel, autoFocus }: BoxProps) {
  const [body, write] = useState(first);
  const [isBusy, setBusy] = useState(false);
  const ready = body.trim() !== "" && body !== first;
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready || isBusy) return;
    setBusy(true);
    try {
      await onSend(body);
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
    else if (event.key === "Escape") {
      event.preventDefault(); // the panel would close over what was typed
      event.stopPropagation();
      if (onCancel) onCancel();
      else (event.target as HTMLElement).blur();
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
      <textarea
        aria-label={label}
        placeholder={onCancel ? undefined : `${label}…`}
        autoFocus={autoFocus}
        maxLength={MAX}
        rows={body.includes("\n") || onCancel ? 4 : 2}
        value={body}
        onChange={(event) => write(event.target.value)}
        onKeyDown={press}
        className="w-full rounded-sm border border-control bg-bg px-2.5 py-1.5 text-base"
      />
      <div className="flex items-center gap-2">
        <Button small kind="primary" type="submit" disabled={!ready} busy={isBusy}>
          {word}
        </Button>
        {onCancel && (
          <Button small onClick={onCancel}>
            Cancel
          </Button>
        )}
        <span className="text-xs text-muted max-sm:hidden">Plain text. Ctrl-Enter sends.</span>
      </div>
    </form>
  );
}
