"""The search language, split into terms: `severity:critical,high ns:shop -type:Node* "api-server"`.

    query    term term …                 all of them must match
    term     -key:value,value            any of the values; with `-`, none of them
             -"text"                     text; neighboring words without a key are one text, spaces included
    value    word, Word* or "a value"    `*` stands for any characters; in quotation marks it is a `*`

A key is one word of letters. `nginx-proxy:1.25`, `10.0.0.1:80`, `https://…` and a word that ends with a colon are therefore text, unless it
is the beginning of a key. What the keys are, and what their values mean, is up to the caller. Positions count characters from 1.
"""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, field

MAX_LENGTH = 500
MAX_TERMS = 20
MAX_VALUES = 50
_KEY = re.compile(r"([A-Za-z]+):(?!//)")
_WORD = re.compile(r"\S+")
_BARE = re.compile(r'[^\s,"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r"\s*")
_NEEDS_MARKS = re.compile(r'[\s,"*:\\]|^-|^$')


class Malformed(ValueError):
    """The query is not of the language: `say` tells what is expected, `position` where."""

    def __init__(self, position: int, say: str) -> None:
        super().__init__(f"invalid query at character {position}: {say}")
        self.position = position
        self.say = say


@dataclass(frozen=True, slots=True)
class Value:
    """`is_pattern`: each `*` of the text stands for any characters."""

    text: str
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. The key of a text is empty, and it has one value."""

    key: str
    values: tuple[Value, ...]
    is_negated: bool = False
    position: int = field(default=1, compare=False)


def parse(query: str, keys: Collection[str]) -> tuple[Term, ...]:
    """The terms of the query in their order. Raises `Malformed`."""
    if len(query) > MAX_LENGTH:
        raise Malformed(MAX_LENGTH + 1, f"at most {MAX_LENGTH} characters are allowed")
    found: list[Term] = []
    at = _skip(query, 0)
    while at < len(query):
        term, at = _term(query, at, keys)
        found.append(term)
        if len(found) > MAX_TERMS:
            raise Malformed(term.position, f"at most {MAX_TERMS} terms are allowed")
        at = _skip(query, at)
    return tuple(found)


def names_key(query: str, key: str) -> bool:
    """Whether a term of the query has this key, negated or not. A query that is malformed elsewhere may count."""
    outside = _QUOTED.sub('""', query)
    return re.search(rf"(?:^|\s)-?{key}:\S", outside, re.IGNORECASE) is not None


def quoted(text: str) -> str:
    """The text as one value or text of the language, in quotation marks only if it needs them."""
    if not _NEEDS_MARKS.search(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _term(query: str, at: int, keys: Collection[str]) -> tuple[Term, int]:
    is_negated = _is_minus(query, at)
    start = at + is_negated
    if query.startswith('"', start):
        text, end = _quotation(query, start)
        return Term("", (Value(text),), is_negated, at + 1), _ended(query, end)
    if key := _key(query, start, keys):
        values, end = _values(query, start + len(key) + 1, key)
        return Term(key.lower(), values, is_negated, at + 1), end
    end = _WORD.match(query, start).end()  # type: ignore[union-attr]  # `at` is at no space
    if not is_negated:
        end = _run(query, end, keys)
    return Term("", (Value(query[start:end]),), is_negated, at + 1), end


def _run(query: str, end: int, keys: Collection[str]) -> int:
    """Where the words without a key end that begin before `end`."""
    while True:
        start = _skip(query, end)
        if start == len(query) or query[start] == '"' or _is_minus(query, start) or _key(query, start, keys):
            return end
        end = _WORD.match(query, start).end()  # type: ignore[union-attr]


def _key(query: str, at: int, keys: Collection[str]) -> str:
    """The key as written, or nothing where text begins. Raises `Malformed` for a key that does not exist."""
    found = _KEY.match(query, at)
    if found is None:
        return ""
    key = found.group(1)
    if key.lower() in keys:
        return key
    is_word = found.end() == len(query) or query[found.end()].isspace()
    if is_word and not (len(key) > 2 and any(one.startswith(key.lower()) for one in keys)):  # `sev:` is a key without its value
        return ""
    raise Malformed(at + 1, f"there is no key {key}{_nearest(key, keys)}; put text with a colon in quotation marks")


def _nearest(key: str, keys: Collection[str]) -> str:
    close = difflib.get_close_matches(key.lower(), list(keys), n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else f" (keys: {', '.join(sorted(keys))})"


def _values(query: str, at: int, key: str) -> tuple[tuple[Value, ...], int]:
    found: list[Value] = []
    while True:
        if len(found) == MAX_VALUES:
            raise Malformed(at + 1, f"at most {MAX_VALUES} values are allowed for {key}")
        value, at = _value(query, at, key)
        found.append(value)
        if not query.startswith(",", at):
            return tuple(found), _ended(query, at)
        at += 1


def _value(query: str, at: int, key: str) -> tuple[Value, int]:
    if query.startswith('"', at):
        text, end = _quotation(query, at)
        return Value(text), end
    if (bare := _BARE.match(query, at)) is None:
        raise Malformed(at + 1, f"a value is expected after {key}:" if query[at - 1] == ":" else "a value is expected after the comma")
    return Value(bare.group(), "*" in bare.group()), bare.end()


def _quotation(query: str, at: int) -> tuple[str, int]:
    if (found := _QUOTED.match(query, at)) is None:
        raise Malformed(at + 1, "this quotation mark is not closed")
    if not found.group(1):
        raise Malformed(at + 1, "text is expected between the quotation marks")
    return _ESCAPED.sub(r"\1", found.group(1)), found.end()


def _ended(query: str, at: int) -> int:
    if at < len(query) and not query[at].isspace():
        raise Malformed(at + 1, "a space is expected here")
    return at


def _is_minus(query: str, at: int) -> bool:
    """Whether the term at this place is negated: a minus that stands alone is text."""
    return query[at] == "-" and at + 1 < len(query) and not query[at + 1].isspace()


def _skip(query: str, at: int) -> int:
    return _SPACES.match(query, at).end()  # type: ignore[union-attr]  # matches everywhere
