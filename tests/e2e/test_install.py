"""Optral installed as docs/install says: both images, both charts, in a real cluster, from nothing to a resolved issue.

The tests of this file are one story and run in order. Those marked `full` take minutes and run in `make e2e-full`.
"""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import optral
from tests.e2e import faults
from tests.e2e.installed import (
    AGENT_CHART,
    MINE,
    NAMESPACE,
    SERVER,
    SERVER_CHART,
    SHOP,
    Installation,
    agent_values,
    broken,
    installed,
    reachable_from,
    resident_mib,
    wait_for,
    working,
)
from tests.support.images import built
from tests.support.real_cluster import HOST, Cluster, second, standing

pytestmark = pytest.mark.cluster

ISSUE_WITHIN_S = 180  # a deadline for a machine under load; it takes about ten seconds
RESOLVED_WITHIN_S = 300  # the hysteresis of two minutes, and the rollout before it
OPERATE = {"profile": "operate", "operate": {"namespaces": [SHOP]}}
PROXY = """
import asyncio
async def copy(source, target):
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    finally:
        target.close()
async def serve(reader, writer):
    method, address, _ = (await reader.readline()).decode().split(" ", 2)
    while (await reader.readline()).strip():
        pass
    print(method, address, flush=True)
    host, port = address.rsplit(":", 1)
    there, back = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Connection established\\r\\n\\r\\n")
    await asyncio.gather(copy(reader, back), copy(there, writer), return_exceptions=True)
async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", 3128) as server:
        await server.serve_forever()
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def images() -> list[Path]:
    return sorted(built().glob("*.tar"))


@pytest.fixture(scope="module")
def installation(cluster: Cluster, images: list[Path]) -> Iterator[Installation]:
    with installed(cluster, images) as found:
        yield found


@pytest.fixture(scope="module")
def enrolled(installation: Installation) -> dict[str, Any]:
    return installation.create_cluster("production")


@pytest.fixture(scope="module")
def one_namespace(installation: Installation) -> dict[str, Any]:
    return installation.create_cluster("one-namespace")


def test_the_agent_connects_when_helm_says_so(installation: Installation, enrolled: dict[str, Any]) -> None:
    installation.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "120s", values=agent_values(enrolled))
    assert installation.is_online(enrolled["id"])


def test_a_fault_becomes_an_analysed_issue(installation: Installation, enrolled: dict[str, Any]) -> None:
    issue = wait_for(lambda: installation.issue("CrashLoopBackOff"), within_s=ISSUE_WITHIN_S, what="an analysed issue")
    print(f"\nissue and analysis {time.monotonic() - installation.began_s:.0f} s after helm install of the server: {issue['title']}")
    assert "DATABASE_URL" in json.dumps(installation.call("GET", f"/v1/issues/{issue['id']}"))
    print(f"agent: {resident_mib('-m optral agent')}; server: {resident_mib('-m optral server')}")


def test_an_upgrade_keeps_the_data_and_the_agent(installation: Installation, enrolled: dict[str, Any]) -> None:
    issues = installation.call("GET", "/v1/issues?status=open")["total"]
    changed = SERVER | {"settings": {"OPTRAL_LOG_LEVEL": "debug"}}
    installation.helm("upgrade", "optral", SERVER_CHART, "--wait", "--timeout", "180s", values=changed)
    with installation.reachable():
        assert installation.call("GET", "/v1/issues?status=open")["total"] >= issues > 0
        wait_for(lambda: installation.is_online(enrolled["id"]), what="the agent to return")


@pytest.fixture(scope="module")
def upgraded(installation: Installation) -> Iterator[Installation]:
    """Reachable also after the upgrade replaced the pod."""
    with installation.reachable():
        yield installation


def test_a_second_agent_sees_only_its_namespace(upgraded: Installation, one_namespace: dict[str, Any]) -> None:
    values = agent_values(one_namespace, profile="namespaced")
    upgraded.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "120s", values=values, namespace=SHOP)
    wait_for(lambda: upgraded.issue("CrashLoopBackOff", cluster="one-namespace"), within_s=ISSUE_WITHIN_S, what="its issue")
    seen = upgraded.call("GET", "/v1/resources?cluster=one-namespace&pageSize=100")["resources"]
    assert {one.get("namespace") for one in seen} == {SHOP}


def test_an_agent_of_a_deleted_cluster_is_refused_and_says_what_to_do(upgraded: Installation, one_namespace: dict[str, Any]) -> None:
    upgraded.helm("uninstall", "optral-agent", "--wait", namespace=SHOP)
    upgraded.call("DELETE", f"/v1/clusters/{one_namespace['id']}")
    values = agent_values(one_namespace, token=False, profile="namespaced")
    upgraded.helm("install", "optral-agent", AGENT_CHART, values=values, namespace=SHOP)
    wait_for(lambda: "create it again and start the agent with the new token" in upgraded.agent_log(SHOP), what="the refusal")
    again = upgraded.create_cluster("one-namespace")
    values = agent_values(again, profile="namespaced")
    upgraded.helm("upgrade", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values, namespace=SHOP)
    assert upgraded.is_online(again["id"])
    upgraded.helm("uninstall", "optral-agent", "--wait", namespace=SHOP)


def test_a_reinstalled_agent_is_the_same_one_and_needs_no_token(upgraded: Installation, enrolled: dict[str, Any]) -> None:
    upgraded.helm("uninstall", "optral-agent", "--wait")

    def remaining(kinds: str, label: str) -> list[str]:
        return upgraded.cluster.kubectl("get", kinds, "-n", NAMESPACE, "-o", "name", "-l", label).split()

    kinds = "deployment,pod,secret,configmap,serviceaccount,role,rolebinding,networkpolicy,clusterrole,clusterrolebinding"
    identity = ["secret/optral-agent-identity"]
    wait_for(lambda: remaining(kinds, MINE) == identity, within_s=60, what="only the agent's identity to remain")
    values = agent_values(enrolled, token=False)
    upgraded.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values)
    pods = upgraded.cluster.items("pods", "-n", NAMESPACE, "-l", MINE)
    assert [pod["status"]["containerStatuses"][0]["restartCount"] for pod in pods] == [0]


@pytest.mark.full
def test_an_approved_runbook_resolves_an_issue(upgraded: Installation, enrolled: dict[str, Any]) -> None:
    values = agent_values(enrolled, token=False, **OPERATE)
    upgraded.helm("upgrade", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values)
    upgraded.cluster.apply(working("billing"))
    upgraded.cluster.kubectl("-n", SHOP, "rollout", "status", "deployment/billing", "--timeout=120s")
    upgraded.cluster.apply(broken("billing"))
    issue = wait_for(lambda: upgraded.issue("CrashLoopBackOff", owner="billing"), within_s=ISSUE_WITHIN_S, what="an analysed issue")
    body = {"issueId": issue["id"], "parameters": {"namespace": SHOP, "name": "billing"}, "reason": "the new version does not start"}
    path = f"/v1/executions/{upgraded.call('POST', '/v1/runbooks/rollback-workload/execute', json=body)['id']}"

    def planned() -> dict[str, Any] | None:
        shown: dict[str, Any] = upgraded.call("GET", path)
        return shown["plan"] if shown["approval"]["ready"] else None

    plan = wait_for(planned, what="a plan to approve")
    upgraded.call("POST", f"{path}/approve", json={"reason": "seen", "confirm": "billing", "planHash": plan["hash"]})

    def finished() -> dict[str, Any] | None:
        shown: dict[str, Any] = upgraded.call("GET", path)
        return shown if shown.get("finishedAt") else None

    assert wait_for(finished, within_s=RESOLVED_WITHIN_S, what="the execution to finish")["status"] == "succeeded"
    wait_for(
        lambda: upgraded.call("GET", f"/v1/issues/{issue['id']}")["status"] == "resolved",
        within_s=RESOLVED_WITHIN_S,
        what="the issue to be resolved",
    )


@pytest.mark.full
def test_an_agent_reaches_the_server_through_a_proxy(upgraded: Installation, enrolled: dict[str, Any]) -> None:
    upgraded.cluster.apply(*proxy())
    upgraded.cluster.kubectl("-n", SHOP, "rollout", "status", "deployment/proxy", "--timeout=120s")
    values = agent_values(enrolled, token=False, proxy={"https": f"http://proxy.{SHOP}.svc:80"})
    upgraded.helm("upgrade", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values)
    assert upgraded.is_online(enrolled["id"])
    log = upgraded.cluster.kubectl("-n", SHOP, "logs", "deployment/proxy")
    assert set(re.findall(r"^CONNECT (\S+)$", log, re.MULTILINE)) == {f"optral.{NAMESPACE}:8444"}


@pytest.fixture(scope="module")
def elsewhere(images: list[Path]) -> Iterator[Cluster]:
    """Another real cluster, with a broken workload of its own."""
    with standing(second()) as found:
        found.load(*[image for image in images if "agent" in image.name])
        found.apply(faults.namespace(SHOP), faults.namespace(NAMESPACE), broken("payments"))
        yield found


@pytest.mark.full
def test_an_agent_of_another_cluster_uses_the_second_address_when_the_first_is_dead(upgraded: Installation, elsewhere: Cluster) -> None:
    created = upgraded.create_cluster("staging")
    other = Installation(elsewhere)
    with reachable_from(elsewhere, upgraded):
        began = time.monotonic()
        values = agent_values(created)
        values["server"] |= {"url": f"http://{HOST}:9", "fallbackUrls": [values["server"]["url"]]}  # nothing listens on port 9
        other.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values)
        assert upgraded.is_online(created["id"])
        wait_for(lambda: upgraded.issue("CrashLoopBackOff", cluster="staging"), within_s=ISSUE_WITHIN_S, what="its issue")
        print(f"\nissue of a second cluster {time.monotonic() - began:.0f} s after helm install of its agent, over its second address")
        clusters = {one["clusterId"] for one in upgraded.call("GET", f"/v1/issues?namespace={SHOP}")["issues"]}
        assert created["id"] in clusters
        assert len(clusters) > 1, "each cluster has an issue of its own"
        other.helm("uninstall", "optral-agent", "--wait")


def proxy() -> list[dict[str, Any]]:
    """A proxy that says where it connects to; the server's image has the only Python of this cluster."""
    container = faults.container(image=f"optral-server:{optral.__version__}", command=["/usr/bin/python3.11", "-Ic", PROXY])
    return [faults.deployment(SHOP, "proxy", container), faults.service(SHOP, "proxy", {"app": "proxy"}, port=3128)]
