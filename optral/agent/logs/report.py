"""From tallies to what the control plane gets: a `LogSigns` of each pod whose containers keep logging a failure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from optral.agent.logs.turns import Source
from optral.kube import log_reports
from optral.kube.log_reports import ContainerTally
from optral.kube.log_tally import LogTally
from optral.kubeapi.reflector import RawObject

MAX_REPORTS = 500
"""Pods in all, those with the newest signs first."""


class Log(NamedTuple):
    """A container and the signs of its log so far."""

    source: Source
    tally: LogTally


def of_all(logs: Iterable[Log], known: Mapping[str, RawObject], *, now: float, every_s: float) -> dict[str, RawObject]:
    """The reports of now by uid. A report that differs in its counts only is renewed after `every_s` seconds."""
    by_pod: dict[str, list[Log]] = {}
    for log in logs:
        if log.tally.signs:
            by_pod.setdefault(log.source.pod_uid, []).append(log)
    reports = [report for logs in by_pod.values() if (report := _report(logs)) is not None]
    reports.sort(key=_version_at, reverse=True)
    return {report.uid: _kept(report, known.get(report.uid), now, every_s) for report in reports[:MAX_REPORTS]}


def _kept(report: RawObject, before: RawObject | None, now: float, every_s: float) -> RawObject:
    if before is None or _names(before) != _names(report) or now - _version_at(before) >= every_s:
        return report
    return before


def _names(report: RawObject) -> list[tuple[str, list[str]]]:
    containers: list[dict[str, Any]] = msgspec.json.decode(report.raw)["status"]["containers"]
    return [(container["name"], sorted(sign["sign"] for sign in container["signs"])) for container in containers]


def _version_at(report: RawObject) -> float:
    return float(report.resource_version.partition("-")[0])


def _report(logs: list[Log]) -> RawObject | None:
    source = logs[0].source
    containers = [ContainerTally(log.source.container, log.source.started_at, log.tally) for log in logs]
    tree = log_reports.manifest(source.namespace, source.pod, source.pod_uid, containers)
    if tree is None:
        return None
    metadata = tree["metadata"]
    return RawObject(metadata["uid"], source.namespace, source.pod, metadata["resourceVersion"], msgspec.json.encode(tree))
