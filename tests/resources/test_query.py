"""The keys of the search language for resources: what they take, what they refuse, and which of them a filter's own fields express."""

from pathlib import Path

import pytest

from optral.kit.search_keys import Criterion, Key
from optral.kit.search_terms import Malformed
from optral.kube.statuses import State
from optral.resources import query, query_sql
from optral.resources.model import ResourceFilter

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text().partition("## Search resources")[2]


COMPARED = "at most 10 texts, values with * and labels are allowed in a query"


def filter_of(text: str, wanted: ResourceFilter | None = None) -> ResourceFilter:
    return query.narrowed(wanted or ResourceFilter(), query.read(text))


@pytest.mark.parametrize("key", query.KEYS, ids=lambda key: key.name)
def test_each_key_is_documented_and_its_example_is_read(key: Key) -> None:
    names = ", ".join(f"`{name}`" for name in (key.name, *key.aliases))
    assert f"| {names} | {key.about} | `{key.example}` |" in PAGE
    assert filter_of(key.example) != ResourceFilter()


def test_each_key_has_sql() -> None:
    assert {key.name for key in query.KEYS} == query_sql.COLUMNS.of.keys() | {"label", "node"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ResourceFilter()),
        ("web server", ResourceFilter(q="web server")),
        ("web -db", ResourceFilter(q="web", terms=(Criterion(key="", values=("db",), is_negated=True),))),
        (
            "kind:Pod ns:shop state:failing",
            ResourceFilter(kinds=frozenset({"Pod"}), namespaces=frozenset({"shop"}), states=frozenset({State.FAILING})),
        ),
        ("-state:healthy", ResourceFilter(states=frozenset({State.FAILING, State.PENDING}))),
        (
            "-state:healthy,failing,pending",
            ResourceFilter(terms=(Criterion(key="state", values=("failing", "healthy", "pending"), is_negated=True),)),
        ),
        ("name:web", ResourceFilter(name="web")),
        ("name:web,db", ResourceFilter(terms=(Criterion(key="name", values=("db", "web")),))),
        ("label:app=web label:tier:front", ResourceFilter(labels={"app": "web", "tier": "front"})),
        ("label:app=web label:app=db", ResourceFilter(labels={"app": "web"}, terms=(Criterion(key="label", values=("app=db",)),))),
        ("label:app", ResourceFilter(terms=(Criterion(key="label", values=("app",)),))),
        (
            "-kind:Deployment",
            ResourceFilter(terms=(Criterion(key="kind", values=("Deployment",), patterns=("Deployment.*",), is_negated=True),)),
        ),
        ("kind:*Set.apps", ResourceFilter(terms=(Criterion(key="kind", patterns=("*Set.apps",)),))),
        ("ns:none", ResourceFilter(terms=(Criterion(key="namespace", has_none=True),))),
    ],
)
def test_a_query_becomes_a_filter(text: str, expected: ResourceFilter) -> None:
    assert filter_of(text) == expected


def test_a_query_adds_to_what_a_filter_already_says() -> None:
    given = ResourceFilter(kinds=frozenset({"Pod"}), states=frozenset({State.FAILING}))
    narrowed = filter_of("kind:Node state:pending", given)
    assert (narrowed.kinds, narrowed.states) == (given.kinds, given.states)
    assert [one.key for one in narrowed.terms] == ["kind", "state"]


def test_ten_texts_patterns_and_labels_are_allowed_and_more_exact_values() -> None:
    assert len(query.read("web label:a=1,b=2,c,d,e,f -name:*g,*h owner:*i,j kind:" + ",".join("abcdefghijklmnop"))) == 5


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("web stat:failing", 5, "there is no key stat (did you mean state?); put text with a colon in quotation marks"),
        ("state:broken", 1, "state must be one of failing, pending, healthy"),
        ("state:fail*", 1, "state does not take *"),
        ("node:node-*", 1, "node does not take *"),
        ("-node:node-1", 1, "node cannot be negated"),
        ("node:a,b", 1, "node takes one value"),
        ("label:=web", 1, "a label is expected as name=value"),
        ("name:" + ",".join(["*a*"] * 11), 1, COMPARED),
        ("web label:a=1,b=2,c,d,e,f -name:*g,*h owner:*i,j -name:k*", 50, COMPARED),
        ('"a" "b" "c" "d" "e" "f" "g" "h" "i" "j" -"k"', 41, COMPARED),
    ],
)
def test_an_error_tells_where_and_what_is_expected(text: str, position: int, expected: str) -> None:
    with pytest.raises(Malformed) as error:
        query.read(text)
    assert (error.value.position, error.value.say) == (position, expected)
