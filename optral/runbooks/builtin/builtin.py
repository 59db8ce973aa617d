"""The runbooks every organization has. They are files of the program, so that an upgrade brings their newer versions everywhere at once.

They are read-only; an execution pins the version and keeps the definition it ran with. To change one, edit `SLUG.yaml` beside this module
and raise its version in `VERSIONS`.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from optral.runbooks.language import definition_reader, document
from optral.runbooks.language.definition import Definition
from optral.terms import ids
from optral.terms.risks import BUILTIN


class Builtin(NamedTuple):
    """One runbook that comes with the program; the same id in every organization."""

    id: str
    version: int
    definition: Definition


SLUGS = frozenset(BUILTIN)
VERSIONS: Mapping[str, int] = {
    **dict.fromkeys(BUILTIN, 1),
    **dict.fromkeys(("collect-diagnostics", "cordon-node", "uncordon-node"), 2),
    **dict.fromkeys(("restart-workload", "rollback-workload", "scale-workload"), 2),
    "raise-memory-limit": 3,
}


@cache
def all_of_them() -> Mapping[str, Builtin]:
    """By id."""
    return {id_of(slug): Builtin(id_of(slug), version, _definition(slug)) for slug, version in VERSIONS.items()}


def _definition(slug: str) -> Definition:
    return definition_reader.read(document.read(resources.files(__package__).joinpath(f"{slug}.yaml").read_text(encoding="utf-8")))


def id_of(slug: str) -> str:
    """The id of the built-in runbook of this slug."""
    return ids.derive("rbk", "builtin", slug)
