"""NamespaceTerminating: a namespace has been terminating for too long.

The namespace controller reports in conditions what blocks it; an aggregated API that does not answer blocks every namespace.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from optral.detectors import wording
from optral.detectors.detector import About, Detector
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners
from optral.kube.objects import APIService, KubeObject, Namespace, condition
from optral.kube.reports.apis import AVAILABLE
from optral.kube.reports.namespaces import Blocker
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity


def detect(namespace: Namespace, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    since = namespace.metadata.deletion_timestamp
    if since is None:
        return
    reported = (condition(namespace.status.conditions, name) for name in Blocker)
    blockers = [blocker for blocker in reported if blocker is not None and blocker.status == "True"]
    subject = owners.ref(namespace)
    yield Finding(
        subject=subject,
        title=titles.NamespaceTerminating.stuck(
            object=wording.label(subject), detail=wording.detail(blockers[0].message if blockers else "")
        ),
        since=since,
        facts={
            "holding": [blocker.type for blocker in blockers],
            "messages": [wording.clip(blocker.message, 500) for blocker in blockers],
            "finalizers": list(namespace.metadata.finalizers[:20]),
        },
        suspects=tuple(_unavailable_apis(view)) if any(blocker.type == Blocker.DISCOVERY for blocker in blockers) else (),
    )


def _unavailable_apis(view: ClusterView) -> Iterator[Suspect]:
    for service in cast(Iterable[APIService], view.all(APIService.kind)):
        if any(blocker.type == AVAILABLE and blocker.status != "True" for blocker in service.status.conditions):
            yield Suspect(owners.ref(service), "waits for", frozenset({"APIServiceUnavailable"}))


def _terminating(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return [namespace for namespace in view.all(Namespace.kind) if namespace.metadata.deletion_timestamp is not None]


DETECTOR = Detector(
    type="NamespaceTerminating",
    title=titles.NamespaceTerminating.what,
    category="cluster",
    about=About.OBJECT,
    severity=Severity.MEDIUM,
    gates=(),
    looks_at=frozenset({Namespace.kind}),
    detect=detect,
    open_after_s=300,
    reached_from={APIService.kind: _terminating},
)
