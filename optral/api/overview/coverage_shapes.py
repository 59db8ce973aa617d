"""The JSON of what an answer covers (`detectors/coverage.py`)."""

from datetime import datetime

from pydantic import Field

from optral.api.http.routing import Shape
from optral.api.resources.freshness import Stale, StaleSince
from optral.detectors.coverage import Reason


class RulesShape(Shape):
    """Which types of issues were looked for"""

    version: str = Field(description="Version of the detectors: that of Optral")
    types: int = Field(description="Number of issue types that exist")
    on: int
    off: list[str] = Field(description="Types that are switched off in all of these clusters and namespaces")
    partly_off: list[str] = Field(description="Types that are switched off in some of them")
    risk: bool = Field(description="Whether risk checks are on; they are opt-in")
    mute_rules: int = Field(description="Mute rules in force: issues that match one are not listed by default")


class CoveredCluster(Shape):
    id: str | None = None
    name: str
    looked_at: bool = Field(description="Its inventory is current, and was complete at least once")
    kinds: int = Field(description="Kinds that its agent follows")
    seen_at: datetime | None = Field(None, description="Time of the last heartbeat of its agent")
    synced_at: datetime | None = Field(None, description="When its inventory was last synchronized completely")
    namespaces: list[str] | None = Field(None, description="The namespaces that its agent is limited to; absent for a whole cluster")
    stale: Stale
    stale_since: StaleSince = None


class UnreadShape(Shape):
    """Something that was not looked at"""

    reason: Reason
    needed: bool = Field(description="Whether a failure could be hidden by it; if so, the record is not complete")
    message: str = Field(examples=["Services of cluster eu cannot be read"])
    fix: str | None = Field(None, description="What to do about it")
    kinds: list[str] | None = None
    clusters: list[str] | None = Field(None, description="Names of clusters")
    namespaces: list[str] | None = None
    types: list[str] | None = Field(None, description="Issue types")
    since: datetime | None = Field(None, description="The stored state is of this time")


class CoverageShape(Shape):
    """What an answer covers. If it is not complete, do not conclude that nothing is wrong where nothing was found"""

    at: datetime
    complete: bool = Field(description="Whether everything that is needed was read")
    summary: str = Field(examples=["Looked at 3 of 4 clusters, 31 kinds. Cluster eu is offline."])
    cluster_total: int
    clusters_looked_at: int
    kinds_looked_at: int = Field(description="Kinds that were read in at least one cluster")
    namespaces: list[str] | None = Field(None, description="The namespaces that it is about; absent for all")
    oldest_at: datetime | None = Field(None, description="Time of the oldest inventory that is not current; absent without one")
    rules: RulesShape
    unread_total: int
    clusters: list[CoveredCluster] | None = Field(None, description="At most 2,000; only in `GET /v1/coverage`")
    kinds: list[str] | None = Field(None, description="The kinds that were read; only in `GET /v1/coverage`")
    unread: list[UnreadShape] | None = Field(
        None, description="What was not read, what is needed first; only in `GET /v1/coverage` and in analyses"
    )
