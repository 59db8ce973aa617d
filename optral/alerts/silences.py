"""Silences of Alertmanagers as values: which of them silence an alert, and which matchers silence alerts. Pure rules.

A silence belongs to an Alertmanager: it stops the notifications of Alertmanager, and changes nothing in Optral. Optral keeps a copy of
those that are active or pending. Source: Alertmanager, "Silences" and its API v2.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import re2

from optral.alerts.payloads import ISSUE_LABEL
from optral.terms.errors import Invalid

MOST = 500  # kept of one Alertmanager, those that end first
LONGEST = timedelta(days=366)
MAX_TEXT = 1000  # characters of a comment or a value
MAX_MATCHERS = 64
SKEW = timedelta(minutes=1)
"""A silence starts at once also where the clock of Alertmanager is behind; it takes a start in the past for now."""
ROUNDING = timedelta(milliseconds=1)
MAX_VALUES = 50  # of one label, in one matcher
MAX_PATTERN = 8000  # characters of a regular expression
MAX_PROGRAM = 10_000  # instructions of a compiled one
MOST_COST = 100_000  # instructions of all that are kept of one Alertmanager: an alert is compared with them within milliseconds
PATTERN_BYTES = 1024 * 1024  # of memory that a compiled pattern may use; the library's own limit is eight times that
GENERAL = frozenset(
    {"alertname", "severity", "priority", "level", "prometheus", "monitor", "job", "cluster", "env", "environment", "region"}
)
"""Labels that say nothing about the object that an alert is about."""
_KEPT = frozenset({"active", "pending"})


class Matcher(NamedTuple):
    """A condition on one label; a label that is missing is empty. A regular expression matches the whole value."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name, "")
        if not self.is_regex:
            return (value == self.value) is self.is_equal
        pattern = _compiled(self.value)
        return pattern is not None and (pattern.fullmatch(value) is not None) is self.is_equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A silence. `issue_id`: the issue that it was created from in Optral; None: it was created elsewhere."""

    id: str
    webhook_id: str
    matchers: Sequence[Matcher]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    issue_id: str | None = None
    seen_at: datetime

    def silences(self, labels: Mapping[str, str]) -> bool:
        return bool(self.matchers) and all(matcher.matches(labels) for matcher in self.matchers)


@lru_cache(maxsize=200)
def _compiled(text: str) -> Any:
    """The expression, for an engine that takes time in proportion to the text; None for one that is too long, or of another syntax."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, PATTERN_BYTES
    try:
        found = re2.compile(f"(?s:{text})", options) if len(text) <= MAX_PATTERN else None
    except re2.error:
        return None  # Alertmanager accepted it, so it is of a later syntax, or too large
    return found if found is not None and found.programsize <= MAX_PROGRAM else None


def cost(matchers: Iterable[Matcher]) -> int | None:
    """What comparing an alert with them takes, in instructions; None if one of them cannot be evaluated here, so that nothing matches."""
    patterns = [_compiled(one.value) for one in matchers if one.is_regex]
    return None if None in patterns else sum(one.programsize for one in patterns)


class _State(msgspec.Struct):
    state: str


class _Matcher(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _Silence(msgspec.Struct, rename="camel"):
    id: str
    matchers: list[_Matcher]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    status: _State


_silences = msgspec.json.Decoder(list[_Silence])


def read(body: bytes, webhook_id: str, *, now: datetime) -> list[Silence]:
    """The silences of an answer that are active or will be, without those that cannot be evaluated or cost too much. Raises `ValueError`
    for what is none."""
    found = [one for one in _silences.decode(body) if one.status.state in _KEPT and one.starts_at.tzinfo and one.ends_at.tzinfo]
    kept = sorted(found, key=lambda one: one.ends_at)[:MOST]
    return _affordable(
        Silence(
            id=one.id[:64],
            webhook_id=webhook_id,
            matchers=tuple(Matcher(each.name, each.value, each.is_regex, each.is_equal) for each in one.matchers[:MAX_MATCHERS]),
            starts_at=one.starts_at.astimezone(UTC),
            ends_at=one.ends_at.astimezone(UTC),
            created_by=one.created_by[:200],
            comment=one.comment[:MAX_TEXT],
            seen_at=now,
        )
        for one in kept
    )


def _affordable(found: Iterable[Silence]) -> list[Silence]:
    kept, left = [], MOST_COST
    for one in found:
        needs = cost(one.matchers)
        if needs is not None and needs <= left:
            kept.append(one)
            left -= needs
    return kept


def of_issue(issue_id: str) -> list[Matcher]:
    """What silences the alert that Optral sends about an issue, whatever its severity."""
    return [Matcher(ISSUE_LABEL, issue_id)]


def of_alerts(alerts: Iterable[Mapping[str, str]]) -> list[Matcher]:
    """What silences alerts with these labels: the labels that all of them have, each with the values that occur.

    A label with more than 50 values is left out, unless it is the name. Empty without alerts, and where other alerts would be silenced too:
    where not all have a name, or nothing that says what they are about is left of what they share.
    """
    given = list(alerts)
    common = [name for name in (given[0] if given else ()) if all(name in labels for labels in given)]
    values = {name: sorted({labels[name] for labels in given}) for name in common}
    made = [_any_of(name, found) for name, found in sorted(values.items()) if len(found) <= MAX_VALUES or name == "alertname"]
    made = [one for one in made[:MAX_MATCHERS] if cost([one]) is not None]
    return made if _is_about_them(made, given) else []


def _is_about_them(made: Sequence[Matcher], given: Sequence[Mapping[str, str]]) -> bool:
    """Whether these matchers say of which name the alerts are and, if their labels do, what they are about."""
    names = {one.name for one in made}
    return "alertname" in names and (bool(names - GENERAL) or not any(labels.keys() - GENERAL for labels in given))


def _any_of(name: str, values: Sequence[str]) -> Matcher:
    if len(values) == 1:
        return Matcher(name, values[0])
    return Matcher(name, "|".join(re2.escape(value) for value in values), is_regex=True)


def checked_end(ends_at: datetime, *, now: datetime) -> datetime:
    """Raises `Invalid("invalid_silence")`."""
    if not now < ends_at <= now + LONGEST:
        say = "a silence ends in the future, within a year"
        raise Invalid("invalid_silence", say=say, errors=[{"field": "endsAt", "code": "invalid_silence", "message": say}])
    return ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A silence that is to be created."""

    matchers: Sequence[Matcher]
    ends_at: datetime
    created_by: str
    comment: str
    starts_at: datetime

    def repeats(self, silence: Silence, *, known: Collection[str]) -> bool:
        """Whether this silence holds now and is of an earlier request for the same: one of these ids, or of the same person, whose answer
        was lost. Alertmanager sorts matchers.
        """
        is_ours = silence.id in known or silence.created_by == self.created_by
        return is_ours and sorted(silence.matchers) == sorted(self.matchers) and silence.starts_at < self.starts_at + 2 * SKEW

    def extends(self, silence: Silence) -> bool:
        """Whether it ends later. Alertmanager rounds times to milliseconds."""
        return self.ends_at - silence.ends_at > ROUNDING

    def body(self, changed: Silence | None = None) -> bytes:
        """As Alertmanager takes it; with a silence that it changes, only what Alertmanager does not replace by a new silence is changed."""
        of = changed or self
        plain = {
            **({"id": changed.id} if changed else {}),
            "matchers": [{"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal} for one in of.matchers],
            "startsAt": of.starts_at,
            "endsAt": self.ends_at,
            "createdBy": self.created_by,
            "comment": self.comment,
        }
        return msgspec.json.encode(plain)
