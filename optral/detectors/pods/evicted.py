"""Evicted: a node evicted a pod because it was low on a resource, or because the pod exceeded its own storage limit.

These are different failures: pressure on a node is an issue of the node, whichever pod was evicted; exceeding a limit is an issue of the
workload. The failed pod object remains, so it counts only until its owner has had all its pods for ten minutes, and never as a restart. G1
and G5 do not apply: an eviction is the disruption that this type reports.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from optral.detectors import candidate_causes, failed_pods, gates, wording
from optral.detectors.detector import of_pod
from optral.detectors.finding import Finding
from optral.kube.objects import Pod
from optral.kube.reports import nodes
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from optral.terms.template import Title

TYPE = "Evicted"
CATEGORY = "node"
_EMPTY_DIR = re.compile(r'EmptyDir volume "([^"]{1,253})"')
_CONDITIONS = {
    "memory": nodes.MEMORY_PRESSURE,
    "ephemeral-storage": nodes.DISK_PRESSURE,
    "inodes": nodes.DISK_PRESSURE,
    "pids": nodes.PID_PRESSURE,
}


def detect(pod: Pod, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    if pod.status.phase != "Failed" or pod.status.reason != TYPE or gates.is_deleting(pod) or gates.is_superseded(pod, view):
        return
    job = gates.job_of(pod, view)
    if job is not None and gates.has_succeeded_since(job, view):
        return
    standing = failed_pods.standing(pod, view, now=now)
    if standing.until is None or standing.until > now:
        yield _finding(pod, view, until=standing.until, now=now)


def _finding(pod: Pod, view: ClusterView, *, until: datetime | None, now: datetime) -> Finding:
    message = pod.status.message
    workload = view.workload_of(pod)
    is_own = nodes.exceeds_own_limit(pod.status.message)
    subject = workload if is_own or not pod.spec.node_name else candidate_causes.node_ref(pod.spec.node_name, view)
    since = failed_pods.failed_at(pod)
    return Finding(
        subject=subject,
        base=_base(pod, subject, view, now=now),
        title=_title(pod, subject),
        category="storage" if is_own else CATEGORY,
        since=since,
        expires_at=until,
        occurrence=pod.uid or None,
        facts={
            "cause": "ownLimit" if is_own else "nodePressure",
            "resource": _resource(message),
            "volume": match.group(1) if (match := _EMPTY_DIR.search(message)) is not None else None,
            "message": wording.clip(message),
            "node": pod.spec.node_name,
            "workload": str(workload),
        },
        suspects=() if is_own else candidate_causes.node_of(pod, view, candidate_causes.NODE_PRESSURE),
    )


def _base(pod: Pod, subject: ObjectRef, view: ClusterView, *, now: datetime) -> Severity:
    """Three evictions within an hour are not a coincidence."""
    if not gates.is_fresh(failed_pods.failed_at(pod), now=now, window_s=failed_pods.OFTEN_WITHIN_S):
        return Severity.MEDIUM
    siblings = view.pods_of(subject) if subject.kind != "Node" else view.pods_on(subject.name)
    return Severity.HIGH if failed_pods.happens_often(siblings, TYPE, now=now) else Severity.MEDIUM


def _resource(message: str) -> str | None:
    """What the node was low on, named after its condition (`DiskPressure`), or the resource itself."""
    short = nodes.short_of(message)
    return None if short is None else _CONDITIONS.get(short, short)


def _title(pod: Pod, subject: ObjectRef) -> Title:
    if subject.kind == "Node":
        short_of = _resource(pod.status.message) or ""
        return titles.Evicted.by_node(object=wording.label(subject), resource=titles.SHORT_OF.get(short_of, short_of))
    if nodes.exceeds_own_limit(pod.status.message):
        return titles.Evicted.over_limit(pods=wording.pods_of(subject))
    return titles.Evicted.short(pods=wording.pods_of(subject))


DETECTOR = of_pod(
    type=TYPE,
    title=titles.Evicted.what,
    category=CATEGORY,
    severity=Severity.MEDIUM,
    gates=("G2", "G7", "G10"),
    detect=detect,
    reached_from={Pod.kind: failed_pods.beside},
    examines_leaving=True,
)
