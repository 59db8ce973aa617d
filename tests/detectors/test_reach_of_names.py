"""A change of any one name, label or reference of any object is noticed wherever the old or the new value matters."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from optral.kube import objects
from optral.kube.changes import Op
from optral.kube.objects import KubeObject
from tests.detectors import test_reach, test_reach_of_cluster
from tests.detectors.arrival import World
from tests.detectors.network import test_reach as network
from tests.detectors.pods import test_arrival as pods
from tests.detectors.policy import test_arrival as policy
from tests.support.examples import some

WORLDS = {
    "every area": test_reach.WORLD,
    "the cluster": test_reach_of_cluster.WORLD,
    "network and storage": network.WORLD,
    "pods": pods.WORLD,
    "policy": policy.WORLD,
}
NEVER_CHANGE = ("uid", "name", "namespace", "creationTimestamp", "involvedObject")
KEPT = {("Pod", "spec"), ("EndpointSlice.discovery.k8s.io", "metadata")}  # the API server refuses a change; a slice stays with its Service

Path = tuple[str | int, ...]


def texts(body: Any, at: Path = ()) -> Iterator[Path]:
    """The paths of the texts that someone may write into an object."""
    if isinstance(body, str):
        yield at
    elif isinstance(body, list):
        for number, item in enumerate(body):
            yield from texts(item, (*at, number))
    elif isinstance(body, dict):
        for key, value in body.items():
            if at != () or key != "status":
                yield from () if at == ("metadata",) and key in NEVER_CHANGE else texts(value, (*at, key))


def replaced(body: Any, path: Path, value: str) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(body, list):
        return [replaced(item, rest, value) if number == first else item for number, item in enumerate(body)]
    return {key: replaced(item, rest, value) if key == first else item for key, item in body.items()}


def changes(world: World) -> list[tuple[KubeObject, Path, dict[str, Any]]]:
    bodies = [(obj, json.loads(msgspec.json.encode(obj))) for obj in world.things if obj.kind != "Event"]
    return [(obj, path, body) for obj, body in bodies for path in texts(body) if (obj.kind, path[0]) not in KEPT]


@pytest.mark.parametrize("name", WORLDS)
def test_what_the_old_or_the_new_value_concerns_is_examined(name: str) -> None:
    world = WORLDS[name]
    wrong = [f"{obj.kind} {obj.name} {path}" for obj, path, body in some(changes(world)) if not is_noticed(world, obj, path, body)]
    assert wrong == []


def is_noticed(world: World, obj: KubeObject, path: Path, body: dict[str, Any]) -> bool:
    raw = json.dumps(replaced(body, path, "another")).encode()
    other = objects.decode(obj.kind, raw, uid=obj.uid, namespace=obj.namespace or "", name=obj.name)
    view = world.whole()
    answers = world.answers(view)
    for version in (other, obj):
        world.move(view, version, Op.UPSERT, answers)
        if answers != world.answers(view):
            return False
    return True
