"""Text of strangers inside the Markdown of a pull request: always code, so that it links nowhere, mentions nobody and is no HTML."""

import re

from optral.kit import printable

_TICKS = re.compile("`+")


def one_line(text: object, *, most: int = 300) -> str:
    """On one line, of bounded length, without control and direction characters."""
    return printable.one_line(" ".join(printable.one_line(text).split()), most=most)


def code(text: object, *, most: int = 300) -> str:
    """A span of code; backquotes become quotation marks."""
    return "`" + (one_line(text, most=most).replace("`", "'") or " ") + "`"


def block(text: str, language: str = "") -> str:
    """A block of code, fenced by more backquotes than stand in it."""
    clean = printable.lines(text)
    fence = "`" * max(3, 1 + max((len(one) for one in _TICKS.findall(clean)), default=0))
    return f"{fence}{language}\n{clean.rstrip()}\n{fence}"
