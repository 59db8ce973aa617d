"""The word without which a pattern cannot match, so that most patterns are never tried: a substring test costs 1 % of a regex search."""

import re
from collections.abc import Iterator
from functools import lru_cache

MIN_WORD = 3
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[\s\S]")
_REPEAT = re.compile(r"(?:[?*+]|\{\d{0,9}(?:,\d{0,9})?\})\??")


class Patterns:
    """Some patterns, each alternative with the word that it needs, and compiled when a text first has that word."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = patterns

    def match(self, text: str, lowered: str) -> bool:
        """Whether a text, given in lower case as well, shows any of them."""
        return any(need in lowered and compiled(one).search(text) is not None for need, one in needs(self._patterns))


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, whatever the case of letters."""
    return re.compile(pattern, re.IGNORECASE)


@lru_cache(maxsize=256)
def needs(patterns: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each alternative of these patterns, after the word without which it cannot match; an empty word is in every text."""
    return tuple((_word(pieces), "".join(text for text, _ in pieces)) for pattern in patterns for pieces in _alternatives(pattern))


def _word(pieces: list[tuple[str, str | None]]) -> str:
    """The longest run of plain characters, in lower case; empty where it is shorter than three."""
    runs = "".join("\0" if plain is None else plain for _, plain in pieces).split("\0")
    longest = max(runs, key=len).lower()
    return longest if len(longest) >= MIN_WORD and longest.isascii() else ""


def _alternatives(pattern: str) -> Iterator[list[tuple[str, str | None]]]:
    """The alternatives of a pattern: its pieces, each with the character that every match has there, if it is a plain one."""
    found: list[tuple[str, str | None]] = []
    depth, at = 0, 0
    while (piece := _PIECE.match(pattern, at)) is not None:
        text, repeat = piece.group(), _REPEAT.match(pattern, piece.end())
        depth += (text == "(") - (text == ")")
        if text == "|" and depth == 0:
            yield found
            found = []
            at = piece.end()
            continue
        is_plain = not depth and repeat is None and text not in (")", "^", "$", ".") and text[0] != "[" and not _is_class(text)
        at = piece.end() if repeat is None or text == "(" else repeat.end()
        found.append((pattern[piece.start() : at], text[-1] if is_plain else None))
    yield found


def _is_class(text: str) -> bool:
    return text[0] == "\\" and text[1].isalnum()
