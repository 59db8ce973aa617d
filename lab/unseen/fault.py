"""What a fault is: a generator of a broken cluster, and the causes and objects that are right answers, decided before any measurement."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lab.unseen import stacks
from lab.unseen.cluster import Cluster
from lab.unseen.manifests import App


class Where(NamedTuple):
    stack: str
    app: str


@dataclass(frozen=True, kw_only=True)
class Truth:
    """`facts` are texts that an explanation has to contain; `objects` (kind, name) are at fault beside the workload `app`."""

    app: str = ""
    objects: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()


Inject = Callable[[Cluster, App], Truth]


@dataclass(frozen=True)
class Fault:
    name: str
    causes: tuple[str, ...]
    places: tuple[Where, ...]
    inject: Inject = field(compare=False)


@dataclass(frozen=True)
class Case:
    id: str
    fault: Fault
    where: Where

    @property
    def is_held_out(self) -> bool:
        """Nothing in the rules may be changed because of these."""
        return hashlib.sha256(self.id.encode()).digest()[-1] % 2 == 1

    def build(self) -> tuple[Cluster, Truth]:
        cluster = stacks.build(self.where.stack, self.id)
        truth = self.fault.inject(cluster, cluster.apps[self.where.app])
        return cluster.settle(), truth


FAULTS: dict[str, Fault] = {}


def fault(*causes: str, at: str) -> Callable[[Inject], Inject]:
    """Register a fault. `at` lists the places, such as `shop/cart edge/auth`; `causes` are all right answers."""

    def register(inject: Inject) -> Inject:
        places = tuple(Where(*place.split("/")) for place in at.split())
        FAULTS[inject.__name__] = Fault(inject.__name__, causes, places, inject)
        return inject

    return register


def cases() -> Iterator[Case]:
    """All cases, in a fixed order."""
    for name, one in sorted(FAULTS.items()):
        for where in one.places:
            yield Case(f"{name}:{where.stack}/{where.app}", one, where)
