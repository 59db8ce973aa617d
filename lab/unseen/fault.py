"""What a fault is: a generator of a broken cluster, and the causes and objects that are right answers, decided before any measurement."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lab.unseen import sites, stacks
from lab.unseen.cluster import Cluster
from lab.unseen.manifests import App


class Where(NamedTuple):
    stack: str
    app: str


@dataclass(frozen=True, kw_only=True)
class Truth:
    """`facts` are texts that an explanation has to contain; `objects` (kind, name) are at fault beside the workload `app`.

    `beside` names objects that have failures of their own: an answer about them is neither right nor wrong.
    """

    app: str = ""
    objects: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


Inject = Callable[[Any, App], Truth]


@dataclass(frozen=True)
class Fault:
    name: str
    causes: tuple[str, ...]
    places: tuple[Where, ...]
    inject: Inject = field(compare=False)
    group: str = ""
    """The class of a blind fault; without causes it is a control: a cluster in which nothing is broken."""


@dataclass(frozen=True)
class Case:
    id: str
    fault: Fault
    where: Where

    @property
    def is_blind(self) -> bool:
        """Written without knowledge of the rules, on stacks that no rule was changed for."""
        return bool(self.fault.group)

    @property
    def is_held_out(self) -> bool:
        """Nothing in the rules may be changed because of these."""
        return not self.is_blind and hashlib.sha256(self.id.encode()).digest()[-1] % 2 == 1

    def build(self) -> tuple[Cluster, Truth]:
        cluster = (sites if self.is_blind else stacks).build(self.where.stack, self.id)
        truth = self.fault.inject(cluster, cluster.apps[self.where.app])
        return cluster.settle(), truth


FAULTS: dict[str, Fault] = {}
BLIND: dict[str, Fault] = {}


def fault(*causes: str, at: str, group: str = "") -> Callable[[Inject], Inject]:
    """Register a fault. `at` lists the places, such as `shop/cart edge/auth`; `causes` are all right answers."""

    def register(inject: Inject) -> Inject:
        places = tuple(Where(*place.split("/")) for place in at.split())
        registry, name = (BLIND, f"{group}.{inject.__name__}") if group else (FAULTS, inject.__name__)
        assert name not in registry
        registry[name] = Fault(name, causes, places, inject, group)
        return inject

    return register


def cases(*, blind: bool = False) -> Iterator[Case]:
    """All cases, in a fixed order: those of the two halves, or the blind ones."""
    for name, one in sorted((BLIND if blind else FAULTS).items()):
        for where in one.places:
            yield Case(f"{name}:{where.stack}/{where.app}", one, where)
