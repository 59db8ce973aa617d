"""Changes of the demo cluster by a user: the patch or deletion itself, and what Kubernetes would do after it.

A change that fixes a fault lets its steps continue with the recovery: a higher memory limit ends the kills, the previous template ends a
bad rollout, a restart frees a hanging pod. The script starts no fault on a workload that a user changed, so a fix is permanent. A change of
a healthy workload rolls out. A dry run returns the result and changes nothing. Of a strategic merge patch it supports: objects merge, null
removes, lists of named items merge by name, `$patch: replace` replaces. Source: Kubernetes API conventions (strategic merge patch,
preconditions, dry run).
"""

from collections.abc import Callable
from typing import Any

import msgspec

from optral.demo import certificates, objects, rollouts
from optral.demo.registry import Manifest
from optral.demo.rollouts import Steps
from optral.demo.world import App, World
from optral.kube.kinds import BY_ID, LONG_RUNNING, Kind, id_of_name
from optral.kube.quantities import read_bytes
from optral.terms.verbs import VERBS

SERVICE, JOB = BY_ID["Service"], BY_ID["Job.batch"]
DEPLOYMENT, STATEFUL_SET, DAEMON_SET = BY_ID["Deployment.apps"], BY_ID["StatefulSet.apps"], BY_ID["DaemonSet.apps"]
POD, NODE = BY_ID["Pod"], BY_ID["Node"]
PATCH = VERBS["patch"]
PATCHABLE = frozenset({*LONG_RUNNING, NODE.id, *map(id_of_name, PATCH.permissions)})
"""What a verb of the agent can patch. Of kinds without pods, the object changes, and a Service gets other endpoints."""
JOB_S = 3  # how long a Job that is run again takes


class Refused(Exception):
    """The error response of the API server: an HTTP status, its reason and a message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


class Writes:
    """Changes of one world. `start` hands steps to the scenario."""

    def __init__(self, world: World, start: Callable[[Steps], None]) -> None:
        self._world, self._start = world, start

    def patch(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        """The object after the patch, or as it would be. Raises `Refused`."""
        if kind.id not in PATCHABLE:
            raise Refused(405, "MethodNotAllowed", f"the demo cluster does not change {kind.plural}")
        before = self._get(kind, namespace, name)
        desired = dict(body.get("metadata", {}))
        _check(before, desired.pop("uid", None), desired.pop("resourceVersion", None))
        after = merged(before, {**body, "metadata": desired})
        if not dry_run:
            self._apply(kind, namespace, name, after)
            return self._world.registry.get(kind, namespace, name).raw  # type: ignore[union-attr]
        return msgspec.json.encode(after)

    def patch_status(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        """A certificate with another status, by which cert-manager issues it again. Raises `Refused`."""
        before = self._get(kind, namespace, name)
        meta = body.get("metadata", {})
        _check(before, meta.get("uid"), meta.get("resourceVersion"))
        after: Manifest = merged(before, {"status": body.get("status", {})})
        if not dry_run:
            self._world.save(after)
            if certificates.is_requested(after) and not certificates.is_requested(before):
                self._start(certificates.issue(self._world, after))
        return msgspec.json.encode(after)

    def delete(self, kind: Kind, namespace: str, name: str, options: Manifest, /, *, dry_run: bool) -> bytes:
        """The deleted pod. Raises `Refused`."""
        if kind.id != POD.id:
            raise Refused(405, "MethodNotAllowed", f"the demo cluster does not delete {kind.plural}")
        before = self._get(kind, namespace, name)
        expected = options.get("preconditions") or {}
        _check(before, expected.get("uid"), expected.get("resourceVersion"))
        if not dry_run:
            self._delete_pod(namespace, name)
        return msgspec.json.encode(before)

    def evict(self, kind: Kind, namespace: str, name: str, eviction: Manifest, /, *, dry_run: bool) -> bytes:
        """The evicted pod; the demo cluster has room for every replacement, so no budget holds it. Raises `Refused`."""
        return self.delete(kind, namespace, name, eviction.get("deleteOptions") or {}, dry_run=dry_run)

    def create(self, kind: Kind, namespace: str, _name: str, manifest: Manifest, /, *, dry_run: bool) -> bytes:
        """A Job, which then runs and completes. Raises `Refused`."""
        if kind.id != JOB.id:
            raise Refused(405, "MethodNotAllowed", f"the demo cluster does not create {kind.plural}")
        name = manifest["metadata"]["name"]
        if self._world.registry.get(kind, namespace, name) is not None:
            raise Refused(409, "AlreadyExists", f'{kind.plural} "{name}" already exists')
        if not dry_run:
            meta, given = objects.metadata(self._world.rng, name, namespace=namespace, created=self._world.now), manifest["metadata"]
            meta |= {key: given[key] for key in ("labels", "annotations", "ownerReferences") if key in given}
            made = {**manifest, "metadata": meta, "status": {"startTime": objects.stamp(self._world.now), "active": 1}}
            self._world.save(made)
            self._start(self._complete(made))
        return msgspec.json.encode(manifest)

    def _complete(self, job: Manifest) -> Steps:
        yield JOB_S
        at = objects.stamp(self._world.now)
        conditions = [{"type": one, "status": "True", "lastTransitionTime": at} for one in ("SuccessCriteriaMet", "Complete")]
        job["status"] = {"startTime": job["status"]["startTime"], "completionTime": at, "succeeded": 1, "conditions": conditions}
        self._world.save(job)

    def _get(self, kind: Kind, namespace: str, name: str) -> Manifest:
        stored = self._world.registry.get(kind, namespace, name)
        if stored is None:
            raise Refused(404, "NotFound", f'{kind.plural} "{name}" not found')
        found: Manifest = msgspec.json.decode(stored.raw)
        return found

    # --- what follows ----------------------------------------------------------------------------------------------------------------

    def _apply(self, kind: Kind, namespace: str, name: str, after: Manifest) -> None:
        self._world.changed.add((namespace, name))
        if kind.id == NODE.id:
            node = self._world.nodes[name]
            node["spec"], node["metadata"]["annotations"] = after["spec"], after["metadata"].get("annotations", {})
            self._world.save(node)
            return
        if kind.id not in LONG_RUNNING:
            changed = self._world.services.get((namespace, name), after) if kind.id == SERVICE.id else after
            changed["spec"], changed["metadata"]["annotations"] = after["spec"], after["metadata"].get("annotations", {})
            if kind.id == JOB.id:
                self._switch(changed)
            self._world.save(changed)
            self._world.settle()
            return
        app = self._world.apps[namespace, name]
        template, replicas = app.object["spec"]["template"], app.desired
        self._note(app, after)
        if kind.id == DEPLOYMENT.id and (number := after["spec"].get("replicas", replicas)) != replicas:
            self._scale(app, number)
        if after["spec"]["template"] != template:
            self._change_template(app, after["spec"]["template"])
        self._world.settle()

    def _switch(self, job: Manifest) -> None:
        """A suspended Job has no pods; one that is resumed starts again, and completes."""
        status = job.setdefault("status", {})
        if job["spec"].get("suspend"):
            job["status"] = {name: value for name, value in status.items() if name not in ("active", "startTime")}
        elif not status.get("active") and not status.get("conditions"):
            job["status"] = {**status, "startTime": objects.stamp(self._world.now), "active": 1}
            self._start(self._complete(job))

    def _note(self, app: App, after: Manifest) -> None:
        """Copy the annotations of the object and record who changed it."""
        meta = app.object["metadata"]
        meta["annotations"] = after["metadata"].get("annotations", {})
        mine = objects.managed("optral", self._world.now)
        meta["managedFields"] = [*(entry for entry in meta.get("managedFields", []) if entry.get("manager") != "optral"), mine]
        self._world.save(app.object)

    def _change_template(self, app: App, template: Manifest) -> None:
        fault = self._world.faults.get(app.key)
        is_back = len(app.replica_sets) > 1 and template["spec"] == app.replica_sets[-2]["spec"]["template"]["spec"]
        before = app.object["spec"]["template"]
        app.object["spec"]["template"] = template
        self._world.save(app.object)
        if fault is not None:
            fixes = {"rollback": is_back, "memory": _limit(template) > _limit(before), "restart": template["spec"] == before["spec"]}
            if fixes.get(fault, False):
                self._world.fixed.add(app.key)
            return
        app.template = template
        if app.spec.kind == "Deployment":
            self._start(rollouts.replace_all(self._world, app, lambda _: None))

    def _scale(self, app: App, replicas: int) -> None:
        before = app.desired
        if self._world.faults.get(app.key) == "scale":
            self._world.fixed.add(app.key)
        rollouts.scale(self._world, app, replicas)
        if replicas > before and app.key not in self._world.faults:
            self._start(self._grow(app))

    def _grow(self, app: App) -> Steps:
        while len(app.pods) < app.desired:
            pod = self._world.add_pod(app)
            self._world.place(app, pod)
            yield 2
            self._world.start_pod(app, pod)

    def _delete_pod(self, namespace: str, name: str) -> None:
        world = self._world
        app = next((candidate for candidate in world.apps.values() if any(_is(pod, namespace, name) for pod in candidate.pods)), None)
        if app is None:
            world.registry.delete(POD, namespace, name)
            return
        pod = next(candidate for candidate in app.pods if _is(candidate, namespace, name))
        if app.key in world.faults:
            if world.faults[app.key] == "restart":
                world.fixed.add(app.key)
                world.changed.add(app.key)
            self._come_back(app, pod)
            return
        world.delete_pod(app, pod)
        self._start(self._grow(app))
        world.settle()

    def _come_back(self, app: App, pod: Manifest) -> None:
        """The replacement has the same failure: the same pod under a new name."""
        world, meta = self._world, pod["metadata"]
        text = world.logs.pop((meta["namespace"], meta["name"]), None)
        world.remove(pod)
        fresh = objects.metadata(world.rng, f"{meta['name'].rpartition('-')[0]}-{objects.suffix(world.rng)}", created=world.now)
        meta |= {key: fresh[key] for key in ("name", "uid", "creationTimestamp")}
        if text is not None:
            world.logs[meta["namespace"], meta["name"]] = text
        node = world.nodes.get(pod["spec"].get("nodeName", ""))
        if node is not None and node["spec"].get("unschedulable"):
            world.place(app, pod, quietly=True)
        world.save(pod)
        world.settle()


def merged(before: Any, patch: Any) -> Any:
    """The object with a strategic merge patch applied, as far as the demo supports it; `before` is not changed."""
    if isinstance(patch, dict):
        if patch.get("$patch") == "replace":
            return {key: value for key, value in patch.items() if key != "$patch"}
        base = dict(before) if isinstance(before, dict) else {}
        for key, value in patch.items():
            if value is None:
                base.pop(key, None)
            else:
                base[key] = merged(base.get(key), value)
        return base
    if isinstance(patch, list) and isinstance(before, list) and all(_named(item) for item in (*patch, *before)):
        changes = {item["name"]: item for item in patch}
        kept = [merged(item, changes.pop(item["name"])) if item["name"] in changes else item for item in before]
        return [*kept, *changes.values()]
    return patch


def _named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def _check(before: Manifest, uid: str | None, version: str | None) -> None:
    meta = before["metadata"]
    if uid not in (None, meta["uid"]) or version not in (None, meta["resourceVersion"]):
        message = (
            f'Operation cannot be fulfilled on "{meta["name"]}": the object has been modified; please apply your changes to it as it is now'
        )
        raise Refused(409, "Conflict", message)


def _limit(template: Manifest) -> int:
    """The memory limit of the first container in bytes; no limit counts as the highest."""
    text = template["spec"]["containers"][0].get("resources", {}).get("limits", {}).get("memory")
    return 2**62 if text is None else read_bytes(text) or 0


def _is(pod: Manifest, namespace: str, name: str) -> bool:
    return (pod["metadata"]["namespace"], pod["metadata"]["name"]) == (namespace, name)
