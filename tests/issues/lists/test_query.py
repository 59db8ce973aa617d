"""The keys of the search language for issues: what they take, what they refuse, and which of them a filter's own fields express."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from optral.issues.lists import query, query_sql
from optral.issues.model import IssueFilter
from optral.kit.search_keys import Criterion, Key
from optral.kit.search_terms import Malformed

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs" / "search.md").read_text()


def filter_of(text: str, wanted: IssueFilter | None = None) -> IssueFilter:
    return query.narrowed(wanted or IssueFilter(), query.read(text), now=NOW)


@pytest.mark.parametrize("key", query.KEYS, ids=lambda key: key.name)
def test_each_key_is_documented_and_its_example_is_read(key: Key) -> None:
    names = ", ".join(f"`{name}`" for name in (key.name, *key.aliases))
    assert f"| {names} | {key.about} | `{key.example}` |" in PAGE
    assert filter_of(key.example) != IssueFilter(parents=frozenset({"never"}))
    for name in (key.name, *key.aliases):
        assert query.BY_NAME[name] is key


def test_each_key_has_sql() -> None:
    elsewhere = {"label", "parent", "after", "before"}
    assert {key.name for key in query.KEYS} == query_sql.COLUMNS.of.keys() | query_sql.COLUMNS.claims.keys() | elsewhere


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", IssueFilter()),
        ("api server", IssueFilter(q="api server")),
        ("severity:critical,HIGH", IssueFilter(severities=frozenset({"critical", "high"}))),
        ("ns:shop owner:web", IssueFilter(namespaces=frozenset({"shop"}), owners=frozenset({"web"}))),
        ("assignee:none", IssueFilter(assignees=frozenset({"none"}))),
        ("parent:any", IssueFilter()),
        ("parent:iss_1", IssueFilter(parents=frozenset({"iss_1"}))),
        ("after:2h", IssueFilter(since=NOW - timedelta(hours=2))),
        ("before:2026-05-01", IssueFilter(until=datetime(2026, 5, 1, tzinfo=UTC))),
        ("after:2026-05-01T02:00:00+02:00", IssueFilter(since=datetime(2026, 5, 1, tzinfo=UTC))),
        ("after:2h after:1h", IssueFilter(since=NOW - timedelta(hours=1))),
        ("-ns:shop", IssueFilter(terms=(Criterion(key="namespace", values=("shop",), is_negated=True),))),
        ("type:Node*,OOMKilled", IssueFilter(terms=(Criterion(key="type", values=("OOMKilled",), patterns=("Node*",)),))),
        ('type:"Node*"', IssueFilter(types=frozenset({"Node*"}))),
        ("ns:none", IssueFilter(terms=(Criterion(key="namespace", has_none=True),))),
        ("a -b", IssueFilter(q="a", terms=(Criterion(key="", values=("b",), is_negated=True),))),
        ("muted:true", IssueFilter(terms=(Criterion(key="muted", values=("true",)),))),
    ],
)
def test_a_query_becomes_a_filter(text: str, expected: IssueFilter) -> None:
    assert filter_of(text) == expected


def test_a_query_adds_to_what_a_filter_already_says() -> None:
    given = IssueFilter(severities=frozenset({"high"}), q="api", since=NOW)
    narrowed = filter_of("severity:critical web after:2h", given)
    assert (narrowed.severities, narrowed.q, narrowed.since) == (given.severities, "api", NOW)
    assert narrowed.terms == (Criterion(key="severity", values=("critical",)), Criterion(key="", values=("web",)))


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("ns:shop severity:urgent", 9, "severity must be one of critical, high, medium, low"),
        ("status:op*", 1, "status does not take *"),
        ("-after:2h", 1, "after cannot be negated"),
        ("after:soon", 1, "a date (2026-01-31), a time (2026-01-31T12:00:00Z) or an age (30m, 2h, 7d, 4w) is expected"),
        ("after:99999w", 1, "a date (2026-01-31), a time (2026-01-31T12:00:00Z) or an age (30m, 2h, 7d, 4w) is expected"),
        ("after:1h,2h", 1, "after takes one value"),
        ("snoozed:yes", 1, "snoozed must be one of true, false"),
        ("label:=pay", 1, "a label is expected as name=value"),
        ("type:" + ",".join(["*a*"] * 11), 1, "at most 10 texts, values with * and labels are allowed in a query"),
        ("api owners:web", 5, "there is no key owners (did you mean owner?); put text with a colon in quotation marks"),
    ],
)
def test_an_error_tells_where_and_what_is_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(Malformed) as error:
        query.read(text)
    assert (error.value.position, error.value.say) == (position, expected)
