"""Text of strangers inside the Markdown of a pull request: always code, so that it links nowhere, mentions nobody and is no HTML."""

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_TICKS = re.compile("`+")


def one_line(text: object, *, most: int = 300) -> str:
    """On one line, of bounded length, without control and direction characters."""
    line = _CONTROL.sub(" ", "" if text is None else str(text)).strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def code(text: object, *, most: int = 300) -> str:
    """A span of code; backquotes become quotation marks."""
    return "`" + (one_line(text, most=most).replace("`", "'") or " ") + "`"


def block(text: str, language: str = "") -> str:
    """A block of code, fenced by more backquotes than stand in it."""
    clean = _CONTROL_IN_TEXT.sub(" ", text)
    fence = "`" * max(3, 1 + max((len(one) for one in _TICKS.findall(clean)), default=0))
    return f"{fence}{language}\n{clean.rstrip()}\n{fence}"
