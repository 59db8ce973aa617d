"""Undo of every verb and of every row of `patch` at a real kube-apiserver: the object is as it was before, or a reason says why not."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from optral.runbooks.executions import reversal
from optral.runbooks.model import Step, StepState
from optral.terms import verbs
from optral.terms.fields import TABLE, Field
from optral.terms.verbs import WRITES
from tests.agent.kubeworld import World
from tests.agent.test_fields import params
from tests.agent.test_fields_kubeapi import SPECS, UNTRIED, WANTED, make
from tests.agent.test_verbs_kubeapi import make_job, make_set
from tests.support.kubedouble import path_of

pytestmark = pytest.mark.kubeapi


def done(world: World, verb: str, given: dict[str, Any], result: dict[str, Any]) -> Step:
    """The step of an execution, as it is stored after the change."""
    kind, namespace, name = verbs.check(verbs.find(verb), given).target
    return Step(
        id="stp_1", execution_id="exe_1", position=0, name=verb, verb=verb, values=given, is_write=True, is_optional=False, kind=kind,
        namespace=namespace or None, object_name=name, uid=result["uid"], state=StepState.SUCCEEDED, pre_image=result["before"],
        result=result,
    )  # fmt: skip


async def nothing(_: World) -> None:
    """What controllers do after most changes."""


async def undo(world: World, verb: str, given: dict[str, Any], *, react: Callable[[World], Awaitable[None]] = nothing) -> str | None:
    """Change, and take it back by the way that the undo of an execution goes; why there is none, or None."""
    result = await world.write(world.order(verb, **given))
    await react(world)
    way = reversal.way_back([done(world, verb, given, result)])
    if way.obstacles:
        return way.obstacles[0][1]
    (action,) = way.actions
    back = await world.write(world.order(action.verb, **action.values))
    assert {one["path"]: one["from"] for one in back["diff"]} == dict(action.expects), "it starts from what the change left"
    return None


NO_WAY = {
    "restart": "a restart has no opposite",
    "deletePod": "a deleted pod cannot be restored",
    "evict": "an evicted pod cannot be restored",
    "rerunJob": "a Job that has run cannot be taken back",
}
ORDERS: dict[str, Any] = {
    "restart": lambda world: world.target(),
    "scale": lambda world: world.target(replicas=4),
    "setResources": lambda world: world.target(container="api", limits={"memory": "1Gi"}),
    "setImage": lambda world: world.target(container="api", tag="9"),
    "deletePod": lambda world: {"namespace": world.namespace, "name": "api-1"},
    "evict": lambda world: {"namespace": world.namespace, "name": "api-1"},
    "cordon": lambda world: {"node": world.namespace},
    "rerunJob": lambda world: {"namespace": world.namespace, "name": "report"},
}
ELSEWHERE = {"patch", "rollback", "uncordon", "drain", "renewCertificate"}
"""Tried below, or in tests/runbooks/executions/test_reversal.py: what needs a `Drainer`, a cordoned node, or the kind of cert-manager."""


def test_every_verb_is_tried() -> None:
    assert set(ORDERS) | ELSEWHERE == WRITES
    assert {**NO_WAY, "renewCertificate": "a certificate that was issued again replaces the one before it"} == reversal.NO_WAY


@pytest.mark.parametrize("verb", sorted(ORDERS))
async def test_what_a_verb_changed_is_as_it_was_or_a_reason_is_given(world: World, verb: str) -> None:
    if verb == "rerunJob":
        await make_job(world)
    before = [(await world.get(path))["spec"] for path in (world.api, world.node)]
    assert await undo(world, verb, ORDERS[verb](world)) == NO_WAY.get(verb)
    if verb not in NO_WAY:
        assert [(await world.get(path))["spec"] for path in (world.api, world.node)] == before


async def test_a_node_that_was_uncordoned_is_cordoned_again(world: World) -> None:
    await world.write(world.order("cordon", node=world.namespace))
    before = (await world.get(world.node))["spec"]
    assert await undo(world, "uncordon", {"node": world.namespace}) is None
    assert (await world.get(world.node))["spec"] == before


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
async def test_the_rollback_of_a_set_is_taken_back(world: World, kind: str) -> None:
    path = await make_set(world, kind)
    before = (await world.get(path))["spec"]

    async def renumber(world: World) -> None:
        """Its controller gives the template that is in force again the highest number."""
        first = await world.get(path_of("controllerrevisions", "db-1", world.namespace))
        meta = {name: first["metadata"][name] for name in ("namespace", "ownerReferences")} | {"name": "db-3"}
        await world.make(path_of("controllerrevisions", "db-3", world.namespace), {**first, "metadata": meta, "revision": 3})

    given = {"kind": kind, "namespace": world.namespace, "name": "db"}
    assert await undo(world, "rollback", given, react=renumber) is None
    assert (await world.get(path))["spec"] == before


@pytest.mark.parametrize("row", [row for row in TABLE if not row.name.endswith(UNTRIED)], ids=lambda row: f"{row.kind} {row.name}")
async def test_each_row_goes_back_to_its_previous_value(world: World, row: Field) -> None:
    version, plural, _ = SPECS[row.kind]
    await make(world, row.kind)
    path = path_of(plural, "web", world.namespace, version)
    before = (await world.get(path))["spec"]
    value = WANTED.get(row.name if row.name in WANTED else row.name.rpartition(".")[2], 7)
    assert await undo(world, "patch", params(row, namespace=world.namespace, value=value)) is None
    after = (await world.get(path))["spec"]
    assert after == before


async def test_a_volume_stays_as_large_as_it_is(world: World) -> None:
    step = Step(
        id="stp_1", execution_id="exe_1", position=0, name="x", verb="patch", values={"field": "storage", "value": "2Gi"}, is_write=True,
        is_optional=False, kind="PersistentVolumeClaim", namespace="shop", object_name="data", uid="u", state=StepState.SUCCEEDED,
        pre_image={"spec.resources.requests.storage": "1Gi"}, result={"after": {"spec.resources.requests.storage": "2Gi"}},
    )  # fmt: skip
    assert [why for _, why in reversal.way_back([step]).obstacles] == ["a volume cannot become smaller"]
