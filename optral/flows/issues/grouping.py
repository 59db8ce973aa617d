"""Grouping inside the transaction of an observation, so that no notification is sent before the root of an issue is known.

An issue that opens as a symptom has `parentIssueId` in its event. One that becomes a symptom later, because its cause was detected after
it, loses its queued automatic analysis and log capture.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from optral.analysis import service as analyses
from optral.clusters.model import ClusterState
from optral.grouping import graph
from optral.issues.lifecycle import grouping
from optral.issues.model import Move
from optral.kube.view import ClusterView
from optral.store.transaction import Transaction


def group(
    tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move] = (), *, is_due: bool = True
) -> tuple[Sequence[Move], datetime | None]:
    """Group the cluster's issues if that is due. Returns all moves, and when the cluster is due for examination or grouping next.

    `is_due` is False while more issues are about to be observed: grouping a part could attach a symptom to the wrong root.
    """
    dues = grouping.dues(tx, state.id)
    if is_due and dues.grouping is not None and dues.grouping <= tx.now:
        moves = _group(tx, state, view, moves)
        dues = grouping.dues(tx, state.id)
    grouping.touch_roots(tx, moves)
    return moves, dues.first


def _group(tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move]) -> list[Move]:
    known = grouping.load(tx, state.id, offset=state.clock_offset)
    arrangement = graph.arrange([one.failure for one in known], view, now=tx.now + state.clock_offset)
    opened = {move.issue.id for move in moves if move.kind == "created"}
    settled = grouping.apply(tx, state.id, known, arrangement, opened=opened)
    for move in settled:
        if move.action == "attached":
            analyses.forgo(tx, move.issue.id)
    return _merged(moves, settled, opened)


def _merged(moves: Sequence[Move], settled: Sequence[Move], opened: set[str]) -> list[Move]:
    """An issue that opened as a symptom has one move; all moves of an issue carry its newest state."""
    now = {move.issue.id: move.issue for move in settled}
    earlier = [replace(move, issue=now.get(move.issue.id, move.issue)) for move in moves]
    return [*earlier, *(move for move in settled if move.issue.id not in opened)]
