"""Text of strangers on its way to a screen or a row: nothing in it may move a cursor, or hide or reorder other text.

What is printable is what `str.isprintable` says: no controls, no direction marks, no invisible or half characters.
"""

import json
import re

_UNUSUAL = re.compile(r"[^ -~]")
_UNUSUAL_IN_LINES = re.compile(r"[^ -~\n\t]")
_HIDDEN = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def one_line(text: object, *, most: int | None = None) -> str:
    """On one line, of at most `most` characters; what is not printable becomes a space."""
    line = _UNUSUAL.sub(_shown, "" if text is None else str(text))
    return line if most is None or len(line) <= most else line[: most - 1] + "…"


def lines(text: str) -> str:
    """As `one_line`, but line breaks and tabs stay."""
    return _UNUSUAL_IN_LINES.sub(_shown, text)


def escaped(text: str) -> str:
    r"""As `lines`, but what is not printable is written as in JSON: `\u202e`."""
    return _UNUSUAL_IN_LINES.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


def visible(text: str) -> str:
    """Without colors and hidden characters, which are removed; line breaks and tabs stay."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text)


def _shown(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else " "
