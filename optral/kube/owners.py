"""Which workload an object belongs to, as far as the object itself tells.

A pod may arrive before its ReplicaSet does. Its workload must have the same name before and after, or one failure would become two issues;
so what Kubernetes encodes in names (pod-template-hash, the minute of a scheduled Job) is read back here, and `ClusterView.workload_of`
uses the real owner as soon as it is known.
"""

import re
from collections.abc import Sequence

from optral.kube import revisions
from optral.kube.objects import KubeObject, OwnerReference
from optral.terms.refs import ObjectRef

REPLICA_SET = "ReplicaSet.apps"
DEPLOYMENT = "Deployment.apps"
ROLLOUT = "Rollout.argoproj.io"
JOB = "Job.batch"
CRON_JOB = "CronJob.batch"
CLUSTER_SCOPED_OWNERS = frozenset({"Node"})
STEPPING_STONES = frozenset({REPLICA_SET, JOB})
"""Owners that have an owner people know better; at any other owner the walk upwards ends (an operator's resource is not the workload)."""
RERUN_OF = "optral.io/rerun-of"
"""A label of a Job that runs another one again: the uid of the Job that failed first, also when a rerun of it failed in turn."""
_SCHEDULED = re.compile(r"^(.+)-\d{8,10}$")  # the CronJob controller appends the minute since 1970


def controller(obj: KubeObject) -> OwnerReference | None:
    """The owner that manages it; the first owner where none is marked."""
    return controlling(obj.metadata.owner_references)


def controlling(references: Sequence[OwnerReference]) -> OwnerReference | None:
    """Of the owners of an object, the one that manages it."""
    if not references:
        return None
    for reference in references:
        if reference.controller:
            return reference
    return references[0]


def ref(obj: KubeObject, kind: str = "") -> ObjectRef:
    """The reference of an object; `kind` for objects without a class of their own."""
    return ObjectRef(kind or obj.kind, obj.namespace, obj.metadata.name, obj.metadata.uid)


def owner_ref(reference: OwnerReference, namespace: str | None) -> ObjectRef:
    """The reference of an owner, which lives in the namespace of what it owns unless it is cluster-scoped."""
    kind = reference.kind_id
    return ObjectRef(kind, None if kind in CLUSTER_SCOPED_OWNERS else namespace, reference.name, reference.uid)


def guess_above(owner: ObjectRef, labels: dict[str, str]) -> ObjectRef:
    """What stands above an owner nobody has seen yet, judged by its name and the labels of what it owns; else the owner itself."""
    if owner.kind == REPLICA_SET:
        for label, kind in ((revisions.TEMPLATE_HASH, DEPLOYMENT), ("rollouts-pod-template-hash", ROLLOUT)):
            suffix = f"-{labels.get(label, '')}"
            if len(suffix) > 1 and owner.name.endswith(suffix) and len(owner.name) > len(suffix):
                return ObjectRef(kind, owner.namespace, owner.name[: -len(suffix)])
    elif owner.kind == JOB and (match := _SCHEDULED.match(owner.name)):
        return ObjectRef(CRON_JOB, owner.namespace, match.group(1))
    return owner
