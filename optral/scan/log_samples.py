"""Samples the logs of running containers for a scan, so that it also finds what fails while every pod is ready.

One container of each workload comes first, those that restarted or started lately before others. Of a log only the newest lines of the last
quarter of an hour are read; what they keep showing becomes the `LogSigns` that an agent would report.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from optral.kube import log_tally, logs
from optral.kube.log_reports import ContainerTally
from optral.kube.log_tally import Line
from optral.kube.objects import Pod
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.scan import written_logs
from optral.scan.intake import Intake
from optral.scan.written_logs import MAX_LINES, running

MAX_LOGS = 300
AT_ONCE = 4
WITHIN_S = 30.0  # all of them
LOG_S = 10.0
SINCE_S, MAX_BYTES = 900, 256 * 1024  # of one log
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
        for container, started_at, restarts in running(pod):
            workload = (pod.namespace or "", next((owner.uid for owner in pod.metadata.owner_references), pod.uid), container)
            number = of_workload.get(workload, 0)
            of_workload[workload] = number + 1
            is_quiet = not restarts and now - started_at >= YOUNG_S
            found.append(Source(is_quiet, number, pod.namespace or "", pod, container, started_at))
    found.sort(key=lambda source: (source.number, source.is_quiet))
    return found[:MAX_LOGS]


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
    intake.are_logs_sampled = not denied
    if denied:
        intake.gap("logs", "may not be read with these credentials")
    for source, containers in tallies.values():
        written_logs.take(intake, source.pod, containers)


async def _tail(client: KubeClient, source: Source) -> bytes:
    query = {"container": source.container, "timestamps": "true", "tailLines": str(MAX_LINES), "sinceSeconds": str(SINCE_S)}
    path = f"/api/v1/namespaces/{source.namespace}/pods/{source.pod.name}/log"
    async with asyncio.timeout(LOG_S):
        raw, is_cut = await client.tail(path, params=query, last_bytes=MAX_BYTES, read_bytes=4 * MAX_BYTES)
    return raw.partition(b"\n")[2] if is_cut else raw


def _tally(intake: Intake, raw: bytes) -> log_tally.LogTally:
    lines = [logs.stamped(line) for line in raw.decode("utf-8", "replace").splitlines()]
    stamped = (Line(log_tally.seconds(stamp), text) for stamp, text in lines if stamp)
    return log_tally.of_lines(stamped, partial(logs.redact_lines, intake.redactor))
