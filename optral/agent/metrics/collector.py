"""Reads every kubelet at its own times and keeps `NodeUsage` and `PodUsage` up to date in the stream to the control plane.

`/metrics/resource`, which is small, once a minute; what costs the kubelet more (`/metrics/cadvisor`, `/stats/summary`, `/metrics/probes`)
every fifth time. Each node has its place in the minute, so that nothing comes in bursts. Nothing is reported before the first windows are
full: a restarted agent must not make an issue look resolved. Until then, and while no kubelet can be read, the two kinds count as not
served, and the control plane keeps what it knew; without the rights they count as forbidden.
"""

import asyncio
import time
import zlib
from collections.abc import Callable, Mapping

import structlog

from optral.agent.metrics import intake, report
from optral.agent.metrics.kubelet import Kubelets, Node, Refused, Unreachable, list_nodes, why_refused
from optral.agent.metrics.rings import NodeRing
from optral.agent.watching import reports
from optral.kit.tasks import Tasks
from optral.kube.kinds import NODE_USAGE, POD_USAGE, Kind
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.kubeapi.reflector import RawObject, Sink
from optral.terms.verbs import Metrics

EVERY_S = 60
DETAIL_EVERY = 5  # rounds
READY_AFTER_S = 540  # between detailed rounds: what detectors conclude from covers about ten minutes
NODES_EVERY_S = 300
AT_ONCE = 4
MAX_CONTAINERS = 10_000  # about 20 MB
FRESH_S = 45.0  # metrics that are no older are not read again for a command
MAX_PODS = 500  # reported of the whole cluster
NOT_YET = "the metrics of the kubelets are not complete yet"
log = structlog.get_logger()


class Collector:
    """`run` collects until canceled; `follow` feeds one of the two kinds to a sink, as a reflector does."""

    def __init__(self, client: KubeClient, kubelets: Kubelets, *, every_s: float = EVERY_S, wall: Callable[[], float] = time.time) -> None:
        self._client, self._kubelets, self._every_s, self._wall = client, kubelets, every_s, wall
        self._nodes: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, Node] = {}
        self._reading: dict[str, asyncio.Lock] = {}
        self._looked_at: dict[str, float] = {}
        self._rings: dict[str, NodeRing] = {}
        self._seen: dict[str, dict[str, dict[str, RawObject]]] = {NODE_USAGE.id: {}, POD_USAGE.id: {}}  # by kind and node
        self._errors: dict[str, str] = {}
        self._tasks = Tasks(lambda name, error: log.error("reading a kubelet failed", node=name, error=repr(error), exc_info=error))
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._changed = asyncio.Condition()
        self._refused = ""
        self._is_ready = False

    @property
    def why_silent(self) -> str:
        """Why nothing is reported; empty while usage is reported."""
        if self._refused:
            return self._refused
        if self._is_ready:
            return ""
        return next(iter(self._errors.values())) if self._errors and len(self._errors) >= len(self._nodes) else NOT_YET

    @property
    def is_refused(self) -> bool:
        """Whether the agent's role does not allow to read kubelets."""
        return bool(self._refused)

    async def check(self) -> None:
        """Ask the API server whether the kubelets may be read."""
        self._refused = await why_refused(self._client)

    async def run(self) -> None:
        try:
            while True:
                await self.check()
                if not self._refused:
                    await self._follow_nodes()
                await self._announce()
                await asyncio.sleep(min(NODES_EVERY_S, 5 * self._every_s))
        finally:
            await self._tasks.stop()
            await self._kubelets.close()

    async def _follow_nodes(self) -> None:
        """Start reading new nodes, and forget those that are gone."""
        try:
            nodes = {node.name: node for node in await list_nodes(self._client)}
        except (ApiError, ApiUnreachable) as error:
            log.warning("the nodes cannot be listed", error=str(error)[:300])
            return
        for name in [name for name in self._nodes if name not in nodes or self._rings[name].uid != nodes[name].uid]:
            self._nodes.pop(name).cancel()
            self._forget(name)
        for name, node in nodes.items():
            if name not in self._nodes:
                self._rings[name] = NodeRing(name, node.uid, node.cpu_millis, node.memory_bytes)
                self._known[name], self._reading[name] = node, asyncio.Lock()
                self._nodes[name] = self._tasks.start(f"kubelet {name}", self._read_often(node))

    def _forget(self, name: str) -> None:
        for by_node in (self._rings, self._errors, self._known, self._reading, self._looked_at):
            by_node.pop(name, None)
        for of_kind in self._seen.values():
            of_kind.pop(name, None)

    async def _read_often(self, node: Node) -> None:
        """Read one kubelet at its own place in each round."""
        await asyncio.sleep(zlib.crc32(node.uid.encode()) / 2**32 * self._every_s)
        while True:
            began = time.monotonic()
            async with self._slots:
                await self._round(node)
            await asyncio.sleep(max(self._every_s / 2, self._every_s - (time.monotonic() - began)))

    async def _round(self, node: Node) -> None:
        ring = self._rings[node.name]
        is_detailed = ring.rounds % DETAIL_EVERY == 1
        try:
            async with self._reading[node.name]:
                await self._read(node, ring, is_detailed=is_detailed)
        except (Refused, Unreachable) as error:
            if self._errors.get(node.name) != str(error):
                log.warning("the metrics of a kubelet cannot be read", node=node.name, error=str(error))
            self._errors[node.name] = str(error)
            self._is_ready = self._is_ready and len(self._errors) < len(self._nodes)
            await self._announce()
            return
        self._errors.pop(node.name, None)
        ring.rounds += 1
        if is_detailed:
            now = int(self._wall())
            if now - ring.detailed_at > max(report.WINDOW_S, 2 * DETAIL_EVERY * self._every_s):
                ring.detailed_since = now  # at first, and after a pause: the windows begin again
            ring.detailed_at = now
            await self._report(ring)

    async def read_now(self, params: Metrics) -> tuple[list[RawObject], dict[str, str]]:
        """A report of each pod or node that is named, from metrics that are at most `FRESH_S` old; of the others the reason, by name."""
        nodes = {name: self._node_of(params, name) for name in params.names}
        errors = dict(
            zip(wanted := sorted({one for one in nodes.values() if one}), await asyncio.gather(*map(self._refresh, wanted)), strict=True)
        )
        found, missing = [], {}
        for name, node in nodes.items():
            seen = None if node is None else self._report_of(params, name, node)
            if seen is not None:
                found.append(seen)
            else:
                missing[name] = (errors.get(node) if node else None) or f"no kubelet has reported this {params.kind.lower()} yet"
        return found, missing

    def _node_of(self, params: Metrics, name: str) -> str | None:
        if params.kind == "Node":
            return name if name in self._rings else None
        return next((node for node, ring in self._rings.items() if (params.namespace, name) in ring.pods), None)

    def _report_of(self, params: Metrics, name: str, node: str) -> RawObject | None:
        ring, now = self._rings.get(node), int(self._wall())
        if ring is None:
            return None
        return report.node(ring, now=now) if params.kind == "Node" else report.pod(ring, params.namespace, name, now=now)

    async def _refresh(self, name: str) -> str | None:
        """Read a kubelet again unless that was done a moment ago; why it could not be read, if it could not."""
        try:
            async with self._slots, self._reading[name]:
                if self._wall() - self._looked_at.get(name, 0.0) >= FRESH_S:
                    await self._read(self._known[name], self._rings[name], is_detailed=True)
        except (Refused, Unreachable) as error:
            return str(error)
        except KeyError:
            return f"node {name} is gone"
        return None

    async def _read(self, node: Node, ring: NodeRing, *, is_detailed: bool) -> None:
        now = int(self._wall())
        if self._has_room(ring):
            intake.resource(ring, await self._kubelets.samples(node, "/metrics/resource", intake.RESOURCE))
        if not is_detailed:
            return
        intake.summary(ring, await self._kubelets.json(node, "/stats/summary"), now=now)
        intake.cadvisor(ring, await self._kubelets.samples(node, "/metrics/cadvisor", intake.CADVISOR), now=now)
        intake.probes(ring, await self._kubelets.samples(node, "/metrics/probes", intake.PROBES), now=now)
        intake.forget_gone(ring, now=now)
        self._looked_at[node.name] = now

    def _has_room(self, ring: NodeRing) -> bool:
        """Whether containers of one more node may be kept; of those that are kept already, always."""
        if ring.pods:
            return True
        return sum(len(pod.containers) for one in self._rings.values() for pod in one.pods.values()) < MAX_CONTAINERS

    async def _report(self, ring: NodeRing) -> None:
        now = int(self._wall())
        if now - ring.detailed_since < READY_AFTER_S:
            return
        of_node = report.node(ring, now=now)
        self._seen[NODE_USAGE.id][ring.name] = {} if of_node is None else {of_node.uid: of_node}
        others = sum(len(seen) for name, seen in self._seen[POD_USAGE.id].items() if name != ring.name)
        pods = list(report.pods(ring, now=now))[: max(0, MAX_PODS - others)]
        self._seen[POD_USAGE.id][ring.name] = {seen.uid: seen for seen in pods}
        if not self._is_ready:
            silent = [name for name in self._nodes if name not in self._seen[NODE_USAGE.id] and name not in self._errors]
            self._is_ready = not silent
        await self._announce()

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def follow(self, kind: Kind, sink: Sink) -> None:
        """Feed the usage of this kind to a sink until canceled."""
        known: Mapping[str, RawObject] | None = None
        while True:
            if why := self.why_silent:
                known = None
                if self.is_refused:
                    sink.forbidden(kind, why)
                else:
                    sink.gone(kind)
            else:
                current = {uid: seen for of_node in self._seen[kind.id].values() for uid, seen in of_node.items()}
                known = await reports.feed(kind, sink, current, known, version=str(int(self._wall())))
            async with self._changed:
                await self._changed.wait()
