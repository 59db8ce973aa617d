"""What a probe refuses, whatever the control plane asks: every target is an object of the cluster, and every address is checked."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure
from optral.agent.probes import prober
from optral.agent.probes.prober import PER_MINUTE
from optral.terms import probes, verbs
from optral.terms.errors import Invalid
from optral.terms.probes import Outcome, Reason
from tests.agent.probes.world import World, furnish, put_pod, put_service, put_slice
from tests.support import kubedouble
from tests.support.clock import FakeClock
from tests.support.kubedouble import KubeDouble

SERVICE = {"kind": "Service", "name": "web", "port": 80}
NAME = {"kind": "Service", "name": "web", "check": "dns"}
POD = {"kind": "Pod", "name": "web-1", "port": 8080}
Change = Callable[[KubeDouble], None]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with kubedouble.serving() as double:
        furnish(double)
        made = World(double)
        yield made
        await made.tools.client.close()


def service(**spec: Any) -> Change:
    return lambda double: put_service(double, "web", **spec)


def pod(**more: Any) -> Change:
    return lambda double: put_pod(double, "web-1", **more)


def env(**values: str) -> Change:
    return pod(env=[{"name": name, "value": value} for name, value in values.items()])


def as_it_is(_: KubeDouble) -> None:
    """Nothing changed."""


EXTERNAL = {"kind": "Pod", "name": "web-1", "host": "api.example.com", "port": 443}


@pytest.mark.parametrize(
    ("change", "params", "code", "why"),
    [
        pytest.param(as_it_is, {**SERVICE, "name": "db"}, "NOT_FOUND", "", id="a Service that is not there"),
        pytest.param(as_it_is, {**POD, "name": "db-1"}, "NOT_FOUND", "", id="a pod that is not there"),
        pytest.param(as_it_is, {**SERVICE, "port": 22}, "TARGET_DENIED", "no TCP port 22", id="a port that the Service does not have"),
        pytest.param(as_it_is, {**SERVICE, "port": 53}, "TARGET_DENIED", "no TCP port 53", id="a UDP port"),
        pytest.param(as_it_is, {**POD, "port": 22}, "TARGET_DENIED", "names port 22", id="a port that nothing names"),
        pytest.param(as_it_is, {**POD, "port": 10250}, "TARGET_DENIED", "names port 10250", id="the kubelet's port"),
        pytest.param(service(selector={}), SERVICE, "TARGET_DENIED", "no selector", id="endpoints by hand"),
        pytest.param(service(selector={}), NAME, "TARGET_DENIED", "no selector", id="its name"),
        pytest.param(
            service(type="ExternalName", externalName="metadata.internal"), SERVICE, "TARGET_DENIED", "ExternalName", id="an alias"
        ),
        pytest.param(service(clusterIP="None"), SERVICE, "TARGET_DENIED", "no address", id="a headless Service"),
        pytest.param(service(clusterIP="169.254.169.254"), SERVICE, "TARGET_DENIED", "link-local", id="a Service at the metadata address"),
        pytest.param(service(clusterIP="127.0.0.1"), SERVICE, "TARGET_DENIED", "loopback", id="a Service at loopback"),
        pytest.param(service(clusterIP="metadata.internal"), SERVICE, "TARGET_DENIED", "no address", id="a name in place of an address"),
        pytest.param(
            lambda double: put_slice(double, "web", ["10.0.3.4", "192.168.1.11"]), SERVICE, "TARGET_DENIED", "not its pods",
            id="an endpoint that is a node",
        ),
        pytest.param(pod(hostNetwork=True), SERVICE, "TARGET_DENIED", "network of their node", id="a Service of such pods"),
        pytest.param(pod(hostNetwork=True), POD, "TARGET_DENIED", "network of its node", id="a pod in the node's network"),
        pytest.param(pod(address="192.168.1.11"), POD, "TARGET_DENIED", "network of its node", id="a pod with its node's address"),
        pytest.param(
            pod(status={"hostIPs": [{"ip": "192.168.1.11"}, {"ip": "fd12::11"}], "podIPs": [{"ip": "10.0.3.4"}, {"ip": "fd12::11"}]}),
            POD, "TARGET_DENIED", "network of its node", id="or with its second one",
        ),
        pytest.param(pod(address="169.254.169.254"), POD, "TARGET_DENIED", "link-local", id="a pod at the metadata address"),
        pytest.param(pod(address="fd00:ec2::254"), POD, "TARGET_DENIED", "metadata", id="and of IPv6"),
        pytest.param(pod(address="::ffff:169.254.169.254"), POD, "TARGET_DENIED", "link-local", id="and of both"),
        pytest.param(pod(address=""), POD, "NOT_STARTED", "no address", id="a pod without an address"),
        pytest.param(pod(status={"phase": "Succeeded"}), POD, "NOT_STARTED", "has ended", id="a pod whose address another may have by now"),
        pytest.param(as_it_is, EXTERNAL, "TARGET_DENIED", "does not name api.example.com", id="a host that nothing names"),
        pytest.param(env(API_URL="https://api.example.com"), {**EXTERNAL, "port": 22}, "TARGET_DENIED", "port 22", id="at another port"),
        pytest.param(
            env(API_URL="https://api.example.com.evil.test"), EXTERNAL, "TARGET_DENIED", "does not name", id="a part of another name"
        ),
    ],
)  # fmt: skip
async def test_refuses(world: World, change: Change, params: dict[str, Any], code: str, why: str) -> None:
    change(world.double)
    with pytest.raises(Failure) as refused:
        await world.probe(**params)
    assert (refused.value.code, why in refused.value.message) == (code, True), refused.value.message
    assert (world.network.connected, world.network.resolved) == ([], [])


@pytest.mark.parametrize(
    "params",
    [
        {**SERVICE, "address": "169.254.169.254"},
        {**SERVICE, "kind": "Node"},
        {**SERVICE, "kind": "Endpoints"},
        {**SERVICE, "port": None},
        {**SERVICE, "port": 0},
        {**SERVICE, "port": 70000},
        {**SERVICE, "check": "udp"},
        {**SERVICE, "check": "dns"},
        {**SERVICE, "path": "/admin"},
        {**SERVICE, "headers": {"Authorization": "x"}},
        {**SERVICE, "name": "../../secrets/x"},
        {**SERVICE, "namespace": ""},
        {**SERVICE, "host": "api.example.com"},
        {**POD, "check": "dns", "port": None},
        {**EXTERNAL, "host": "169.254.169.254"},
        {**EXTERNAL, "host": "localhost"},
        {**EXTERNAL, "host": "user:secret@api.example.com"},
        {**EXTERNAL, "host": "api.example.com/path"},
        {**EXTERNAL, "host": "api.example.com\n"},
    ],
)
def test_addresses_paths_headers_and_bodies_cannot_even_be_requested(params: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        verbs.check(verbs.find("probe"), {"check": "tcp", "namespace": "shop", **params})


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (["169.254.169.254"], "link-local"),
        (["93.184.216.34", "127.0.0.1"], "loopback"),
        (["10.0.3.4"], "not public"),
        (["192.168.1.11"], "not public"),
        (["fd00:ec2::254"], "metadata"),
    ],
)
async def test_a_host_outside_must_have_public_addresses_alone(world: World, answer: list[str], why: str) -> None:
    env(API_URL="https://api.example.com")(world.double)
    world.network.names["api.example.com"] = [answer]
    with pytest.raises(Failure, match=why) as refused:
        await world.probe(**EXTERNAL)
    assert (refused.value.code, world.network.connected) == ("TARGET_DENIED", [])


async def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(world: World) -> None:
    env(API_URL="https://user:cnry-pass@api.example.com/v1")(world.double)
    world.network.names["api.example.com"] = [["93.184.216.34"], ["169.254.169.254"]]
    result = await world.probe(**EXTERNAL)
    assert (result.outcome, result.address) == (Outcome.REACHABLE, "93.184.216.34")
    assert (world.network.connected, world.network.resolved) == ([("93.184.216.34", 443)], ["api.example.com"])
    assert "cnry" not in json.dumps(probes.plain(result))


async def test_no_more_than_so_many_a_minute_also_of_what_is_refused(world: World) -> None:
    clock = FakeClock()
    made = World(world.double, clock=clock)
    for number in range(PER_MINUTE):
        if number % 2:
            await made.probe(**SERVICE)
        else:
            with pytest.raises(Failure, match="no TCP port"):
                await made.probe(**{**SERVICE, "port": 22})
    with pytest.raises(Failure) as refused:
        await made.probe(**SERVICE)
    assert refused.value.code == "BUSY"
    assert len(made.network.connected) == PER_MINUTE // 2
    clock.advance(60)
    assert (await made.probe(**SERVICE)).outcome is Outcome.REACHABLE
    await made.tools.client.close()


async def test_silence_ends_at_the_deadline_and_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prober, "DEADLINE_S", 0.01)
    world.network.hangs = True
    result = await world.probe(**SERVICE)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, Reason.TIMEOUT)


def test_the_deadline_is_three_seconds_at_most() -> None:
    assert prober.DEADLINE_S <= 3


@pytest.mark.parametrize(
    ("params", "connected"),
    [
        pytest.param(SERVICE, ("10.96.0.10", 80), id="a Service at its address"),
        pytest.param(POD, ("10.0.3.4", 8080), id="a port that a container declares"),
        pytest.param({**POD, "port": 8081}, ("10.0.3.4", 8081), id="a port of a probe"),
        pytest.param({**POD, "port": 9999}, ("10.0.3.4", 9999), id="a port that a Service sends to"),
    ],
)
async def test_what_objects_name_is_probed(world: World, params: dict[str, Any], connected: tuple[str, int]) -> None:
    put_service(world.double, "other", ports=[{"port": 81, "targetPort": 9999}])
    assert (await world.probe(**params)).outcome is Outcome.REACHABLE
    assert world.network.connected == [connected]


async def test_http_asks_for_the_path_of_the_kubelets_probe(world: World) -> None:
    result = await world.probe(**{**POD, "port": 8081, "check": "http"})
    assert (result.http_status, result.path) == (200, "/healthz")
    await world.probe(**{**SERVICE, "check": "http"})
    assert world.network.requested == [("", "/healthz"), ("web.shop.svc", "/")]


@pytest.mark.parametrize(("path", "asked"), [("/x y", "/"), ("/a?token=1", "/"), ("//evil\r\nX: y", "/"), ("", "/"), ("/ok", "/ok")])
async def test_a_path_that_does_not_fit_on_its_line_is_left_out(world: World, path: str, asked: str) -> None:
    probe = {"httpGet": {"port": 8081, "path": path}}
    put_pod(world.double, "web-1", containers=[{"name": "web", "readinessProbe": probe}])
    assert (await world.probe(**{**POD, "port": 8081, "check": "http"})).path == asked


async def test_the_name_of_a_service(world: World) -> None:
    assert (await world.probe(**NAME)).reason is Reason.NAME_NOT_FOUND
    world.network.names["web.shop.svc"] = [["10.96.0.10"]]
    result = await world.probe(**NAME)
    assert (result.outcome, result.addresses, world.network.connected) == (Outcome.REACHABLE, ("10.96.0.10",), [])


@pytest.mark.parametrize(
    ("reason", "outcome", "text"),
    [
        (None, Outcome.REACHABLE, "TCP connect to 10.0.3.4:8080 succeeded"),
        (Reason.REFUSED, Outcome.UNREACHABLE, "TCP connect to 10.0.3.4:8080 was refused"),
        (Reason.TIMEOUT, Outcome.UNKNOWN, "TCP connect to 10.0.3.4:8080 timed out"),
        (Reason.NO_ROUTE, Outcome.UNKNOWN, "TCP connect to 10.0.3.4:8080 failed: no route to the host"),
        (Reason.FAILED, Outcome.UNKNOWN, "TCP connect to 10.0.3.4:8080 failed"),
    ],
)
async def test_a_result_names_its_vantage(world: World, reason: Reason | None, outcome: Outcome, text: str) -> None:
    clock = FakeClock(datetime(2026, 1, 15, 12, 3, 4, tzinfo=UTC))
    made = World(world.double, clock=clock)
    if reason is not None:
        made.network.failures[("10.0.3.4", 8080)] = reason
    result = await made.probe(**POD)
    assert result.outcome is outcome
    assert probes.text(result) == f"From the agent's pod in namespace optral on node n1 at 12:03:04: {text}"
    assert probes.read(probes.plain(result)) == result
    await made.tools.client.close()
