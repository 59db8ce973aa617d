"""The team of an issue: given when it opens, followed when labels, annotations or the rules change."""

from dataclasses import replace

import pytest

from optral.flows.issues import ownership
from optral.issues import service as issues
from optral.issues.lifecycle import teams
from optral.issues.model import Issue, IssueFilter
from optral.kit.paging import PageRequest
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.teams import Source, TeamRule, TeamSettings
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch, pod, replica_set
from tests.support.clock import FakeClock
from tests.support.objects import change


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {"Namespace"})
    await made.begin()
    return made


def web(rv: str = "1", **labels: str) -> ObjectChange:
    status = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    return change("Deployment.apps", "web", rv=rv, metadata={"labels": labels}, spec={"replicas": 1}, status=status)


def shop(rv: str = "1", **annotations: str) -> ObjectChange:
    return change("Namespace", "shop", rv=rv, namespace="", metadata={"annotations": annotations})


async def failing(world: World, *objects: ObjectChange, home: ObjectChange) -> Issue:
    """The issue of a pod that was killed for memory, in a complete inventory."""
    await world.send(
        KindMark("Namespace", Phase.SNAPSHOT_BEGIN, "g1"),
        batch(home),
        KindMark("Namespace", Phase.SNAPSHOT_END, "g1", "", 1),
        KindMark("Namespace", Phase.LIVE, "g1"),
    )
    await world.snapshot(*objects, replica_set(), pod("web-a"))
    world.clock.advance(5)
    await world.send(batch(pod("web-a", rv="2", killed_at=world.clock.now())))
    [issue] = await world.issues()
    return issue


async def test_an_issue_opens_with_the_team_of_the_workload_and_says_what_decided(world: World) -> None:
    issue = await failing(world, web(team="payments"), home=shop(**{"optral.ai/team": "platform"}))
    assert (issue.team, issue.team_reason) == ("payments", "label team of Deployment web")
    [(kind, data)] = await world.published()
    assert (kind, data["team"]) == ("issue.created", "payments")


async def test_a_changed_label_and_a_changed_namespace_move_open_issues(world: World) -> None:
    issue = await failing(world, web(team="payments"), home=shop())
    await world.send(batch(web(rv="2", team="checkout")))
    [moved] = await world.issues()
    assert (moved.team, moved.version) == ("checkout", issue.version + 1)
    assert (await world.published())[-1][1]["changes"]["team"] == {"from": "payments", "to": "checkout"}
    history = await world.store.read(world.system, lambda tx: issues.activity(tx, issue.id))
    assert history[-1].detail == {"team": ["payments", "checkout"]}
    await world.send(batch(web(rv="3")))
    assert (await world.issues())[0].team is None
    await world.send(batch(shop(rv="2", **{"a8r.io/owner": "platform"})))
    [moved] = await world.issues()
    assert (moved.team, moved.team_reason) == ("platform", "annotation a8r.io/owner of Namespace shop")


async def test_a_change_that_concerns_no_team_writes_nothing(world: World) -> None:
    issue = await failing(world, web(team="payments"), home=shop())
    count = len(await world.published())
    await world.send(batch(web(rv="2", team="payments", version="7"), shop(rv="2", **{"example.com/note": "x"})))
    assert (await world.issues())[0].version == issue.version
    assert len(await world.published()) == count


async def test_changed_rules_are_followed_in_a_quiet_cluster(world: World) -> None:
    await failing(world, web(team="payments"), home=shop())
    settings = TeamSettings(order=(Source.RULES,), rules=(TeamRule("storefront", namespace="sh*"),))
    await world.store.write(world.system, lambda tx: ownership.change(tx, lambda _: settings))
    await world.advance(20)
    [issue] = await world.issues()
    assert (issue.team, issue.team_reason) == ("storefront", "rule 1")


async def test_more_issues_than_one_transaction_takes_follow_in_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "AT_ONCE", 1)
    await failing(world, web(), home=shop())
    at = world.clock.now()
    await world.send(batch(*(pod(name, killed_at=at, owner=f"{name}-1") for name in ("one", "two"))))
    assert {issue.team for issue in await world.issues()} == {None}
    await world.send(batch(shop(rv="2", **{"optral.ai/team": "platform"})))
    await world.advance(20)
    found = await world.issues()
    assert (len(found), {issue.team for issue in found}) == (3, {"platform"})


async def test_lists_and_facets_filter_by_team(world: World) -> None:
    await failing(world, web(team="payments"), home=shop())
    for wanted, number in (("payments", 1), ("platform", 0), ("none", 0)):
        fits = IssueFilter(teams=frozenset({wanted}))
        found = await world.store.read(world.system, lambda tx, fits=fits: issues.find(tx, fits, PageRequest()))  # type: ignore[misc]
        assert len(found) == number, wanted
    counted = await world.store.read(world.system, lambda tx: issues.facets(tx, IssueFilter()))
    assert counted["team"] == {"payments": 1}
