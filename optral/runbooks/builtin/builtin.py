"""The runbooks every organization has. They are code, so that an upgrade brings their newer versions everywhere at once.

They are read-only; an execution pins the version and keeps the definition it ran with. To change one, edit it in `texts/` and raise
its version.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from optral.runbooks.builtin.texts import jobs, limits, nodes, reports, services, workloads
from optral.runbooks.builtin.texts.pieces import Texts
from optral.runbooks.language import definition_reader, document
from optral.runbooks.language.definition import Definition
from optral.terms import ids
from optral.terms.risks import BUILTIN


class Builtin(NamedTuple):
    """One runbook that comes with the program; the same id in every organization."""

    id: str
    version: int
    definition: Definition


_TEXTS: Texts = {
    **workloads.TEXTS,
    **nodes.TEXTS,
    **services.TEXTS,
    **jobs.TEXTS,
    **limits.TEXTS,
    **reports.TEXTS,
}


@cache
def all_of_them() -> Mapping[str, Builtin]:
    """By id."""
    made = [
        Builtin(id_of(slug), version, definition_reader.read(document.read(f"slug: {slug}\nrisk: {BUILTIN[slug]}{text}")))
        for slug, (version, text) in _TEXTS.items()
    ]
    return {one.id: one for one in made}


def id_of(slug: str) -> str:
    """The id of the built-in runbook of this slug."""
    return ids.derive("rbk", "builtin", slug)


SLUGS = frozenset(_TEXTS)
