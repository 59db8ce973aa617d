// Who did what, and what people say about it: one list, oldest first, and a box to add to it. Comments are text, never markup.

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { freshKey, send } from "../../api/client";
import { nextPage } from "../../api/paging";
import { type Activity, type Comment, commentsQuery, type Issue, issueActivityQuery } from "../../api/queries";
import { Button, Clock, capitalize, Failed, Form, FormDialog, IconButton, Section, Spinner, Time, toast, toastError } from "../../parts";
import { type People, usePeople } from "../people";
import { useSubmit } from "../settings/submit";
import { activityText, actorName } from "./activitytext";
import { Prose } from "./claims";
import { clock } from "./triage";

const MAX = 10_000;
type Line = { at: string; activity: Activity } | { at: string; comment: Comment };
const SHOWN_AS_COMMENT = new Set(["commented"]);

export function ActivitySection({ issue, mayWrite }: { issue: Issue; mayWrite: boolean }) {
  const activity = useInfiniteQuery(issueActivityQuery(issue.id));
  const comments = useQuery(commentsQuery(issue.id));
  const people = usePeople();
  const lines = useMemo(() => {
    const entries = (activity.data?.pages ?? []).flatMap((page) => page.activity);
    const since = activity.hasNextPage ? entries.at(-1)?.at : undefined;
    const shownComments = (comments.data?.comments ?? []).filter((one) => !since || Date.parse(one.createdAt) >= Date.parse(since));
    const all: Line[] = [
      ...[...entries]
        .reverse()
        .filter((one) => !SHOWN_AS_COMMENT.has(one.action))
        .map((one) => ({ at: one.at, activity: one })),
      ...shownComments.map((one) => ({ at: one.createdAt, comment: one })),
    ];
    return all.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }, [activity.data, activity.hasNextPage, comments.data]);
  const earlier = (activity.data?.pages[0]?.total ?? 0) - (activity.data?.pages ?? []).reduce((sum, page) => sum + page.activity.length, 0);
  return (
    <Section id="activity" title="Activity">
      {(activity.isLoadingError || comments.isLoadingError) && (
        <Failed
          error={activity.error ?? comments.error}
          what="Could not load the activity"
          retry={() => {
            void activity.refetch();
            void comments.refetch();
          }}
        />
      )}
      {activity.isPending && (
        <p role="status" className="late flex items-center gap-2 text-muted">
          <Spinner /> Loading activity…
        </p>
      )}
      {activity.hasNextPage && (
        <Button small kind="quiet" busy={activity.isFetchingNextPage} onClick={() => void nextPage(activity)}>
          Show {earlier} earlier
        </Button>
      )}
      <ol className="flex flex-col gap-1">
        {lines.map((line) =>
          "activity" in line ? (
            <li key={line.activity.id} className="flex flex-wrap items-baseline gap-x-2 leading-6">
              <span className="min-w-0 break-words">
                <span className="font-medium">{actorName(line.activity, { name: people.name, clock })}</span>{" "}
                <Prose>{activityText(line.activity, { name: people.name, clock })}</Prose>
                {typeof line.activity.detail.executionId === "string" && (
                  <Link
                    to="/executions/$executionId"
                    params={{ executionId: line.activity.detail.executionId }}
                    className="ml-1 text-accent underline"
                  >
                    View execution
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

const at = (issueId: string, commentId = "") =>
  `/v1/issues/${encodeURIComponent(issueId)}/comments${commentId && `/${encodeURIComponent(commentId)}`}`;

function useRefresh(issueId: string) {
  const client = useQueryClient();
  return () => Promise.all(["comments", "issueActivity", "issue"].map((name) => client.invalidateQueries({ queryKey: [name, issueId] })));
}

function CommentBox({ comment, people, mayWrite }: { comment: Comment; people: People; mayWrite: boolean }) {
  const [isEditing, edit] = useState(false);
  const [isDeleting, remove] = useState(false);
  const refresh = useRefresh(comment.issueId);
  const isOwn = mayWrite && comment.authorId === people.me;
  const mayDelete = isOwn || (mayWrite && (people.role === "owner" || people.role === "admin"));
  const author = people.name(comment.authorId) ?? comment.author ?? "A former member";
  const save = async (body: string) => {
    await send("PATCH", at(comment.issueId, comment.id), { body: { body } });
    await refresh();
    edit(false);
  };
  return (
    <article aria-label={`Comment by ${author}`} className="my-1 rounded-md border border-line">
      <header className="flex min-h-8 items-center gap-2 border-b border-line bg-surface py-0.5 pr-1 pl-3">
        <span className="min-w-0 truncate font-medium">{capitalize(author)}</span>
        {comment.keyId && <span className="text-xs text-muted">with an API key</span>}
        <span className="flex-1 text-xs text-muted">
          <Time at={comment.createdAt} />
          {comment.editedAt && (
            <>
              , edited <Time at={comment.editedAt} />
            </>
          )}
        </span>
        {isOwn && !isEditing && (
          <IconButton label="Edit comment" onClick={() => edit(true)}>
            <Pencil />
          </IconButton>
        )}
        {mayDelete && !isEditing && (
          <IconButton label="Delete comment" onClick={() => remove(true)}>
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
      {isDeleting && <DeleteComment comment={comment} onClose={() => remove(false)} />}
    </article>
  );
}

function DeleteComment({ comment, onClose }: { comment: Comment; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const refresh = useRefresh(comment.issueId);
  const erase = () =>
    submit(async () => {
      await send("DELETE", at(comment.issueId, comment.id));
      toast("Comment deleted");
      onClose();
      await refresh();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Delete this comment?"
      description="The activity keeps a record of the comment, but not its text."
      submit="Delete"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={erase}
    />
  );
}

function NewComment({ issueId }: { issueId: string }) {
  const refresh = useRefresh(issueId);
  const [round, next] = useState(0);
  const submit = async (body: string) => {
    await send("POST", at(issueId), { body: { body }, idempotencyKey: freshKey() });
    await refresh();
    next(round + 1);
  };
  return (
    <div className="mt-3">
      <Box key={round} label="Add a comment" first="" word="Comment" onSend={submit} />
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
  const submit = async () => {
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
    <Form isBusy={!ready || isBusy} onSubmit={submit} className="no-print gap-2!">
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
        <span className="text-xs text-muted max-sm:hidden">Plain text. Press Ctrl-Enter to send.</span>
      </div>
    </Form>
  );
}
