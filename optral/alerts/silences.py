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
_KEPT = frozenset({"active", "pending"})


class Matcher(NamedTuple):
    """A condition on one label; a label that is missing is empty. A regular expression matches the whole value."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name, "")
        is_same = _is_match(self.value, value) if self.is_regex else value == self.value
        return is_same is self.is_equal


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


@lru_cache(maxsize=2000)
def _compiled(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?s:{text})", options)
    except re2.error:
        return None  # Alertmanager accepted it, so it is of a later syntax: it matches nothing here


def _is_match(text: str, value: str) -> bool:
    found = _compiled(text)
    return found is not None and found.fullmatch(value) is not None


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
    """The silences of an answer that are active or will be. Raises `ValueError` for what is none."""
    found = [one for one in _silences.decode(body) if one.status.state in _KEPT and one.starts_at.tzinfo and one.ends_at.tzinfo]
    kept = sorted(found, key=lambda one: one.ends_at)[:MOST]
    return [
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
    ]


def of_issue(issue_id: str) -> list[Matcher]:
    """What silences the alert that Optral sends about an issue, whatever its severity."""
    return [Matcher(ISSUE_LABEL, issue_id)]


def of_alerts(alerts: Iterable[Mapping[str, str]]) -> list[Matcher]:
    """What silences alerts with these labels: the labels that all of them have, each with the values that occur.

    A label with more than 50 values is left out, unless it is the name. Empty without alerts.
    """
    given = list(alerts)
    common = [name for name in (given[0] if given else ()) if all(name in labels for labels in given)]
    values = {name: sorted({labels[name] for labels in given}) for name in common}
    kept = {name: found for name, found in values.items() if len(found) <= MAX_VALUES or name == "alertname"}
    return [_any_of(name, found) for name, found in sorted(kept.items())][:MAX_MATCHERS]


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
