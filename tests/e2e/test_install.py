"""Optral installed as README.md and docs/install say, in a real cluster: from nothing to a verified fix, and back to the server alone.

The tests of this file are one story and run in order. Those marked `full` take minutes and run in `make e2e-full`.
"""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import optral
from tests.e2e import faults
from tests.e2e.installed import (
    AGENT_CHART,
    MINE,
    NAMESPACE,
    ROOT,
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
)
from tests.e2e.reader import commands
from tests.support.images import built
from tests.support.real_cluster import HOST, Cluster, second, standing

pytestmark = pytest.mark.cluster

ISSUE_WITHIN_S = 180  # a deadline for a machine under load; it takes about ten seconds
RESOLVED_WITHIN_S = 300  # the hysteresis of two minutes, and the rollout before it
OPERATE = {"profile": "operate", "operate": {"namespaces": [SHOP]}}
COUNT_ISSUES = 'import sqlite3; print(*sqlite3.connect("/var/lib/optral/optral.db").execute("select count(*) from issues").fetchone())'
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
    values = agent_values(enrolled, **OPERATE)
    installation.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "120s", values=values)
    assert installation.is_online(enrolled["id"])


def test_a_fault_becomes_an_analysed_issue(installation: Installation, enrolled: dict[str, Any]) -> None:
    issue = wait_for(lambda: installation.issue("CrashLoopBackOff"), within_s=ISSUE_WITHIN_S, what="an analyzed issue")
    print(f"\nissue and analysis {time.monotonic() - installation.began_s:.0f} s after helm install of the server: {issue['title']}")
    assert "DATABASE_URL" in json.dumps(installation.call("GET", f"/v1/issues/{issue['id']}"))
    print(f"agent: {resident_mib('-m optral agent')}; server: {resident_mib('-m optral server')}")


@pytest.fixture(scope="module")
def approved(installation: Installation, enrolled: dict[str, Any]) -> dict[str, Any]:
    """A rollback that was approved; what the tests do until it is verified takes as long as the verification."""
    installation.cluster.kubectl("-n", SHOP, "rollout", "status", "deployment/billing", "--timeout=120s")
    installation.cluster.apply(broken("billing"))
    issue = wait_for(lambda: installation.issue("CrashLoopBackOff", owner="billing"), within_s=ISSUE_WITHIN_S, what="an analyzed issue")
    body = {"issueId": issue["id"], "parameters": {"namespace": SHOP, "name": "billing"}, "reason": "the new version does not start"}
    execution: dict[str, Any] = installation.call("POST", "/v1/runbooks/rollback-workload/execute", json=body)
    path = f"/v1/executions/{execution['id']}"

    def planned() -> dict[str, Any] | None:
        shown: dict[str, Any] = installation.call("GET", path)
        return shown["plan"] if shown["approval"]["ready"] else None

    plan = wait_for(planned, what="a plan to approve")
    installation.call("POST", f"{path}/approve", json={"reason": "seen", "confirm": "billing", "planHash": plan["hash"]})
    return execution | {"issueId": issue["id"]}


def test_a_fix_is_approved_and_made(installation: Installation, approved: dict[str, Any]) -> None:
    rolled_back = "jsonpath={.status.availableReplicas}/{.status.updatedReplicas}"
    wait_for(
        lambda: installation.cluster.kubectl("-n", SHOP, "get", "deployment", "billing", "-o", rolled_back) == "1/1",
        what="the version before",
    )


def test_a_second_agent_sees_only_its_namespace(installation: Installation, one_namespace: dict[str, Any]) -> None:
    values = agent_values(one_namespace, profile="namespaced")
    installation.helm("install", "optral-agent", AGENT_CHART, "--wait", "--timeout", "120s", values=values, namespace=SHOP)
    wait_for(lambda: installation.issue("CrashLoopBackOff", cluster="one-namespace"), within_s=ISSUE_WITHIN_S, what="its issue")
    seen = installation.call("GET", "/v1/resources?cluster=one-namespace&pageSize=100")["resources"]
    assert {one.get("namespace") for one in seen} == {SHOP}


def test_an_agent_of_a_deleted_cluster_is_refused_and_says_what_to_do(installation: Installation, one_namespace: dict[str, Any]) -> None:
    installation.helm("uninstall", "optral-agent", "--wait", namespace=SHOP)
    installation.call("DELETE", f"/v1/clusters/{one_namespace['id']}")
    values = agent_values(one_namespace, token=False, profile="namespaced")
    installation.helm("install", "optral-agent", AGENT_CHART, values=values, namespace=SHOP)
    wait_for(lambda: "create it again and start the agent with the new token" in installation.agent_log(SHOP), what="the refusal")
    again = installation.create_cluster("one-namespace")
    values = agent_values(again, profile="namespaced")
    installation.helm("upgrade", "optral-agent", AGENT_CHART, "--wait", "--timeout", "180s", values=values, namespace=SHOP)
    assert installation.is_online(again["id"])
    installation.helm("uninstall", "optral-agent", "--wait", namespace=SHOP)


def test_the_fix_is_verified(installation: Installation, approved: dict[str, Any]) -> None:
    def finished() -> dict[str, Any] | None:
        shown: dict[str, Any] = installation.call("GET", f"/v1/executions/{approved['id']}")
        return shown if shown.get("finishedAt") else None

    assert wait_for(finished, within_s=RESOLVED_WITHIN_S, what="the execution to finish")["status"] == "succeeded"


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


@pytest.mark.full
def test_its_issue_is_resolved(upgraded: Installation, approved: dict[str, Any]) -> None:
    wait_for(
        lambda: upgraded.call("GET", f"/v1/issues/{approved['issueId']}")["status"] == "resolved",
        within_s=RESOLVED_WITHIN_S,
        what="the issue to be resolved",
    )


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


def others(installation: Installation) -> dict[str, str]:
    """Everything of the namespace that is not the agent's, with its uid."""
    kinds = "statefulset,pod,service,serviceaccount,persistentvolumeclaim,secret,configmap,networkpolicy,role,rolebinding"
    shown = installation.cluster.items(kinds, "-n", NAMESPACE)
    named = {f"{one['kind']}/{one['metadata']['name']}": one["metadata"]["uid"] for one in shown}
    return {name: uid for name, uid in named.items() if "optral-agent" not in name}


def remove(installation: Installation, cluster_id: str) -> None:
    """Delete a cluster and run what that prints: the server in the same namespace stays, and nothing of the agent does."""
    (pod,) = installation.cluster.items("pods", "-n", NAMESPACE, "-l", MINE)
    path = f"/v1/resources?cluster={cluster_id}&kind=Pod&namespace={NAMESPACE}"
    wait_for(
        lambda: pod["metadata"]["name"] in [one["name"] for one in installation.call("GET", path)["resources"]],
        what="the agent's own pod in its inventory",
    )
    before = others(installation)
    assert {"StatefulSet/optral", "PersistentVolumeClaim/data-optral-0", "Pod/optral-0"} <= set(before)
    deleted = installation.call("DELETE", f"/v1/clusters/{cluster_id}")
    assert "uninstallNote" not in deleted
    installation.shell("\n".join(deleted["uninstall"]))
    kinds = "deployment,pod,secret,configmap,serviceaccount,role,rolebinding,networkpolicy,clusterrole,clusterrolebinding"
    wait_for(
        lambda: not installation.cluster.kubectl("get", kinds, "-n", NAMESPACE, "-o", "name", "-l", MINE).split(),
        within_s=60,
        what="the agent to be gone",
    )
    assert others(installation) == before
    installation.call("GET", "/readyz")


def test_the_printed_commands_remove_what_helm_installed(upgraded: Installation, enrolled: dict[str, Any]) -> None:
    remove(upgraded, enrolled["id"])


def test_without_public_addresses_the_server_chooses_kubectl_whose_agent_is_removed_alone(upgraded: Installation) -> None:
    created = upgraded.create_cluster("by-kubectl")
    install = upgraded.call("GET", f"/v1/clusters/{created['id']}/install?method=auto")
    assert install["method"] == "kubectl"
    upgraded.shell(install["command"])
    wait_for(lambda: upgraded.is_online(created["id"]), what="the agent to connect")
    remove(upgraded, created["id"])


def test_the_pages_commands_diagnose_back_up_and_restore(upgraded: Installation, tmp_path: Path) -> None:
    """The last test: a restore revokes all API keys."""
    (tmp_path / "charts").symlink_to(ROOT / "charts")
    count = ("python3.11", "-Ic", COUNT_ISSUES)
    exec_ = ("-n", NAMESPACE, "exec", "optral-0", "-c", "server", "--")
    before = upgraded.cluster.kubectl(*exec_, *count)
    for line in commands("docs/install/server.md")["Diagnose, back up and restore"]:
        print(f"$ {line}\n{upgraded.shell(line, at=tmp_path)}")
    assert upgraded.cluster.kubectl(*exec_, *count) == before
    assert int(before) > 0
    with upgraded.reachable():
        assert httpx2.get(f"{upgraded.url}/readyz", timeout=20).status_code == 200
        assert httpx2.get(f"{upgraded.url}/v1/clusters", headers={"Authorization": f"Bearer {upgraded.key}"}, timeout=20).status_code == 401
