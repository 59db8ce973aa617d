"""How far the connection of a cluster has come, gathered from the packages that know."""

from collections.abc import Collection

import optral
from optral.clusters import connection, connection_service as attempts, fleet_service as fleets, service as clusters
from optral.clusters.connection import Progress
from optral.clusters.model import Cluster
from optral.kube.kinds import BY_ID, USAGE_KINDS
from optral.resources import service as resources
from optral.store.transaction import Transaction

_USAGE = frozenset(kind.id for kind in USAGE_KINDS)
"""What the agent makes from the metrics of the kubelets: no kinds of Kubernetes, and no rights of their own."""


def progress(tx: Transaction, cluster_id: str) -> Progress:
    """The steps of the cluster's connection and what holds them back. Raises `NotFound`."""
    cluster = clusters.get(tx, cluster_id)
    since, use = attempts.newest_token_at(tx, cluster_id), fleets.use_of(tx, cluster_id)
    refused = {kind for kind, state in resources.kind_states(tx, cluster_id).items() if state.phase == "forbidden"}
    is_of_fleet = use is not None and cluster.last_heartbeat_at is None  # reconnecting takes a token of its own
    return connection.judge(
        connection.Evidence(
            cluster=cluster,
            attempts=attempts.attempts(tx, cluster_id),
            since=cluster.created_at if is_of_fleet else since,
            approved_at=None if use is None else use.approved_at,
            fleet_token_id=use.token_id if use is not None and is_of_fleet else None,
            forbidden=_kinds(cluster, refused - _USAGE),
            lacks_metrics=not _USAGE.isdisjoint(refused),
            now=tx.now,
            server_version=optral.__version__,
        )
    )


def _kinds(cluster: Cluster, refused: Collection[str]) -> tuple[str, ...]:
    """Of the kinds that the agent may not read, those that it should: one of one namespace is not expected to read what is outside it."""
    kinds = sorted(refused)
    if not any(name.startswith("watches:") for name in cluster.agent_capabilities):
        return tuple(kinds)
    return tuple(kind for kind in kinds if kind not in BY_ID or (BY_ID[kind].namespaced and not BY_ID[kind].only_in))
