"""The verbs that change: each is one request bound to the very version of the object that was looked at (`commands_changes.py` says which).

So the API server itself applies it at most once, however often it is sent. The object carries the command's id in an annotation: after a
lost answer or a crash that annotation tells whose change it was. First always a server-side dry run: it gives the difference, and what
admission would refuse is refused before anything is written down as begun.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from optral.agent.commands import certificates, evictions
from optral.agent.commands.commands_changes import Change, Changes, Created, Deleted, Evicted, Patched, Requested
from optral.agent.commands.commands_common import (
    Failure,
    Order,
    Tools,
    denied,
    failed,
    failure_of,
    fetch,
    kind_of,
    path_of,
    tree_of,
    unknown,
)
from optral.kit.clock import Clock
from optral.kube import diff
from optral.kube.kinds import Kind
from optral.kube.redact import Unredactable
from optral.kubeapi.client import MERGE_PATCH, ApiError, ApiUnreachable
from optral.terms.verbs import MISSING, Missing, RenewCertificate, RerunJob

FIELD_MANAGER = "optral"
ANNOTATION = "optral.io/command"
CONFLICTS = 5  # an object whose status is written every second gets its chance
SENDS = 4
_GONE = frozenset({404, 409})
"""How the API server refuses to delete a pod that is not there any more, or that another of the same name has replaced."""
LOOK_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 4.0)
_IGNORED = frozenset({ANNOTATION, "deprecated.daemonset.template.generation"})  # the latter counts what the API server saw
_DRY_RUN = {"dryRun": "All"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to the object as it was looked at, and what the dry run showed."""

    kind: Kind
    path: str
    uid: str
    resource_version: str
    change: Change
    before: bytes
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def preconditions(self) -> dict[str, str]:
        return {"uid": self.uid, "resourceVersion": self.resource_version}


class Target(NamedTuple):
    """The object of an order as it was looked at."""

    kind: Kind
    path: str
    raw: bytes
    tree: dict[str, Any]


Begin = Callable[[dict[str, Any]], Awaitable[None]]
"""Called with the dry run's result right before the first request that changes something; writes the journal."""


class Writer:
    """Does one write."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        self._tools, self._changes = tools, Changes(tools, clock)

    async def dry_run(self, order: Order) -> dict[str, Any]:
        """What it would change: `before`, `after`, `diff`, and the version it was worked out on. Raises `Failure`."""
        await self.check_access(order)
        for attempt in range(1, CONFLICTS + 1):
            try:
                return (await self._plan(order, await self._look_at(order))).result
            except ApiError as error:
                await self._conflict(order, error, attempt)
        raise AssertionError("unreachable")

    async def write(self, order: Order, begin: Begin, *, left: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do it; what it changed. `left` is the plan that a process which died in its middle had written down.

        Another agent with the same identity may be at it too: whoever finds the command's id on the object reports the change as made.
        Raises `Failure`; a state of UNKNOWN_OUTCOME when it cannot be determined whether it happened.
        """
        said, has_begun = left or {}, False
        if left is not None and (done := await self.was_done(order, said)) is not None:
            return done
        await self.check_access(order)
        for attempt in range(1, CONFLICTS + 1):
            try:
                target = await self._look_at(order)
                if (done := await self._traces(order, target)) is not None:
                    return {**said, **done}
                plan = await self._plan(order, target)
                if not has_begun:
                    await begin(plan.result)
                said, has_begun = plan.result, True
                return await self._apply(order, plan)
            except ApiError as error:
                # A conflict may come from our own earlier request, whose answer never arrived, or from another agent's.
                if (done := await self.was_done(order, said)) is not None:
                    return done
                await self._conflict(order, error, attempt)
        raise AssertionError("unreachable")

    async def was_done(self, order: Order, left: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result of this very command when the cluster shows that it was applied, else None. Raises `Failure`."""
        try:
            target = await self._look_at(order)
        except Failure as failure:
            if failure.code == "NOT_FOUND":
                return None
            raise
        traces = await self._traces(order, target)
        return None if traces is None else {**left, **traces}

    async def _look_at(self, order: Order) -> Target:
        """The object that the order names. Raises `Failure`."""
        kind_name, namespace, name = order.params.target
        kind = kind_of(kind_name)
        path = path_of(kind, namespace, name)
        raw = await fetch(self._tools, path)
        return Target(kind, path, raw, tree_of(raw))

    async def _traces(self, order: Order, target: Target) -> dict[str, Any] | None:
        """What the cluster shows of this very command, whoever made the change; None when it shows nothing. Raises `Failure`.

        A change leaves the command's id on the object that it changed. A rerun leaves it on the Job that it created, and that Job counts
        whatever became of the one that failed.
        """
        meta = target.tree["metadata"]
        version = {"resourceVersion": str(meta.get("resourceVersion", ""))}
        if isinstance(order.params, RerunJob):
            reruns = await self._changes.reruns(order.params.namespace, target.tree)
            made = next((rerun for rerun in reruns if _command_of(rerun["metadata"]) == order.id), None)
            return None if made is None else _created(target.tree, made) | version
        return version if _is_of(order, target.tree) else None

    async def _conflict(self, order: Order, error: ApiError, attempt: int) -> None:
        """The object moved under our hands. That is the end when the caller bound us to a version, else a reason to look again."""
        if error.status != 409:
            raise failure_of(error) from error
        if order.resource_version or attempt == CONFLICTS:
            raise failed("PRECONDITION", f"the object was changed meanwhile: {error.message}") from error
        await asyncio.sleep(0.05 * attempt)

    # --- before ------------------------------------------------------------------------------------------------------------------

    async def check_access(self, order: Order) -> None:
        """Raises `Failure` when the role of the agent does not allow the order; the result of a dry run lists what is missing."""
        if missing := await self._missing(order):
            raise denied(missing, {MISSING: [one._asdict() for one in missing]} if order.dry_run else None)

    async def _missing(self, order: Order) -> list[Missing]:
        """The permissions of the order that the agent does not have. Raises `Failure` when the API server does not say."""
        kind_name, namespace, name = order.params.target
        found = []
        for needed in order.verb.permissions[kind_name]:
            is_of_target = needed.resource == kind_of(kind_name).plural and (needed.verb != "create" or needed.subresource)
            try:
                is_allowed = await self._tools.client.may(**needed._asdict(), namespace=namespace, name=name if is_of_target else "")
            except (ApiError, ApiUnreachable) as error:
                raise failure_of(error) from error
            found += [] if is_allowed else [Missing(*needed, namespace)]
        return found

    async def _plan(self, order: Order, target: Target) -> Plan:
        """Check what was expected of the object, work out the change and try it. Raises `Failure`, `ApiError` (409)."""
        kind, path, raw, before = target
        meta = before["metadata"]
        uid, version = str(meta.get("uid", "")), str(meta.get("resourceVersion", ""))
        if order.uid and order.uid != uid:
            raise failed("PRECONDITION", f"{kind.name} {meta.get('name')} is another object now (uid {uid})")
        if order.resource_version and order.resource_version != version:
            raise failed("PRECONDITION", f"{kind.name} {meta.get('name')} was changed meanwhile (resource version {version})")
        plan = Plan(kind, path, uid, version, await self._changes.of(order, before), raw)
        after = await self._send(order, plan, dry_run=True)
        plan.result.update(self._result(plan, after))
        if isinstance(plan.change, Patched) and not plan.result["diff"] and not order.dry_run:
            plan.result["unchanged"] = True
        return plan

    # --- the change ----------------------------------------------------------------------------------------------------------------

    async def _send(self, order: Order, plan: Plan, *, dry_run: bool) -> bytes:
        """One request. Raises `ApiUnreachable` and `ApiError` when it is real, `Failure` or `ApiError` (409) when it is a dry run."""
        try:
            return await self._request(order, plan, dry_run=dry_run)
        except ApiError as error:
            if dry_run and error.status != 409:
                raise failure_of(error) from error
            raise
        except ApiUnreachable as error:
            if dry_run:
                raise failure_of(error) from error
            raise

    async def _request(self, order: Order, plan: Plan, *, dry_run: bool) -> bytes:
        client, params = self._tools.client, {"fieldManager": FIELD_MANAGER} | (_DRY_RUN if dry_run else {})
        meta = {"uid": plan.uid, "resourceVersion": plan.resource_version, "annotations": {ANNOTATION: order.id}}
        match plan.change:
            case Patched(spec, content_type):
                body = msgspec.json.encode({"metadata": meta, "spec": spec})
                return await client.patch(plan.path, body, content_type=content_type, params=params)
            case Requested(status):
                body = msgspec.json.encode({"metadata": meta, "status": status})
                return await client.patch(f"{plan.path}/status", body, content_type=MERGE_PATCH, params=params)
            case Deleted():
                options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": plan.preconditions} | _dry(dry_run)
                return await client.delete(plan.path, msgspec.json.encode(options), params=_DRY_RUN if dry_run else None)
            case Evicted():
                return await evictions.evict(client, plan.path, preconditions=plan.preconditions, dry_run=dry_run)
            case Created(path, manifest):
                created: dict[str, Any] = dict(manifest["metadata"])
                created["annotations"] = {**created.get("annotations", {}), ANNOTATION: order.id}
                body = msgspec.json.encode({**manifest, "metadata": created})
                return await client.post(path.rpartition("/")[0], body, params=params)

    async def _apply(self, order: Order, plan: Plan) -> dict[str, Any]:
        """Send until it is known how it ended. Raises `Failure`, `ApiError` (409 and other plain refusals)."""
        for _ in range(SENDS):
            try:
                after = await self._send(order, plan, dry_run=False)
            except ApiError as error:
                if error.status in _GONE and isinstance(plan.change, Deleted | Evicted) and await self._is_gone(plan):
                    # A proxy may have sent the request twice, and only the second answer arrives.
                    raise unknown("the pod is gone or terminating, but it is unknown whether this command did it") from error
                if error.status < 500:
                    raise
            except ApiUnreachable:
                pass
            else:
                return self._result(plan, after)
            if isinstance(plan.change, Deleted | Evicted):
                return await self._find_out_deleted(plan)
            if (found := await self._find_out(order, plan)) is not None:
                return found
        raise unknown("the API server never said whether it made the change; look at the object before trying again")

    async def _find_out(self, order: Order, plan: Plan) -> dict[str, Any] | None:
        """The answer was lost: the result when the object says that it was us, None when it is as it was (so sending again is safe).

        Raises `Failure` when somebody else changed it (ours can no longer be applied), or when the object cannot be read.
        """
        if isinstance(plan.change, Created):
            return await self._find_out_created(order, plan, plan.change)
        raw = await self._look(plan.path)
        if raw is None:
            raise unknown("the answer was lost and the object is gone; whether the change was made first cannot be determined")
        now = tree_of(raw)
        meta = now["metadata"]
        if _is_of(order, now):
            return self._result(plan, raw)
        if meta.get("uid") == plan.uid and meta.get("resourceVersion") == plan.resource_version:
            return None
        if isinstance(plan.change, Patched) and _has_same_spec(tree_of(plan.before), now):
            raise failed("PRECONDITION", "the object was changed by somebody else before the change could be made")
        raise unknown("the answer was lost and somebody else has changed the object since; look at it before you try again")

    async def _find_out_created(self, order: Order, plan: Plan, change: Created) -> dict[str, Any] | None:
        raw = await self._look(change.path)
        if raw is None:
            return None
        if _command_of(tree_of(raw)["metadata"]) == order.id:
            return self._result(plan, raw)
        raise failed("PRECONDITION", f"somebody else created {change.manifest['metadata']['name']} before this change could be made")

    async def _find_out_deleted(self, plan: Plan) -> dict[str, Any]:
        if await self._is_gone(plan):
            raise unknown("the answer was lost; the pod is gone or terminating, but it is unknown whether this command did it")
        raise unknown("the answer was lost; the pod is still there, but the API server may yet delete it")

    async def _is_gone(self, plan: Plan) -> bool:
        """Whether the pod of the plan is gone or terminating. Raises `Failure` (unknown)."""
        raw = await self._look(plan.path)
        meta = tree_of(raw)["metadata"] if raw is not None else {}
        return raw is None or meta.get("uid") != plan.uid or bool(meta.get("deletionTimestamp"))

    async def _look(self, path: str) -> bytes | None:
        """The object as it is; None when it is gone. Raises `Failure` (unknown) when the API server does not say."""
        for pause_s in LOOK_AGAIN_S:
            try:
                return await self._tools.client.get(path)
            except ApiError as error:
                if error.status == 404:
                    return None
            except ApiUnreachable:
                pass
            await asyncio.sleep(pause_s)
        raise unknown("the connection to the API server broke during the change; check the object before you try again")

    # --- reports -------------------------------------------------------------------------------------------------------------------

    def _result(self, plan: Plan, after: bytes) -> dict[str, Any]:
        before = self._redacted(plan.kind, plan.before)
        version = plan.resource_version
        more: dict[str, Any] = {}
        match plan.change:
            case Requested(revision=revision):
                found, more = [certificates.change(before)], {"revision": revision}
                version = str((self._redacted(plan.kind, after).get("metadata") or {}).get("resourceVersion", ""))
            case Patched(revision=revision):
                changed = self._redacted(plan.kind, after)
                found = diff.changes(before, changed, ignoring=_IGNORED)
                version = str((changed.get("metadata") or {}).get("resourceVersion", ""))
                more = {} if revision is None else {"revision": revision}
            case Created():
                more = _created(before, self._redacted(plan.kind, after))
                found = more["diff"]
            case Deleted() | Evicted():
                found = [
                    {
                        "path": "object",
                        "from": _named(plan.kind.name, before) | {"owners": _owners(before.get("metadata") or {})},
                        "to": None,
                    }
                ]
        return {
            "before": {one["path"]: one["from"] for one in found},
            "after": {one["path"]: one["to"] for one in found},
            "diff": found,
            "uid": plan.uid,
            "resourceVersion": version,
            "managers": _managers(before),
        } | more

    def _redacted(self, kind: Kind, raw: bytes) -> dict[str, Any]:
        try:
            return tree_of(self._tools.redactor.redact(kind, raw))
        except Unredactable:
            return {}


def _dry(is_dry: bool) -> dict[str, Any]:
    return {"dryRun": ["All"]} if is_dry else {}


def _named(kind: str, tree: Mapping[str, Any]) -> dict[str, Any]:
    meta = tree.get("metadata") or {}
    return {"kind": kind, "namespace": meta.get("namespace"), "name": meta.get("name")}


def _created(original: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """What a result says of a Job that was created like another one."""
    named = _named("Job", made)
    change = {"path": "object", "from": None, "to": named | {"like": _named("Job", original)["name"]}}
    return {"diff": [change], "before": {"object": None}, "after": {"object": change["to"]}, "created": named}


def _has_same_spec(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the spec was not written in between: the API server counts its changes in `generation` where a kind has one."""
    was, is_ = before["metadata"], now["metadata"]
    return bool(
        was.get("uid") == is_.get("uid") and was.get("generation") == is_.get("generation") and before.get("spec") == now.get("spec")
    )


def _is_of(order: Order, tree: Mapping[str, Any]) -> bool:
    """Whether the object shows that this command changed it."""
    if isinstance(order.params, RenewCertificate):
        return certificates.is_requested_by(tree, order.id)
    return _command_of(tree["metadata"]) == order.id


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
    return [
        f"{reference.get('kind')}/{reference.get('name')}" for reference in meta.get("ownerReferences") or () if isinstance(reference, dict)
    ]
