"""The server that a workload means although neither its log nor its template shows an address: the one of the kind that the driver names.

Of several servers of that kind the names of the settings may tell which one it is; else none is meant (`kube/server_kinds.py`).
"""

from optral.grouping.failure_index import FailureIndex
from optral.kube import server_kinds
from optral.kube.objects import DaemonSet, Deployment, StatefulSet
from optral.kube.server_kinds import Server
from optral.terms.refs import ObjectRef


def server_of(index: FailureIndex, subject: ObjectRef, line: str) -> Server | None:
    """The server that a line of this workload is about, if it can be no other one."""
    workload, namespace = index.view.object_at(subject), subject.namespace or ""
    if not isinstance(workload, (Deployment, StatefulSet, DaemonSet)):
        return None
    names = server_kinds.names_of(workload.spec.template.spec)
    kinds = server_kinds.kinds_meant(line, names)
    own = workload.spec.template.metadata.labels
    candidates = [one for one in _servers(index, namespace) if one.kinds & kinds and not one.leads_to(own)]
    found = server_kinds.closest(candidates, names) if len(candidates) > 1 else candidates
    return found[0] if len(found) == 1 else None


def _servers(index: FailureIndex, namespace: str) -> list[Server]:
    key = ("servers", namespace)
    if key not in index.memo:
        index.memo[key] = server_kinds.in_namespace(index.view, namespace)
    known: list[Server] = index.memo[key]
    return known
