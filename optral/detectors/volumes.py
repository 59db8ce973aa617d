"""The volume of a pod that an Event names: by its name in the pod, or by the name of the PersistentVolume of its claim."""

import re

from optral.kube.objects import KubeObject, PersistentVolumeClaim, Pod, Volume
from optral.kube.view import ClusterView

MAX_USERS = 50
_NAMED = re.compile(r'for volume "([^"]{1,253})"')
_UNMOUNTED = re.compile(r"unmounted volumes=\[([^\]]{1,1000})\]")


def is_summary(message: str) -> bool:
    """Whether the message only lists the volumes that are not mounted yet, after a timeout."""
    return "unmounted volumes=[" in message


def named_in(message: str) -> tuple[str, ...]:
    """The names of volumes in an Event's message, without repeats."""
    if (match := _NAMED.search(message)) is not None:
        return (match.group(1),)
    if (unmounted := _UNMOUNTED.search(message)) is not None:
        return tuple(dict.fromkeys(re.split(r"[,\s]+", unmounted.group(1).strip())))
    return ()


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
