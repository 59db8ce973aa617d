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
class Ban:
    """One episode. `until` is monotonic."""

    fingerprint: str
    say: str
    until: float
    refusals: int = 0


class Bans:
    """Per process. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._bans: OrderedDict[str, Ban] = OrderedDict()

    def add(self, identity: Identity, say: str, now: float) -> tuple[int, bool]:
        """Refuse this agent from now on; for how many seconds, and whether an episode begins with it."""
        known = self._bans.pop(identity.cluster_id, None)
        ban = known or Ban(identity.fingerprint, say, now)
        retry_s = min(FIRST_S * 2 ** min(ban.refusals, 10), MOST_S)
        ban.fingerprint, ban.say, ban.until = identity.fingerprint, say, now + retry_s
        ban.refusals += 1
        self._bans[identity.cluster_id] = ban
        while len(self._bans) > KEPT:
            self._bans.popitem(last=False)
        return retry_s, known is None

    def find(self, identity: Identity, now: float) -> Ban | None:
        """The episode for which this agent is refused now."""
        ban = self._bans.get(identity.cluster_id)
        return ban if ban is not None and ban.fingerprint == identity.fingerprint and now < ban.until else None

    def over(self, now: float) -> list[str]:
        """Clusters whose episode has ended; forgets them."""
        ended = [cluster_id for cluster_id, ban in self._bans.items() if now - ban.until > OVER_AFTER_S]
        for cluster_id in ended:
            del self._bans[cluster_id]
        return ended
