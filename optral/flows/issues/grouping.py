"""Grouping inside the transaction of an observation: before anybody is told of an issue, it is known whose symptom it is.

An issue that opens as a symptom is told as one (`parentIssueId` in its event). One that becomes a symptom later, because its cause was
found after it, loses what it was still waiting for: its automatic analysis, its container's last lines.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from optral.analysis import service as analyses
from optral.clusters.model import ClusterState
from optral.grouping import graph
from optral.issues import grouping
from optral.issues.model import Move
from optral.kube.view import ClusterView
from optral.store.transaction import Transaction


def group(tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move] = ()) -> tuple[Sequence[Move], datetime | None]:
    """Group the cluster's issues if that is due: these moves with those that it makes, and when it is due again."""
    due_at = grouping.due_at(tx, state.id)
    if due_at is not None and due_at <= tx.now:
        moves = _group(tx, state, view, moves)
        due_at = grouping.due_at(tx, state.id)
    grouping.stir(tx, moves)
    return moves, due_at


def _group(tx: Transaction, state: ClusterState, view: ClusterView, moves: Sequence[Move]) -> list[Move]:
    known = grouping.known(tx, state.id, offset=state.clock_offset)
    arrangement = graph.arrange([one.ailment for one in known], view, now=tx.now + state.clock_offset)
    opened = {move.issue.id for move in moves if move.kind == "created"}
    settled = grouping.settle(tx, state.id, known, arrangement, opened=opened)
    for move in settled:
        if move.action == "attached":
            analyses.forgo(tx, move.issue.id)
    return _merged(moves, settled, opened)


def _merged(moves: Sequence[Move], settled: Sequence[Move], opened: set[str]) -> list[Move]:
    """What opened as a symptom is told once, as one; later moves of one issue speak of its newest state."""
    now = {move.issue.id: move.issue for move in settled}
    earlier = [replace(move, issue=now.get(move.issue.id, move.issue)) for move in moves]
    return [*earlier, *(move for move in settled if move.issue.id not in opened)]
