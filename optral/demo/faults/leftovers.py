"""What nobody looked after: an object that is not deleted, a volume that is still there, a certificate that was not renewed."""

from datetime import timedelta

from optral.demo import certificates, objects
from optral.demo.faults.common import Fault
from optral.demo.objects import stamp
from optral.demo.rollouts import ShouldEnd, Steps
from optral.demo.world import World

IDLE_S = 900.0


def claim_not_deleted(namespace: str, name: str, *, size: str) -> Fault:
    """Somebody deleted a claim whose snapshot never completes, so that its finalizer stays."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        labels = {"app": name}
        claim = world.claim(namespace, name, size=size, storage_class="standard", created=world.now, labels=labels, bind=True)
        claim["metadata"] |= {
            "finalizers": ["snapshot.storage.kubernetes.io/pvc-as-source-protection"],
            "deletionTimestamp": stamp(world.now),
            "deletionGracePeriodSeconds": 0,
        }
        world.save(claim)
        while not should_end():
            yield IDLE_S
        world.remove(claim)

    return play


def volume_released(namespace: str, claim: str, *, size: str) -> Fault:
    """The claim of a volume was deleted nine days ago, and its reclaim policy retains it. A risk: it is shown once risk checks are on."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        created, released = world.now - timedelta(days=40), world.now - timedelta(days=9)
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": namespace, "name": claim}
        reference["uid"] = objects.uid(world.rng)
        spec = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain"}
        spec |= {"storageClassName": "archive", "volumeMode": "Filesystem", "claimRef": reference}
        spec["csi"] = {"driver": "object.csi.example.com", "volumeHandle": f"archive/{claim}"}
        status = {"phase": "Released", "lastPhaseTransitionTime": stamp(released)}
        volume = world.make("PersistentVolume", f"pv-{claim}", created=created, spec=spec, status=status, manager="csi-provisioner")
        while not should_end():
            yield IDLE_S
        world.remove(volume)

    return play


def certificate_not_renewed(namespace: str, name: str, *, host: str) -> Fault:
    """A certificate ends in nine days, and was not renewed three weeks ago; it is issued when somebody requests it (see writes.py)."""

    def play(world: World, should_end: ShouldEnd) -> Steps:
        certificates.make(world, namespace, name, host=host, ends_in=timedelta(days=9))
        while not should_end():
            yield IDLE_S

    return play
