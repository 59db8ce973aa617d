"""Targets against a real kube-apiserver: what it lists by label, the addresses that it gives, and what it lets others write."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from optral.agent.commands.commands_common import Failure, Tools
from optral.agent.probes.prober import Prober
from optral.agent.probes.sockets import Sockets
from optral.kit.clock import SystemClock
from optral.kube.redact import Redactor
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.terms import verbs
from optral.terms.probes import Outcome, ProbeResult, Reason
from optral.terms.verbs import Probe
from tests.agent.probes.test_sockets import listening, silent, unused_port
from tests.agent.probes.world import VANTAGE, FakeNetwork
from tests.support.kubeapi import RealApi

pytestmark = pytest.mark.kubeapi
_numbers = itertools.count(1)
WEB = {"app": "web"}


class Cluster:
    """A namespace with Service `web` (80 to `target`) and pod `web-1` at loopback, which only tests may probe."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self.client, self.namespace, self.network = client, namespace, FakeNetwork()

    async def make(self, path: str, **body: Any) -> dict[str, Any]:
        return json.loads(await self.client.post(path, json.dumps(body).encode()))

    async def furnish(self, *, port: int, target: int) -> str:
        """Create them; the cluster IP of the Service."""
        base = f"/api/v1/namespaces/{self.namespace}"
        await self.make("/api/v1/namespaces", metadata={"name": self.namespace})
        spec = {"selector": WEB, "ports": [{"port": 80, "targetPort": target}]}
        service = await self.make(f"{base}/services", metadata={"name": "web"}, spec=spec)
        for name, labels in (("web-1", WEB), ("other-1", {"app": "other"})):
            containers = [{"name": "web", "image": "web:1", "ports": [{"containerPort": port}]}]
            spec = {"nodeName": "n1", "containers": containers, "automountServiceAccountToken": False}
            await self.make(f"{base}/pods", metadata={"name": name, "labels": labels}, spec=spec)
            address = "127.0.0.1" if name == "web-1" else "10.1.2.3"
            status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": "192.168.1.11"}
            await self.client.patch(f"{base}/pods/{name}/status", json.dumps({"status": status}).encode())
        return str(service["spec"]["clusterIP"])

    async def endpoint(self, address: str) -> None:
        meta = {"name": "web-by-hand", "labels": {"kubernetes.io/service-name": "web"}}
        path = f"/apis/discovery.k8s.io/v1/namespaces/{self.namespace}/endpointslices"
        await self.make(path, metadata=meta, addressType="IPv4", endpoints=[{"addresses": [address]}], ports=[])

    async def probe(self, *, is_real: bool = False, **params: Any) -> ProbeResult:
        checked = verbs.check(verbs.find("probe"), {"check": "tcp", "namespace": self.namespace, **params})
        assert isinstance(checked, Probe)
        prober = Prober(Sockets() if is_real else self.network, VANTAGE, SystemClock(), in_cluster=lambda _: None)
        return await prober.probe(Tools(self.client, Redactor(b"s" * 32)), checked)


@pytest.fixture
async def cluster(real_api: RealApi) -> AsyncIterator[Cluster]:
    async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
        yield Cluster(client, f"probes-{next(_numbers)}")


async def test_a_wrong_target_port_is_refused_where_the_pod_listens_on_another(cluster: Cluster) -> None:
    wrong = await unused_port()
    async with listening(silent) as port:
        await cluster.furnish(port=port, target=wrong)
        found = {one: await cluster.probe(is_real=True, kind="Pod", name="web-1", port=one) for one in (port, wrong)}
    assert {one: (result.outcome, result.reason) for one, result in found.items()} == {
        port: (Outcome.REACHABLE, None),
        wrong: (Outcome.UNREACHABLE, Reason.REFUSED),
    }


async def test_a_service_is_probed_at_the_address_that_the_api_server_gave_it(cluster: Cluster) -> None:
    address = await cluster.furnish(port=8080, target=8080)
    await cluster.probe(kind="Service", name="web", port=80)
    assert cluster.network.connected == [(address, 80)]


@pytest.mark.parametrize("address", ["10.1.2.3", "10.9.9.9"])
async def test_endpoints_that_somebody_added_by_hand_are_found(cluster: Cluster, address: str) -> None:
    """The address of a pod that the Service does not select, and one of no pod."""
    await cluster.furnish(port=8080, target=8080)
    await cluster.endpoint(address)
    with pytest.raises(Failure, match="endpoints that are not its pods") as refused:
        await cluster.probe(kind="Service", name="web", port=80)
    assert (refused.value.code, cluster.network.connected) == ("TARGET_DENIED", [])


async def test_the_api_server_itself_is_not_probed(cluster: Cluster) -> None:
    with pytest.raises(Failure, match="no selector"):
        await cluster.probe(kind="Service", namespace="default", name="kubernetes", port=443)


async def test_a_port_that_nothing_names_is_refused(cluster: Cluster) -> None:
    await cluster.furnish(port=8080, target=8081)
    for port, is_allowed in ((8080, True), (8081, True), (8082, False)):
        if is_allowed:
            await cluster.probe(kind="Pod", name="web-1", port=port)
        else:
            with pytest.raises(Failure, match="names port 8082"):
                await cluster.probe(kind="Pod", name="web-1", port=port)
    assert cluster.network.connected == [("127.0.0.1", 8080), ("127.0.0.1", 8081)]
