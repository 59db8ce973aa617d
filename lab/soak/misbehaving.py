"""Small clusters whose API servers count what they really changed, and often misbehave; and a tunnel that can be cut.

Nothing in such a cluster moves by itself but the issuance of a certificate, which takes as long as cert-manager with a quick issuer; a
rollout is complete at once: what takes time in a round is what is tested.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from optral.agent.commands.certificates import ISSUING
from optral.agent.commands.commands_writes import ANNOTATION
from optral.demo import cluster as demo, objects, rollouts
from optral.demo.apiserver import SERVED, ApiServer, Change
from optral.demo.objects import Manifest
from optral.demo.registry import Registry
from optral.demo.rollouts import Steps
from optral.demo.shop import Spec
from optral.demo.world import World
from optral.demo.writes import Writes, _check
from optral.kube.kinds import BY_ID, Kind
from tests.support.serving import on_loop

SLOW_S = 0.04
ISSUANCE_S = 3.0
LATE_S = (0.3, 1.5)
NAMESPACE, APP, SCALED, JOB, CERTIFICATE = "shop", "api", "worker", "report", "shop-tls"
CERTIFICATES, APPLICATIONS = BY_ID["Certificate.cert-manager.io"], BY_ID["Application.argoproj.io"]
WORKLOADS = (
    Spec(namespace=NAMESPACE, name=APP, replicas=3),
    Spec(namespace=NAMESPACE, name=SCALED, replicas=2, scales_to=8),
)
TOKEN = "small"
SORTS = ("late", "twice", "409", "429", "cut")
answered: Counter[str] = Counter()
"""How often the API servers misbehaved, by the sort of misbehavior."""


@dataclass
class Ledger:
    """What was really changed. `applied`: by the id of the command, of a pod by its uid. `left`: the node of each pod that was removed."""

    applied: Counter[str] = field(default_factory=Counter)
    left: dict[str, str] = field(default_factory=dict)


@dataclass
class Mood:
    """How many of all changes are answered wrongly, and the dice. A dry run is only late: a plan that cannot be made changes nothing."""

    rng: random.Random
    share: float = 0.0
    slow_s: float = SLOW_S


class Counting(Writes):
    """The changes of one cluster, each counted. What follows from one is there at once."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        super().__init__(world, self._at_once)
        self._ledger = ledger

    def _at_once(self, steps: Steps) -> None:
        for _ in steps:
            pass
        self._world.settle()

    def release(self) -> None:
        """Give the workload an earlier revision to go back to."""
        self._at_once(rollouts.replace_all(self._world, self._world.apps[NAMESPACE, APP], _release))

    def patch(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        answer = super().patch(kind, namespace, name, body, dry_run=dry_run)
        if not dry_run:
            self._ledger.applied[_command(body)] += 1
        return answer

    def create(self, kind: Kind, namespace: str, name: str, manifest: Manifest, /, *, dry_run: bool) -> bytes:
        answer = super().create(kind, namespace, name, manifest, dry_run=dry_run)
        if not dry_run:
            self._ledger.applied[_command(manifest)] += 1
        return answer

    def patch_status(self, kind: Kind, namespace: str, name: str, body: Manifest, /, *, dry_run: bool) -> bytes:
        """The status of a Certificate; what it requests is issued a little later, as by cert-manager."""
        before, expected = self._get(kind, namespace, name), body.get("metadata") or {}
        _check(before, expected.get("uid"), expected.get("resourceVersion"))
        after = {**before, "status": {**before["status"], **body["status"]}}
        if dry_run:
            return msgspec.json.encode(after)
        self._ledger.applied[_requester(after)] += 1
        self._world.save(after)
        asyncio.get_running_loop().call_later(ISSUANCE_S, self._issued, namespace, name)
        return msgspec.json.encode(self._get(kind, namespace, name))

    def _issued(self, namespace: str, name: str) -> None:
        found = self._get(CERTIFICATES, namespace, name)
        conditions = [one for one in found["status"]["conditions"] if one["type"] != ISSUING]
        self._world.save({**found, "status": {**found["status"], "conditions": conditions, "revision": found["status"]["revision"] + 1}})

    def delete(self, kind: Kind, namespace: str, name: str, options: Manifest, /, *, dry_run: bool) -> bytes:
        pod = self._get(kind, namespace, name)
        answer = super().delete(kind, namespace, name, options, dry_run=dry_run)
        if not dry_run:
            self._ledger.applied[pod["metadata"]["uid"]] += 1
            self._ledger.left[pod["metadata"]["uid"]] = pod["spec"]["nodeName"]
        return answer


def _release(container: Manifest) -> None:
    container["image"] += "-1"


def _command(body: Manifest) -> str:
    return str(((body.get("metadata") or {}).get("annotations") or {}).get(ANNOTATION))


def _requester(certificate: Manifest) -> str:
    """The command that the condition names."""
    (said,) = (one["message"] for one in certificate["status"]["conditions"] if one["type"] == ISSUING)
    return str(said).partition("(")[2].rstrip(")")


class Misbehaving(ApiServer):
    """`late`: after up to a second and a half. `twice`: the request arrives twice, and the second answer is sent. `409`, `429`: nothing is
    done. `cut`: it is done, and the connection breaks before the answer."""

    served = (*SERVED, APPLICATIONS)

    def __init__(self, registry: Registry, mood: Mood, arrivals: list[float], **more: Any) -> None:
        super().__init__(registry, **more)
        self._mood, self._arrivals = mood, arrivals

    def _changing(self, change: Change, kind: Kind) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        inner = super()._changing(change, kind)

        async def handler(request: web.Request) -> web.StreamResponse:
            self._arrivals.append(time.perf_counter())
            await asyncio.sleep(self._mood.slow_s)  # so that kills fall into every step, also between a change and its answer
            sort = self._sort(is_dry=request.query.get("dryRun") == "All")
            answered[sort or "well"] += 1
            if sort in ("409", "429"):
                return _refusal(int(sort))
            answer = await inner(request)
            if sort == "late":
                await asyncio.sleep(self._mood.rng.uniform(*LATE_S))
            if sort == "twice":
                answer = await inner(request)
            if sort == "cut" and request.transport is not None:
                request.transport.abort()
            await asyncio.sleep(self._mood.slow_s)
            return answer

        return handler

    def _sort(self, *, is_dry: bool) -> str:
        mood = self._mood
        if mood.rng.random() >= mood.share:
            return ""
        sort = mood.rng.choice(SORTS)
        return sort if sort == "late" or not is_dry else ""


def _refusal(status: int) -> web.Response:
    reason = {409: "Conflict", 429: "TooManyRequests"}[status]
    body: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "message": "not now",
        "code": status,
    }
    return web.json_response(body, status=status, headers={"Retry-After": "1"} if status == 429 else {})


@dataclass
class Small:
    """One of the small clusters. `arrivals`: when changes and dry runs arrived, in seconds of `perf_counter`."""

    url: str
    kubeconfig: Path
    arrivals: list[float]
    world: World
    ledger: Ledger
    mood: Mood

    def pods(self, node: str | None = None) -> list[Manifest]:
        """The pods of the workload, or all on a node."""
        found = [pod for app in self.world.apps.values() for pod in app.pods if node or app.spec.name == APP]
        return [pod for pod in found if node in (None, pod["spec"].get("nodeName"))]

    def busy_node(self) -> str:
        """A node that has pods, but not all of the workload if another one has some."""
        return max(self.world.nodes, key=lambda node: (len(self.pods(node)) > 0, len(self._apart(node)) > 0, len(self.pods(node))))

    def _apart(self, node: str) -> list[Manifest]:
        """The pods of the workload on other nodes."""
        return [pod for pod in self.pods() if pod["spec"].get("nodeName") != node]

    def idle_node(self) -> str:
        """Another node."""
        return next(node for node in sorted(self.world.nodes, reverse=True) if node != self.busy_node())


@contextmanager
def small_clusters(folder: Path, count: int, *, seed: int) -> Iterator[Sequence[Small]]:
    """So many small clusters in one thread."""
    ready, stop = threading.Event(), threading.Event()
    made: list[Small] = []

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            made.extend(
                [await stack.enter_async_context(_small(folder / f"kubeconfig-{number}.yaml", seed + number)) for number in range(count)]
            )
            ready.set()
            await asyncio.to_thread(stop.wait)

    with in_thread(serve, stop):
        assert ready.wait(60)
        yield made


@asynccontextmanager
async def _small(kubeconfig: Path, seed: int) -> AsyncIterator[Small]:
    registry, ledger, mood = Registry(), Ledger(), Mood(random.Random(seed))
    arrivals: list[float] = []
    world = World(registry, seed=seed, start=datetime.now(UTC).replace(microsecond=0))
    world.build(WORKLOADS)
    template = {"metadata": {"labels": {"app": JOB}}, "spec": objects.pod_spec([objects.container(JOB, "shop/report:1")])}
    failed = {"failed": 1, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
    world.make("Job.batch", JOB, namespace=NAMESPACE, spec={"template": template, "backoffLimit": 0}, status=failed)
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": objects.stamp(world.now)}
    issued = {"conditions": [ready], "revision": 1}
    world.make(CERTIFICATES.id, CERTIFICATE, namespace=NAMESPACE, spec={"secretName": CERTIFICATE}, status=issued)
    writes = Counting(world, ledger)
    writes.release()
    api = Misbehaving(registry, mood, arrivals, token=TOKEN, read_log=world.read_log, writes=writes)
    async with on_loop(api.app(), handler_cancellation=True, shutdown_timeout=0.1) as url:
        try:
            kubeconfig.write_text(_kubeconfig(url))  # noqa: ASYNC240 - a few bytes, once
            yield Small(url, kubeconfig, arrivals, world, ledger, mood)
        finally:
            registry.close()


def _kubeconfig(url: str) -> str:
    return f"""apiVersion: v1
kind: Config
current-context: small
clusters: [{{name: small, cluster: {{server: "{url}"}}}}]
contexts: [{{name: small, context: {{cluster: small, user: small}}}}]
users: [{{name: small, user: {{token: {TOKEN}}}}}]
"""


@contextmanager
def demo_cluster(folder: Path) -> Iterator[Path]:
    """The demo cluster in a thread of its own; its kubeconfig."""
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with demo.running(folder):
            ready.set()
            await asyncio.to_thread(stop.wait)

    with in_thread(serve, stop):
        assert ready.wait(60)
        yield folder / "kubeconfig.yaml"


class Cuttable:
    """A port in front of the tunnels of one or more servers, whose connections can all be cut at once. The first that answers is taken."""

    def __init__(self, *to_ports: int) -> None:
        self._to_ports, self.port = to_ports, 0
        self._loop: asyncio.AbstractEventLoop
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await self._dialed()
        if there is None:
            writer.transport.abort()
            return
        there_reader, there_writer = there
        self._open |= {writer, there_writer}
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        self._open -= {writer, there_writer}

    async def _dialed(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._to_ports:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    @contextmanager
    def listening(self) -> Iterator["Cuttable"]:
        ready, stop = threading.Event(), threading.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.port = listener.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.to_thread(stop.wait)
            listener.close()
            self._cut()

        with in_thread(serve, stop):
            assert ready.wait(10)
            yield self


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextmanager
def in_thread(serve: Callable[[], Any], stop: threading.Event) -> Iterator[None]:
    """Run a coroutine in a thread of its own, until `stop` is set."""
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
