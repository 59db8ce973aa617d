"""The kinds of members that a definition has: what each takes, and how it is written as a JSON Schema.

The members themselves are declared in `definition.py`, as annotations of its dataclasses. `definition_reader.py` reads by them and
`definition_schema.py` makes the JSON Schema of them, so a member is described once. What concerns two members at a time (such as the
risk and its steps) is judged in the reader alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass, fields
from functools import cache
from typing import Any, ClassVar, NamedTuple, TypeVar, get_type_hints

D = TypeVar("D")
Schema = dict[str, Any]
MAX_ENUM = 100


@dataclass(frozen=True, slots=True)
class Key:
    """A member with any value; the reader judges the value itself.

    `about` is shown to people who write a definition. `path` in the document: the name in camelCase if it is empty. `is_brief`: left out
    of the document where it has its default, as every member whose default is None or "".
    """

    about: str = ""
    _: KW_ONLY
    path: str = ""
    is_brief: bool = False

    def misfit(self, value: Any) -> str | None:
        """Why a value is not taken."""
        return None

    def schema(self) -> Schema:
        raise NotImplementedError

    def write(self, value: Any) -> Any:
        """The value in a document."""
        return value

    def load(self, kept: Any) -> Any:
        """The value of a document that was kept."""
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Key):
    most: int = 200
    fits: re.Pattern[str] | None = None

    def misfit(self, value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip() or len(value) > self.most or any(ord(c) < 32 and c not in "\n\t" for c in value):
            return f"must be text of 1 to {self.most} characters"
        return None if self.fits is None or self.fits.fullmatch(value) else f"does not fit {self.fits.pattern}"

    def schema(self) -> Schema:
        pattern = rf"^(?:{self.fits.pattern})$" if self.fits is not None else r"\S"
        return {"type": "string", "minLength": 1, "maxLength": self.most, "pattern": pattern}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Key):
    """One of several words, which a mapping describes."""

    among: Sequence[str] | Mapping[str, str]

    def misfit(self, value: Any) -> str | None:
        return None if isinstance(value, str) and value in self.among else f"must be one of {', '.join(self.among)}"

    def schema(self) -> Schema:
        described = {"enumDescriptions": list(self.among.values())} if isinstance(self.among, Mapping) else {}
        return {"type": "string", "enum": list(self.among), **described}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Key):
    least: int
    most: int

    def misfit(self, value: Any) -> str | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return None if is_whole and self.least <= value <= self.most else f"must be a whole number from {self.least} to {self.most}"

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Key):
    least: float
    most: float

    def misfit(self, value: Any) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and self.least <= value <= self.most else f"must be a number from {self.least:g} to {self.most:g}"

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Key):
    def misfit(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else "must be true or false"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Key):
    """A list of texts of at most 253 characters, without repetitions."""

    most: int = MAX_ENUM
    fits: re.Pattern[str] | None = None

    def misfit_of_item(self, value: Any) -> str | None:
        if isinstance(value, str) and 1 <= len(value) <= 253 and (self.fits is None or self.fits.fullmatch(value)):
            return None
        return "must be text" + (f" that fits {self.fits.pattern}" if self.fits else "")

    def schema(self) -> Schema:
        item: Schema = {"type": "string", "minLength": 1, "maxLength": 253}
        if self.fits is not None:
            item["pattern"] = rf"^(?:{self.fits.pattern})$"
        return {"type": "array", "items": item, "maxItems": self.most}

    def write(self, value: Any) -> Any:
        return list(value)

    def load(self, kept: Any) -> Any:
        return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Key):
    """A mapping with members of its own."""

    of: type

    def write(self, value: Any) -> Any:
        return written(value)

    def load(self, kept: Any) -> Any:
        return loaded(self.of, kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Key):
    """A list of such mappings."""

    of: type
    most: int
    least: int = 0

    def write(self, value: Any) -> Any:
        return list(map(written, value))

    def load(self, kept: Any) -> Any:
        return tuple(loaded(self.of, one) for one in kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge(Key):
    """A whole number or a quantity, as the type of the parameter says."""

    WHY: ClassVar[str] = "must be a whole number (integer) or a quantity (quantity), and belongs to no other type"

    def misfit(self, value: Any) -> str | None:
        return None if isinstance(value, int | str | float) else self.WHY

    def schema(self) -> Schema:
        return {"type": ["integer", "string"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(Key):
    """A text, a number, true or false."""

    examples: Sequence[str] = ()

    def schema(self) -> Schema:
        return {"type": ["string", "integer", "boolean"], "examples": list(self.examples)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(Key):
    """The values of an action, as the action takes them."""

    def misfit(self, value: Any) -> str | None:
        return None if isinstance(value, dict) else "must be a mapping"

    def schema(self) -> Schema:
        return {"type": "object"}

    def write(self, value: Any) -> Any:
        return dict(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Key):
    """A condition (`condition_reader.py`)."""

    def schema(self) -> Schema:
        return {"$ref": "#/definitions/condition"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Key):
    """Stored with a definition, but never written by people."""


class Member(NamedTuple):
    """A field of a dataclass, its place in the document (`outer` is "" on the first level), and its default; MISSING if it is needed."""

    field: str
    key: Key
    outer: str
    name: str
    default: Any
    is_brief: bool

    @property
    def is_needed(self) -> bool:
        return self.default is MISSING


def members(of: type) -> tuple[Member, ...]:
    """The members of a dataclass whose fields are annotated with keys."""
    return _members(of)


@cache
def _members(of: type) -> tuple[Member, ...]:
    hints = get_type_hints(of, include_extras=True)
    return tuple(_member(one, hints[one.name].__metadata__[0]) for one in fields(of))


def _member(one: Any, key: Key) -> Member:
    first, *rest = one.name.split("_")
    outer, _, name = (key.path or first + "".join(word.capitalize() for word in rest)).rpartition(".")
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return Member(one.name, key, outer, name, default, key.is_brief or default in (None, ""))


def written(made: Any) -> dict[str, Any]:
    """The document of a dataclass with members: `loaded` gives it back."""
    document: dict[str, Any] = {}
    for field, key, outer, name, default, is_brief in members(type(made)):
        value = getattr(made, field)
        if not (is_brief and value == default):
            inside = document.setdefault(outer, {}) if outer else document
            inside[name] = key.write(value)
    return document


def loaded(of: type[D], kept: Mapping[str, Any]) -> D:
    """What a document holds that was judged when it was kept."""
    values = {}
    for field, key, outer, name, default, _ in members(of):
        inside = kept.get(outer, {}) if outer else kept
        if name in inside or default is MISSING:
            values[field] = key.load(inside[name])
    return of(**values)
