"""What rules read of an issue is what its detector writes: the facts of the cases have the detectors' names."""

import inspect
import sys
from types import ModuleType

import pytest

from optral import detectors
from tests.analysis.cases import CASES

DEPTH = 2  # a detector, what it imports, and what that imports


def sources(module: ModuleType, depth: int = DEPTH, known: dict[str, str] | None = None) -> dict[str, str]:
    """The source of a module and of what it uses of the detectors and of the rules about Kubernetes objects, by name."""
    known = {} if known is None else known
    if module.__name__ in known:
        return known
    known[module.__name__] = inspect.getsource(module)
    for member in vars(module).values() if depth else ():
        used = member if isinstance(member, ModuleType) else sys.modules.get(getattr(member, "__module__", None) or "")
        if used is not None and used.__name__.startswith(("optral.detectors.", "optral.kube.")):
            sources(used, depth - 1, known)
    return known


WRITTEN = {type_: "".join(sources(inspect.getmodule(one.detect) or detectors).values()) for type_, one in detectors.BY_TYPE.items()}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_facts_of_a_case_are_facts_of_its_detector(name: str) -> None:
    world, _ = CASES[name][2]()
    assert world.asked is not None
    unknown = {fact for fact in world.asked.facts if f'"{fact}"' not in WRITTEN[world.asked.type]}
    assert unknown == set(), f"no detector of {world.asked.type} writes this"
