"""Reports on what no runbook changes: what holds an object, what would be lost, and which commands a person would run.

They are written from the object as the inventory shows it. A finalizer is a promise that something is cleaned up first, and a released
volume holds the only copy of its data: only a person can know that neither is needed. Source: Kubernetes documentation, Finalizers and
Persistent Volumes; kubectl.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optral.kube import diff

STUCK_FINALIZERS, RELEASED_VOLUME = "stuckFinalizers", "releasedVolume"
ABOUT = (STUCK_FINALIZERS, RELEASED_VOLUME)
MAX_NAMED = 20

_HOLDERS: Mapping[str, tuple[str, str]] = {
    "kubernetes.io/pvc-protection": ("the pods that use the claim", "the data of the claim, while pods still write it"),
    "kubernetes.io/pv-protection": ("the claim that is bound to the volume", "the data of the volume, while a claim uses it"),
    "kubernetes.io/pv-controller": ("the PersistentVolume controller", "the record of the volume in the storage system, which stays there"),
    "external-provisioner.volume.kubernetes.io/finalizer": (
        "the CSI driver that made the volume",
        "the record of the volume in the storage system, which stays there",
    ),
    "snapshot.storage.kubernetes.io/pvc-as-source-protection": (
        "the snapshot controller, once no snapshot of the claim is being taken",
        "the snapshots that are being taken of the claim",
    ),
    "service.kubernetes.io/load-balancer-cleanup": (
        "the cloud controller manager",
        "the record of the load balancer, which stays there and costs money",
    ),
    "foregroundDeletion": ("the objects that it owns", "the order of the deletion: owned objects may stay without an owner"),
    "orphan": ("the garbage collector", "the references of the objects that it owns"),
    "batch.kubernetes.io/job-tracking": ("the Job controller", "the result of this pod in the count of its Job"),
}
"""Finalizer → who removes it, and what is lost when somebody else does."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a person would run, and what it is for."""

    purpose: str
    words: Sequence[str]

    @property
    def text(self) -> str:
        return shlex.join(self.words)


@dataclass(frozen=True, slots=True)
class Report:
    """`summary` is one sentence; the lists are empty where there is nothing to say."""

    summary: str
    holds: Sequence[str] = ()
    would_be_lost: Sequence[str] = ()
    commands: Sequence[Command] = ()

    @property
    def text(self) -> str:
        """The report as people read it."""
        parts = [self.summary]
        for title, lines in (("What holds it", self.holds), ("What would be lost", self.would_be_lost)):
            parts += [f"\n{title}:", *(f"- {line}" for line in lines)] if lines else []
        for command in self.commands:
            parts += [f"\n{command.purpose}:", f"  {command.text}"]
        return "\n".join(parts)

    def plain(self) -> dict[str, Any]:
        """As the result of its step."""
        commands = [{"purpose": command.purpose, "command": command.text} for command in self.commands]
        return {"text": self.text, "holds": list(self.holds), "wouldBeLost": list(self.would_be_lost), "commands": commands}


def of(about: str, kind: str, manifest: Mapping[str, Any]) -> Report:
    """The report on this object; empty for one that does not exist."""
    if not manifest:
        return Report("The object does not exist any more.")
    return _REPORTS[about](kind, manifest)


def _stuck_finalizers(kind: str, manifest: Mapping[str, Any]) -> Report:
    named = _named(kind, manifest)
    deleted_at = diff.at(manifest, "metadata.deletionTimestamp")
    if deleted_at is None:
        return Report(f"{named} is not being deleted, so nothing holds it.")
    finalizers = _texts(diff.at(manifest, "metadata.finalizers"))
    remaining = _texts(diff.at(manifest, "spec.finalizers")) if kind == "Namespace" else []
    if not finalizers and not remaining:
        return Report(f"{named} has no finalizers; it is gone in a moment, or a node has not confirmed its end.")
    holds = [f"{finalizer}: removed by {_holder(finalizer)}" for finalizer in finalizers] + [
        _message(remain) for remain in _remains(manifest)
    ]
    lost = [f"{finalizer}: {_loss(finalizer)}" for finalizer in finalizers] + (
        ["every object that is left in the namespace"] if remaining else []
    )
    commands = [_show(kind, manifest), *([_contents(manifest)] if remaining else [])]
    commands += [_removal(kind, manifest, at, one) for at, one in enumerate(finalizers)]
    return Report(f"{named} was deleted at {deleted_at} and still exists.", holds[:MAX_NAMED], lost[:MAX_NAMED], commands[:MAX_NAMED])


def _released_volume(kind: str, manifest: Mapping[str, Any]) -> Report:
    named, phase = _named(kind, manifest), diff.at(manifest, "status.phase")
    if phase != "Released":
        return Report(f"{named} is not released: its phase is {phase or 'not known'}.")
    claim = diff.at(manifest, "spec.claimRef")
    claim = claim if isinstance(claim, Mapping) else {}
    name, policy = str(diff.at(manifest, "metadata.name")), diff.at(manifest, "spec.persistentVolumeReclaimPolicy")
    owner = f"{claim.get('namespace')}/{claim.get('name')}"
    holds = [
        f"its claim {owner} was deleted, and spec.claimRef still names it, so no other claim can use the volume",
        f"its reclaim policy is {policy}, so nothing deletes it",
    ]
    lost = [
        f"{diff.at(manifest, 'spec.capacity.storage') or 'the'} data of claim {owner}{_storage(manifest)}, if this is the only copy",
        "deleting the PersistentVolume keeps the data in the storage system, where it has to be deleted as well",
    ]
    free = json.dumps([{"op": "test", "path": "/spec/claimRef/uid", "value": claim.get("uid")}, {"op": "remove", "path": "/spec/claimRef"}])
    patch = ["kubectl", "patch", "persistentvolume", name, "--type=json", "-p", free]
    commands = [
        Command("Look at the volume", ["kubectl", "describe", "persistentvolume", name]),
        Command("To give the data to another claim (with volumeName)", patch),
        Command("To give up the data", ["kubectl", "delete", "persistentvolume", name]),
    ]
    return Report(f"{named} is released and not used.", holds, lost, commands)


def _storage(manifest: Mapping[str, Any]) -> str:
    """Where the storage system keeps the data, of a volume of a CSI driver."""
    driver, handle = diff.at(manifest, "spec.csi.driver"), diff.at(manifest, "spec.csi.volumeHandle")
    return f" ({driver}, {handle})" if driver and handle else ""


def _show(kind: str, manifest: Mapping[str, Any]) -> Command:
    return Command(
        "Look at it, and at the controllers that are named above", ["kubectl", *_in(manifest), "get", *_ref(kind, manifest), "-o", "yaml"]
    )


def _contents(manifest: Mapping[str, Any]) -> Command:
    each = f"kubectl -n {shlex.quote(str(diff.at(manifest, 'metadata.name')))} get --ignore-not-found --show-kind"
    listed = f"kubectl api-resources --verbs=list --namespaced -o name | xargs -n 1 {each}"
    return Command("List what is left in the namespace", ["sh", "-c", listed])


def _removal(kind: str, manifest: Mapping[str, Any], at: int, finalizer: str) -> Command:
    path = f"/metadata/finalizers/{at}"
    patch = json.dumps([{"op": "test", "path": path, "value": finalizer}, {"op": "remove", "path": path}])
    purpose = f"Only if what {finalizer} stands for is cleaned up or given up, as the last resort"
    return Command(purpose, ["kubectl", *_in(manifest), "patch", *_ref(kind, manifest), "--type=json", "-p", patch])


def _ref(kind: str, manifest: Mapping[str, Any]) -> list[str]:
    group = str(manifest.get("apiVersion", "")).rpartition("/")[0]
    return [f"{kind.partition('.')[0].lower()}.{group}".rstrip("."), str(diff.at(manifest, "metadata.name"))]


def _in(manifest: Mapping[str, Any]) -> list[str]:
    namespace = diff.at(manifest, "metadata.namespace")
    return ["-n", str(namespace)] if namespace else []


def _named(kind: str, manifest: Mapping[str, Any]) -> str:
    namespace, name = diff.at(manifest, "metadata.namespace"), diff.at(manifest, "metadata.name")
    return f"{kind.partition('.')[0]} {namespace}/{name}" if namespace else f"{kind.partition('.')[0]} {name}"


def _holder(finalizer: str) -> str:
    return _HOLDERS[finalizer][0] if finalizer in _HOLDERS else f"the controller that sets it (domain {finalizer.partition('/')[0]})"


def _loss(finalizer: str) -> str:
    return _HOLDERS[finalizer][1] if finalizer in _HOLDERS else "what this controller would have cleaned up outside of the object"


def _remains(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The conditions by which a namespace says what is left in it."""
    found = diff.at(manifest, "status.conditions")
    return [one for one in found if isinstance(one, Mapping) and one.get("status") == "True"] if isinstance(found, list) else []


def _message(condition: Mapping[str, Any]) -> str:
    return f"{condition.get('type')}: {condition.get('message') or condition.get('reason') or 'no message'}"


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


_REPORTS: Mapping[str, Callable[[str, Mapping[str, Any]], Report]] = {
    STUCK_FINALIZERS: _stuck_finalizers,
    RELEASED_VOLUME: _released_volume,
}
