"""The certificates that Services present: read in TLS handshakes from the agent's pod, and reported as a `ServedCertificate` per Service.

One port every four seconds, each at most once an hour, the one that was checked longest ago first; only ports that say that they use TLS.
Every target and address passes the rules of all probes (`prober.py`). The agent presents no certificate, verifies none, and sends nothing
after the handshake; names, issuer and validity of the server's certificate are all that is kept. Reports begin once every port has had its
turn, so that a restart of the agent does not end the issues that rest on them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
import structlog

from optral.agent.commands.commands_common import Failure, Tools
from optral.agent.commands.policy import Policy
from optral.agent.probes.prober import Prober
from optral.agent.watching import reports
from optral.kit.times import rfc3339
from optral.kube import objects, ports
from optral.kube.kinds import SERVED_CERTIFICATE, Kind
from optral.kube.objects import Service
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.kubeapi.reflector import RawObject, Sink
from optral.terms.probes import Certificate
from optral.terms.verbs import Probe

TICK_S = 4.0  # half of the prober's limit: the other half is for probes that somebody waits for
EVERY_S = 3600.0
LIST_EVERY_S = 600.0
KEEP_S = 6 * 3600.0
"""How long a certificate is reported after it was seen last."""
DEADLINE_S = 30.0
MAX_PORTS, MAX_PORTS_OF_SERVICE = 2000, 2
ON, OFF = "on", "off"
log = structlog.get_logger()


class _Port(NamedTuple):
    """A port that says that it serves TLS, of one Service."""

    service_uid: str
    namespace: str
    service: str
    number: int


class _Seen(NamedTuple):
    at: float
    certificate: Certificate


class ServedCertificates:
    """`run` checks until canceled; `follow` feeds the reports to a sink, as a reflector does."""

    def __init__(
        self,
        tools: Tools,
        prober: Prober,
        policy: Callable[[], Policy],
        *,
        namespace: str = "",
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`namespace`: the only one whose Services are checked; all when empty."""
        self._tools, self._prober, self._policy, self._namespace = tools, prober, policy, namespace
        self._wall, self._monotonic, self._sleep = wall, monotonic, sleep
        self._ports: list[_Port] = []
        self._listed_at = float("-inf")
        self._tried: dict[_Port, float] = {}
        self._seen: dict[_Port, _Seen] = {}
        self._current: dict[str, RawObject] = {}
        self._is_complete = False
        self._changed = asyncio.Condition()
        self.state = self._wanted_state()
        """`on`, or `off` while the policy does not list `probe`; for the capabilities of the agent."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when the policy begins or ceases to allow probes."""

    async def run(self) -> None:
        while True:
            await self.tick()
            await self._sleep(TICK_S)

    async def tick(self) -> None:
        """Check the port whose turn it is, and report what has changed."""
        if (state := self._wanted_state()) != self.state:
            self.state = state
            log.info(
                "certificates of Services are checked" if state == ON else "certificates are not checked: the policy does not list probe"
            )
            self.on_change()
        if self.state == OFF:
            self._seen.clear()
        else:
            if self._monotonic() - self._listed_at >= LIST_EVERY_S:
                await self._list()
            await self._check_next()
        await self._report()

    def _wanted_state(self) -> str:
        return ON if self._policy().allows_probes else OFF

    async def _list(self) -> None:
        self._listed_at = self._monotonic()
        where = f"/api/v1/namespaces/{self._namespace}/services" if self._namespace else "/api/v1/services"
        try:
            async with asyncio.timeout(DEADLINE_S):
                self._ports = await self._ports_in(where)
        except (ApiError, ApiUnreachable, TimeoutError) as error:
            log.warning("the Services cannot be listed, so that no certificates are checked", error=str(error))
            return
        known = set(self._ports)
        self._tried = {port: at for port, at in self._tried.items() if port in known}
        self._seen = {port: seen for port, seen in self._seen.items() if port in known}

    async def _ports_in(self, where: str) -> list[_Port]:
        """The ports to check, page by page: a cluster may have thousands of Services. Raises `ApiError`, `ApiUnreachable`."""
        found: list[_Port] = []
        after = ""
        while len(found) < MAX_PORTS:
            page = await self._tools.client.list_page(where, after=after)
            services = (cast(Service, objects.decode(Service.kind, bytes(raw))) for raw in page.items or ())
            found += [port for service in services for port in _ports_of(service)]
            if not (after := page.next):
                break
        return found[:MAX_PORTS]

    async def _check_next(self) -> None:
        now = self._monotonic()
        port = min(self._ports, key=lambda one: self._tried.get(one, float("-inf")), default=None)
        if port is None or now - self._tried.get(port, float("-inf")) < EVERY_S:
            self._is_complete = True  # every port has had its turn
            return
        probe = Probe(check="tls", kind="Service", namespace=port.namespace, name=port.service, port=port.number)
        try:
            async with asyncio.timeout(DEADLINE_S):
                result = await self._prober.probe(self._tools, probe)
        except Failure as failure:
            if failure.code == "BUSY":
                return  # others were first: it is tried again with the next tick
            result = None
        except TimeoutError:
            result = None
        self._tried[port] = now
        if result is not None and result.certificate is not None:
            self._seen[port] = _Seen(self._wall(), result.certificate)

    # --- the stream

    async def _report(self) -> None:
        oldest = self._wall() - KEEP_S
        by_service: dict[str, list[tuple[_Port, _Seen]]] = {}
        for port, seen in self._seen.items():
            if seen.at >= oldest:
                by_service.setdefault(port.service_uid, []).append((port, seen))
        self._current = {report.uid: report for report in map(_report_of, by_service.values())}
        async with self._changed:
            self._changed.notify_all()

    async def follow(self, kind: Kind, sink: Sink) -> None:
        """Feed the reports to a sink until canceled."""
        known: Mapping[str, RawObject] | None = None
        while True:
            if self._is_complete or self.state == OFF:
                known = await reports.feed(kind, sink, self._current, known, version=str(int(self._wall())))
            async with self._changed:
                await self._changed.wait()


def _ports_of(service: Service) -> Iterator[_Port]:
    found = [one for one in service.spec.ports if ports.protocol(one) == ports.TCP and ports.serves_tls(one)]
    for one in found[:MAX_PORTS_OF_SERVICE] if service.spec.selector and service.spec.cluster_ip and not service.is_headless else ():
        yield _Port(service.uid, service.metadata.namespace, service.name, one.port)


def _report_of(found: Iterable[tuple[_Port, _Seen]]) -> RawObject:
    of_ports = sorted(found)
    port, newest = of_ports[0][0], max(seen.at for _, seen in of_ports)
    version, uid = str(int(newest)), f"{port.service_uid}-tls"
    owner = {"apiVersion": "v1", "kind": "Service", "name": port.service, "uid": port.service_uid}
    tree = {
        "apiVersion": SERVED_CERTIFICATE.api_version,
        "kind": SERVED_CERTIFICATE.name,
        "metadata": {"name": port.service, "namespace": port.namespace, "uid": uid, "resourceVersion": version, "ownerReferences": [owner]},
        "status": {"observedAt": _time(newest), "ports": [_port(one.number, seen) for one, seen in of_ports]},
    }
    return RawObject(uid, port.namespace, port.service, version, msgspec.json.encode(tree))


def _port(number: int, seen: _Seen) -> dict[str, Any]:
    certificate = seen.certificate
    return {
        "port": number,
        "observedAt": _time(seen.at),
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "isSelfSigned": certificate.is_self_signed,
        "notBefore": rfc3339(certificate.not_before),
        "notAfter": rfc3339(certificate.not_after),
    }


def _time(at: float) -> str:
    return rfc3339(datetime.fromtimestamp(at, UTC))
