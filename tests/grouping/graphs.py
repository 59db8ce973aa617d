"""Failures to group, and what comes out of it."""

import random
from collections.abc import Sequence
from typing import Any

from optral.detectors.finding import Suspect
from optral.grouping import graph
from optral.grouping.model import AffectedObject, Arrangement, Failure
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.detectors import build

HERE = ObjectRef("Cluster", None, "cluster")


def ref(obj: KubeObject | ObjectRef) -> ObjectRef:
    return obj if isinstance(obj, ObjectRef) else owners.ref(obj)


def failing(
    type: str,
    subject: KubeObject | ObjectRef,
    *shown: KubeObject | AffectedObject,
    ago: float = 300,
    part: str | None = None,
    category: str = "workload",
    suspects: tuple[Suspect, ...] = (),
    log_lines: tuple[str, ...] = (),
    **facts: Any,
) -> Failure:
    """An failure that began `ago` seconds before noon; its key is readable: type, subject and part."""
    about = ref(subject)
    objects = [one if isinstance(one, AffectedObject) else AffectedObject(ref(one), suspects) for one in shown] or [
        AffectedObject(about, suspects)
    ]
    return Failure(
        key="/".join([type, about.name, *([part] if part else [])]),
        type=type,
        subject=about,
        part=part,
        objects=tuple(objects),
        since=build.when(ago),
        severity=Severity.HIGH,
        category=category,
        facts=facts,
        log_lines=log_lines,
    )


def arranged(found: Sequence[Failure], *things: KubeObject) -> Arrangement:
    """Grouped, and the same in every order that is tried."""
    view = build.view_of(*things)
    arrangement = graph.arrange(found, view, now=build.NOON)
    for seed in range(3):
        shuffled = list(found)
        random.Random(seed).shuffle(shuffled)
        assert graph.arrange(shuffled, view, now=build.NOON) == arrangement
    return arrangement


def roots(found: Sequence[Failure], *objects: KubeObject) -> list[str]:
    return sorted(one.key for one in arranged(found, *objects).roots(found))


def node(name: str = "node-1", *, ready: str = "Unknown", ago: float = 300, taints: Sequence[str] = ()) -> KubeObject:
    return build.make(
        "Node",
        name=name,
        namespace=None,
        ago=86400,
        spec={"taints": [{"key": key, "effect": "NoExecute"} for key in taints]},
        status={"conditions": [build.condition("Ready", ready, ago=ago)], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    )


def unready(owner: KubeObject, name: str, *, on: str = "node-1", ago: float = 300, **more: Any) -> KubeObject:
    conditions = [build.condition("PodScheduled"), build.condition("Ready", "False", ago=ago)]
    return build.pod(build.status(), name=name, owner=owner, conditions=conditions, spec={"nodeName": on}, **more)


def calling(address: str, name: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "app", "env": [{"name": "UPSTREAM", "value": address}]}]},
    }
