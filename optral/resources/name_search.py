"""The SQL of the search for objects by name: the name itself first, then names that begin with the text, then names that contain it.

The text is looked for from the beginning of each word of a base name (`object_sets.py`), and within words of letters, of which there are
few; what a controller appended is looked for in the sets whose base name the text begins with. All of that costs as much as is
found. Only a text that looks like a part of what controllers append, and that nothing else has, is compared with every name.

Among equals an object with a base name comes before those with more, which puts a workload before its pods, and then the shorter name.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from optral.resources import object_sets
from optral.resources.list_repository import listed
from optral.resources.tables import resource_names, resource_words, resources
from optral.store import areas
from optral.store.dialects import Folded
from optral.store.lists import containing, escaped, unindexed
from optral.store.transaction import Transaction
from optral.terms.reach import Areas

SETS = 64
"""So many sets are looked at for objects; the best come first, and most have one."""
WORDS = 50
_BEYOND = "\U0010ffff"
_org: sa.BindParameter[str] = sa.bindparam("org")
_limit: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_names = resource_names.c


class Hit(NamedTuple):
    """A set whose base name has the text. `place`: where in the name."""

    number: int
    name: str
    is_derived: bool
    place: int


def find(tx: Transaction, text: str, *, within: Areas, limit: int) -> Sequence[sa.Row[Any]]:
    """The rows, best first."""
    seen = _Seen(tx, within)
    ids = _ids(seen, text, limit)
    rows = {row.id: row for row in tx.execute(_ROWS, {"org": tx.org_id, "ids": ids})} if ids else {}
    return [rows[one] for one in ids if one in rows]


class _Seen(NamedTuple):
    """A transaction, and the areas in which it looks."""

    tx: Transaction
    within: Areas

    def fetch(self, statement: sa.Select[Any], values: dict[str, Any]) -> Sequence[sa.Row[Any]]:
        return self.tx.execute(statement, values | {"org": self.tx.org_id} | areas.values_of(self.within)).all()

    @property
    def pattern(self) -> areas.Pattern:
        return areas.pattern_of(self.within)


def _ids(seen: _Seen, text: str, limit: int) -> list[str]:
    lowered = text.lower()
    found: dict[str, None] = dict.fromkeys(_beginning(seen, lowered, limit))
    hits = _hits(seen, object_sets.spellings(lowered))
    if len(found) + len(hits) < limit:
        hits += _hits(seen, _longer(seen.tx, lowered))
    for hit in sorted(set(hits), key=lambda one: (one.place > 0, one.is_derived, len(one.name), one.name, one.number)):
        if len(found) >= limit:
            break
        found.update(dict.fromkeys(_of_set(seen, hit, limit)))
    if not found and object_sets.may_be_generated(lowered):
        found = dict.fromkeys(_anywhere(seen, lowered, limit))
    return list(found)[:limit]


def _hits(seen: _Seen, texts: Sequence[str]) -> list[Hit]:
    """The best sets with a word that begins with one of the texts."""
    found: list[Hit] = []
    for text in texts:
        first = object_sets.first_word(text)
        if not first:
            continue
        start = text[text.index(first) :][: object_sets.MAX_TERM]
        rows = seen.fetch(_starting(seen.pattern), {"start": start, "end": start + _BEYOND, "limit": SETS})
        found += [Hit(row.number, row.name, bool(row.is_derived), row.place) for row in rows if text in row.name.lower()]
    return found


def _longer(tx: Transaction, text: str) -> list[str]:
    """The texts that begin with a whole word where this one begins within it: `coredns` for `dns`, `oauth2` for `auth2`."""
    first = object_sets.first_letters(text)
    if not first:
        return []
    part = containing(first) if first == text else f"%{escaped(first)}"
    words = tx.execute(_WORDS, {"org": tx.org_id, "part": part, "limit": WORDS}).scalars()
    return [word + text[len(first) :] for word in words if word != first]


def _beginning(seen: _Seen, text: str, limit: int) -> list[str]:
    """Objects whose names begin with a text that goes on after their base name, as that of a pod does."""
    starts = sorted({text[:at][: object_sets.MAX_TERM] for at, letter in enumerate(text) if letter == "-" and at})
    if not starts:
        return []
    sets = [row.number for row in seen.fetch(_named(seen.pattern), {"names": starts, "limit": SETS})]
    if not sets:
        return []
    values = {"sets": sets, "start": f"{escaped(text)}%", "limit": limit}
    return [row.id for row in seen.fetch(_LONGER, values)]


def _of_set(seen: _Seen, hit: Hit, limit: int) -> list[str]:
    return [row.id for row in seen.fetch(_MEMBERS, {"number": hit.number, "limit": limit})]


def _anywhere(seen: _Seen, text: str, limit: int) -> list[str]:
    statement = _scan(seen.pattern)
    return [row.id for row in seen.fetch(statement, {"part": containing(text), "limit": limit})]


_ROWS = listed.where(unindexed(resources.c.org_id) == _org, resources.c.id.in_(sa.bindparam("ids", expanding=True)))
_WORDS = (
    sa.select(resource_words.c.word)
    .where(resource_words.c.org_id == _org, resource_words.c.word.like(sa.bindparam("part"), escape="\\"))
    .order_by(sa.func.length(resource_words.c.word), resource_words.c.word)
    .limit(_limit)
)
_by_name = (sa.func.length(resources.c.name), resources.c.name, resources.c.id)
_of = (resources.c.org_id == _org, resources.c.set_number == sa.bindparam("number"))
_MEMBERS = sa.select(resources.c.id).where(*_of).order_by(*_by_name).limit(_limit)
_LONGER = (
    sa.select(resources.c.id)
    .where(resources.c.org_id == _org, resources.c.set_number.in_(sa.bindparam("sets", expanding=True)))
    .where(Folded(resources.c.name).like(sa.bindparam("start"), escape="\\"))
    .order_by(*_by_name)
    .limit(_limit)
)


@lru_cache(maxsize=64)
def _starting(pattern: areas.Pattern) -> sa.Select[Any]:
    statement = sa.select(_names.number, _names.name, _names.is_derived, _names.place).where(
        _names.org_id == _org, _names.term >= sa.bindparam("start"), _names.term < sa.bindparam("end")
    )
    is_inside = sa.case((_names.place == 0, 0), else_=1)
    order = (is_inside, _names.is_derived, sa.func.length(_names.name), _names.name, _names.number)
    return statement.where(*areas.inside(pattern, _names.cluster_id, _names.namespace)).order_by(*order).limit(_limit)


@lru_cache(maxsize=64)
def _named(pattern: areas.Pattern) -> sa.Select[Any]:
    statement = sa.select(_names.number).where(
        _names.org_id == _org,
        _names.term.in_(sa.bindparam("names", expanding=True)),
        _names.place == 0,
        _names.is_derived,
    )
    return statement.where(*areas.inside(pattern, _names.cluster_id, _names.namespace)).limit(_limit)


@lru_cache(maxsize=64)
def _scan(pattern: areas.Pattern) -> sa.Select[Any]:
    statement = sa.select(resources.c.id).where(
        resources.c.org_id == _org, Folded(resources.c.name).like(sa.bindparam("part"), escape="\\")
    )
    return statement.where(*areas.inside(pattern, resources.c.cluster_id, resources.c.namespace)).order_by(*_by_name).limit(_limit)
