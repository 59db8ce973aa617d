"""A probe over HTTP: what the agent found, or what to do when it performs none."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from optral.access import service as access
from optral.commands.model import Command, Report, State
from optral.flows.clusters import probes
from optral.terms import actor as actors
from tests.api.conftest import Api
from tests.api.resources.test_logs import Agent, agent, done, ended, present
from tests.api.seeds import objects

ABLE = ("commands.v1", "verb:probe", "probe:on")
RESULT: dict[str, Any] = {
    "check": "tcp",
    "outcome": "unreachable",
    "reason": "refused",
    "at": "2026-01-15T12:03:04Z",
    "vantage": {"namespace": "optral", "pod": "optral-agent-1", "node": "n1"},
    "address": "10.0.3.4",
    "port": 8080,
    "tookMs": 2,
}
SUMMARY = "From the agent's pod in namespace optral on node n1 at 12:03:04: TCP connect to 10.0.3.4:8080 was refused"


@asynccontextmanager
async def able(api: Api, cluster_id: str, answer: Callable[[Command], Report | None]) -> AsyncIterator[Agent]:
    async with agent(api, cluster_id, answer) as there:
        await present(api, cluster_id, capabilities=ABLE)
        yield there


@pytest.fixture
async def seeded(api: Api) -> dict[str, str]:
    """The ids of a cluster, a pod, a Service and a Deployment."""
    cluster_id = await api.new_cluster("shop")
    await objects(
        api,
        cluster_id,
        "api-1",
        spec={"containers": [{"name": "app", "ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 8080}]}]},
    )
    await objects(api, cluster_id, "api", kind="Service")
    await objects(api, cluster_id, "api", kind="Deployment.apps")
    listed = (await api.get("/v1/resources")).json()["resources"]
    return {"cluster": cluster_id} | {one["kind"]: one["id"] for one in listed}


async def ask(api: Api, resource_id: str, *, key: str | None = None, **body: Any) -> Any:
    more = {} if key is None else {"key": key}
    return await api("POST", f"/v1/resources/{resource_id}/probe", json=body, **more)


async def test_a_probe_is_returned_with_its_vantage_and_recorded(api: Api, seeded: dict[str, str]) -> None:
    async with able(api, seeded["cluster"], done(RESULT)) as there:
        answer = await ask(api, seeded["Pod"], port=8080)
    assert answer.status_code == 200
    assert answer.json() == RESULT | {"summary": SUMMARY}
    (asked,) = there.asked
    assert (asked.verb, dict(asked.params)) == (
        "probe",
        {"check": "tcp", "kind": "Pod", "namespace": "shop", "name": "api-1", "port": 8080},
    )
    records = await api.store.read(actors.system(api.org), lambda tx: access.records_after(tx, 0))
    assert [one.target for one in records if one.action == "command.probe"] == [asked.id], "who asked is known"


async def test_a_certificate_is_shown(api: Api, seeded: dict[str, str]) -> None:
    certificate = {"names": ["api.shop.svc"], "issuer": "CN=shop", "notBefore": "2025-01-01T00:00:00Z", "notAfter": "2026-01-01T00:00:00Z"}
    found = {**RESULT, "check": "tls", "outcome": "reachable", "certificate": certificate}
    found.pop("reason")
    async with able(api, seeded["cluster"], done(found)):
        answer = (await ask(api, seeded["Service"], check="tls", port=443)).json()
    assert answer["certificate"] == certificate | {"expired": True}
    assert "its certificate for api.shop.svc expired at 2026-01-01T00:00:00Z" in answer["summary"]


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (ended(State.FAILED, "NOT_FOUND"), 404, "resource_gone"),
        (ended(State.REJECTED, "TARGET_DENIED", "this target is not probed: pod x is in the network of its node"), 409, "target_denied"),
        (ended(State.FAILED, "NOT_STARTED"), 409, "container_not_started"),
        (ended(State.REJECTED, "POLICY_DENIED"), 409, "agent_refuses"),
        (ended(State.REJECTED, "BUSY"), 503, "agent_slow"),
        (ended(State.TIMED_OUT, "TIMED_OUT"), 503, "agent_slow"),
        (done({"check": "tcp"}), 503, "agent_slow"),
        (done({**RESULT, "outcome": "perhaps"}), 503, "agent_slow"),
        (done({**RESULT, "address": "x" * 10_000}), 503, "agent_slow"),
    ],
)
async def test_no_result_says_why(api: Api, seeded: dict[str, str], answer: Callable[[Command], Report], status: int, code: str) -> None:
    async with able(api, seeded["cluster"], answer):
        response = await ask(api, seeded["Pod"], port=8080)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("capabilities", "code", "words"),
    [
        (("sync.v1",), "agent_too_old", "upgrade"),
        (("commands.v1",), "agent_too_old", "upgrade"),
        (("commands.v1", "probe:off"), "probes_off", "probes.enabled"),
    ],
)
async def test_an_agent_that_does_not_probe_is_not_asked(
    api: Api, seeded: dict[str, str], capabilities: tuple[str, ...], code: str, words: str
) -> None:
    async with agent(api, seeded["cluster"], done(RESULT)) as there:
        await present(api, seeded["cluster"], capabilities=capabilities)
        response = await ask(api, seeded["Pod"], port=8080)
    assert (response.status_code, response.json()["code"], there.asked) == (409, code, [])
    assert words in response.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("Deployment", {"port": 80}, 409),
        ("Service", {"port": 80, "host": "api.example.com"}, 409),
        ("Service", {}, 409),
        ("Pod", {"check": "dns"}, 409),
        ("Pod", {"host": "api.example.com"}, 409),
        ("Pod", {"port": 80, "host": "169.254.169.254"}, 422),
        ("Pod", {"port": 80, "address": "10.0.0.1"}, 422),
        ("Pod", {"port": 80, "path": "/admin"}, 422),
        ("Pod", {"port": 0}, 422),
        ("Pod", {"port": 80, "check": "udp"}, 422),
    ],
)
async def test_what_does_not_fit_reaches_no_agent(api: Api, seeded: dict[str, str], kind: str, body: dict[str, Any], status: int) -> None:
    async with able(api, seeded["cluster"], done(RESULT)) as there:
        response = await ask(api, seeded[kind], **body)
    code = "not_probeable" if status == 409 else "invalid_body"
    assert (response.status_code, response.json()["code"], there.asked) == (status, code, [])
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "body", "sent"),
    [("Pod", {}, {"port": 8080}), ("Pod", {"port": 9090}, {"port": 9090}), ("Service", {"check": "dns", "port": 53}, {"check": "dns"})],
)
async def test_the_first_port_is_meant_unless_one_is_sent(
    api: Api, seeded: dict[str, str], kind: str, body: dict[str, Any], sent: dict[str, Any]
) -> None:
    async with able(api, seeded["cluster"], done(RESULT)) as there:
        assert (await ask(api, seeded[kind], **body)).status_code == 200
    (asked,) = there.asked
    assert {name: value for name, value in asked.params.items() if name in ("check", "port")} == {"check": "tcp"} | sent


async def test_a_cluster_that_is_away_is_reported_at_once(api: Api, seeded: dict[str, str]) -> None:
    await present(api, seeded["cluster"], status="offline", capabilities=ABLE)
    response = await ask(api, seeded["Pod"], port=80)
    assert (response.status_code, response.json()["code"]) == (409, "cluster_offline")


async def test_an_agent_that_does_not_answer_is_not_waited_for_without_end(
    api: Api, seeded: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(probes.perform.__kwdefaults__, "wait_s", 0.1)
    async with able(api, seeded["cluster"], lambda _command: None):
        response = await ask(api, seeded["Pod"], port=80)
    assert (response.status_code, response.json()["code"]) == (503, "agent_slow")


async def test_a_key_without_the_scope_or_of_another_cluster_probes_nothing(api: Api, seeded: dict[str, str]) -> None:
    async with able(api, seeded["cluster"], done(RESULT)) as there:
        blind = await api.new_key(scopes={"resources:read", "logs:read"})
        assert (await ask(api, seeded["Pod"], key=blind, port=80)).status_code == 403
        elsewhere = await api.new_cluster("elsewhere")
        stranger = await api.new_key(scopes={"resources:probe"}, clusters={elsewhere})
        assert (await ask(api, seeded["Pod"], key=stranger, port=80)).status_code == 404
        assert there.asked == []
