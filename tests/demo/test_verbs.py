"""The agent's verbs on the demo cluster: what the built-in runbooks change there takes effect."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from optral.agent.commands import commands_drain, policy
from optral.demo import cluster, faults
from optral.demo.scenario import Act
from optral.kube.kinds import BY_ID
from optral.kube.owners import RERUN_OF
from optral.kubeapi import credentials
from optral.kubeapi.credentials import Access
from optral.terms.verbs import WRITES
from tests.agent.commanding import Agent, name
from tests.demo.test_writes import Demo
from tests.support.clock import FakeClock

JOB = BY_ID["Job.batch"]
CERTIFICATE = BY_ID["Certificate.cert-manager.io"]


class Server(NamedTuple):
    access: Access


class Shop:
    """An agent at the API server of a demo cluster whose time stands still."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        return json.loads(await self.agent.client.get(path, params=query or None))  # type: ignore[no-any-return]

    async def do(self, verb: str, **given: Any) -> dict[str, Any]:
        end = await self.agent.do(verb, timeout_s=30, **given)
        assert name(end) == "SUCCEEDED", end.message
        return msgspec.json.decode(end.result_json)  # type: ignore[no-any-return]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with cluster.running(tmp_path, clock=FakeClock()) as demo:
        access = credentials.load(demo.kubeconfig)
        async with Agent(Server(access), tmp_path / "state", allowed=policy.of(["*"], sorted(WRITES))) as agent:
            yield Shop(agent)


async def test_a_changed_selector_changes_the_endpoints(shop: Shop) -> None:
    async def endpoints() -> int:
        listed = await shop.get(
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", labelSelector="kubernetes.io/service-name=catalog"
        )
        return sum(len(one.get("endpoints") or ()) for one in listed["items"])

    before = (await shop.get("/api/v1/namespaces/shop/services/catalog"))["spec"]["selector"]
    assert await endpoints() > 0
    ((key, value),) = before.items()
    target = {"kind": "Service", "namespace": "shop", "name": "catalog", "field": "selector", "key": key}
    for wanted, has_some in (("other", False), (value, True)):
        await shop.do("patch", **target, value=wanted)
        assert (await endpoints() > 0) is has_some


async def test_a_drained_node_has_only_the_pods_that_stay(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands_drain, "LOOK_EVERY_S", 0.01)
    done = await shop.do("drain", node="worker-2", deleteEmptyDirData=True, evictBarePods=True)
    assert done["pods"] and done["left"] == []
    assert (await shop.get("/api/v1/nodes/worker-2"))["spec"]["unschedulable"] is True
    left = (await shop.get("/api/v1/pods", fieldSelector="spec.nodeName=worker-2"))["items"]
    assert {owner["kind"] for pod in left for owner in pod["metadata"].get("ownerReferences", ())} <= {"DaemonSet", "Job", "Node"}


async def test_an_evicted_pod_is_replaced(shop: Shop) -> None:
    pods = "/api/v1/namespaces/shop/pods"
    names = {pod["metadata"]["name"] for pod in (await shop.get(pods))["items"]}
    gone = min(one for one in names if one.startswith("catalog-"))
    await shop.do("evict", namespace="shop", name=gone)
    assert gone not in {pod["metadata"]["name"] for pod in (await shop.get(pods))["items"]}


def test_a_job_that_is_run_again_completes() -> None:
    demo = Demo([Act(at_s=1, play=faults.job_fails("shop", "report", attempts=1))])
    manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "report-rerun-1", "labels": {RERUN_OF: "x"}}, "spec": {}}
    demo.writes.create(JOB, "shop", "", manifest, dry_run=True)
    assert demo.registry.get(JOB, "shop", "report-rerun-1") is None
    demo.writes.create(JOB, "shop", "", manifest, dry_run=False)
    demo.after(10)
    stored = demo.registry.get(JOB, "shop", "report-rerun-1")
    assert stored is not None
    made = msgspec.json.decode(stored.raw)
    assert [one["type"] for one in made["status"]["conditions"]] == ["SuccessCriteriaMet", "Complete"]
    assert made["metadata"]["labels"] == {RERUN_OF: "x"}


def test_a_job_that_is_suspended_and_resumed_starts_again_and_completes() -> None:
    demo = Demo()
    manifest = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "hangs"}, "spec": {}}
    demo.writes.create(JOB, "shop", "", manifest, dry_run=False)

    def status() -> dict[str, Any]:
        stored = demo.registry.get(JOB, "shop", "hangs")
        assert stored is not None
        return msgspec.json.decode(stored.raw)["status"]  # type: ignore[no-any-return]

    assert status()["active"] == 1
    demo.writes.patch(JOB, "shop", "hangs", {"spec": {"suspend": True}}, dry_run=False)
    assert "active" not in status()
    demo.writes.patch(JOB, "shop", "hangs", {"spec": {"suspend": False}}, dry_run=False)
    assert status()["active"] == 1
    demo.after(10)
    assert [one["type"] for one in status()["conditions"]] == ["SuccessCriteriaMet", "Complete"]


def test_a_certificate_whose_renewal_is_requested_is_issued_again() -> None:
    demo = Demo([Act(at_s=1, play=faults.certificate_not_renewed("shop", "accounts-tls", host="accounts.example.com"))])

    def status() -> dict[str, Any]:
        stored = demo.registry.get(CERTIFICATE, "shop", "accounts-tls")
        assert stored is not None
        return msgspec.json.decode(stored.raw)["status"]  # type: ignore[no-any-return]

    before = status()
    requested = {"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "requested"}
    change = {"status": {"conditions": [*before["conditions"], requested]}}
    demo.writes.patch_status(CERTIFICATE, "shop", "accounts-tls", change, dry_run=True)
    assert status() == before
    demo.writes.patch_status(CERTIFICATE, "shop", "accounts-tls", change, dry_run=False)
    demo.after(10)
    assert (status()["revision"], status()["notAfter"] > before["notAfter"]) == (2, True)
    assert [(one["type"], one["status"]) for one in status()["conditions"]] == [("Ready", "True"), ("Issuing", "False")]


async def test_a_certificate_can_be_renewed_through_the_agent(shop: Shop) -> None:
    await shop.do("renewCertificate", namespace="shop", name="accounts-tls")
    found = await shop.get("/apis/cert-manager.io/v1/namespaces/shop/certificates/accounts-tls")
    assert ("Issuing", "True") in [(one["type"], one["status"]) for one in found["status"]["conditions"]]


def test_the_previous_tag_ends_a_rollout_with_a_wrong_one() -> None:
    demo = Demo()
    (now,) = {container["image"] for container in demo.app("payments", "ledger").object["spec"]["template"]["spec"]["containers"]}
    before = demo.app("payments", "ledger").replica_sets[-2]["spec"]["template"]["spec"]["containers"][0]["image"]
    assert now != before and demo.reasons("payments", "ledger") & {"ImagePullBackOff", "ErrImagePull"}
    container = {"name": demo.app("payments", "ledger").container, "image": before}
    demo.patch("payments", "ledger", {"template": {"spec": {"containers": [container]}}})
    demo.after(120)
    assert not demo.reasons("payments", "ledger") & {"ImagePullBackOff", "ErrImagePull"}
