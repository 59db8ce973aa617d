"""The team of issues that are open, when labels or the rules of the organization have changed."""

from collections.abc import Callable
from dataclasses import replace

from optral.issues import history, repository
from optral.issues.lifecycle import lifecycle
from optral.issues.lifecycle.observation import TeamOf
from optral.issues.model import Activity, Issue, Move
from optral.issues.triage import triage_repository
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

AT_ONCE = 500


def refresh(
    tx: Transaction, cluster_id: str, team_of: TeamOf, *, concerns: Callable[[ObjectRef], bool] = lambda _subject: True
) -> tuple[list[Move], bool]:
    """Give the unresolved issues of a cluster the team that owns their subject now; also returns whether there are more than `AT_ONCE`.

    `concerns`: whether the team of a subject may have changed.
    """
    known = {row.id: (row.team, row.team_reason, ObjectRef(*row[3:])) for row in repository.subjects_of_live(tx, cluster_id)}
    wanted: dict[str, tuple[str | None, str | None]] = {}
    for issue_id, (team, reason, subject) in known.items():
        if concerns(subject) and (found := team_of(subject) or (None, None)) != (team, reason):
            wanted[issue_id] = found
            if len(wanted) >= AT_ONCE:
                break
    moved: list[Issue] = []
    moves: list[Move] = []
    activity: list[Activity] = []
    for before in triage_repository.issues_of(tx, sorted(wanted)) if wanted else ():
        team, reason = wanted[before.id]
        after, changes = lifecycle.publish(before, replace(before, team=team, team_reason=reason), now=tx.now)
        moved.append(after)
        if "team" in changes:
            moves.append(Move("updated", after, changes, "updated"))
            activity.append(history.line(tx, after, "updated", {"team": list(changes["team"])}))
    repository.update(tx, moved)
    repository.add_activity(tx, activity)
    return moves, len(wanted) >= AT_ONCE
