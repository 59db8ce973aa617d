"""Custom kinds in the inventory: they are announced by name, judged as they come, and removed with their definition."""

from dataclasses import replace

import pytest

from optral.analysis.engine import engine
from optral.flows.analysis.investigation import investigate
from optral.flows.inventory.judging import locate
from optral.kit.paging import PageRequest
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.objects import decode
from optral.kube.view import ClusterView
from optral.resources import service as resources
from optral.resources.model import ResourceFilter
from optral.store.store import Store
from optral.terms.ids import OrgId
from optral.terms.refs import ObjectRef
from tests.flows.inventory.inventory import KINDS, World, batch, deployment, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change

WIDGET, GADGET = "Widget.shop.example", "Gadget.shop.example"
WEB = (deployment(), replica_set(), pod("web-a"))


def widget(name: str = "blue", *, kind: str = WIDGET, reason: str = "SyncFailed") -> ObjectChange:
    failed = {
        "type": "Ready",
        "status": "False",
        "reason": reason,
        "message": "no such bucket",
        "lastTransitionTime": "2026-01-14T00:00:00Z",
    }
    return change(kind, name, status={"conditions": [failed]})


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {WIDGET, GADGET})
    await made.begin()
    return made


async def send(world: World, kind: str, *changes: ObjectChange) -> None:
    marks = [
        KindMark(kind, Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark(kind, Phase.SNAPSHOT_END, "g1", "", len(changes)),
        KindMark(kind, Phase.LIVE, "g1"),
    ]
    await world.send(marks[0], *([batch(*changes)] if changes else []), *marks[1:])


async def test_the_first_judgement_does_not_wait_for_custom_kinds(world: World) -> None:
    await world.snapshot(*WEB)
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now())))
    assert [issue.type for issue in await world.issues()] == ["OOMKilled"]


async def test_a_custom_resource_that_fails_is_an_issue_that_names_kind_and_group(world: World) -> None:
    await world.snapshot(*WEB)
    await send(world, WIDGET, widget())
    [issue] = await world.issues()
    assert (issue.type, issue.resource_kind, issue.resource) == ("CustomResourceNotReady", "Widget", "blue")
    assert issue.facts.items() >= {"kind": "Widget", "group": "shop.example", "name": "blue", "state": "SyncFailed"}.items()


async def test_kinds_of_one_name_in_two_groups_are_two_issues(world: World) -> None:
    other = "Widget.other.example"
    world.session = replace(world.session, kinds=world.session.kinds | {other})
    await world.begin()
    await world.snapshot(*WEB)
    await send(world, WIDGET, widget())
    await send(world, other, widget(kind=other))
    assert len(await world.issues()) == 2


async def test_a_definition_that_is_gone_takes_its_objects_and_their_issues(world: World) -> None:
    await world.snapshot(*WEB)
    await send(world, WIDGET, widget())
    await send(world, GADGET, widget("red", kind=GADGET, reason="Creating"))
    assert (await world.names("Widget"), await world.names("Gadget")) == (["blue"], ["red"])
    world.session = replace(world.session, kinds=KINDS | {GADGET})
    await world.begin()
    assert (await world.names("Widget"), await world.names("Gadget")) == ([], ["red"])
    await world.snapshot(*WEB, generation="g2")
    await world.advance(180)
    assert {issue.resource: issue.status for issue in await world.issues()} == {"blue": "resolved", "red": "open"}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        pytest.param({"kinds": {"Widget"}}, ["blue"], id="a kind"),
        pytest.param({"kinds": {WIDGET}}, ["blue"], id="a kind with its group"),
        pytest.param({"groups": {"shop.example"}}, ["blue", "red"], id="a group"),
        pytest.param({"kinds": {"Gadget"}, "groups": {"shop.example"}}, ["red"], id="a kind of a group"),
        pytest.param({"kinds": {"Pod"}, "groups": {"shop.example"}}, [], id="a kind of another group"),
        pytest.param({"groups": {"nothing.example"}}, [], id="an unknown group"),
        pytest.param({"kinds": {"Nothing"}}, [], id="an unknown kind"),
    ],
)
async def test_custom_resources_are_found_by_kind_and_group_with_their_health(
    world: World, wanted: dict[str, set[str]], names: list[str]
) -> None:
    await world.snapshot(*WEB)
    await send(world, WIDGET, widget())
    await send(world, GADGET, widget("red", kind=GADGET, reason="Creating"))
    fits = ResourceFilter(**{name: frozenset(values) for name, values in wanted.items()})
    found = await world.store.read(world.system, lambda tx: resources.find(tx, fits, PageRequest(size=100)))
    assert [one.name for one in found] == names
    health = {"blue": ("Degraded (SyncFailed)", "degraded"), "red": ("Progressing (Creating)", "progressing")}
    assert [(one.status, one.health) for one in found] == [health[name] for name in names]


async def test_an_analysis_follows_a_resource_into_another_namespace(world: World) -> None:
    await world.snapshot(*WEB)
    at_fault = change(GADGET, "red", namespace="far", status={"phase": "Failed", "message": "no such bucket"})
    waits = {
        "type": "Ready",
        "status": "False",
        "reason": "Failed",
        "message": "the gadget failed",
        "lastTransitionTime": "2026-01-14T00:00:00Z",
    }
    spec = {"gadgetRef": {"name": "red", "namespace": "far"}}
    await send(world, GADGET, at_fault)
    await send(world, WIDGET, change(WIDGET, "blue", spec=spec, status={"conditions": [waits]}))
    blue = next(issue for issue in await world.issues() if issue.resource == "blue")
    found = await world.store.read(world.system, lambda tx: engine.explain(investigate(tx, blue.id)))
    assert found.root_cause is not None
    assert (found.root_cause["subject"], found.root_cause["facts"][-1]["value"]) == (
        {"kind": "Gadget", "namespace": "far", "name": "red"},
        "no such bucket",
    )


def test_a_reference_by_uid_finds_a_custom_resource() -> None:
    failed = widget()
    view = ClusterView()
    view.load([(WIDGET, decode(WIDGET, failed.raw))])
    assert locate(view, [ObjectRef("", None, "", failed.uid)]) == [ObjectRef(WIDGET, "shop", "blue", failed.uid)]
