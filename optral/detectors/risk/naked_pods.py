"""NakedPod: a pod that no controller recreates when its node is lost."""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.risk.common import check
from optral.kube.objects import Pod
from optral.kube.view import ClusterView
from optral.terms.en import titles


def _has_no_owner(pod: Pod, view: ClusterView, now: datetime) -> list[str]:
    return [] if pod.owner_references or pod.metadata.annotations.mirror or pod.is_terminal else ["no owner"]


NAKED = check(
    titles.NakedPod,
    _has_no_owner,
    about=About.POD,
    module=__name__,
    looks_at=(Pod.kind,),
    open_after_s=3600,
)
