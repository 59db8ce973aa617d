"""A document: sections of facts, each with the ids of what it rests on, as JSON and as Markdown. Pure.

A section without facts says what is missing, or is for people to write. Names stand between backquotes. Everything else is text: no link,
mention, image, heading or HTML comes of it, whatever stands in a cluster.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from optral.forges.markdown import code, one_line
from optral.kit.mappings import without_none
from optral.kit.times import rfc3339

MOST_FACTS = 60  # of a section
MOST_CHARACTERS = 600  # of a fact
MOST_IDS = 5
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_LINKED = re.compile(r"\S*(?:://|www\.|@|#\d)\S*", re.IGNORECASE)  # what renderers link, or notify, without any markup
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|~&#$!]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One sentence. `ids`: what it rests on, such as evidence (ev_…), an issue (iss_…) or an entry of a history (aud_…); never empty."""

    text: str
    ids: Sequence[str]
    at: datetime | None = None
    label: str | None = None

    def plain(self) -> dict[str, Any]:
        return without_none({"label": self.label, "at": self.at, "text": self.text, "ids": list(self.ids)[:MOST_IDS]})

    def markdown(self, *, about: str | None) -> str:
        """A line of a list, with the ids unless it is only that of the document's subject."""
        parts = [f"{self.at:%Y-%m-%d %H:%M:%S}" if self.at else "", f"**{self.label}:**" if self.label else "", escaped(self.text)]
        sources = "" if list(self.ids) == [about] else f"({', '.join(map(code, self.ids[:MOST_IDS]))})"
        return f"- {' '.join(filter(None, [*parts, sources]))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`missing`: what is not known, one sentence each. `left_out`: how many facts more there are."""

    key: str
    heading: str
    facts: Sequence[Fact] = ()
    missing: Sequence[str] = ()
    left_out: int = 0
    is_for_people: bool = False

    def plain(self) -> dict[str, Any]:
        facts, missing = [one.plain() for one in self.facts], list(self.missing)
        named = {"key": self.key, "heading": self.heading}
        return named | {"facts": facts, "missing": missing, "leftOut": self.left_out, "forPeople": self.is_for_people}

    def markdown(self, *, about: str | None) -> list[str]:
        facts = [one.markdown(about=about) for one in self.facts]
        more = [f"- {self.left_out} more are not listed."] if self.left_out else []
        return [f"## {self.heading}", "", *facts, *more, *(f"- *{escaped(one)}*" for one in self.missing), ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`subject_id`: the issue or execution that it is about; None for a handover."""

    kind: str
    title: str
    at: datetime
    sections: Sequence[Section]
    subject_id: str | None = None

    def plain(self) -> dict[str, Any]:
        shown = without_none({"kind": self.kind, "subjectId": self.subject_id, "title": self.title, "at": self.at})
        return shown | {"sections": [one.plain() for one in self.sections], "markdown": self.markdown()}

    def markdown(self) -> str:
        written = f"Written by Optral at {rfc3339(self.at)} from its records. Times are in UTC. Ids in parentheses are the sources"
        written += f"; a line without them rests on {code(self.subject_id)}." if self.subject_id else "."
        lines = [
            f"# {escaped(self.title)}",
            "",
            written,
            "",
            *(line for one in self.sections for line in one.markdown(about=self.subject_id)),
        ]
        return "\n".join(lines).rstrip() + "\n"


def section(
    key: str, heading: str, facts: Iterable[Fact], *, otherwise: str = "", missing: Iterable[str] = (), more: int = 0, ends: bool = False
) -> Section:
    """A section of bounded size: the first facts, with `ends` the first and the last. `otherwise`: what is missing if there is none.

    `more`: how many facts were not even read.
    """
    every = [_bounded(one) for one in facts]
    kept = [*every[: MOST_FACTS // 3], *every[-(MOST_FACTS - MOST_FACTS // 3) :]] if ends else every[:MOST_FACTS]
    shown = every if len(every) <= MOST_FACTS else kept
    lacks = [*missing, *([otherwise] if otherwise and not every and not more else [])]
    return Section(key=key, heading=heading, facts=shown, missing=lacks, left_out=len(every) - len(shown) + more)


def blank(key: str, heading: str) -> Section:
    """A heading for people to write below."""
    return Section(key=key, heading=heading, is_for_people=True)


def name(text: object) -> str:
    """A name as it stands in a fact."""
    return code(text, most=200)


def _bounded(one: Fact) -> Fact:
    return Fact(text=_line(one.text), ids=one.ids, at=one.at, label=one.label)


def _line(text: str) -> str:
    return one_line(text, most=MOST_CHARACTERS)


def escaped(text: str) -> str:
    """Text as Markdown that shows it: what stands between backquotes is code, the rest has no meaning."""
    parts = _CODE.split(_line(text))
    return "".join(code(part, most=MOST_CHARACTERS) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(text: str) -> str:
    found, at = [], 0
    for link in _LINKED.finditer(text):
        found += [_SPECIAL.sub(r"\\\g<0>", text[at : link.start()]), code(link[0], most=MOST_CHARACTERS)]
        at = link.end()
    return "".join([*found, _SPECIAL.sub(r"\\\g<0>", text[at:])])
