"""What the agent sees Services present, from its report to the issue and its explanation."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.analysis.engine import engine
from optral.flows.analysis.investigation import investigate
from optral.kit.times import rfc3339
from optral.kube.changes import KindMark, ObjectChange, Phase
from optral.kube.kinds import SERVED_CERTIFICATE
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.inventory.inventory import KINDS, World, batch
from tests.support.clock import FakeClock
from tests.support.objects import change, reference

SERVICE = change("Service", "web", spec={"clusterIP": "10.0.0.1", "selector": {"app": "web"}, "ports": [{"name": "https", "port": 443}]})


@pytest.fixture
async def world(store: Store, org: OrgId, clock: FakeClock) -> World:
    made = World(store, org, clock)
    await made.create()
    made.session = replace(made.session, kinds=KINDS | {"Service", SERVED_CERTIFICATE.id})
    await made.begin()
    await made.snapshot()
    await whole(made, "Service", SERVICE)
    return made


async def whole(world: World, kind: str, *objects: ObjectChange, generation: str = "g1") -> None:
    began, ended = KindMark(kind, Phase.SNAPSHOT_BEGIN, generation), KindMark(kind, Phase.SNAPSHOT_END, generation, "", len(objects))
    await world.send(began, *([batch(*objects)] if objects else []), ended, KindMark(kind, Phase.LIVE, generation))


def report(world: World, *, days: float, rv: str = "1") -> ObjectChange:
    now = world.clock.now()
    port: dict[str, Any] = {"port": 443, "observedAt": rfc3339(now), "names": ["web.shop.svc"], "issuer": "CN=ca"}
    port |= {"notBefore": rfc3339(now - timedelta(days=300)), "notAfter": rfc3339(now + timedelta(days=days))}
    body = {"apiVersion": SERVED_CERTIFICATE.api_version, "kind": SERVED_CERTIFICATE.name, "status": {"ports": [port]}}
    owner = {**reference("Service", "web", SERVICE.uid), "controller": False}
    return change(SERVED_CERTIFICATE.id, "web", rv=rv, uid=f"{SERVICE.uid}-tls", owner=owner, **body)


async def test_a_certificate_that_ends_soon_is_an_issue_until_another_one_is_presented(world: World) -> None:
    await whole(world, SERVED_CERTIFICATE.id, report(world, days=5))
    await world.advance(400)
    [issue] = await world.issues()
    assert (issue.type, issue.owner_kind, issue.owner_name, issue.severity) == ("CertificateExpiring", "Service", "web", "high")
    found = await world.store.read(world.system, lambda tx: engine.explain(investigate(tx, issue.id)))
    assert (found.cause_id, found.body["rootCause"]["subject"]["kind"]) == ("certificate_expiring", "Service")
    await world.send(batch(report(world, days=90, rv="2")))
    await world.advance(1200)
    [issue] = await world.issues()
    assert issue.resolution == "recovered"


async def test_an_agent_that_starts_again_does_not_end_the_issue(world: World) -> None:
    await whole(world, SERVED_CERTIFICATE.id, report(world, days=5))
    await world.advance(400)
    await world.begin()
    await world.snapshot(generation="g2")
    await whole(world, "Service", SERVICE, generation="g2")
    await world.advance(3600)
    [issue] = await world.issues()
    assert issue.resolution is None


async def test_an_observation_ends_with_its_age(world: World) -> None:
    await whole(world, SERVED_CERTIFICATE.id, report(world, days=5))
    await world.advance(400)
    world.clock.advance(26 * 3600)
    await world.advance(900)
    [issue] = await world.issues()
    assert issue.resolution == "recovered"
