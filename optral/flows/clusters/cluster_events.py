"""What the event log says about clusters: one shape for three types, and another one for agents that connect."""

from datetime import datetime
from typing import Any

from optral.clusters.connection import TEXTS, Code
from optral.clusters.fleet import FleetToken
from optral.clusters.model import Cluster, ClusterStatus
from optral.events.model import EVERY_NAMESPACE, NewEvent
from optral.kit.times import rfc3339


def moved(before: Cluster, after: Cluster) -> NewEvent:
    """The event of a change of presence: `online` or `offline` when a cluster connects or disconnects, an update for anything between."""
    if after.status is ClusterStatus.OFFLINE:
        return _event("cluster.offline", after)
    if after.status is ClusterStatus.ONLINE and not before.status.is_connected:
        return _event("cluster.online", after)
    return _event("cluster.updated", after)


def updated(cluster: Cluster, **more: Any) -> NewEvent:
    """The event of any other change an operator sees."""
    return _event("cluster.updated", cluster, **more)


def offline(cluster: Cluster) -> NewEvent:
    """The event of a present cluster that was deleted."""
    return _event("cluster.offline", cluster)


def connection(cluster: Cluster, code: Code, *, at: datetime) -> NewEvent:
    """The event of an agent that got one step further, or was refused."""
    message, fix = TEXTS[code]
    data = {
        "id": cluster.id,
        "name": cluster.name,
        "code": code.value,
        "refused": code.is_refusal,
        "message": message,
        "fix": fix,
        "at": rfc3339(at),
    }
    return NewEvent(type="cluster.connection", cluster_id=cluster.id, subject_id=cluster.id, data=data)


def fleet(token: FleetToken, *, now: datetime) -> NewEvent:
    """The event of a fleet token that was created, used or revoked."""
    data = {"id": token.id, "name": token.name, "status": token.status(now).value, "uses": token.uses, "maxUses": token.max_uses}
    return NewEvent(type="fleet.updated", cluster_id=None, subject_id=token.id, data=data)


def _event(kind: str, cluster: Cluster, **more: Any) -> NewEvent:
    standing = cluster.standing
    data = {
        "id": cluster.id,
        "name": cluster.name,
        "status": cluster.status.value,
        "statusReason": cluster.status_reason,
        "lastHeartbeatAt": _time(cluster.last_heartbeat_at),
        "stale": standing.stale,
        "staleSince": _time(standing.stale_since),
        "agentVersion": cluster.agent_version,
        "kubernetesVersion": cluster.kubernetes_version,
        **more,
    }
    namespace = None if more else EVERY_NAMESPACE  # the record of the cluster, which everybody may read who sees anything of it
    return NewEvent(type=kind, cluster_id=cluster.id, subject_id=cluster.id, data=data, namespace=namespace)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
