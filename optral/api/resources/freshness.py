"""Whether an answer shows a cluster as it is now: the members `stale` and `staleSince` beside everything read from its rows.

Every answer that shows what is in a cluster has them, on each object or, for a list about one cluster, on the list.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from optral.clusters.model import ClusterFreshness

Stale = Annotated[
    bool,
    Field(description="The data may be out of date: the cluster's agent is not connected, or does not watch this kind of object"),
]
StaleSince = Annotated[
    datetime | None,
    Field(description="Time of the last update; absent while the data is current, and if no agent has ever connected"),
]


def members(standing: ClusterFreshness, *, stale: bool = False, since: datetime | None = None) -> dict[str, Any]:
    """The two members. `stale` and `since` say what is known of the object itself; the older of the two times counts."""
    if not (standing.stale or stale):
        return {"stale": False}
    known = [one for one in (standing.stale_since, since) if one is not None]
    return {"stale": True, **({"staleSince": min(known)} if known else {})}


def combined(standings: Iterable[ClusterFreshness]) -> dict[str, Any]:
    """The two members of an answer that sums up several clusters: stale when any is, and as old as the oldest."""
    stale = [standing for standing in standings if standing.stale]
    if not stale:
        return {"stale": False}
    times = [one.stale_since for one in stale if one.stale_since is not None]
    return {"stale": True, **({"staleSince": min(times)} if times else {})}
