"""The calls of a workload that keep failing, as the logs of its running containers show (`kube/log_reports.py`)."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from optral.detectors.network import calls
from optral.kube import addresses, log_reports, log_signs, owners
from optral.kube.addresses import ServiceName
from optral.kube.objects import KubeObject, LogSign, LogSigns, Pod, Service
from optral.kube.view import ClusterView

MAX_PODS = 20  # of one workload whose reports are read


def of_workload(workload: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[LogSign]:
    """The signs that a container cannot reach what it calls, as far as they last."""
    for pod in islice(view.pods_of(owners.ref(workload)), MAX_PODS):
        report = log_reports.of_pod(pod, view)
        for container in report.status.containers if report is not None else ():
            yield from (sign for sign in log_reports.lasting(container, now=now) if sign.sign == log_signs.DEPENDENCY)


def to_service(workload: KubeObject, service: Service, view: ClusterView, *, now: datetime) -> LogSign | None:
    """A sign that names this Service, by its name or its address."""
    name = ServiceName(service.metadata.namespace, service.name)
    for sign in of_workload(workload, view, now=now):
        is_named = name in addresses.services(sign.names.get("host", ""), workload.metadata.namespace)
        if is_named or _names_address(sign.message, service.spec.cluster_ip):
            return sign
    return None


def _names_address(message: str, address: str) -> bool:
    return address not in ("", "None") and re.search(rf"(?<![\d.:]){re.escape(address)}(?![\d.])", message) is not None


def around(step: Callable[[ClusterView, KubeObject], Iterable[KubeObject]]) -> Callable[[ClusterView, LogSigns], Iterator[KubeObject]]:
    """A step of `reach` from a report to what `step` names for the workload of its pod."""

    def reach(view: ClusterView, report: LogSigns) -> Iterator[KubeObject]:
        for pod in log_reports.pod_of(view, report):
            workload = view.object_at(view.workload_of(pod)) if isinstance(pod, Pod) else None
            if workload is not None and calls.template_of(workload) is not None:
                yield from step(view, workload)

    return reach
