"""Reads Prometheus once a minute and keeps `WorkloadTraffic` up to date in the stream to the control plane.

A reading is two queries for each way in which requests are counted here. What there is, and which labels this cluster has, is looked up
every ten minutes. While a workload is notable, two more queries read packets that were lost and segments that were sent again.

Nothing is reported before the usual level of the first workload is known, and while Prometheus does not answer: until then the kind
counts as not served, and the control plane keeps what it knew.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog

from optral.agent.prometheus import identity, queries, report
from optral.agent.prometheus.client import Prometheus, Series, Unreachable
from optral.agent.prometheus.identity import Cluster, Proof, Prover
from optral.agent.prometheus.queries import Source
from optral.agent.prometheus.rings import ENOUGH, UNKNOWN, Buckets, Network, PodAnswer, Reading, TrafficRing, merged, percentile
from optral.agent.watching import reports
from optral.agent.watching.pod_index import Pod, PodIndex, Workload
from optral.kube.kinds import Kind
from optral.kubeapi.reflector import RawObject, Sink

EVERY_S = 60
LOOK_EVERY = 10  # rounds
REPORT_EVERY = 5
UNREACHABLE_AFTER = 3  # rounds in a row
MAX_WORKLOADS = 2000  # about 2 KB each
FORGET_S = 86_400  # a workload without requests
ON, UNREACHABLE = "on", "unreachable"
NOT_YET = "the usual level of requests is not known yet"
log = structlog.get_logger()


class Reader:
    """One Prometheus, and what was found out about it."""

    def __init__(self, prometheus: Prometheus, pod_index: PodIndex, *, namespace: str, wall: Callable[[], float]) -> None:
        self.prometheus, self.pod_index, self._namespace, self._wall = prometheus, pod_index, namespace, wall
        self.sources: list[Source] = []
        self.cluster = Cluster()

    async def look(self) -> None:
        """Find out what is counted here, and how this cluster is labeled. Raises `Unreachable`."""
        found = {one.labels.get("__name__", "") for one in await self.prometheus.query(queries.present())}
        self.sources = [source for source in queries.SOURCES if source.presence in found]
        self.cluster = await identity.find_cluster(self.prometheus, self.pod_index, namespace=self._namespace) if found else Cluster()

    async def readings(self) -> dict[Workload, tuple[Source, Reading]]:
        """What each workload answered in the last window. Raises `Unreachable`."""
        found: dict[Workload, tuple[Source, Reading]] = {}
        for source in self.sources:
            now = int(self._wall())
            scope = self.cluster.scope(self._namespace)
            durations = await self.prometheus.query(queries.durations(source, scope))
            errors = await self.prometheus.query(queries.errors(source, scope))
            for workload, reading in self._of_source(source, durations, errors, now).items():
                found.setdefault(workload, (source, reading))
        return found

    def _of_source(self, source: Source, durations: Iterable[Series], errors: Iterable[Series], now: int) -> dict[Workload, Reading]:
        prover = Prover(self.pod_index, self.cluster, now=now)
        buckets: defaultdict[Workload, dict[str, Buckets]] = defaultdict(dict)
        failed: defaultdict[Workload, float] = defaultdict(float)
        pods: dict[str, Pod] = {}
        proofs: dict[Workload, Proof] = {}
        for series, pod, proof in self._proven(prover, source, durations):
            if (workload := prover.workload(source, series, pod)) is None or (bound := _bound(series)) is None:
                continue
            of_pod = buckets[workload].setdefault(pod.uid, {})
            of_pod[bound * source.unit_ms] = of_pod.get(bound * source.unit_ms, 0.0) + series.value
            pods[pod.uid], proofs[workload] = pod, min(proof, proofs.get(workload, proof))
        for series, pod, _ in self._proven(prover, source, errors):
            if (workload := prover.workload(source, series, pod)) is not None:
                failed[workload] += series.value
        bounds = {bound for of_pods in buckets.values() for one in of_pods.values() for bound in one}
        shown = {} if source.service else pods
        return {
            workload: _reading(of_pods, bounds, shown, failed[workload], at=now, proof=proofs[workload])
            for workload, of_pods in buckets.items()
        }

    def _proven(self, prover: Prover, source: Source, answer: Iterable[Series]) -> list[tuple[Series, Pod, Proof]]:
        return prover.proven(answer, namespace=source.namespace, pod=source.pod, uid=source.uid)

    async def network(self) -> Network:
        """What is known of the network of the nodes and pods. Raises `Unreachable`."""
        scope, own = self.cluster.scope(), self.cluster.scope(self._namespace)
        by_pod = (queries.losses(own), queries.packets(own), queries.packets(own, before=True))
        again, *answers = [await self.prometheus.query(query) for query in (queries.retransmits(scope), *by_pod)]
        prover, labels = Prover(self.pod_index, self.cluster, now=self._wall()), {"namespace": ("namespace",), "pod": ("pod",)}
        return Network(
            {pod.node: series.value for series, pod, _ in prover.proven(again, **labels) if pod.node},
            *({pod.uid: series.value for series, pod, _ in prover.proven(answer, **labels)} for answer in answers),
        )


def _bound(series: Series) -> float | None:
    try:
        return float(series.labels.get("le", ""))
    except ValueError:
        return None


def _reading(
    of_pods: dict[str, Buckets], bounds: Iterable[float], pods: dict[str, Pod], errors: float, *, at: int, proof: Proof
) -> Reading:
    """`pods` are those that the requests went to, by uid: none behind a proxy, which does not say."""
    whole = merged(of_pods.values(), bounds)
    rate = whole.get(float("inf"), 0.0)
    is_known = rate * queries.WINDOW_S >= ENOUGH
    p50, p95, p99 = (percentile(whole, share) if is_known else UNKNOWN for share in (0.5, 0.95, 0.99))
    answered = tuple(_of_pod(pods[uid], merged([one], bounds)) for uid, one in of_pods.items() if uid in pods)
    return Reading(at, rate, errors, p50, p95, p99, answered, proof)


def _of_pod(pod: Pod, own: Buckets) -> PodAnswer:
    rate = own.get(float("inf"), 0.0)
    p95 = percentile(own, 0.95) if rate * queries.WINDOW_S >= ENOUGH else UNKNOWN
    return PodAnswer(pod.name, pod.uid, pod.node, pod.revision, rate, p95)


class Collector:
    """`run` collects until canceled; `follow` feeds the reports to a sink, as a reflector does."""

    def __init__(
        self,
        prometheus: Prometheus,
        pod_index: PodIndex,
        *,
        namespace: str = "",
        every_s: float = EVERY_S,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.reader = Reader(prometheus, pod_index, namespace=namespace, wall=wall)
        self._every_s, self._wall, self._sleep = every_s, wall, sleep
        self._rings: dict[str, TrafficRing] = {}
        self._seen: dict[str, RawObject] = {}
        self._changed = asyncio.Condition()
        self._rounds = self._failures = 0
        self._error = ""
        self.on_change: Callable[[], None] = lambda: None
        """Called when Prometheus can be read again, or no longer."""

    @property
    def state(self) -> str:
        """`on` or `unreachable`, for the capabilities of the agent."""
        return UNREACHABLE if self._failures >= UNREACHABLE_AFTER else ON

    @property
    def why_silent(self) -> str:
        """Why nothing is reported; empty while there are reports, or nothing is notable."""
        if self._failures:
            return self._error
        return "" if any(ring.usual() is not None for ring in self._rings.values()) else NOT_YET

    async def check(self) -> None:
        """Find out whether it answers, before the first session says so."""
        try:
            await self.reader.look()
        except Unreachable as error:
            self._failures = UNREACHABLE_AFTER
            self._warn(error)

    async def run(self) -> None:
        try:
            while True:
                began = time.monotonic()
                await self.round()
                await self._sleep(max(self._every_s / 2, self._every_s - (time.monotonic() - began)))
        finally:
            await self.reader.prometheus.close()

    async def round(self) -> None:
        """Read once, and report every fifth time."""
        before = self.state
        try:
            if self._is_look_due:
                await self.reader.look()
            self._take(await self.reader.readings())
            await self._read_network()
        except Unreachable as error:
            self._failures += 1
            self._warn(error)
        else:
            self._failures, self._error = 0, ""
            self._rounds += 1
            if self._rounds % REPORT_EVERY == 0:
                self._seen = {seen.uid: seen for seen in report.of_all(self._rings.values(), now=int(self._wall()))}
        if self.state != before:
            self.on_change()
        async with self._changed:
            self._changed.notify_all()

    @property
    def _is_look_due(self) -> bool:
        """Every ten rounds; at first until the cluster is found, because the agent has to know some pods for that."""
        is_new = self._rounds < LOOK_EVERY and not self.reader.cluster.is_proven
        return self._rounds % LOOK_EVERY == 0 or bool(self._failures) or is_new

    def _warn(self, error: Unreachable) -> None:
        if self._error != str(error):
            log.warning("Prometheus cannot be read", error=str(error))
        self._error = str(error)

    def _take(self, readings: dict[Workload, tuple[Source, Reading]]) -> None:
        for workload, (source, reading) in readings.items():
            ring = self._rings.get(workload.uid)
            if ring is None or ring.source != source.name:
                if ring is None and len(self._rings) >= MAX_WORKLOADS:
                    continue
                ring = self._rings[workload.uid] = TrafficRing(workload, source.name)
            ring.add(reading, is_noted=report.was_noted(ring, now=reading.at))
            report.note(ring, now=reading.at)
        now = self._wall()
        for uid in [uid for uid, ring in self._rings.items() if ring.newest is not None and now - ring.newest.at > FORGET_S]:
            del self._rings[uid]

    async def _read_network(self) -> None:
        """The network of the pods and nodes, just before a report about something notable."""
        noted = [ring for ring in self._rings.values() if report.was_noted(ring, now=int(self._wall()))]
        if not noted or self._rounds % REPORT_EVERY != REPORT_EVERY - 1:
            return
        network = await self.reader.network()
        for ring in self._rings.values():
            ring.network = network

    # --- the stream

    async def follow(self, kind: Kind, sink: Sink) -> None:
        """Feed the reports to a sink until canceled."""
        known: Mapping[str, RawObject] | None = None
        while True:
            if self.why_silent:
                known = None
                sink.gone(kind)
            else:
                known = await reports.feed(kind, sink, self._seen, known, version=str(int(self._wall())))
            async with self._changed:
                await self._changed.wait()
