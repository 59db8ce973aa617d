"""NamespaceTerminating: a namespace has been going away for too long.

The namespace controller says in conditions what holds it up; an aggregated API that does not answer keeps every namespace from going.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from optral.detectors import wording
from optral.detectors.detector import About, Detector
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners, times
from optral.kube.objects import APIService, KubeObject, Namespace, condition
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

TYPE = "NamespaceTerminating"
CATEGORY = "cluster"
PATIENCE_S = 300
_HOLDING = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceFinalizersRemaining",
    "NamespaceContentRemaining",
)


def detect(namespace: Namespace, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    since = namespace.metadata.deletion_timestamp
    if since is None:
        return
    holding = [told for name in _HOLDING if (told := condition(namespace.status.conditions, name)) is not None and told.status == "True"]
    subject = owners.ref(namespace)
    yield Finding(
        type=TYPE,
        subject=subject,
        shown_by=subject,
        severity=Severity.MEDIUM,
        title=f"{wording.label(subject)} does not terminate{f': {wording.clip(holding[0].message, 160)}' if holding else ''}",
        category=CATEGORY,
        since=since,
        opens_at=times.after(since, PATIENCE_S),
        facts={
            "holding": [told.type for told in holding],
            "messages": [wording.clip(told.message, 500) for told in holding],
            "finalizers": list(namespace.metadata.finalizers[:20]),
        },
        suspects=tuple(_silent_apis(view)) if any(told.type == _HOLDING[0] for told in holding) else (),
    )


def _silent_apis(view: ClusterView) -> Iterator[Suspect]:
    for service in cast(Iterable[APIService], view.all(APIService.kind)):
        if any(told.type == "Available" and told.status != "True" for told in service.status.conditions):
            yield Suspect(owners.ref(service), "waits for", frozenset({"APIServiceUnavailable"}))


def _going(view: ClusterView, thing: KubeObject) -> Iterable[KubeObject]:
    return [namespace for namespace in view.all(Namespace.kind) if namespace.metadata.deletion_timestamp is not None]


DETECTOR = Detector(
    type=TYPE,
    title="A deleted namespace does not terminate",
    category=CATEGORY,
    about=About.OBJECT,
    severity=Severity.MEDIUM,
    gates=(),
    looks_at=frozenset({Namespace.kind}),
    detect=detect,
    open_after_s=PATIENCE_S,
    reached_from={APIService.kind: _going},
)
