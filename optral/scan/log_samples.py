"""Samples the logs of running containers for a scan, so that it also finds what fails while every pod is ready.

One container of each workload comes first, those that restarted or started lately before others. Of a log only the newest lines of the last
quarter of an hour are read; what they keep showing becomes the `LogSigns` that an agent would report.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from optral.analysis.reading.snapshot import LogKey
from optral.kube import log_reports, log_tally, logs
from optral.kube.kinds import LOG_SIGNS
from optral.kube.log_reports import ContainerTally
from optral.kube.log_tally import Line
from optral.kube.objects import Pod
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.scan.intake import Intake

MAX_LOGS = 300
AT_ONCE = 4
WITHIN_S = 30.0  # all of them
LOG_S = 10.0
SINCE_S, MAX_LINES, MAX_BYTES = 900, 200, 256 * 1024  # of one log
YOUNG_S = 3600.0


class Source(NamedTuple):
    """One running container, and how suspicious it is: restarts and a late start come first."""

    is_quiet: bool
    number: int
    """How many containers of the same workload come before it."""
    namespace: str
    pod: Pod
    container: str
    started_at: float


def sources(pods: Iterable[Pod], *, now: float) -> list[Source]:
    """The containers to sample, the most suspicious first."""
    of_workload: dict[tuple[str, str, str], int] = {}
    found: list[Source] = []
    for pod in sorted(pods, key=lambda pod: (pod.namespace or "", pod.name)):
        for container, started_at, restarts in _running(pod):
            workload = (pod.namespace or "", next((owner.uid for owner in pod.metadata.owner_references), pod.uid), container)
            number = of_workload.get(workload, 0)
            of_workload[workload] = number + 1
            is_quiet = not restarts and now - started_at >= YOUNG_S
            found.append(Source(is_quiet, number, pod.namespace or "", pod, container, started_at))
    found.sort(key=lambda source: (source.number, source.is_quiet))
    return found[:MAX_LOGS]


def _running(pod: Pod) -> Iterator[tuple[str, float, int]]:
    for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
        running = status.state.running
        if running is not None and running.started_at is not None:
            yield status.name, running.started_at.timestamp(), status.restart_count


async def sample(client: KubeClient, intake: Intake, pods: Iterable[Pod], *, now: float) -> None:
    """Read the logs and take in the reports. Without permission, that is a gap of the scan; a log that cannot be read is left out."""
    slots = asyncio.Semaphore(AT_ONCE)
    tallies: dict[str, tuple[Source, list[ContainerTally]]] = {}
    denied = False

    async def read(source: Source) -> None:
        nonlocal denied
        async with slots:
            if denied:
                return
            try:
                raw = await _tail(client, source)
            except ApiError as error:
                denied = denied or error.status in (401, 403)
                return
            except (ApiUnreachable, TimeoutError):
                return
        tally = await asyncio.to_thread(_tally, intake, raw)
        if tally.signs:
            of_pod = tallies.setdefault(source.pod.uid, (source, []))
            of_pod[1].append(ContainerTally(source.container, source.started_at, tally))

    try:
        async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            for source in sources(pods, now=now):
                group.create_task(read(source))
    except TimeoutError:
        intake.gap("logs", f"not all could be read within {WITHIN_S:.0f} s")
    if denied:
        intake.gap("logs", "may not be read with these credentials")
    for source, containers in tallies.values():
        _take(intake, source.pod, containers)


def take_written(intake: Intake, *, now: float) -> None:
    """Take in what the logs of a dump keep showing, of its running containers."""
    for pod in intake.pods(frozenset()) if intake.logs else ():
        containers = []
        for container, started_at, _ in _running(pod):
            raw = intake.logs.get(LogKey(pod.namespace or "", pod.name, container, False), b"")
            texts = logs.redact_lines(intake.redactor, raw.decode("utf-8", "replace").splitlines()[-MAX_LINES:])
            tally = log_tally.LogTally()
            tally.signs = {one.sign: one for one in log_tally.lasting_in(texts, now=now, started_at=started_at)}
            containers.append(ContainerTally(container, started_at, tally))
        _take(intake, pod, containers)


def _take(intake: Intake, pod: Pod, containers: list[ContainerTally]) -> None:
    if (tree := log_reports.manifest(pod.namespace or "", pod.name, pod.uid, containers)) is not None:
        intake.take_known(LOG_SIGNS, msgspec.Raw(msgspec.json.encode(tree)))


async def _tail(client: KubeClient, source: Source) -> bytes:
    query = {"container": source.container, "timestamps": "true", "tailLines": str(MAX_LINES), "sinceSeconds": str(SINCE_S)}
    path = f"/api/v1/namespaces/{source.namespace}/pods/{source.pod.name}/log"
    async with asyncio.timeout(LOG_S):
        raw, is_cut = await client.tail(path, params=query, last_bytes=MAX_BYTES, read_bytes=4 * MAX_BYTES)
    return raw.partition(b"\n")[2] if is_cut else raw


def _tally(intake: Intake, raw: bytes) -> log_tally.LogTally:
    lines = [logs.stamped(line) for line in raw.decode("utf-8", "replace").splitlines()]
    stamped = [(stamp, text) for stamp, text in lines if stamp]
    if not log_tally.LogTally().count(Line(log_tally.seconds(stamp), text) for stamp, text in stamped):
        return log_tally.LogTally()
    texts = logs.redact_lines(intake.redactor, [text for _, text in stamped])
    return log_tally.of_lines(Line(log_tally.seconds(stamp), text) for (stamp, _), text in zip(stamped, texts, strict=True))
