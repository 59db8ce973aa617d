"""The volume of a pod that an Event names: by its name in the pod, or by the name of the PersistentVolume of its claim."""

from optral.kube.objects import KubeObject, PersistentVolumeClaim, Pod, Volume
from optral.kube.view import ClusterView

MAX_USERS = 50


def volume_of(pod: Pod, name: str, view: ClusterView) -> Volume | None:
    """The volume of the pod with this name, or whose claim is bound to a PersistentVolume with this name."""
    for volume in pod.spec.volumes:
        if volume.name == name:
            return volume
    return next((volume for volume in pod.spec.volumes if (claim := claim_of(pod, volume, view)) and claim.spec.volume_name == name), None)


def waiting_users(view: ClusterView, claim: KubeObject) -> list[Pod]:
    """The pods that mount a claim and do not run: the claim decides which of their volumes an Event names."""
    users = view.pods_with_claim(claim.metadata.namespace, claim.metadata.name)
    return [pod for pod in users if pod.status.phase != "Running"][:MAX_USERS]


def claim_of(pod: Pod, volume: Volume, view: ClusterView) -> PersistentVolumeClaim | None:
    """The claim that a volume of the pod mounts, if it is in the view."""
    source = volume.persistent_volume_claim
    found = view.by_name(PersistentVolumeClaim.kind, pod.namespace, source.claim_name) if source is not None else None
    return found if isinstance(found, PersistentVolumeClaim) else None
