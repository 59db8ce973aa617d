"""Two agents with one identity: noticed by their instances, which take the tunnel from each other by turns.

A restarted agent is a new instance, and the old one never comes back. Where an instance comes back twice after another one had the tunnel,
two processes run. One conflict is one entry until nobody has come back for five minutes.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

RETURNS = 2
OVER_AFTER_S = 300.0
LOG_EVERY_S = 60.0
REMEMBERED = 8  # openings of a cluster


class Opening(NamedTuple):
    """A session that was opened: the agent's instance, which names its pod or host, and its address."""

    instance: str
    address: str
    at: float


@dataclass(slots=True)
class _Cluster:
    openings: deque[Opening] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    began: float | None = None
    logged_at: float = float("-inf")


class Conflicts:
    """Per process. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}

    @property
    def open(self) -> int:
        """Conflicts that go on now."""
        return sum(known.began is not None for known in self._clusters.values())

    def opened(self, cluster_id: str, opening: Opening) -> bool:
        """Note a session; whether a conflict begins with it."""
        known = self._clusters.setdefault(cluster_id, _Cluster())
        known.openings.append(opening)
        if known.began is not None or self._returns(known, opening.at) < RETURNS:
            return False
        known.began = opening.at
        return True

    def agents(self, cluster_id: str) -> list[Mapping[str, str]]:
        """The agents that had the tunnel lately, each once, by instance and address."""
        latest = {opening.instance: opening.address for opening in self._clusters[cluster_id].openings}
        return [{"instance": instance, "address": address} for instance, address in sorted(latest.items())]

    def may_log(self, cluster_id: str, now: float) -> bool:
        """Whether a conflict goes on and its line of this minute was not written yet."""
        known = self._clusters.get(cluster_id)
        if known is None or known.began is None or now - known.logged_at < LOG_EVERY_S:
            return False
        known.logged_at = now
        return True

    def over(self, now: float) -> list[str]:
        """Clusters whose conflict has ended; forgets what is old."""
        ended = []
        for cluster_id, known in list(self._clusters.items()):
            if known.openings and now - known.openings[-1].at <= OVER_AFTER_S and (known.began is None or self._returns(known, now)):
                continue
            if known.began is not None:
                ended.append(cluster_id)
            del self._clusters[cluster_id]
        return ended

    def _returns(self, known: _Cluster, now: float) -> int:
        """How often an instance came back after another one, lately."""
        lately = [opening for opening in known.openings if now - opening.at <= OVER_AFTER_S]
        seen: set[str] = set()
        returns, before = 0, ""
        for one in lately:
            returns += one.instance in seen and one.instance != before
            seen.add(one.instance)
            before = one.instance
        return returns
