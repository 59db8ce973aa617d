"""Issues as the actor may see them: whoever sees only namespaces is not told of a root, or of affected objects, elsewhere."""

from collections.abc import Sequence
from dataclasses import replace

from optral.issues import service
from optral.issues.model import Issue
from optral.store.transaction import Transaction


def of(tx: Transaction, found: Sequence[Issue]) -> list[Issue]:
    """The issues to show, in the same order. They are not to be stored: what is hidden is missing in them."""
    if tx.actor.sees_whole_clusters:
        return list(found)
    roots = service.titles(tx, {one.parent_issue_id for one in found if one.parent_issue_id is not None})
    return [_veiled(tx, one, is_root_seen=one.parent_issue_id in roots) for one in found]


def _veiled(tx: Transaction, issue: Issue, *, is_root_seen: bool) -> Issue:
    affected = [one for one in issue.affected if tx.actor.may_see(issue.cluster_id, one.get("namespace"))]
    return replace(issue, affected=affected, parent_issue_id=issue.parent_issue_id if is_root_seen else None)
