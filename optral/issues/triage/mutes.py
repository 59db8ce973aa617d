"""A mute rule: known issues that send no notifications, selected by their fields, with a reason and an expiry. Pure rules.

Except for labels, the fields that a rule compares never change during the life of an issue. So the rules are applied when an issue opens or
reopens, when its labels change, and when a rule is created or ends. Muted issues are stored, counted and resolved like all others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from optral.issues.triage import labels
from optral.kit.patterns import matches
from optral.terms.errors import Invalid

LONGEST = timedelta(days=366)
MAX_RULES = 200
"""Rules of an organization that are in force: each is compared with each issue that opens."""
MAX_STARS = 8


class About(Protocol):
    """The fields of an issue that a rule compares."""

    @property
    def type(self) -> str: ...

    @property
    def cluster_id(self) -> str: ...

    @property
    def namespace(self) -> str | None: ...

    @property
    def owner_kind(self) -> str: ...

    @property
    def owner_name(self) -> str: ...

    @property
    def container(self) -> str | None: ...

    @property
    def labels(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The conditions of a rule: any value of each list, all lists that are not empty, all labels.

    `clusters` are ids. In `namespaces`, `names` (of the workload) and `containers`, `*` matches any characters.
    """

    types: Sequence[str] = ()
    clusters: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    kinds: Sequence[str] = ()
    names: Sequence[str] = ()
    containers: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON, without empty lists."""
        lists = ("types", "clusters", "namespaces", "kinds", "names", "containers")
        kept: dict[str, Any] = {name: list(chosen) for name in lists if (chosen := getattr(self, name))}
        return kept | ({"labels": dict(self.labels)} if self.labels else {})

    def matches(self, issue: About) -> bool:
        """Whether the rule applies to the issue."""
        return (
            (not self.types or issue.type in self.types)
            and (not self.clusters or issue.cluster_id in self.clusters)
            and (not self.namespaces or _any(issue.namespace, self.namespaces))
            and (not self.kinds or issue.owner_kind in self.kinds)
            and (not self.names or _any(issue.owner_name, self.names))
            and (not self.containers or _any(issue.container, self.containers))
            and all(issue.labels.get(name) == value for name, value in self.labels.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRule:
    """A rule with its reason. `ended_at`: it was deleted or has expired; it is kept for a while, because histories of issues name it."""

    id: str
    match: Match
    reason: str
    expires_at: datetime
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    ended_at: datetime | None = None


def check(match: Match, expires_at: datetime, *, now: datetime) -> None:
    """Raises `Invalid("invalid_mute_rule")` for a rule that would mute everything, or not now, or for more than a year."""
    if not match.plain():
        raise _invalid("match", "set at least one condition: a rule without conditions would mute every issue")
    for name in ("namespaces", "names", "containers"):
        if any(pattern.count("*") > MAX_STARS for pattern in getattr(match, name)):
            raise _invalid(f"match.{name}", f"use at most {MAX_STARS} asterisks in a pattern")
    labels.check(match.labels, field="match.labels")
    check_expiry(expires_at, now=now)


def check_expiry(expires_at: datetime, *, now: datetime) -> None:
    """Raises `Invalid("invalid_mute_rule")` for a time that has passed or is more than a year away."""
    if not now < expires_at <= now + LONGEST:
        raise _invalid("expiresAt", "the time must be in the future and at most one year away")


def first_match(rules: Sequence[MuteRule], issue: About) -> str | None:
    """The id of the oldest rule that applies to the issue."""
    return next((rule.id for rule in rules if rule.match.matches(issue)), None)


def _any(text: str | None, patterns: Sequence[str]) -> bool:
    return text is not None and any(matches(text, pattern) for pattern in patterns)


def _invalid(field: str, why: str) -> Invalid:
    return Invalid("invalid_mute_rule", say=f"{field}: {why}", errors=[{"field": field, "code": "invalid_mute_rule", "message": why}])
