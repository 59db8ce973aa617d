"""The verbs that change: each is one patch (or one delete) bound to the very version of the object that was looked at.

So the API server itself applies it at most once, however often it is sent. The object carries the command's id in an annotation: after a
lost answer or a crash that annotation tells whose change it was. First always a server-side dry run: it gives the difference, and what
admission would refuse is refused before anything is written down as begun.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from optral.agent.commands_common import Order, Tools, failed, failure_of, fetch, kind_of, path_of, rejected, tree_of, unknown
from optral.kit.clock import Clock
from optral.kit.times import rfc3339
from optral.kube import diff, revisions
from optral.kube.kinds import BY_ID, Kind
from optral.kube.redact import Unredactable
from optral.kubeapi.client import STRATEGIC_PATCH, ApiError, ApiUnreachable
from optral.terms.verbs import Amounts, Cordon, DeletePod, Restart, Rollback, Scale, SetResources

FIELD_MANAGER = "optral"
ANNOTATION = "optral.io/command"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
CONFLICTS = 5  # an object whose status is written every second gets its chance
SENDS = 4
LOOK_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 4.0)
_REPLICA_SETS = BY_ID["ReplicaSet.apps"]
_IGNORED = frozenset({ANNOTATION})


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to the object as it was looked at, and what the dry run showed. `spec` None is a delete."""

    kind: Kind
    path: str
    uid: str
    resource_version: str
    spec: Mapping[str, Any] | None
    before: bytes
    is_applied: bool = False
    """The object bears this command's id already: nothing is left to do."""
    result: dict[str, Any] = field(default_factory=dict)


Begin = Callable[[dict[str, Any]], Awaitable[None]]
"""Called with the dry run's result right before the first request that changes something; writes the journal."""


class Writer:
    """Does one write. `clock` gives the moment a restart is stamped with."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        self._tools, self._clock = tools, clock

    async def dry_run(self, order: Order) -> dict[str, Any]:
        """What it would change: `before`, `after`, `diff`, and the version it was worked out on. Raises `Failure`."""
        for attempt in range(1, CONFLICTS + 1):
            try:
                return (await self._plan(order)).result
            except ApiError as error:
                await self._conflict(order, error, attempt)
        raise AssertionError("unreachable")

    async def write(self, order: Order, begin: Begin, *, left: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do it; what it changed. `left` is the plan that a process which died in its middle had written down.

        Another agent with the same identity may be at it too: whoever finds the command's id on the object reports the change as made.
        Raises `Failure`; a state of UNKNOWN_OUTCOME when it cannot be determined whether it happened.
        """
        said, has_begun = left or {}, False
        if left is not None and (done := await self._done_before(order, said)) is not None:
            return done
        await self._check_access(order)
        for attempt in range(1, CONFLICTS + 1):
            try:
                plan = await self._plan(order)
                if plan.is_applied:
                    return {**said, "resourceVersion": plan.resource_version}
                if not has_begun:
                    await begin(plan.result)
                said, has_begun = plan.result, True
                return await self._apply(order, plan)
            except ApiError as error:
                # A conflict may come from our own earlier request, whose answer never arrived, or from another agent's.
                if (done := await self._done_before(order, said)) is not None:
                    return done
                await self._conflict(order, error, attempt)
        raise AssertionError("unreachable")

    async def was_done(self, order: Order, left: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result of this very command when the object says that it was applied, else None. Raises `Failure`."""
        return await self._done_before(order, left)

    async def _conflict(self, order: Order, error: ApiError, attempt: int) -> None:
        """The object moved under our hands. That is the end when the caller bound us to a version, else a reason to look again."""
        if error.status != 409:
            raise failure_of(error) from error
        if order.resource_version or attempt == CONFLICTS:
            raise failed("PRECONDITION", f"the object was changed meanwhile: {error.message}") from error
        await asyncio.sleep(0.05 * attempt)

    # --- before ------------------------------------------------------------------------------------------------------------------

    async def _check_access(self, order: Order) -> None:
        kind_name, namespace, name = order.params.target
        needed = order.verb.permissions[kind_name]
        try:
            is_allowed = await self._tools.client.may(
                verb=needed.verb,
                group=needed.group,
                resource=needed.resource,
                subresource=needed.subresource,
                namespace=namespace,
                name=name,
            )
        except (ApiError, ApiUnreachable) as error:
            raise failure_of(error) from error
        if not is_allowed:
            what = f"{needed.verb} {needed.resource}" + (f" in {namespace}" if namespace else "")
            raise rejected("RBAC_DENIED", f"the agent's role does not allow it to {what}")

    async def _plan(self, order: Order) -> Plan:
        """Look at the object, check what was expected of it, work out the change and try it. Raises `Failure`, `ApiError` (409)."""
        kind_name, namespace, name = order.params.target
        kind = kind_of(kind_name)
        path = path_of(kind, namespace, name)
        raw = await fetch(self._tools, path)
        before = tree_of(raw)
        meta = before["metadata"]
        uid, version = str(meta.get("uid", "")), str(meta.get("resourceVersion", ""))
        if order.is_write and _command_of(meta) == order.id:
            return Plan(kind, path, uid, version, None, raw, is_applied=True)
        if order.uid and order.uid != uid:
            raise failed("PRECONDITION", f"{kind.name} {name} is another object now (uid {uid})")
        if order.resource_version and order.resource_version != version:
            raise failed("PRECONDITION", f"{kind.name} {name} was changed meanwhile (resource version {version})")
        spec = None if isinstance(order.params, DeletePod) else await self._change(order, before)
        plan = Plan(kind, path, uid, version, spec, raw)
        after = await self._send(order, plan, dry_run=True)
        plan.result.update(self._result(plan, after))
        if spec is not None and not plan.result["diff"] and not order.dry_run:
            plan.result["unchanged"] = True
        return plan

    async def _change(self, order: Order, before: dict[str, Any]) -> dict[str, Any]:
        """The `spec` of a strategic merge patch. Raises `Failure`."""
        params = order.params
        if isinstance(params, Restart):
            stamp = rfc3339(self._clock.now())
            return {"template": {"metadata": {"annotations": {RESTARTED: stamp}}}}
        if isinstance(params, Scale):
            return {"replicas": params.replicas}
        if isinstance(params, SetResources):
            return _resources(params, before)
        if isinstance(params, Rollback):
            return {"template": {"$patch": "replace", **await self._template(params, before)}}
        if isinstance(params, Cordon):
            return {"unschedulable": True if order.verb.name == "cordon" else None}
        raise rejected("UNSUPPORTED", f"this agent does not know {order.verb.name}")

    async def _template(self, params: Rollback, before: dict[str, Any]) -> dict[str, Any]:
        """The pod template of the revision to go back to. Raises `Failure`."""
        uid = before["metadata"].get("uid")
        path = _REPLICA_SETS.object_path(params.namespace, "").rstrip("/")
        try:
            listed = await self._tools.client.list_all(path)
        except (ApiError, ApiUnreachable) as error:
            raise failure_of(error) from error
        templates = dict(sorted(_revisions(listed, str(uid)).items()))
        now = _revision(before)
        earlier = [number for number in templates if not now or number < now]
        wanted = params.to_revision or (earlier[-1] if earlier else None)
        if wanted is None or wanted not in templates:
            known = ", ".join(str(number) for number in templates) or "none"
            what = "an earlier revision" if wanted is None else f"revision {wanted}"
            raise failed("NOT_FOUND", f"{params.name} has no {what} to go back to; kept are: {known}")
        if wanted == now:
            raise failed("NOTHING_TO_DO", f"{params.name} is at revision {wanted} already")
        return templates[wanted]

    # --- the change ----------------------------------------------------------------------------------------------------------------

    async def _send(self, order: Order, plan: Plan, *, dry_run: bool) -> bytes:
        """One request. Raises `ApiUnreachable` and `ApiError` when it is real, `Failure` or `ApiError` (409) when it is a dry run."""
        try:
            if plan.spec is None:
                options: dict[str, Any] = {
                    "apiVersion": "v1",
                    "kind": "DeleteOptions",
                    "preconditions": {"uid": plan.uid, "resourceVersion": plan.resource_version},
                    **({"dryRun": ["All"]} if dry_run else {}),
                }
                return await self._tools.client.delete(
                    plan.path, msgspec.json.encode(options), params={"dryRun": "All"} if dry_run else None
                )
            meta = {"uid": plan.uid, "resourceVersion": plan.resource_version, "annotations": {ANNOTATION: order.id}}
            params = {"fieldManager": FIELD_MANAGER} | ({"dryRun": "All"} if dry_run else {})
            body = msgspec.json.encode({"metadata": meta, "spec": plan.spec})
            return await self._tools.client.patch(plan.path, body, content_type=STRATEGIC_PATCH, params=params)
        except ApiError as error:
            if dry_run and error.status != 409:
                raise failure_of(error) from error
            raise
        except ApiUnreachable as error:
            if dry_run:
                raise failure_of(error) from error
            raise

    async def _apply(self, order: Order, plan: Plan) -> dict[str, Any]:
        """Send until it is known how it ended. Raises `Failure`, `ApiError` (409 and other plain refusals)."""
        for _ in range(SENDS):
            try:
                after = await self._send(order, plan, dry_run=False)
            except ApiError as error:
                if error.status < 500:
                    raise
            except ApiUnreachable:
                pass
            else:
                return self._result(plan, after)
            if plan.spec is None:
                return await self._find_out_deleted(plan)
            if (found := await self._find_out(order, plan)) is not None:
                return found
        raise unknown("the API server never said whether it made the change; look at the object before trying again")

    async def _find_out(self, order: Order, plan: Plan) -> dict[str, Any] | None:
        """The answer was lost: the result when the object says that it was us, None when it is as it was (so sending again is safe).

        Raises `Failure` when somebody else changed it (ours can no longer be applied), or when the object cannot be read.
        """
        raw = await self._look(plan)
        if raw is None:
            raise unknown("the answer was lost and the object is gone; whether the change was made first cannot be determined")
        now = tree_of(raw)
        meta = now["metadata"]
        if _command_of(meta) == order.id:
            return self._result(plan, raw)
        if meta.get("uid") == plan.uid and meta.get("resourceVersion") == plan.resource_version:
            return None
        if _has_same_spec(tree_of(plan.before), now):
            raise failed("PRECONDITION", "the object was changed by somebody else before the change could be made")
        raise unknown("the answer was lost and somebody else has changed the object since; look at it before you try again")

    async def _find_out_deleted(self, plan: Plan) -> dict[str, Any]:
        raw = await self._look(plan)
        meta = tree_of(raw)["metadata"] if raw is not None else {}
        if raw is None or meta.get("uid") != plan.uid or meta.get("deletionTimestamp"):
            raise unknown("the answer was lost; the pod is gone or terminating, but it is unknown whether this command did it")
        raise unknown("the answer was lost; the pod is still there, but the API server may yet delete it")

    async def _look(self, plan: Plan) -> bytes | None:
        """The object as it is; None when it is gone. Raises `Failure` (unknown) when the API server does not say."""
        for pause_s in LOOK_AGAIN_S:
            try:
                return await self._tools.client.get(plan.path)
            except ApiError as error:
                if error.status == 404:
                    return None
            except ApiUnreachable:
                pass
            await asyncio.sleep(pause_s)
        raise unknown("the API server went away in the middle of the change; look at the object before trying again")

    async def _done_before(self, order: Order, left: Mapping[str, Any]) -> dict[str, Any] | None:
        kind_name, namespace, name = order.params.target
        kind = kind_of(kind_name)
        try:
            raw = await self._tools.client.get(path_of(kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise failure_of(error) from error
        except ApiUnreachable as error:
            raise failure_of(error) from error
        meta = tree_of(raw)["metadata"]
        if _command_of(meta) != order.id:
            return None
        return {**left, "resourceVersion": str(meta.get("resourceVersion", ""))}

    # --- reports -------------------------------------------------------------------------------------------------------------------

    def _result(self, plan: Plan, after: bytes) -> dict[str, Any]:
        before = self._redacted(plan.kind, plan.before)
        if plan.spec is None:
            meta = before.get("metadata") or {}
            named = {"kind": plan.kind.name, "namespace": meta.get("namespace"), "name": meta.get("name"), "owners": _owners(meta)}
            found = [{"path": "object", "from": named, "to": None}]
            version = plan.resource_version
        else:
            changed = self._redacted(plan.kind, after)
            found = diff.changes(before, changed, ignoring=_IGNORED)
            version = str((changed.get("metadata") or {}).get("resourceVersion", ""))
        return {
            "before": {one["path"]: one["from"] for one in found},
            "after": {one["path"]: one["to"] for one in found},
            "diff": found,
            "uid": plan.uid,
            "resourceVersion": version,
            "managers": _managers(before),
        }

    def _redacted(self, kind: Kind, raw: bytes) -> dict[str, Any]:
        try:
            return tree_of(self._tools.redactor.redact(kind, raw))
        except Unredactable:
            return {}


def _resources(params: SetResources, before: dict[str, Any]) -> dict[str, Any]:
    """A container is found by name: a patch that named one which is not there would add it."""
    pod = ((before.get("spec") or {}).get("template") or {}).get("spec") or {}
    for field_name in ("containers", "initContainers"):
        if any(isinstance(one, dict) and one.get("name") == params.container for one in pod.get(field_name) or ()):
            resources = {name: _amounts(given) for name, given in (("limits", params.limits), ("requests", params.requests)) if given}
            return {"template": {"spec": {field_name: [{"name": params.container, "resources": resources}]}}}
    raise failed("CONTAINER_NOT_FOUND", f"{params.name} has no container {params.container}")


def _amounts(given: Amounts) -> dict[str, str]:
    return {name: value for name, value in (("cpu", given.cpu), ("memory", given.memory)) if value is not None}


def _revisions(listed: list[bytes], owner_uid: str) -> dict[int, dict[str, Any]]:
    """Pod templates by revision, of the ReplicaSets this Deployment owns."""
    found: dict[int, dict[str, Any]] = {}
    for raw in listed:
        tree = tree_of(raw)
        owners = tree["metadata"].get("ownerReferences") or ()
        if not any(isinstance(one, dict) and one.get("uid") == owner_uid and one.get("controller") for one in owners):
            continue
        template = (tree.get("spec") or {}).get("template")
        if (number := _revision(tree)) and isinstance(template, dict):
            found[number] = revisions.template_of(template)
    return found


def _revision(tree: dict[str, Any]) -> int:
    return revisions.number((tree["metadata"].get("annotations") or {}).get(revisions.ANNOTATION))


def _has_same_spec(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the spec was not written in between: the API server counts its changes in `generation` where a kind has one."""
    was, is_ = before["metadata"], now["metadata"]
    return bool(
        was.get("uid") == is_.get("uid") and was.get("generation") == is_.get("generation") and before.get("spec") == now.get("spec")
    )


def _command_of(meta: Mapping[str, Any]) -> str:
    annotations = meta.get("annotations")
    return str(annotations.get(ANNOTATION, "")) if isinstance(annotations, dict) else ""


def _managers(before: Mapping[str, Any]) -> list[dict[str, str]]:
    """Who wrote the object so far, latest last; status writers do not count."""
    found: dict[str, dict[str, str]] = {}
    managed = (before.get("metadata") or {}).get("managedFields") or ()
    for one in managed if isinstance(managed, list) else ():
        if isinstance(one, dict) and one.get("manager") and not one.get("subresource"):
            found[one["manager"]] = {key: str(one[key]) for key in ("manager", "operation", "time") if one.get(key)}
    return sorted(found.values(), key=lambda one: one.get("time", ""))


def _owners(meta: Mapping[str, Any]) -> list[str]:
    return [f"{one.get('kind')}/{one.get('name')}" for one in meta.get("ownerReferences") or () if isinstance(one, dict)]
