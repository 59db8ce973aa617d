"""The search language for issues: its keys, and a query as part of an `IssueFilter`.

`KEYS` is the only list of the keys: documentation, completion, SQL (`query_sql.py`) and tests follow it. A term that a filter already
knows goes into its field, so that it uses the same statement and index; what is left (negations, patterns, a second term with the same
key) becomes `IssueFilter.terms`. Names of clusters and `me` are resolved by whoever reads the query.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from optral.issues.model import IssueFilter, Status, Substatus
from optral.kit import search_keys
from optral.kit.search_keys import NONE, Key
from optral.kit.search_terms import Malformed, Term
from optral.terms.severity import Severity

ANY = "any"
CLAIMS = ("true", "false")
_AGE = re.compile(r"(\d{1,4})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(text: str, *, now: datetime, position: int) -> datetime:
    """The time that is meant: a date (its start in UTC), an RFC 3339 time, or an age before `now`. Raises `Malformed`."""
    expected = "a date (2026-01-31), a time (2026-01-31T12:00:00Z) or an age (30m, 2h, 7d, 4w) is expected"
    try:
        if age := _AGE.fullmatch(text):
            return now - timedelta(**{_UNITS[age.group(2)]: int(age.group(1))})
        found = datetime.fromisoformat(text.upper())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(position, expected) from None


def _is_moment(text: str, position: int) -> None:
    moment(text, now=datetime.now(UTC), position=position)


KEYS = (
    Key(
        name="status",
        field="statuses",
        about="Status",
        values=tuple(Status),
        example="status:open,acknowledged",
    ),
    Key(
        name="severity",
        field="severities",
        about="Severity",
        values=tuple(Severity),
        example="severity:critical,high",
    ),
    Key(name="type", field="types", about="Issue type", takes_patterns=True, example="-type:Node*"),
    Key(name="category", field="categories", about="Category of the issue type", takes_patterns=True, example="category:network"),
    Key(
        name="substatus",
        field="substatuses",
        about="Substatus",
        values=tuple(Substatus),
        example="substatus:escalating",
    ),
    Key(name="cluster", field="clusters", about="Name or id of the cluster", takes_patterns=True, example="cluster:prod-*"),
    Key(
        name="namespace",
        aliases=("ns",),
        field="namespaces",
        about="Namespace; `none` for cluster-scoped objects",
        has_none=True,
        takes_patterns=True,
        example="ns:shop",
    ),
    Key(name="kind", field="owner_kinds", about="Kind of the owner", takes_patterns=True, example="kind:Deployment"),
    Key(name="owner", field="owners", about="Name of the owner, such as a Deployment", takes_patterns=True, example="owner:web"),
    Key(name="resource", about="Name of the object that failed most recently", takes_patterns=True, example="resource:web-7d4f*"),
    Key(name="container", field="containers", about="Container", has_none=True, takes_patterns=True, example="container:istio-proxy"),
    Key(
        name="assignee",
        field="assignees",
        about="Id of a member, `me`, or `none` for unassigned issues",
        has_none=True,
        example="assignee:me",
    ),
    Key(
        name="team",
        field="teams",
        about="Team that owns what fails; `none` for issues without a team",
        has_none=True,
        takes_patterns=True,
        example="team:payments",
    ),
    Key(
        name="label",
        about="Label of the issue: `name=value`, or `name` for any value",
        takes_patterns=True,
        check=search_keys.is_label,
        example="label:team=pay",
    ),
    Key(
        name="parent",
        field="parents",
        about="Id of the issue that explains it; `none` (default) for roots, `any` for roots and symptoms",
        takes_minus=False,
        is_single=True,
        example="parent:any",
    ),
    Key(name="snoozed", about="Whether the issue is snoozed", values=CLAIMS, example="snoozed:false"),
    Key(name="muted", about="Whether a mute rule matches the issue", values=CLAIMS, example="muted:false"),
    Key(
        name="after",
        about="Detected at or after this date, time or age (`30m`, `2h`, `7d`, `4w`)",
        takes_minus=False,
        is_single=True,
        check=_is_moment,
        example="after:2h",
    ),
    Key(
        name="before",
        about="Detected before this date, time or age",
        takes_minus=False,
        is_single=True,
        check=_is_moment,
        example="before:2026-01-31",
    ),
)
BY_NAME = search_keys.by_name(KEYS)


def read(text: str) -> tuple[Term, ...]:
    """The terms of a query, each with the full name of its key and valid values. Raises `Malformed`."""
    return search_keys.read(text, BY_NAME)


def mentions(terms: Iterable[Term], key: str) -> bool:
    return any(term.key == key for term in terms)


def default_parents(terms: Iterable[Term]) -> frozenset[str]:
    """Symptoms are left out unless the query says which to list."""
    return frozenset() if mentions(terms, "parent") else frozenset({"none"})


def narrowed(wanted: IssueFilter, terms: Iterable[Term], *, now: datetime) -> IssueFilter:
    """The filter with the conditions of these terms, which `read` has returned."""
    for term in terms:
        wanted = _with(wanted, term, now)
    return wanted


def _with(wanted: IssueFilter, term: Term, now: datetime) -> IssueFilter:
    exact = search_keys.exact(term)
    match term.key:
        case "" if not term.is_negated and wanted.q is None:
            return replace(wanted, q=exact[0])
        case "after":
            since = moment(exact[0], now=now, position=term.position)
            return replace(wanted, since=since if wanted.since is None else max(since, wanted.since))
        case "before":
            until = moment(exact[0], now=now, position=term.position)
            return replace(wanted, until=until if wanted.until is None else min(until, wanted.until))
        case "parent":
            return replace(wanted, parents=frozenset() if exact[0] == ANY else frozenset(exact))
        case _ if _is_field(wanted, term):
            chosen: dict[str, Any] = {str(BY_NAME[term.key].field): frozenset(exact)}
            return replace(wanted, **chosen)
    return replace(wanted, terms=(*wanted.terms, search_keys.criterion(term, BY_NAME)))


def _is_field(wanted: IssueFilter, term: Term) -> bool:
    """Whether an unused field of the filter has exactly this meaning."""
    field = BY_NAME[term.key].field if term.key else None
    if field is None or term.is_negated or any(value.is_pattern for value in term.values):
        return False
    is_none_elsewhere = field not in ("assignees", "teams") and NONE in {value.text for value in term.values} and BY_NAME[term.key].has_none
    return not getattr(wanted, field) and not is_none_elsewhere
