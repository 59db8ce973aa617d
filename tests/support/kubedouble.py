"""An API server that counts every applied change by the command that requested it, and injects faults.

It supports what commands need: get, list, merge patches with uid and resourceVersion, delete with preconditions, create, dry
run, access reviews, Events and logs. Each change that is not a dry run consumes one of `faults`: `cut` applies it and closes the
connection before the answer, `drop` closes it before the change, `500` and `409` refuse the change, `500-after` applies it and answers
500, and `twice` applies it and answers as to the same request once more.
"""

import asyncio
import copy
import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from optral.kubeapi.credentials import Access
from tests.support.serving import on_loop

Json = dict[str, Any]
ANNOTATION = "optral.io/command"


class KubeDouble:
    """`objects` by path. `applied` counts changes by command id (a pod's deletion by `delete PATH`)."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.logs: dict[tuple[str, str, bool], bytes] = {}
        self.stamped_logs: dict[tuple[str, str, bool], list[tuple[str, bytes]]] = {}  # (time, line), for requests with `timestamps`
        self.silent: set[str] = set()  # pods whose kubelet does not answer
        self.log_errors: dict[str, tuple[int, str]] = {}
        self.events: list[Json] = []
        self.applied: Counter[str] = Counter()
        self.requests: list[str] = []  # "METHOD PATH", with " (dry run)"
        self.faults: deque[str] = deque()
        self.is_allowed = True
        self.forbidden: set[str] = set()  # "VERB RESOURCE", such as "create pods/eviction"
        self.reviews: list[Json] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_gate = asyncio.Event()
        self.answers = asyncio.Event()  # cleared: changes are applied, their answers wait
        self.answers.set()
        self.at_answer = asyncio.Event()
        self.reads = asyncio.Event()  # cleared: reads of single objects wait
        self.reads.set()
        self.at_read = asyncio.Event()
        self.before_patch: Callable[[str], None] = lambda _path: None
        self.before_get: Callable[[str], None] = lambda _path: None
        self.held: dict[str, str] = {}  # pod to the PodDisruptionBudget that allows no eviction of it
        self.lingering: set[str] = set()  # pods that terminate and stay
        self.on_evicted: Callable[[str], None] = lambda _path: None
        self.version = 100
        self.access = Access(server="", name="double", tls=False)
        self.put(
            "/api/v1/namespaces/kube-system",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}},
            uid="kube-system-uid",
        )

    @property
    def changes(self) -> int:
        """How many changes were applied."""
        return self.applied.total()

    def put(self, path: str, obj: Json, *, uid: str = "") -> Json:
        self.version += 1
        meta = obj.setdefault("metadata", {})
        meta.setdefault("name", path.rpartition("/")[2])
        meta["uid"] = uid or meta.get("uid") or f"uid-{self.version}"
        meta["resourceVersion"] = str(self.version)
        self.objects[path] = obj
        return obj

    def touch(self, path: str, **status: Any) -> None:
        """Somebody else writes the object."""
        self.objects[path].setdefault("status", {}).update(status)
        self.put(path, self.objects[path])

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        is_dry = request.query.get("dryRun") == "All"
        self.requests.append(f"{request.method} {path}" + (" (dry run)" if is_dry else ""))
        if path == "/version":
            return web.json_response({"gitVersion": "v1.36.0-double"})
        if path.endswith("/selfsubjectaccessreviews"):
            review = await request.json()
            asked = review["spec"]["resourceAttributes"]
            self.reviews.append(asked)
            named = f"{asked['verb']} {asked['resource']}" + (f"/{asked['subresource']}" if asked.get("subresource") else "")
            return web.json_response({"status": {"allowed": self.is_allowed and named not in self.forbidden}}, status=201)
        if path.endswith("/log"):
            return await self._log(request, path)
        if request.method == "GET":
            return await self._get(request, path)
        if request.method == "PATCH":
            return await self._patch(request, path, is_dry=is_dry)
        if request.method == "DELETE":
            return await self._delete(request, path, is_dry=is_dry)
        if request.method == "POST":
            return await self._post(request, path, is_dry=is_dry)
        return _status(405, "MethodNotAllowed", "no")

    async def _post(self, request: web.Request, path: str, *, is_dry: bool) -> web.StreamResponse:
        obj = json.loads(await request.read())
        if path.endswith("/eviction"):
            return await self._evict(request, path.removesuffix("/eviction"), obj["deleteOptions"], is_dry=is_dry)
        where = f"{path}/{obj['metadata']['name']}"

        def refused() -> web.StreamResponse | None:
            return _status(409, "AlreadyExists", f"{where} already exists") if where in self.objects else None

        def apply() -> Json:
            self.applied[obj["metadata"]["annotations"][ANNOTATION]] += 1
            return self.put(where, obj)

        if (said := refused()) is not None:
            return said
        return web.json_response(obj) if is_dry else await self._change(request, where, apply, refused)

    async def _evict(self, request: web.Request, path: str, options: Json, *, is_dry: bool) -> web.StreamResponse:
        def refused() -> web.StreamResponse | None:
            if (said := self._refused(path, options.get("preconditions") or {})) is not None:
                return said
            return _held(self.held[path]) if path in self.held else None

        def apply() -> Json:
            self.applied[f"evict {path}"] += 1
            self.on_evicted(path)
            if path not in self.lingering:
                return self.objects.pop(path)
            self.objects[path]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            return self.objects[path]

        if (said := refused()) is not None:
            return said
        return web.json_response(self.objects[path]) if is_dry else await self._change(request, path, apply, refused)

    async def _get(self, request: web.Request, path: str) -> web.StreamResponse:
        self.before_get(path)
        if path.endswith("/events"):
            return web.json_response({"metadata": {"resourceVersion": "1"}, "items": self.events})
        if path in self.objects:
            if not self.reads.is_set():
                self.at_read.set()
                await self.reads.wait()
            return web.json_response(self.objects[path])
        if request.query.get("watch"):
            await asyncio.sleep(3600)
        items = [obj for where, obj in sorted(self.objects.items()) if _is_in(where, path) and _is_selected(obj, request)]
        if items or "limit" in request.query or request.query:
            return web.json_response({"metadata": {"resourceVersion": str(self.version)}, "items": items})
        return _status(404, "NotFound", f"{path} not found")

    async def _patch(self, request: web.Request, path: str, *, is_dry: bool) -> web.StreamResponse:
        assert request.content_type in ("application/strategic-merge-patch+json", "application/merge-patch+json")
        patch = json.loads(await request.read())
        command, is_status = patch["metadata"]["annotations"][ANNOTATION], path.endswith("/status")
        path = path.removesuffix("/status")
        if path not in self.objects:
            return _status(404, "NotFound", f"{path} not found")
        if (refused := self._refused(path, patch["metadata"])) is not None:
            return refused
        changed = merge(self.objects[path], {"status": patch["status"]} if is_status else patch)
        if is_dry:
            return web.json_response(changed)

        def apply() -> Json:
            self.applied[command] += 1
            return self.put(path, changed)

        return await self._change(request, path, apply, lambda: self._refused(path, patch["metadata"]))

    async def _delete(self, request: web.Request, path: str, *, is_dry: bool) -> web.StreamResponse:
        options = json.loads(await request.read())
        if path not in self.objects:
            return _status(404, "NotFound", f"{path} not found")
        if (refused := self._refused(path, options.get("preconditions") or {})) is not None:
            return refused
        if is_dry or options.get("dryRun"):
            return web.json_response(self.objects[path])

        def apply() -> Json:
            self.applied[f"delete {path}"] += 1
            return self.objects.pop(path)

        return await self._change(request, path, apply, lambda: self._refused(path, options.get("preconditions") or {}))

    async def _change(
        self, request: web.Request, path: str, apply: Callable[[], Json], refused: Callable[[], web.StreamResponse | None]
    ) -> web.StreamResponse:
        self.before_patch(path)
        if not self.gate.is_set():
            self.at_gate.set()
            await self.gate.wait()
        if (said := refused()) is not None:
            return said
        fault = self.faults.popleft() if self.faults else ""
        if fault == "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault in ("500", "409"):
            return _status(int(fault), "Conflict" if fault == "409" else "InternalError", f"fault {fault}")
        done = apply()
        if fault == "twice" and (said := refused()) is not None:
            return said
        if not self.answers.is_set():
            self.at_answer.set()
            await self.answers.wait()
        if fault == "cut":
            assert request.transport is not None
            request.transport.abort()
        if fault == "500-after":
            return _status(500, "InternalError", "timed out")
        return web.json_response(done)

    def _refused(self, path: str, expected: Json) -> web.StreamResponse | None:
        if path not in self.objects:
            return _status(404, "NotFound", f"{path} not found")
        meta = self.objects[path]["metadata"]
        for field in ("uid", "resourceVersion"):
            if expected.get(field, meta[field]) != meta[field]:
                return _status(409, "Conflict", f"{field} does not fit")
        return None

    async def _log(self, request: web.Request, path: str) -> web.StreamResponse:
        pod = path.split("/")[-2]
        if pod in self.silent:
            await asyncio.sleep(3600)
        if pod in self.log_errors:
            status, message = self.log_errors[pod]
            return _status(status, "BadRequest", message)
        key = (pod, request.query.get("container", ""), request.query.get("previous") == "true")
        text = self.logs.get(key)
        if request.query.get("timestamps") == "true" and (stamped := self.stamped_logs.get(key)) is not None:
            since = request.query.get("sinceTime", "")[:19]  # the API server hands on whole seconds
            text = b"".join(f"{at} ".encode() + line + b"\n" for at, line in stamped if at[:19] >= since)
        if text is None:
            return _status(400, "BadRequest", f'previous terminated container "{key[1]}" in pod "{pod}" not found')
        lines = re.findall(rb"[^\n]*\n|[^\n]+", text)
        return web.Response(body=b"".join(lines[-int(request.query.get("tailLines", "100000")) :]))


def _is_in(where: str, path: str) -> bool:
    """Whether the object is in this list: of its namespace, or of all."""
    folder = where.rpartition("/")[0]
    if folder == path:
        return True
    root, _, rest = folder.partition("/namespaces/")
    return bool(rest) and f"{root}/{rest.partition('/')[2]}" == path


def _is_selected(obj: Json, request: web.Request) -> bool:
    node = request.query.get("fieldSelector", "").removeprefix("spec.nodeName=")
    if node and node != request.query.get("fieldSelector") and (obj.get("spec") or {}).get("nodeName") != node:
        return False
    pairs = [pair.split("=", 1) for pair in request.query.get("labelSelector", "").split(",") if pair]
    labels = obj["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in pairs)


def merge(old: Any, patch: Any) -> Any:
    """A strategic merge: maps merge, lists of named things merge by name, null removes, `$patch: replace` replaces."""
    if not isinstance(patch, dict):
        if isinstance(patch, list) and isinstance(old, list) and all(isinstance(one, dict) and "name" in one for one in [*old, *patch]):
            by_name = {one["name"]: one for one in old}
            return [merge(one, next((p for p in patch if p["name"] == name), {})) for name, one in by_name.items()] + [
                one for one in patch if one["name"] not in by_name
            ]
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return copy.deepcopy({key: value for key, value in patch.items() if key != "$patch"})
    made = copy.deepcopy(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merge(made.get(key), value)
    return made


def _held(budget: str) -> web.Response:
    cause = {"reason": "DisruptionBudget", "message": f"The disruption budget {budget} needs 2 healthy pods and has 2 currently"}
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    body = {"kind": "Status", "code": 429, "reason": "TooManyRequests", "message": message, "details": {"causes": [cause]}}
    return web.json_response(body, status=429)


def _status(code: int, reason: str, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "reason": reason, "message": message}, status=code)


@asynccontextmanager
async def serving() -> AsyncIterator[KubeDouble]:
    double = KubeDouble()
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", "/{rest:.*}", double._serve)
    async with on_loop(app, shutdown_timeout=0.2) as url:
        double.access = Access(server=url, name="double", tls=False)
        try:
            yield double
        finally:
            double.gate.set()
            double.reads.set()
            double.answers.set()


def deployment(name: str = "api", namespace: str = "shop", **spec: Any) -> Json:
    """A Deployment with one container `api` limited to 128Mi."""
    container = {
        "name": "api",
        "image": "shop/api:2",
        "env": [{"name": "DB_PASSWORD", "value": "cnry-env-7f3a"}],
        "resources": {"limits": {"memory": "128Mi"}},
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container, {"name": "side", "image": "shop/side:1"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": {"deployment.kubernetes.io/revision": "2"},
            "managedFields": [{"manager": "kubectl", "operation": "Update", "time": "2026-01-01T00:00:00Z", "fieldsV1": {}}],
        },
        "spec": {"replicas": 2, "template": template, **spec},
    }


def path_of(plural: str, name: str, namespace: str = "shop", group: str = "apps/v1") -> str:
    return f"/{'apis' if '/' in group else 'api'}/{group}/namespaces/{namespace}/{plural}/{name}"
