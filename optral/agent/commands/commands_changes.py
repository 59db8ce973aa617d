"""What a verb does to one object: the request that `commands_writes.py` then tries, journals and sends. Nothing here changes anything.

A change is worked out from the object as it is now, and where the object alone does not say it, from its revisions or earlier reruns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optral.agent.commands import certificates, field_patches, job_reruns
from optral.agent.commands.commands_common import Order, Tools, failed, failure_of, rejected, tree_of
from optral.kit.clock import Clock
from optral.kit.mappings import without_none
from optral.kit.times import rfc3339
from optral.kube import images, revisions
from optral.kube.kinds import BY_ID, Kind
from optral.kube.owners import RERUN_OF
from optral.kubeapi.client import NO_SELECTION, STRATEGIC_PATCH, ApiError, ApiUnreachable
from optral.terms.verbs import (
    Amounts,
    Cordon,
    DeletePod,
    Evict,
    Patch,
    RenewCertificate,
    RerunJob,
    Restart,
    Rollback,
    Scale,
    SetImage,
    SetResources,
)

RESTARTED = "kubectl.kubernetes.io/restartedAt"
_REPLICA_SETS = BY_ID["ReplicaSet.apps"]
_CONTROLLER_REVISIONS = Kind("apps", "v1", "ControllerRevision", "controllerrevisions", True)
_JOBS = BY_ID["Job.batch"]


@dataclass(frozen=True, slots=True)
class Patched:
    """A patch of the object's `spec`. `revision`: of a rollback, the number of the revision that it leaves; None: not known."""

    spec: Mapping[str, Any]
    content_type: str = STRATEGIC_PATCH
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """A patch of the object's `status`, by which its controller starts something. `revision`: how often it has done so before."""

    status: Mapping[str, Any]
    revision: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """The object is deleted."""


@dataclass(frozen=True, slots=True)
class Created:
    """A new object beside the one that was looked at, at `path`; its name stands for this one change."""

    path: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evicted:
    """The pod is evicted, which its PodDisruptionBudgets must allow."""


Change = Patched | Requested | Deleted | Evicted | Created


class Changes:
    """Works out changes. `clock` gives the moment a restart is stamped with."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        self._tools, self._clock = tools, clock

    async def of(self, order: Order, before: dict[str, Any]) -> Change:
        """The change of this order to the object as it is. Raises `Failure`."""
        match order.params:
            case Restart():
                return Patched({"template": {"metadata": {"annotations": {RESTARTED: rfc3339(self._clock.now())}}}})
            case Scale() as params:
                return Patched({"replicas": params.replicas})
            case SetResources() as params:
                return Patched(_resources(params, before))
            case SetImage() as params:
                return Patched(_image(params, before))
            case Patch() as params:
                return Patched(field_patches.spec_of(params, before), field_patches.content_type_of(params))
            case Rollback() as params:
                template, revision = await self._template(params, before)
                return Patched({"template": {"$patch": "replace", **template}}, revision=revision)
            case Cordon():
                return Patched({"unschedulable": True if order.verb.name == "cordon" else None})
            case RenewCertificate():
                status = certificates.renewal(before, command_id=order.id, now=rfc3339(self._clock.now()))
                return Requested(status, certificates.revision(before))
            case DeletePod():
                return Deleted()
            case Evict():
                return Evicted()
            case RerunJob() as params:
                return await self._rerun(params, before)
        raise rejected("UNSUPPORTED", f"this agent does not know {order.verb.name}")

    async def reruns(self, namespace: str, job: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The Jobs that were created to run this one again. Raises `Failure`."""
        return await self._listed(_JOBS, namespace, {"labelSelector": f"{RERUN_OF}={job_reruns.original_of(job)}"})

    async def _rerun(self, params: RerunJob, before: dict[str, Any]) -> Created:
        job_reruns.check(before, is_cron_job_allowed=params.of_cron_job)
        manifest = job_reruns.manifest(before, await self.reruns(params.namespace, before))
        return Created(_JOBS.object_path(params.namespace, manifest["metadata"]["name"]), manifest)

    async def _template(self, params: Rollback, before: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
        """The pod template of the revision to go back to, and the number of the present one. Raises `Failure`."""
        kind = _REPLICA_SETS if params.kind == "Deployment" else _CONTROLLER_REVISIONS
        owned = [tree for tree in await self._listed(kind, params.namespace) if _is_owned(tree, str(before["metadata"].get("uid")))]
        templates = dict(sorted(_templates(owned).items()))
        now = _revision(before) if params.kind == "Deployment" else max(templates, default=0)
        return templates[_chosen(params, list(templates), now)], now or None

    async def _listed(self, kind: Kind, namespace: str, selecting: Mapping[str, str] = NO_SELECTION) -> list[dict[str, Any]]:
        try:
            return [tree_of(raw) for raw in await self._tools.client.list_all(kind.path_in(namespace), selecting=selecting)]
        except (ApiError, ApiUnreachable) as error:
            raise failure_of(error) from error


def _resources(params: SetResources, before: dict[str, Any]) -> dict[str, Any]:
    resources = {name: _amounts(given) for name, given in (("limits", params.limits), ("requests", params.requests)) if given}
    field, container = field_patches.find_container(_pod(before), params.container, of=params.name)
    return {"template": {"spec": {field: [{"name": container["name"], "resources": resources}]}}}


def _image(params: SetImage, before: dict[str, Any]) -> dict[str, Any]:
    field, container = field_patches.find_container(_pod(before), params.container, of=params.name)
    image = images.referring(str(container.get("image", "")), tag=params.tag, digest=params.digest)
    return {"template": {"spec": {field: [{"name": container["name"], "image": image}]}}}


def _pod(before: Mapping[str, Any]) -> dict[str, Any]:
    return ((before.get("spec") or {}).get("template") or {}).get("spec") or {}


def _amounts(given: Amounts) -> dict[str, str]:
    return without_none({"cpu": given.cpu, "memory": given.memory})


def _is_owned(tree: Mapping[str, Any], owner_uid: str) -> bool:
    owners = tree["metadata"].get("ownerReferences") or ()
    return any(isinstance(owner, dict) and owner.get("uid") == owner_uid and owner.get("controller") for owner in owners)


def _templates(owned: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Pod templates by revision, of ReplicaSets or ControllerRevisions."""
    found: dict[int, dict[str, Any]] = {}
    for tree in owned:
        spec = (tree["data"].get("spec") if isinstance(tree.get("data"), dict) else tree.get("spec")) or {}
        template = spec.get("template") if isinstance(spec, dict) else None
        if (number := _revision(tree)) and isinstance(template, dict):
            found[number] = revisions.template_of({key: value for key, value in template.items() if key != "$patch"})
    return found


def _revision(tree: Mapping[str, Any]) -> int:
    if isinstance(number := tree.get("revision"), int):  # of a ControllerRevision
        return number
    return revisions.number((tree["metadata"].get("annotations") or {}).get(revisions.ANNOTATION))


def _chosen(params: Rollback, kept: list[int], now: int) -> int:
    """The revision to go back to: the one that is named, or the one before the present one. Raises `Failure`."""
    wanted = params.to_revision or max((number for number in kept if not now or number < now), default=None)
    if wanted is None or wanted not in kept:
        known = ", ".join(map(str, kept)) or "none"
        what = "an earlier revision" if wanted is None else f"revision {wanted}"
        raise failed("NOT_FOUND", f"{params.name} has no {what} to go back to; kept are: {known}")
    if wanted == now:
        raise failed("NOTHING_TO_DO", f"{params.name} is at revision {wanted} already")
    return wanted
