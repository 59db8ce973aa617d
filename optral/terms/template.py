"""Templates of the texts in the catalog, with named parameters.

`{object} is crash-looping: container {container} exits with {code}`. A parameter that has a number chooses the words that depend on it:
`{pods} {pods:is|are} stuck terminating`, `{count} {count:node|nodes}`; an int has one, and so has an `Amount`.
"""

from string import Formatter
from typing import NewType

Title = NewType("Title", str)
"""The title of a finding. Only a template of the catalog makes one, so a title that is written elsewhere is a type error."""
_FORMATTER = Formatter()


class Amount:
    """A text in a template, and whether it is singular."""

    __slots__ = ("is_one", "text")

    def __init__(self, text: str, *, is_one: bool) -> None:
        self.text, self.is_one = text, is_one

    def __format__(self, words: str) -> str:
        """The text itself, or of `one|several` the word that agrees with it."""
        if not words:
            return self.text
        one, _, several = words.partition("|")
        return one if self.is_one else several


class Phrase:
    """A part of a title, such as the reason after the colon."""

    __slots__ = ("agrees", "parameters", "text")

    def __init__(self, text: str) -> None:
        fields = [(name, words) for _, name, words, _ in _FORMATTER.parse(text) if name is not None]
        self.text, self.parameters = text, frozenset(name for name, _ in fields)
        self.agrees = frozenset(name for name, words in fields if words and "|" in words)

    def __call__(self, **values: object) -> str:
        for name in self.agrees:
            if isinstance(value := values[name], int):
                values[name] = Amount(str(value), is_one=value == 1)
        return self.text.format_map(values)


class Template(Phrase):
    """A title: an alert in one line, with the object first, a capital letter and no full stop."""

    __slots__ = ()

    def __call__(self, **values: object) -> Title:
        return Title(super().__call__(**values))
