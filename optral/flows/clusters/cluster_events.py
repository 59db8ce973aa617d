"""What the event log says about clusters: one shape for all three types."""

from datetime import datetime
from typing import Any

from optral.clusters.model import Cluster, Status
from optral.events.model import NewEvent
from optral.kit.times import rfc3339


def moved(before: Cluster, after: Cluster) -> NewEvent:
    """The event of a change of presence: `online` or `offline` when a cluster connects or disconnects, an update for anything between."""
    if after.status is Status.OFFLINE:
        return _event("cluster.offline", after)
    if after.status is Status.ONLINE and not before.status.is_connected:
        return _event("cluster.online", after)
    return _event("cluster.updated", after)


def updated(cluster: Cluster, **more: Any) -> NewEvent:
    """The event of any other change an operator sees."""
    return _event("cluster.updated", cluster, **more)


def offline(cluster: Cluster) -> NewEvent:
    """The event of a present cluster that was deleted."""
    return _event("cluster.offline", cluster)


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
    return NewEvent(type=kind, cluster_id=cluster.id, subject_id=cluster.id, data=data)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
