"""Which rules know which kinds: by `Kind.id`, or by `*.GROUP` for every kind of a group and of the groups below it."""

from functools import lru_cache

from optral.kube.health import compute, data, delivery, network, platform
from optral.kube.health.rules import Rule

RULES: dict[str, tuple[Rule, ...]] = {**delivery.RULES, **network.RULES, **data.RULES, **compute.RULES, **platform.RULES}


@lru_cache(4096)
def rules_of(kind: str) -> tuple[Rule, ...]:
    """The rules of a `Kind.id`, the most specific ones first; none for a kind that the generic rule decides alone."""
    if (found := RULES.get(kind)) is not None:
        return found
    group = kind.partition(".")[2]
    while group:
        if (found := RULES.get(f"*.{group}")) is not None:
            return found
        group = group.partition(".")[2]
    return ()
