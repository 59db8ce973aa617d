"""A small cluster to probe, and a network that answers from tables and remembers what it was asked."""

import asyncio
from typing import Any

from optral.agent.commands.commands_common import Tools
from optral.agent.probes import addresses
from optral.agent.probes.addresses import Rule
from optral.agent.probes.prober import Prober
from optral.kit.clock import Clock, SystemClock
from optral.kube.redact import Redactor
from optral.kubeapi.client import KubeClient
from optral.terms import verbs
from optral.terms.probes import Certificate, ProbeFailed, ProbeResult, Reason, Vantage
from optral.terms.verbs import Probe
from tests.support.kubedouble import KubeDouble, path_of

VANTAGE = Vantage(namespace="optral", pod="optral-agent-1", node="n1")
WEB = {"app": "web"}


class FakeNetwork:
    """`names` and `failures` answer; `connected` and `resolved` hold what was asked. `hangs`: nothing ever answers."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.failures: dict[tuple[str, int], Reason] = {}
        self.certificate: Certificate | None = None
        self.connected: list[tuple[str, int]] = []
        self.resolved: list[str] = []
        self.requested: list[tuple[str, str]] = []
        self.hangs = False

    async def resolve(self, name: str) -> list[str]:
        """Each question gets the next answer, the last one for ever."""
        self.resolved.append(name)
        if name not in self.names:
            raise ProbeFailed(Reason.NAME_NOT_FOUND)
        answers = self.names[name]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect(self, address: str, port: int) -> None:
        self.connected.append((address, port))
        if self.hangs:
            await asyncio.Event().wait()
        if (reason := self.failures.get((address, port))) is not None:
            raise ProbeFailed(reason)

    async def handshake(self, address: str, port: int, *, name: str) -> Certificate | None:
        await self.connect(address, port)
        return self.certificate

    async def request(self, address: str, port: int, *, name: str, path: str, is_tls: bool) -> int:
        await self.connect(address, port)
        self.requested.append((name, path))
        return 200


class World:
    """The API server's objects, the network, and a prober between them."""

    def __init__(
        self, double: KubeDouble, *, clock: Clock | None = None, in_cluster: Rule = addresses.in_cluster, network: Any = None
    ) -> None:
        self.double, self.network = double, FakeNetwork()
        self.prober = Prober(network or self.network, VANTAGE, clock or SystemClock(), in_cluster=in_cluster)
        self.tools = Tools(KubeClient(double.access), Redactor(b"s" * 32), prober=self.prober)

    async def probe(self, **params: Any) -> ProbeResult:
        checked = verbs.check(verbs.find("probe"), {"check": "tcp", "namespace": "shop", **params})
        assert isinstance(checked, Probe)
        return await self.prober.probe(self.tools, checked)


def furnish(double: KubeDouble, *, address: str = "10.0.3.4") -> None:
    """Service web (80 to 8080) with one pod, which also has a readiness probe on 8081."""
    put_service(double, "web")
    put_pod(double, "web-1", address=address)
    put_slice(double, "web", [address])


def put_service(double: KubeDouble, name: str, *, meta: dict[str, Any] | None = None, **spec: Any) -> None:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}, {"name": "udp", "port": 53, "protocol": "UDP"}]
    made = {"type": "ClusterIP", "clusterIP": "10.96.0.10", "selector": WEB, "ports": ports, **spec}
    double.put(path_of("services", name, group="v1"), {"metadata": {"name": name, "namespace": "shop", **(meta or {})}, "spec": made})


def put_pod(double: KubeDouble, name: str, *, address: str = "10.0.3.4", status: dict[str, Any] | None = None, **spec: Any) -> None:
    get = {"httpGet": {"port": 8081, "path": "/healthz"}}
    container = {"name": "web", "ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": get, "env": spec.pop("env", [])}
    made = {"nodeName": "n1", "containers": [container], **spec}
    state = {"phase": "Running", "podIP": address, "hostIP": "192.168.1.11", **(status or {})}
    meta = {"name": name, "namespace": "shop", "labels": dict(WEB)}
    double.put(path_of("pods", name, group="v1"), {"metadata": meta, "spec": made, "status": state})


def put_slice(double: KubeDouble, service: str, endpoints: list[str]) -> None:
    meta = {"name": f"{service}-1", "namespace": "shop", "labels": {"kubernetes.io/service-name": service}}
    where = path_of("endpointslices", f"{service}-1", group="discovery.k8s.io/v1")
    double.put(where, {"metadata": meta, "endpoints": [{"addresses": [one]} for one in endpoints]})
