"""StuckFinalizer: an object was deleted and still exists, because a finalizer is not removed.

Pods, namespaces and definitions have types of their own. A claim that a pod still mounts and a volume whose claim still exists wait
rightly, and so does a node that is being drained.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

from optral.detectors import gates, wording
from optral.detectors.detector import About, Detector, Tier
from optral.detectors.finding import Finding, Suspect
from optral.kube import owners
from optral.kube.kinds import KINDS
from optral.kube.objects import (
    CustomResourceDefinition,
    KubeObject,
    Lease,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity

_OTHERS = frozenset({Pod.kind, Namespace.kind, CustomResourceDefinition.kind, Lease.kind})


def detect(obj: KubeObject, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
    since = obj.metadata.deletion_timestamp
    if since is None or not obj.metadata.finalizers or _waits_rightly(obj, view):
        return
    subject = owners.ref(obj)
    names = sorted(obj.metadata.finalizers)[:20]
    yield Finding(
        subject=subject,
        title=titles.StuckFinalizer.stuck(object=wording.label(subject), finalizers=wording.finalizers(names)),
        since=since,
        facts={"finalizers": names},
        suspects=_namespace(obj),
    )


def _waits_rightly(obj: KubeObject, view: ClusterView) -> bool:
    if isinstance(obj, PersistentVolumeClaim):
        return bool(view.pods_with_claim(obj.metadata.namespace, obj.name))
    if isinstance(obj, PersistentVolume):
        claim = obj.spec.claim_ref
        return claim is not None and view.by_name(PersistentVolumeClaim.kind, claim.namespace, claim.name) is not None
    return isinstance(obj, Node) and gates.is_leaving(obj)


def _namespace(obj: KubeObject) -> tuple[Suspect, ...]:
    if obj.namespace is None:
        return ()
    return (Suspect(ObjectRef(Namespace.kind, None, obj.namespace), "is in", frozenset({"NamespaceTerminating"})),)


def _claims_of_deleted(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    """The claims of a deleted pod: a claim can be removed once no pod mounts it."""
    pod = cast(Pod, obj)
    if not pod.spec.volumes or (view.get(Pod.kind, pod.uid) is not None and view.previous(Pod.kind, pod.uid) is not None):
        return ()
    claims = (view.by_name(PersistentVolumeClaim.kind, pod.namespace, name) for name in pod.claims)
    return [claim for claim in claims if claim is not None]


def _volumes_of(view: ClusterView, obj: KubeObject) -> Iterable[KubeObject]:
    return view.volumes_of(obj.metadata.namespace, obj.name)


DETECTOR = Detector(
    type="StuckFinalizer",
    title=titles.StuckFinalizer.what,
    category="cluster",
    about=About.OBJECT,
    severity=Severity.MEDIUM,
    gates=("G5",),
    looks_at=frozenset(kind.id for kind in KINDS) - _OTHERS,
    detect=detect,
    open_after_s=900,
    tier=Tier.EXTENDED,
    examines_custom=True,
    reached_from={Pod.kind: _claims_of_deleted, PersistentVolumeClaim.kind: _volumes_of},
)
