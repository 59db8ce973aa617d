"""The views of clusters, kept in memory and rebuilt from rows whenever in doubt.

A view moves only after a commit, by `Transaction.on_commit`. After a failed write or a lost fence it is dropped, and built again before the
next job: on a reader if nothing of the cluster may still be committed, otherwise by the job itself, before it writes. One job at a time per
cluster is the caller's duty.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from optral.kube import objects
from optral.kube.objects import KubeObject
from optral.kube.view import EVENT_LIFE, ClusterView
from optral.resources import service as resources
from optral.store.transaction import Transaction

SMALL = 10_240  # objects of all views together, 3 to 6 KB each as long as all of them are typed
TYPED_AT_MOST = 4096  # objects of all views together once there are more; the others are packed and take about 1 KB
TYPED_AT_LEAST = 64  # of each view


class Views:
    """One view per cluster. Memory grows with the clusters whose agents are connected here; see docs/decisions/view.md."""

    def __init__(self, *, small: int = SMALL, typed_at_most: int = TYPED_AT_MOST) -> None:
        self._small, self._typed_at_most = small, typed_at_most
        self._sizes: dict[str, int] = {}
        self._objects = 0
        self._views: dict[str, ClusterView] = {}

    def of(self, tx: Transaction, cluster_id: str) -> ClusterView:
        """The cluster's view as of the last commit; call before the transaction writes to the cluster's inventory."""
        view = self._views.get(cluster_id)
        if view is None:
            view = ClusterView(self._limit)
            view.load(_stored(tx, cluster_id))
            self._views[cluster_id] = view
            self._count(cluster_id, view.size())
        return view

    def _limit(self) -> int:
        """How many objects each view may keep typed."""
        if self._objects <= self._small:
            return self._small
        return max(TYPED_AT_LEAST, self._typed_at_most // max(1, len(self._views)))

    def _count(self, cluster_id: str, size: int) -> None:
        self._sizes[cluster_id] = size
        self._objects = sum(list(self._sizes.values()))  # other clusters' jobs may run in other threads

    def move(self, tx: Transaction, cluster_id: str, overlay: ClusterView, *, offset: timedelta) -> None:
        """Make the overlay the view once the transaction is committed."""
        base, now = self._views[cluster_id], tx.now + offset

        def absorb() -> None:
            self._absorb(cluster_id, base, overlay, now)

        tx.on_commit(absorb)

    def _absorb(self, cluster_id: str, base: ClusterView, overlay: ClusterView, now: datetime) -> None:
        with ExitStack() as undo:
            undo.callback(self.drop, cluster_id)  # a view that moved halfway is worse than none: it is built again from rows
            base.absorb(overlay, now=now)
            if self._views.get(cluster_id) is base:
                self._count(cluster_id, base.size())
            undo.pop_all()

    def drop(self, cluster_id: str) -> None:
        """Forget the view; it is rebuilt from rows when next needed."""
        if self._views.pop(cluster_id, None) is not None:
            self._count(cluster_id, 0)

    def __contains__(self, cluster_id: str) -> bool:
        return cluster_id in self._views


def _stored(tx: Transaction, cluster_id: str) -> Iterator[tuple[str, KubeObject]]:
    for row in resources.load(tx, cluster_id):
        yield row.kind, objects.decode(row.kind, row.raw, uid=row.uid, namespace=row.namespace, name=row.name)
    for row in resources.load_events(tx, cluster_id, since=tx.now - EVENT_LIFE):
        event = objects.decode(row.kind, row.raw)
        yield row.kind, event
