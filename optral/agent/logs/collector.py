"""Samples the logs of running containers in turn and keeps `LogSigns` up to date in the stream to the control plane.

A reading asks for the lines since the last one, at most the newest 200. Only lines that show a sign are kept, one redacted example
for each sign. While the agent's role does not allow `get` on `pods/log`, nothing is read but one log every ten minutes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial

import structlog

from optral.agent.logs import report
from optral.agent.logs.turns import Source, Turns
from optral.agent.watching import reports
from optral.agent.watching.pod_index import OWN, Pod, PodIndex
from optral.kube import log_tally, logs
from optral.kube.kinds import Kind
from optral.kube.log_tally import Line, LogTally
from optral.kube.redact import Redactor
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.kubeapi.reflector import RawObject, Sink

REQUESTS, BYTES = 120.0, 4 * 1024 * 1024.0
"""The budget per minute for the whole cluster."""
TICK_S = 2.0
FOLLOW_EVERY, REPORT_EVERY = 5, 8  # ticks
RENEW_S = 60.0
AT_ONCE = 4
DEADLINE_S = 10.0
MAX_LINES, MAX_BYTES = 200, 256 * 1024  # of one reading
MAX_FIRST_LINES = 2000  # of the first reading of a container: what it says while it starts is not said again
FIRST_S = 600
"""How far back the first reading of a container goes."""
FORBIDDEN_RETRY_S = 600.0
EXCLUDE = f"{OWN}log-signs"
"""An annotation of a pod or of its namespace: `false` leaves the logs unread."""
ON, FORBIDDEN = "on", "forbidden"
log = structlog.get_logger()


class _Followed:
    """What is known of one container's log: its signs, and the time of the last line that was read."""

    def __init__(self, source: Source) -> None:
        self.source, self.tally = source, LogTally()
        self.read_to = ""


class Collector:
    """`run` collects until canceled; `follow` feeds the reports to a sink, as a reflector does."""

    def __init__(
        self,
        client: KubeClient,
        redactor: Redactor,
        pod_index: PodIndex,
        *,
        is_excluded: Callable[[str], bool] = lambda _: False,
        requests: float = REQUESTS,
        size: float = BYTES,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`is_excluded` says of a namespace whether its logs stay unread. `requests` and `size` (bytes) are per minute."""
        self._client, self._redactor, self._pods, self._is_excluded = client, redactor, pod_index, is_excluded
        self._wall, self._monotonic, self._sleep = wall, monotonic, sleep
        self._turns = Turns(requests=requests, size=size, now=monotonic())
        self._followed: dict[tuple[str, str], _Followed] = {}
        self._seen: dict[str, RawObject] = {}
        self._changed = asyncio.Condition()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._ticks, self._blocked_until = 0, float("-inf")
        self.state = ON
        """`on` or `forbidden`, for the capabilities of the agent."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when logs can be read again, or no longer."""

    async def run(self) -> None:
        while True:
            await self.tick()
            await self._sleep(TICK_S)

    async def tick(self) -> None:
        """Read the logs whose turn it is, and report now and then."""
        if self._ticks % FOLLOW_EVERY == 0:
            self._follow_pods()
        self._ticks += 1
        now = self._monotonic()
        if now >= self._blocked_until:
            taken = self._turns.take(now)[: 1 if self.state == FORBIDDEN else None]
            await asyncio.gather(*(self._read(source) for source in taken))
        if self._ticks % REPORT_EVERY == 0:
            await self._report()

    def _follow_pods(self) -> None:
        sources = [source for pod in self._pods.running() for source in self._sources(pod)]
        for key in self._turns.follow(sources, self._monotonic()):
            self._followed.pop(key, None)

    def _sources(self, pod: Pod) -> Iterator[Source]:
        if self._pods.annotation(pod, EXCLUDE) == "false" or self._is_excluded(pod.namespace):
            return
        controller = self._pods.controller_of(pod)
        workload = pod.uid if controller is None else controller.uid
        for run in pod.runs:
            yield Source(pod.uid, pod.namespace, pod.name, run.container, workload, run.started_at)

    async def _read(self, source: Source) -> None:
        followed, size = self._followed.setdefault((source.pod_uid, source.container), _Followed(source)), 0
        try:
            async with self._slots, asyncio.timeout(DEADLINE_S):
                raw = await self._tail(followed)
            size = len(raw)
            await asyncio.to_thread(self._take, followed, raw)
            self._set_state(ON)
        except (ApiError, ApiUnreachable, TimeoutError) as error:
            if isinstance(error, ApiError) and error.status in (401, 403):
                self._blocked_until = self._monotonic() + FORBIDDEN_RETRY_S
                self._set_state(FORBIDDEN)
        self._turns.done(source, self._monotonic(), size=size, is_interesting=bool(followed.tally.signs), wall=self._wall())

    async def _tail(self, followed: _Followed) -> bytes:
        """The newest lines since the last reading, with their times. Raises `ApiError`, `ApiUnreachable`."""
        source = followed.source
        since = {"sinceTime": followed.read_to} if followed.read_to else {"sinceSeconds": str(FIRST_S)}
        lines = MAX_LINES if followed.read_to else MAX_FIRST_LINES
        query = {"container": source.container, "timestamps": "true", "tailLines": str(lines), **since}
        path = f"/api/v1/namespaces/{source.namespace}/pods/{source.pod}/log"
        raw, is_cut = await self._client.tail(path, params=query, last_bytes=MAX_BYTES, read_bytes=4 * MAX_BYTES)
        return raw.partition(b"\n")[2] if is_cut else raw

    def _take(self, followed: _Followed, raw: bytes) -> None:
        """On a thread: keep the signs of the lines that were not read before."""
        lines = [logs.stamped(line) for line in raw.decode("utf-8", "replace").splitlines()]
        new = [(stamp, text) for stamp, text in lines if stamp > followed.read_to]
        if new:
            followed.read_to = new[-1][0]
            written = [Line(log_tally.seconds(stamp), text) for stamp, text in new]
            followed.tally.take(written, partial(logs.redact_lines, self._redactor))
        followed.tally.forget(self._wall())

    def _set_state(self, state: str) -> None:
        if state == self.state:
            return
        self.state = state
        log.info("logs can be read" if state == ON else "logs cannot be read: the agent's role does not allow get on pods/log")
        self.on_change()

    # --- the stream

    async def _report(self) -> None:
        current = (report.Log(followed.source, followed.tally) for followed in self._followed.values())
        self._seen = report.of_all(current, self._seen, now=self._wall(), every_s=RENEW_S)
        async with self._changed:
            self._changed.notify_all()

    async def follow(self, kind: Kind, sink: Sink) -> None:
        """Feed the reports to a sink until canceled."""
        known: Mapping[str, RawObject] | None = None
        while True:
            if self.state == FORBIDDEN:
                known = None
                sink.forbidden(kind, "the agent's role does not allow get on pods/log")
            else:
                known = await reports.feed(kind, sink, self._seen, known, version=str(int(self._wall())))
            async with self._changed:
                await self._changed.wait()
