"""The help of `optral` itself, without the library that parses commands: loading that library takes longer than anything else here.

The text is the one that typer prints at the same width; a test compares them.
"""

import os
import sys
from collections.abc import Iterator, Mapping

from optral.cli import commands

MAX_WIDTH = 100
MIN_WIDTH = 50
_MARGIN = 2
_BETWEEN = 2  # columns between a name and its text
_SHORTENED = "..."


def help_text(columns: int, *, program: str = "optral") -> str:
    """The help for a terminal of so many columns."""
    width = max(min(columns, MAX_WIDTH) - _MARGIN, MIN_WIDTH)
    longest = max(map(len, commands.COMMANDS))
    summaries = {name: _shortened(command.summary, width - 6 - longest) for name, command in commands.COMMANDS.items()}
    lines = [f"Usage: {program} [OPTIONS] COMMAND [ARGS]...", ""]
    for paragraph in commands.HELP.split("\n\n"):
        lines += [*_wrapped(paragraph, width, "  "), ""]
    lines += ["Options:", *_table(commands.OPTIONS, width), "", "Commands:", *_table(summaries, width)]
    return "\n".join(lines)


def terminal_columns() -> int:
    """As `shutil.get_terminal_size`, without its module."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ is not None else 80
    except (OSError, ValueError):
        return 80


def _table(rows: Mapping[str, str], width: int) -> Iterator[str]:
    first = max(map(len, rows)) + _BETWEEN
    for name, text in rows.items():
        begin, *more = _wrapped(text, width - first - _MARGIN, "")
        yield f"  {name:<{first}}{begin}"
        yield from (" " * (first + 2) + line for line in more)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    lines, line = [], indent
    for word in text.split():
        if line.strip() and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = indent
        line += word if line == indent else f" {word}"
    return [*lines, line]


def _shortened(text: str, limit: int) -> str:
    """The first sentence; if it is longer than the limit, as many whole words as fit, with dots."""
    sentence = text.partition(". ")[0]
    sentence = sentence if sentence == text else sentence + "."
    if len(sentence) <= limit:
        return sentence
    words = sentence.split()
    while len(words) > 1 and len(" ".join(words)) + len(_SHORTENED) > limit:
        words.pop()
    return " ".join(words) + _SHORTENED
