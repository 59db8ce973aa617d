"""What a case is: a namespace with objects, for a fault also the answer and what is done to the namespace after it runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.silent.objects import Json


@dataclass(frozen=True, kw_only=True)
class Case:
    """`inject` is a shell script that runs with NS set when all pods are ready, as an engineer would change something."""

    name: str
    namespace: str
    objects: Sequence[Json]
    inject: str = ""


@dataclass(frozen=True, kw_only=True)
class Fault(Case):
    """`owner`, `root` and `accept` are KIND/NAME in the case's namespace; `logs` proves that the fault is there: WORKLOAD: pattern."""

    owner: str
    mechanism: str
    mention: Sequence[str]
    root: str = ""
    accept: Sequence[str] = ()
    within: int = 180
    logs: str = ""


FAULTS: list[Fault] = []
HEALTHY: list[Case] = []


def flat(objects: Sequence[Json | list[Json]]) -> list[Json]:
    return [one for some in objects for one in (some if isinstance(some, list) else [some])]


def fault(
    name: str,
    namespace: str,
    owner: str,
    mechanism: str,
    mention: Sequence[str],
    *objects: Json | list[Json],
    logs: str,
    root: str = "",
    accept: Sequence[str] = (),
    inject: str = "",
    within: int = 180,
) -> None:
    FAULTS.append(
        Fault(
            name=name,
            namespace=namespace,
            owner=owner,
            mechanism=mechanism,
            mention=mention,
            objects=flat(objects),
            logs=logs,
            root=root or owner,
            accept=accept,
            inject=inject,
            within=within,
        )
    )


def healthy(name: str, namespace: str, *objects: Json | list[Json], inject: str = "") -> None:
    HEALTHY.append(Case(name=name, namespace=namespace, objects=flat(objects), inject=inject))
