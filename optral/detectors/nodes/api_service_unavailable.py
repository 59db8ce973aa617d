"""APIServiceUnavailable: an aggregated API (metrics, custom metrics) does not answer.

Meanwhile namespaces cannot be deleted, and autoscalers that read metrics from it cannot act.
"""

from collections.abc import Iterator
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding
from optral.detectors.wording import clip
from optral.kube import owners
from optral.kube.objects import APIService, condition
from optral.kube.reports.apis import AVAILABLE
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(extension: APIService, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    available = condition(extension.status.conditions, AVAILABLE)
    if extension.spec.service is None or available is None or available.status == "True" or gates.is_deleting(extension):
        return
    subject = owners.ref(extension)
    service = extension.spec.service
    since = available.last_transition_time or extension.created_at
    yield Finding(
        subject=subject,
        title=titles.APIServiceUnavailable.unavailable(name=extension.name, reason=available.reason)
        if available.reason
        else titles.APIServiceUnavailable.no_reason(name=extension.name),
        since=since,
        facts={"reason": available.reason, "message": clip(available.message), "service": f"{service.namespace}/{service.name}"},
    )


DETECTOR = Detector(
    type="APIServiceUnavailable",
    title=titles.APIServiceUnavailable.what,
    category="control-plane",
    about=About.CLUSTER,
    severity=Severity.HIGH,
    gates=("G1",),
    looks_at=frozenset({APIService.kind}),
    detect=detect,
    open_after_s=300,
    tier=Tier.EXTENDED,
)
