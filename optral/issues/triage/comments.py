"""Comments of people on issues.

The flow that calls holds the cluster of the issue (`triage.clusters_of`), so that a change is based on the newest version.
"""

from dataclasses import replace

from optral.issues import history, repository, service
from optral.issues.lifecycle import lifecycle
from optral.issues.model import Comment, Issue, Move
from optral.issues.triage import triage_repository as rows
from optral.kit.paging import PageRequest
from optral.store.transaction import Transaction
from optral.terms import ids
from optral.terms.actor import Role
from optral.terms.errors import Forbidden, NotFound, Refused

MAX_COMMENTS = 500
ADMINS = frozenset({Role.OWNER, Role.ADMIN})


def page_of(tx: Transaction, issue_id: str, page: PageRequest) -> tuple[list[Comment], int]:
    """A page of the comments on an issue, by time, and their number. Raises `NotFound`."""
    issue = service.get(tx, issue_id)
    return rows.comments(tx, issue_id, page), issue.comment_count


def add(tx: Transaction, issue_id: str, body: str, *, author: str) -> tuple[Comment, Move]:
    """Comment on an issue; `author` is the person, even if the request came with an API key of theirs.

    Raises `NotFound`, `Refused("too_many_comments")`.
    """
    before = service.get(tx, issue_id)
    if before.comment_count >= MAX_COMMENTS:
        raise Refused("too_many_comments", say=f"an issue has at most {MAX_COMMENTS} comments")
    key_id = tx.actor.id if tx.actor.id != author else None
    created = Comment(id=ids.new("cmt"), issue_id=issue_id, author_id=author, key_id=key_id, body=body, created_at=tx.now)
    rows.insert_comment(tx, created)
    return created, _update_issue(tx, before, created.id, "commented", count=before.comment_count + 1)


def edit(tx: Transaction, issue_id: str, comment_id: str, body: str, *, author: str) -> tuple[Comment, Move | None]:
    """Change the text of a comment. Raises `NotFound`, `Forbidden("not_your_comment")`."""
    before = service.get(tx, issue_id)
    known = _comment(tx, issue_id, comment_id)
    if known.author_id != author:
        raise Forbidden("not_your_comment", say="only the author can edit a comment")
    if known.body == body:
        return known, None
    rows.edit_comment(tx, comment_id, body)
    move = _update_issue(tx, before, comment_id, "comment_edited", count=before.comment_count)
    return replace(known, body=body, edited_at=tx.now), move


def delete(tx: Transaction, issue_id: str, comment_id: str, *, author: str) -> tuple[Comment, Move]:
    """Delete a comment; owners and admins may delete those of others. Raises `NotFound`, `Forbidden("not_your_comment")`."""
    before = service.get(tx, issue_id)
    known = _comment(tx, issue_id, comment_id)
    if known.author_id != author and tx.actor.role not in ADMINS:
        raise Forbidden("not_your_comment", say="only the author, an owner or an admin can delete a comment")
    rows.delete_comment(tx, comment_id)
    return known, _update_issue(tx, before, comment_id, "comment_deleted", count=max(0, before.comment_count - 1))


def _comment(tx: Transaction, issue_id: str, comment_id: str) -> Comment:
    found = rows.comment(tx, issue_id, comment_id)
    if found is None:
        raise NotFound("comment_not_found", say=f"this issue has no comment {comment_id}")
    return found


def _update_issue(tx: Transaction, before: Issue, comment_id: str, action: str, *, count: int) -> Move:
    after, changes = lifecycle.publish(before, replace(before, comment_count=count), now=tx.now)
    if "comment_count" not in changes:  # the text changed, though the number did not
        after, changes = replace(after, version=before.version + 1), {**changes, "comment_count": (count, count)}
    repository.update(tx, [after])
    repository.add_activity(tx, [history.line(tx, after, action, {"comment": comment_id})])
    return Move("updated", after, changes, action)
