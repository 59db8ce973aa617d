"""Agents that are refused for a while because they broke the protocol.

What an agent does again and again between its refusals is one episode: one audit record, one line in the log, and a status reason of the
cluster until the agent has kept to the protocol for five minutes. Each further refusal of an episode is twice as long, up to ten minutes.
A refusal holds for the certificate; an agent that enrolls again is let in.
"""

from collections import OrderedDict
from dataclasses import dataclass

from optral.clusters.model import Identity

FIRST_S = 30
MOST_S = 600
OVER_AFTER_S = 300.0
KEPT = 4096  # clusters


@dataclass(slots=True)
class Outcast:
    """One episode. `until` is monotonic."""

    fingerprint: str
    say: str
    until: float
    refusals: int = 0


class Outcasts:
    """Per process. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._outcasts: OrderedDict[str, Outcast] = OrderedDict()

    def add(self, identity: Identity, say: str, now: float) -> tuple[int, bool]:
        """Refuse this agent from now on; for how many seconds, and whether an episode begins with it."""
        known = self._outcasts.pop(identity.cluster_id, None)
        outcast = known or Outcast(identity.fingerprint, say, now)
        retry_s = min(FIRST_S * 2 ** min(outcast.refusals, 10), MOST_S)
        outcast.fingerprint, outcast.say, outcast.until = identity.fingerprint, say, now + retry_s
        outcast.refusals += 1
        self._outcasts[identity.cluster_id] = outcast
        while len(self._outcasts) > KEPT:
            self._outcasts.popitem(last=False)
        return retry_s, known is None

    def find(self, identity: Identity, now: float) -> Outcast | None:
        """The episode for which this agent is refused now."""
        outcast = self._outcasts.get(identity.cluster_id)
        return outcast if outcast is not None and outcast.fingerprint == identity.fingerprint and now < outcast.until else None

    def over(self, now: float) -> list[str]:
        """Clusters whose episode has ended; forgets them."""
        ended = [cluster_id for cluster_id, outcast in self._outcasts.items() if now - outcast.until > OVER_AFTER_S]
        for cluster_id in ended:
            del self._outcasts[cluster_id]
        return ended
