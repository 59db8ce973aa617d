"""The logs that a dump has of running containers: what they keep showing becomes the `LogSigns` that an agent would report."""

from collections.abc import Iterator
from functools import partial

import msgspec

from optral.analysis.reading.snapshot import LogKey
from optral.kube import log_reports, log_tally, logs
from optral.kube.kinds import LOG_SIGNS
from optral.kube.log_reports import ContainerTally
from optral.kube.objects import Pod
from optral.scan.intake import Intake

MAX_LINES = 200  # of one log


def running(pod: Pod) -> Iterator[tuple[str, float, int]]:
    """The containers of a pod that run: name, start in seconds since 1970, and how often each was restarted."""
    for status in (*pod.status.container_statuses, *pod.status.init_container_statuses):
        state = status.state.running
        if state is not None and state.started_at is not None:
            yield status.name, state.started_at.timestamp(), status.restart_count


def take_written(intake: Intake, *, now: float) -> None:
    """Take in what the logs of a dump keep showing, of its running containers."""
    for pod in intake.pods(frozenset()) if intake.logs else ():
        containers = []
        for container, started_at, _ in running(pod):
            raw = intake.logs.get(LogKey(pod.namespace or "", pod.name, container, False), b"")
            texts, redact = raw.decode("utf-8", "replace").splitlines()[-MAX_LINES:], partial(logs.redact_lines, intake.redactor)
            tally = log_tally.LogTally()
            tally.signs = {one.sign: one for one in log_tally.lasting_in(texts, now=now, started_at=started_at, redact=redact)}
            containers.append(ContainerTally(container, started_at, tally))
        take(intake, pod, containers)


def take(intake: Intake, pod: Pod, containers: list[ContainerTally]) -> None:
    """Take in the report about a pod, if its logs show anything."""
    if (tree := log_reports.manifest(pod.namespace or "", pod.name, pod.uid, containers)) is not None:
        intake.take_known(LOG_SIGNS, msgspec.Raw(msgspec.json.encode(tree)))
