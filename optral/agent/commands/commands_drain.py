"""Draining a node: cordon it, evict its pods as their PodDisruptionBudgets allow, and wait until they are gone.

Every pod is evicted by its uid, and one that is terminating is not evicted again, so a drain may be continued by whoever is asked next:
after a restart, after a lost answer, or by a new command. Pods of DaemonSets, mirror pods and finished pods stay. The agent's own pod is
the last: its replacement reports the end. Source: Kubernetes documentation, Safely Drain a Node.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import structlog

from optral.agent.commands import evictions
from optral.agent.commands.commands_common import Cancel, Failure, Order, Tools, failure_of, incomplete, rejected, tree_of
from optral.agent.commands.commands_writes import Begin, Writer
from optral.agent.commands.evictions import Budget
from optral.kit.words import counted
from optral.kube.kinds import BY_ID
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.terms.verbs import VERBS, Cordon, Drain

LOOK_EVERY_S = 2.0
MARGIN_S = 5.0  # to report before the command itself times out
MAX_NAMED = 10
_PODS = BY_ID["Pod"]
_MIRROR = "kubernetes.io/config.mirror"
log = structlog.get_logger()


class Target(NamedTuple):
    """A pod to evict."""

    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def path(self) -> str:
        return _PODS.object_path(self.namespace, self.name)


@dataclass(slots=True)
class Progress:
    """How far it is: the pods still on the node, those that were evicted, and which budget holds which pod."""

    waiting: list[Target]
    asked: set[str] = field(default_factory=set)
    held: dict[str, Budget] = field(default_factory=dict)
    last_error: str = ""


class Drainer:
    """Does one drain; the same three methods as `Writer`. `own` is (namespace, name) of the agent's pod."""

    def __init__(self, tools: Tools, writer: Writer, *, own_namespace: str) -> None:
        self._tools, self._writer = tools, writer
        self._own = (own_namespace, os.environ.get("HOSTNAME", ""))

    async def dry_run(self, order: Order) -> dict[str, Any]:
        """The cordon and the pods that would be evicted. Raises `Failure`; FLAG_REQUIRED when some may only go on request."""
        params = _params(order)
        await self._writer.check_access(order)
        cordon = await self._writer.dry_run(replace(_cordon(order), dry_run=True))
        pods = await self._pods(params.node)
        return cordon | _plan(cordon, [pod for pod in pods if _must_go(pod, params)])

    async def write(
        self, order: Order, begin: Begin, *, left: Mapping[str, Any] | None = None, cancel: Cancel | None = None
    ) -> dict[str, Any]:
        """Drain the node, or go on with it. Raises `Failure`; DRAIN_INCOMPLETE says how far it came and what holds it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(_params(order).timeout_seconds, order.time_left_s)
        await self._writer.check_access(order)
        plan = dict(left) if left and "pods" in left else await self.dry_run(replace(order, resource_version="") if left else order)

        async def begin_drain(_cordoned: dict[str, Any]) -> None:
            await begin(plan)

        cordoned = await self._writer.write(_cordon(order), begin_drain, left=left)
        progress = Progress([Target(pod["namespace"], pod["name"], pod["uid"]) for pod in plan["pods"]])
        why = await self._evict(_params(order).node, progress, until, cancel or Cancel())
        result = plan | {"resourceVersion": cordoned.get("resourceVersion", ""), "left": [str(one) for one in progress.waiting]}
        if why is not None:
            raise incomplete("DRAIN_INCOMPLETE", _summary(_params(order).node, plan, progress, why), result | {"changed": True})
        return result

    async def was_done(self, order: Order, left: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result when the node bears the command's id and none of its pods is left, else None. Raises `Failure`."""
        if await self._writer.was_done(_cordon(order), left) is None or "pods" not in left:
            return None
        present = {pod["metadata"].get("uid") for pod in await self._pods(_params(order).node)}
        return None if any(pod["uid"] in present for pod in left["pods"]) else {**left, "left": []}

    async def _evict(self, node: str, progress: Progress, until: float, cancel: Cancel) -> str | None:
        """Evict and wait; why it ended before all pods were gone, or None."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                present = await self._look(node, progress)
                await self._evict_once(progress, present, cancel)
                await self._look(node, progress)
                if not progress.waiting:
                    return None
            except (ApiUnreachable, Failure) as error:
                progress.last_error = str(error)
            except ApiError as error:
                if error.status in (401, 403):
                    return error.message or str(error)
                progress.last_error = error.message or str(error)
            if cancel.reason is not None:
                return cancel.reason
            if loop.time() + LOOK_EVERY_S > until:
                return "the time is up"
            await cancel.wait(LOOK_EVERY_S)

    async def _look(self, node: str, progress: Progress) -> dict[str, dict[str, Any]]:
        """The pods on the node, by uid; those that are gone are waited for no longer. Raises `ApiError`, `ApiUnreachable`, `Failure`."""
        present = {str(pod["metadata"].get("uid")): pod for pod in await self._listed(node)}
        progress.waiting = [one for one in progress.waiting if one.uid in present]
        return present

    async def _evict_once(self, progress: Progress, present: Mapping[str, Mapping[str, Any]], cancel: Cancel) -> None:
        """Ask once for each pod that does not terminate yet; for the agent's own only when no other is left. Raises `ApiError`."""
        others = [one for one in progress.waiting if one[:2] != self._own]
        for target in others or progress.waiting:
            if cancel.reason is not None:
                return
            if present[target.uid]["metadata"].get("deletionTimestamp"):
                progress.asked.add(target.uid)
                progress.held.pop(target.uid, None)
                continue
            await self._evict_pod(target, progress)

    async def _evict_pod(self, target: Target, progress: Progress) -> None:
        try:
            await evictions.evict(self._tools.client, target.path, preconditions={"uid": target.uid})
        except ApiError as error:
            if (budget := evictions.budget_of(error)) is not None:
                progress.held[target.uid] = budget._replace(name=f"{target.namespace}/{budget.name}")
            elif error.status not in (404, 409):  # gone, or another pod of this name
                raise
        else:
            progress.asked.add(target.uid)
            progress.held.pop(target.uid, None)

    async def _pods(self, node: str) -> list[dict[str, Any]]:
        """The pods on a node. Raises `Failure`."""
        try:
            return await self._listed(node)
        except (ApiError, ApiUnreachable) as error:
            raise failure_of(error) from error

    async def _listed(self, node: str) -> list[dict[str, Any]]:
        return [tree_of(raw) for raw in await self._tools.client.list_all(_PODS.path, selecting={"fieldSelector": f"spec.nodeName={node}"})]


def _params(order: Order) -> Drain:
    assert isinstance(order.params, Drain)
    return order.params


def _cordon(order: Order) -> Order:
    return replace(order, verb=VERBS["cordon"], params=Cordon(node=_params(order).node))


def _must_go(pod: Mapping[str, Any], params: Drain) -> bool:
    """Whether a drain evicts this pod. Raises `Failure` for one that goes only on request."""
    meta = pod["metadata"]
    owners = [reference for reference in meta.get("ownerReferences") or () if isinstance(reference, dict) and reference.get("controller")]
    if _stays(pod, owners):
        return False
    where = f"{meta.get('namespace')}/{meta.get('name')}"
    if not owners and not params.evict_bare_pods:
        raise rejected("FLAG_REQUIRED", f"pod {where} has no controller, so nothing replaces it; set evictBarePods to evict it")
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    if any(isinstance(volume, dict) and "emptyDir" in volume for volume in volumes) and not params.delete_empty_dir_data:
        raise rejected("FLAG_REQUIRED", f"pod {where} has an emptyDir, whose data is lost; set deleteEmptyDirData to evict it")
    return True


def _stays(pod: Mapping[str, Any], owners: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it has ended, or would be started on the node again: a static pod, or one of a DaemonSet."""
    is_static = _MIRROR in (pod["metadata"].get("annotations") or {})
    has_ended = (pod.get("status") or {}).get("phase") in TERMINAL_PHASES
    return is_static or has_ended or any(owner.get("kind") == "DaemonSet" for owner in owners)


def _plan(cordon: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    targets = [Target(*(str(pod["metadata"].get(key, "")) for key in ("namespace", "name", "uid"))) for pod in pods]
    gone = [{"path": f"pods[{one}]", "from": evictions.pod_summary(pod), "to": None} for one, pod in zip(targets, pods, strict=True)]
    return {
        "diff": [*cordon["diff"], *gone],
        "before": cordon["before"] | {one["path"]: one["from"] for one in gone},
        "after": cordon["after"] | {one["path"]: None for one in gone},
        "pods": [target._asdict() for target in targets],
    }


def _summary(node: str, plan: Mapping[str, Any], progress: Progress, why: str) -> str:
    """How far it came, what holds the rest, and what to do next."""
    waiting = progress.waiting
    done = len(plan["pods"]) - len(waiting)
    holding: dict[Budget, list[str]] = {}
    for one in waiting:
        if one.uid in progress.held:
            holding.setdefault(progress.held[one.uid], []).append(one.name)
    ending = [str(one) for one in waiting if one.uid in progress.asked]
    parts = [f"{why}: {done} of {counted(len(plan['pods']), 'pod')} left node {node}, which stays cordoned"]
    parts += [f"{budget}, which holds {_list(names)}" for budget, names in holding.items()]
    parts += [f"still terminating: {_list(ending)}"] if ending else []
    parts += [f"last error: {progress.last_error}"] if progress.last_error else []
    return "; ".join(parts) + "; run it again to go on, or uncordon the node"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
