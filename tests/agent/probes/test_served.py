"""Which certificates of Services the agent reads by itself: at its own pace, only ports that say TLS, and never where probes are off."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from optral.agent.commands.policy import Policy
from optral.agent.probes.served import EVERY_S, KEEP_S, LIST_EVERY_S, OFF, ON, TICK_S, ServedCertificates
from optral.kube.kinds import SERVED_CERTIFICATE, Kind
from optral.kubeapi.reflector import RawObject
from optral.terms.probes import Certificate, Reason
from tests.agent.probes.world import World, furnish, put_pod, put_service, put_slice
from tests.support import kubedouble

NOW = 1_700_000_000.0
START = datetime.fromtimestamp(NOW, UTC)
CERTIFICATE = Certificate(names=("web.shop.svc",), issuer="CN=test", not_before=START, not_after=START + timedelta(days=90))
HTTPS = [{"name": "https", "port": 443, "targetPort": 8080}]
ADDRESS = ("10.96.0.10", 443)


class Sink:
    """What the control plane gets."""

    def __init__(self) -> None:
        self.reports: dict[str, Any] | None = None

    def begin(self, _: Kind) -> None:
        self.reports = {}

    def end(self, _: Kind, __: str) -> None: ...

    async def room(self, _: Kind) -> None: ...

    def upsert(self, _: Kind, seen: RawObject) -> None:
        assert self.reports is not None
        self.reports[seen.name] = json.loads(seen.raw)

    def delete(self, _: Kind, seen: RawObject) -> None:
        assert self.reports is not None
        self.reports.pop(seen.name)

    def forbidden(self, _: Kind, __: str) -> None: ...


class Checks:
    """The checks over a small cluster, with a clock that the test moves."""

    def __init__(self, world: World) -> None:
        self.world, self.now, self.policy, self.sink = world, NOW, Policy(reads=("get", "probe")), Sink()
        world.network.certificate = CERTIFICATE
        clock = lambda: self.now  # noqa: E731
        self.served = ServedCertificates(world.tools, world.prober, lambda: self.policy, wall=clock, monotonic=clock)

    async def seconds(self, count: float) -> None:
        until = self.now + count
        while self.now < until:
            await self.served.tick()
            self.now += TICK_S

    async def reported(self) -> dict[str, Any] | None:
        task = asyncio.create_task(self.served.follow(SERVED_CERTIFICATE, self.sink))
        await asyncio.sleep(0)
        await self.served.tick()
        await asyncio.sleep(0)
        task.cancel()
        return self.sink.reports


@pytest.fixture
async def checks() -> AsyncIterator[Checks]:
    async with kubedouble.serving() as double:
        furnish(double)
        put_service(double, "web", ports=HTTPS, meta={"uid": "uid-web"})
        world = World(double)
        yield Checks(world)
        await world.tools.client.close()


async def test_reports_the_public_part_of_a_certificate_and_nothing_else(checks: Checks) -> None:
    await checks.seconds(3 * TICK_S)
    report = (await checks.reported() or {})["web"]
    assert report["metadata"]["ownerReferences"] == [{"apiVersion": "v1", "kind": "Service", "name": "web", "uid": "uid-web"}]
    assert report["status"]["ports"] == [
        {
            "port": 443,
            "observedAt": "2023-11-14T22:13:20Z",
            "names": ["web.shop.svc"],
            "issuer": "CN=test",
            "isSelfSigned": False,
            "notBefore": "2023-11-14T22:13:20Z",
            "notAfter": "2024-02-12T22:13:20Z",
        }
    ]
    assert checks.world.network.requested == [], "nothing is sent"


async def test_a_service_is_checked_once_an_hour(checks: Checks) -> None:
    await checks.seconds(EVERY_S - TICK_S)
    assert checks.world.network.connected == [ADDRESS]
    await checks.seconds(3 * TICK_S)
    assert checks.world.network.connected == [ADDRESS, ADDRESS]


@pytest.mark.parametrize(
    ("port", "is_checked"),
    [
        ({"name": "https-web", "port": 9000}, True),
        ({"name": "web-tls", "port": 9000}, True),
        ({"port": 8443}, True),
        ({"port": 9000, "targetPort": "https"}, True),
        ({"port": 9000, "appProtocol": "HTTPS"}, True),
        ({"name": "https", "port": 443, "appProtocol": "http"}, False),
        ({"name": "settlsa", "port": 9000}, False),
        ({"name": "http", "port": 80, "targetPort": 8080}, False),
        ({"name": "https", "port": 443, "protocol": "UDP"}, False),
    ],
)
async def test_only_ports_that_say_that_they_use_tls_are_checked(checks: Checks, port: dict[str, Any], is_checked: bool) -> None:
    put_service(checks.world.double, "web", ports=[port])
    await checks.seconds(2 * TICK_S)
    assert bool(checks.world.network.connected) is is_checked


@pytest.mark.parametrize("spec", [{"selector": {}}, {"clusterIP": "None"}, {"type": "ExternalName", "clusterIP": ""}])
async def test_what_no_probe_may_reach_is_not_checked(checks: Checks, spec: dict[str, Any]) -> None:
    put_service(checks.world.double, "web", ports=HTTPS, **spec)
    await checks.seconds(3 * TICK_S)
    assert checks.world.network.connected == []


async def test_endpoints_that_are_not_its_pods_are_not_checked(checks: Checks) -> None:
    put_slice(checks.world.double, "web", ["10.0.9.9"])
    await checks.seconds(3 * TICK_S)
    assert checks.world.network.connected == []


async def test_nothing_is_checked_or_reported_once_the_policy_forbids_probes(checks: Checks) -> None:
    changes: list[str] = []
    checks.served.on_change = lambda: changes.append(checks.served.state)
    await checks.seconds(3 * TICK_S)
    assert await checks.reported()
    checks.policy = Policy(reads=("get",))
    await checks.seconds(2 * EVERY_S)
    assert (checks.world.network.connected, changes, await checks.reported()) == ([ADDRESS], [OFF], {})
    checks.policy = Policy(reads=("get", "probe"))
    await checks.seconds(2 * TICK_S)
    assert changes == [OFF, ON]


async def test_reports_begin_when_every_port_has_had_its_turn(checks: Checks) -> None:
    for name in ("api", "cart"):
        put_service(checks.world.double, name, ports=HTTPS, meta={"uid": f"uid-{name}"}, selector={"app": name})
        put_slice(checks.world.double, name, [])
    await checks.seconds(TICK_S)
    assert await checks.reported() is None, "an inventory without the others would end their issues"
    await checks.seconds(3 * TICK_S)
    assert sorted(await checks.reported() or {}) == ["api", "cart", "web"]


async def test_probes_that_somebody_waits_for_find_a_place(checks: Checks) -> None:
    for number in range(40):
        put_service(checks.world.double, f"s{number}", ports=HTTPS, meta={"uid": f"uid-{number}"}, selector={"app": str(number)})
        put_slice(checks.world.double, f"s{number}", [])
    await checks.seconds(60)
    assert len(checks.world.network.connected) == 60 / TICK_S
    result = await checks.world.probe(kind="Service", name="web", port=443)
    assert result.outcome == "reachable"


async def test_a_certificate_stays_while_the_server_does_not_answer_and_goes_with_the_service(checks: Checks) -> None:
    await checks.seconds(2 * TICK_S)
    checks.world.network.failures[ADDRESS] = Reason.REFUSED
    await checks.seconds(KEEP_S - EVERY_S)
    assert "web" in (await checks.reported() or {})
    await checks.seconds(EVERY_S + 10 * TICK_S)
    assert await checks.reported() == {}
    del checks.world.network.failures[ADDRESS]
    await checks.seconds(EVERY_S)
    assert "web" in (await checks.reported() or {})
    put_service(checks.world.double, "web", ports=[{"port": 80}], meta={"uid": "uid-web"})
    await checks.seconds(LIST_EVERY_S + 2 * TICK_S)
    assert await checks.reported() == {}


async def test_pods_in_the_network_of_their_node_are_not_checked(checks: Checks) -> None:
    put_pod(checks.world.double, "web-1", hostNetwork=True)
    await checks.seconds(3 * TICK_S)
    assert checks.world.network.connected == []
