"""The search language: its terms, its errors with their positions, and that plain words stay one text."""

import re

import pytest
from hypothesis import given, strategies as st

from optral.kit.search_terms import MAX_LENGTH, MAX_TERMS, MAX_VALUES, Malformed, Term, Value, names_key, parse, quoted

KEYS = {"severity", "ns", "namespace", "type", "label"}


def text(words: str, *, is_negated: bool = False) -> Term:
    return Term("", (Value(words),), is_negated)


def term(key: str, *values: str | Value, is_negated: bool = False) -> Term:
    return Term(key, tuple(Value(one) if isinstance(one, str) else one for one in values), is_negated)


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("api-server", (text("api-server"),)),
        ("connection  refused", (text("connection  refused"),)),
        ('"api-server"', (text("api-server"),)),
        ('say "two words" now', (text("say"), text("two words"), text("now"))),
        ("-api", (text("api", is_negated=True),)),
        ("a - b", (text("a - b"),)),
        ("-", (text("-"),)),
        ("severity:critical", (term("severity", "critical"),)),
        ("SEVERITY:critical,high", (term("severity", "critical", "high"),)),
        ("-type:Node*", (term("type", Value("Node*", is_pattern=True), is_negated=True),)),
        ('type:"Node*"', (term("type", "Node*"),)),
        ('ns:"a b",c', (term("ns", "a b", "c"),)),
        (r'ns:"a \"b\" \\"', (term("ns", r'a "b" \ '.rstrip()),)),
        ("label:team=pay", (term("label", "team=pay"),)),
        ("label:a/b:c", (term("label", "a/b:c"),)),
        ("api ns:shop server", (text("api"), term("ns", "shop"), text("server"))),
        ("nginx-proxy:1.25", (text("nginx-proxy:1.25"),)),
        ("10.0.0.1:80", (text("10.0.0.1:80"),)),
        ("http://example.org", (text("http://example.org"),)),
        ("exit: 137", (text("exit: 137"),)),
        ('5"', (text('5"'),)),
        ("*", (text("*"),)),
    ],
)
def test_reads(query: str, terms: tuple[Term, ...]) -> None:
    assert parse(query, KEYS) == terms


@pytest.mark.parametrize(
    ("query", "position", "expected"),
    [
        ("severity:", 10, "a value is expected after severity:"),
        ("api severity: critical", 14, "a value is expected after severity:"),
        ("api sev:", 5, "there is no key sev (did you mean severity?)"),
        ("severity:critical,", 19, "a value is expected after the comma"),
        ("severity:,high", 10, "a value is expected after severity:"),
        ('ns:shop "api', 9, "this quotation mark is not closed"),
        ('ns:""', 4, "text is expected between the quotation marks"),
        ('"api"server', 6, "a space is expected here"),
        ('ns:a"b"', 5, "a space is expected here"),
        ("ns:shop severty:high", 9, "there is no key severty (did you mean severity?)"),
        ("-qqq:x", 2, "there is no key qqq (keys: label, namespace, ns, severity, type)"),
        ("ns:" + ",".join("a" * (MAX_VALUES + 1)), 104, "at most 50 values"),
        ("ns:a " * (MAX_TERMS + 1), 101, "at most 20 terms"),
        ("a" * (MAX_LENGTH + 1), MAX_LENGTH + 1, "at most 500 characters"),
    ],
)
def test_an_error_tells_where_and_what_is_expected(query: str, position: int, expected: str) -> None:
    with pytest.raises(Malformed) as error:
        parse(query, KEYS)
    assert (error.value.position, error.value.say.startswith(expected)) == (position, True), error.value.say


@given(st.text(max_size=MAX_LENGTH))
def test_any_text_is_read_or_refused_at_a_place_in_it(query: str) -> None:
    try:
        terms = parse(query, KEYS)
    except Malformed as error:
        assert 1 <= error.position <= len(query) + 1
    else:
        assert all(1 <= one.position <= len(query) for one in terms)


@given(st.from_regex(re.compile(r"[a-z0-9.]+( [a-z0-9./%_]+)*", re.ASCII), fullmatch=True).filter(lambda query: len(query) <= MAX_LENGTH))
def test_plain_words_are_one_text_as_it_was_typed(query: str) -> None:
    assert parse(query, KEYS) == (text(query),)


_values = st.builds(Value, st.text(min_size=1, max_size=8))
_terms = st.one_of(
    st.builds(Term, st.just(""), st.tuples(_values), st.booleans()),
    st.builds(Term, st.sampled_from(sorted(KEYS)), st.lists(_values, min_size=1, max_size=3).map(tuple), st.booleans()),
)


@given(st.lists(_terms, max_size=6))
def test_what_is_written_with_quotation_marks_is_read_back(terms: list[Term]) -> None:
    def written(one: Term) -> str:
        values = ",".join(quoted(value.text) if one.key else marked(value.text) for value in one.values)
        return ("-" if one.is_negated else "") + (f"{one.key}:" if one.key else "") + values

    def marked(value: str) -> str:  # neighboring words would be one text
        shown = quoted(value)
        return shown if shown.startswith('"') else f'"{shown}"'

    assert parse(" ".join(map(written, terms)), KEYS) == tuple(terms)


@pytest.mark.parametrize(
    ("query", "is_named"),
    [
        ("ns:shop", True),
        ("api -NS:shop", True),
        ("ns: shop", False),
        ('"ns:shop"', False),
        ("say ns:", False),
        ("vns:shop namespace:x", False),
    ],
)
def test_tells_whether_a_key_is_named(query: str, *, is_named: bool) -> None:
    assert names_key(query, "ns") is is_named
