"""An agent of one namespace sees no nodes, namespaces or classes: nothing may be called missing because it was not seen."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from optral import detectors
from optral.demo.cluster import SEED, simulate_past
from optral.demo.registry import Registry
from optral.kube import objects, view
from optral.kube.kinds import BY_ID, EVENT, KINDS
from optral.kube.objects import KubeObject
from tests.detectors import healthy

pytestmark = pytest.mark.slow

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SECOND = 400


@cache
def everything() -> tuple[KubeObject, ...]:
    registry = Registry()
    _, scenario = simulate_past(registry, seed=SEED, now=START)
    scenario.advance(SECOND)
    return tuple(objects.decode(kind.id, item.raw) for kind in (*KINDS, EVENT) for item in registry.items(kind))


def parsed(manifest: dict[str, Any]) -> KubeObject:
    group = manifest["apiVersion"].rpartition("/")[0]
    return objects.decode(f"{manifest['kind']}.{group}".rstrip("."), json.dumps(manifest).encode())


def is_visible(obj: KubeObject, namespace: str) -> bool:
    kind = BY_ID.get(obj.kind)  # none of a discovered kind, which is watched wherever it is namespaced
    return obj.namespace == namespace and (kind is None or kind.is_in(namespace))


def findings(things: tuple[KubeObject, ...]) -> set[tuple[str, str, str | None, str]]:
    examination = detectors.examine_all(view.of(things), now=START + timedelta(seconds=SECOND), include_risk=True)
    assert not examination.failures
    return {(one.type, one.subject.kind, one.subject.namespace, one.subject.name) for one in examination.findings}


def test_nothing_is_found_in_one_namespace_that_is_not_found_in_the_whole_cluster() -> None:
    whole = findings(everything())
    namespaces = sorted({obj.namespace for obj in everything() if obj.namespace})
    assert len(namespaces) > 3
    for namespace in namespaces:
        alone = findings(tuple(obj for obj in everything() if is_visible(obj, namespace)))
        assert alone - whole == set()


def test_a_healthy_namespace_is_healthy_without_its_cluster() -> None:
    things = tuple(obj for obj in map(parsed, healthy.cluster()) if is_visible(obj, "shop"))
    assert len(things) > 10
    assert findings(things) - findings(tuple(map(parsed, healthy.cluster()))) == set()
