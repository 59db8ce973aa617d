"""What a cause is."""

from typing import NamedTuple


class Cause(NamedTuple):
    """What it is, how we know, what fixes it: the text of `docs/causes.md`. `facts`: what an answer has to name (`causes/facts.py`)."""

    category: str
    id: str
    title: str
    what: str
    how: str
    fix: str
    facts: tuple[str, ...]
