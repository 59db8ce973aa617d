"""Reads a large JSON List in parts, so that a scan holds a few megabytes of a dump at a time.

The JSON parser decides where items end, never a pattern alone: a cut between two items is right if and only if everything before it is a
valid array. The text between the first two items says where to try.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

PART_BYTES = 1024 * 1024
MAX_TRIES = 200  # cuts that are tried in one part before more of the file is read
_TOP = 64 * 1024  # bytes in which the items of a List begin
_ITEMS_BEGIN = re.compile(rb'"items"\s*:\s*\[\s*(?=\{)')
_BETWEEN = re.compile(rb'\}\s*,\s*\{\s*"[^"]*"')
_END = re.compile(rb"\}\s*\]")
_BRACE = re.compile(rb"\}")
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError)


class LongList:
    """A List that begins with `text`; `read(n)` gives up to `n` more bytes, and none at the end.

    After the last part `members` is the List without its items, as JSON, and `rest` is what follows the List. If the JSON is invalid,
    `problem` says so and `rest` is empty.
    """

    def __init__(self, text: bytes, read: Callable[[int], bytes]) -> None:
        begin = _begin(text)
        if begin is None:
            raise ValueError("not the beginning of a List")
        self._before, at = begin
        self._text, self._read, self._is_at_end = text[at:], read, False
        self.members, self.rest, self.problem = self._before, b"", ""

    def parts(self) -> Iterator[list[msgspec.Raw]]:
        """The items, each part as a list."""
        between = b""
        while True:
            between = between or self._first_gap()
            items = self._cut(between) if between else []
            if items:
                yield items
            if self._is_at_end:
                break
            self._more()
        yield self._last()

    def _more(self) -> None:
        text = self._read(PART_BYTES)
        self._is_at_end = not text
        self._text += text

    def _first_gap(self) -> bytes:
        """The text from the end of the first item to the first key of the second; empty if the second has not been read."""
        for match in _BETWEEN.finditer(self._text):
            if _is_valid(self._text[: match.start() + 1]):
                return match.group()
        return b""

    def _cut(self, between: bytes) -> list[msgspec.Raw]:
        """Take as many whole items as possible from the text, but not the last of all; none if no cut is found."""
        at = len(self._text)
        for _ in range(MAX_TRIES):
            if (at := self._text.rfind(between, 0, at)) < 0:
                return []
            try:
                items = _ITEMS.decode(b"".join((b"[", memoryview(self._text)[: at + 1], b"]")))
            except _ERRORS:
                continue
            self._text = self._text[self._text.index(b",", at) + 1 :]
            return items
        return []

    def _last(self) -> list[msgspec.Raw]:
        """The items that are left, and what follows them."""
        for match in _END.finditer(self._text):
            try:
                items = _ITEMS.decode(b"[" + self._text[: match.end()])
            except _ERRORS:
                continue
            self._end(self._text[match.end() :])
            return items
        self.problem = "invalid or truncated JSON"
        return []

    def _end(self, text: bytes) -> None:
        opening = self._before.rstrip()[:-1]
        for brace in _BRACE.finditer(text):
            after = text[: brace.end()]
            whole = opening + (after if opening.strip() != b"{" else after.lstrip().removeprefix(b","))
            if _is_valid(whole):
                self.members, self.rest = whole, text[brace.end() :]
                return
        self.problem = "truncated JSON: the list does not end"


def is_beginning(text: bytes) -> bool:
    """Whether this is the beginning of a JSON List with at least one item."""
    return _begin(text) is not None


def _begin(text: bytes) -> tuple[bytes, int] | None:
    """The members before the items, as a JSON object, and where the first item begins."""
    found = _ITEMS_BEGIN.search(text, 0, _TOP)
    if found is None:
        return None
    before = text[: found.start()].rstrip().removesuffix(b",") + b"}"
    return (before, found.end()) if _is_valid(before) else None


def _is_valid(text: bytes) -> bool:
    try:
        _OBJECT.decode(text)
    except _ERRORS:
        return False
    return True
