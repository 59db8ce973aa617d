"""Pull requests under fire: the server killed at random moments while it opens one, and again while it closes it, on a forge that counts.

The forge answers late, with 502, or breaks the connection after a request took effect. Each execution has one branch, one commit and one
pull request on it, whatever was killed; afterwards it is open and noted, and after the cancellation it is closed. A server that was killed
holds a pull request for three seconds instead of three minutes, so that a round does not wait for most of its time.
"""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import yaml
from aiohttp import web

from lab.soak.executions import POLICY
from lab.soak.forking import IMPATIENT, ForkingPlatform
from lab.soak.misbehaving import APPLICATIONS, NAMESPACE, SCALED, Small, in_thread, small_clusters
from optral.forges.model import Kind
from optral.kit.outbound import Request
from tests.forges.fakes import BASES, REPOSITORY, TOKEN, FakeForge
from tests.support.platform import Platform, until
from tests.support.serving import on_loop

FOLDER = "overlays/prod"
KILLS_EACH = 2  # into the opening of one pull request; every second closing gets one more
WRONG_ANSWERS = 0.05
SLOW_S = 0.05
OPENS_S = 3.0  # how long an opening takes, about
ENDS_WITHIN_S = 300
SORTS = ("502", "cut")
MANIFEST = f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {SCALED}
  namespace: {NAMESPACE}
spec:
  template:
    spec:
      containers:
        - name: {SCALED}
          resources:
            limits:
              memory: {{limit}} # measured in May
"""


@dataclass(frozen=True)
class Outcome:
    """One execution with its pull request: how often the server was killed while it was opened and closed, and what is wrong with that."""

    execution: str
    opening: int
    closing: int
    requests: int
    seconds: float
    fault: str


@dataclass
class CountingForge:
    """A forge over HTTP. `opened`: how many pull requests took effect, by branch; `pushed`: how many commits."""

    forge: FakeForge
    rng: random.Random
    share: float = 0.0
    port: int = 0
    opened: Counter[str] = field(default_factory=Counter)
    pushed: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self.rng.uniform(0, 2 * SLOW_S))
        sort = self.rng.choice(SORTS) if self.rng.random() < self.share else ""
        self.answered[sort or "well"] += 1
        if sort == "502":
            return web.Response(status=502)
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        before = len(self.forge.pulls), set(self.forge.branches)
        reply = await self.forge.call(Request(request.method, BASES[Kind.GITEA] + request.path_qs, headers, body or None))
        self.opened.update(one.head for one in self.forge.pulls[before[0] :])
        self.pushed.update(set(self.forge.branches) - before[1])
        await asyncio.sleep(self.rng.uniform(0, 2 * SLOW_S))
        if sort == "cut" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=reply.status, body=reply.body, headers=dict(reply.headers))

    @contextmanager
    def listening(self) -> Iterator["CountingForge"]:
        ready, stop = threading.Event(), threading.Event()

        async def serve() -> None:
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", self.handle)
            async with on_loop(app) as url:
                self.port = int(url.rpartition(":")[2])
                ready.set()
                await asyncio.to_thread(stop.wait)

        with in_thread(serve, stop):
            assert ready.wait(20)
            yield self


def rounds(folder: Path, *, kills: int, seed: int) -> Iterator[Outcome]:
    """One execution after the other until the server was killed so often."""
    rng, done, number = random.Random(seed), 0, 0
    folder.mkdir(parents=True, exist_ok=True)
    with small_clusters(folder, 1, seed=seed) as (small,), _forge(small, seed).listening() as forge, _server(folder, forge) as platform:
        lane = _Lane(platform, forge, small, rng)
        lane.connect()
        while done < kills:
            outcome = lane.round(number)
            done, number = done + outcome.opening + outcome.closing, number + 1
            print(f"{outcome.execution}: killed {outcome.opening} + {outcome.closing}, {outcome.seconds:.1f} s {outcome.fault}", flush=True)
            yield outcome


def _forge(small: Small, seed: int) -> CountingForge:
    forge = FakeForge(Kind.GITEA)
    limit = small.world.apps[NAMESPACE, SCALED].object["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]
    forge.write("main", {f"{FOLDER}/web.yaml": MANIFEST.format(limit=limit)})
    return CountingForge(forge, random.Random(seed))


@contextmanager
def _server(folder: Path, forge: CountingForge) -> Iterator[Platform]:
    platform = ForkingPlatform(folder / "one")
    (folder / "policy.yaml").write_text(POLICY)
    platform.settings["OPTRAL_AGENT_POLICY"] = str(folder / "policy.yaml")
    platform.settings[IMPATIENT] = "1"
    platform.settings["OPTRAL_FORGE_PRIVATE_NETWORKS"] = "127.0.0.0/8"
    try:
        platform.setup()
        platform.start_server()
        url = f"http://127.0.0.1:{forge.port}"
        given = {"name": "git", "kind": "gitea", "url": url, "token": TOKEN, "repositories": [REPOSITORY]}
        platform.call("POST", "/v1/forges", json=given)
        yield platform
    finally:
        platform.stop()


@dataclass
class _Lane:
    platform: Platform
    forge: CountingForge
    small: Small
    rng: random.Random
    cluster: str = ""

    def connect(self) -> None:
        """Argo CD applies the workload from the forge, as the inventory shows."""
        world, app = self.small.world, self.small.world.apps[NAMESPACE, SCALED].object
        app["metadata"].setdefault("labels", {})["argocd.argoproj.io/instance"] = "shop"
        source = {"repoURL": f"http://127.0.0.1:{self.forge.port}/{REPOSITORY}.git", "path": FOLDER, "targetRevision": "main"}
        status = {"sync": {"status": "Synced", "revision": self.forge.forge.branches["main"]}}
        world.save(app)
        world.make(APPLICATIONS.id, "shop", namespace="argocd", spec={"source": source}, status=status)
        self.cluster = str(self.platform.call("POST", "/v1/clusters", json={"name": "soak"})["id"])
        self.platform.start_agent(self.cluster, self.small.kubeconfig, "--no-metrics")
        path = f"/v1/clusters/{self.cluster}"
        until(lambda: "syncedAt" in self.platform.call("GET", path)["inventory"], within_s=120, every_s=0.5, what="the inventory")
        self.platform.call("POST", "/v1/runbooks", json={"source": _runbook()})

    def round(self, number: int) -> Outcome:
        """A dry run, the pull request of it, and its cancellation."""
        body = {"clusterId": self.cluster, "parameters": {"limit": f"{300 + number}Mi"}, "dryRun": True}
        planned = self._call("POST", "/v1/runbooks/soak-propose/execute", json=body)["id"]
        ended = self._ended(planned)
        assert ended["status"] == "succeeded", ended.get("failure")
        began, self.forge.share = time.monotonic(), WRONG_ANSWERS
        execution = str(self._call("POST", f"/v1/executions/{planned}/propose", json={})["id"])
        opening = self._kill(KILLS_EACH, lambda: self._state(execution) == "open")
        fault = self._until(execution, ("open",))
        branch = f"optral/{execution}"
        fault = fault or self._fault(branch)
        self._call("POST", f"/v1/executions/{execution}/cancel", json={})
        closing = self._kill(number % 2, lambda: self._state(execution) == "closed")
        fault = fault or self._until(execution, ("closed",)) or self._fault(branch)
        self.forge.share = 0.0
        if not fault and [one.state for one in self.forge.forge.pulls if one.head == branch] != ["closed"]:
            fault = "noted as closed, and is not"
        requests = sum(self.forge.answered.values())
        return Outcome(execution, opening, closing, requests, time.monotonic() - began, fault)

    def _kill(self, times: int, is_done: Any) -> int:
        """Kill the server at random moments; how often that was before it was done."""
        hit = 0
        for _ in range(times):
            time.sleep(self.rng.uniform(0, OPENS_S / times))
            hit += not is_done()
            self.platform.kill_server()
            self.platform.start_server()
        return hit

    def _fault(self, branch: str) -> str:
        counts = self.forge.opened[branch], self.forge.pushed[branch]
        return "" if counts == (1, 1) else f"{counts[0]} pull requests and {counts[1]} commits"

    def _state(self, execution: str) -> str:
        return str((self._call("GET", f"/v1/executions/{execution}").get("pullRequest") or {}).get("state", ""))

    def _until(self, execution: str, states: Sequence[str]) -> str:
        try:
            until(lambda: self._state(execution) in states, within_s=ENDS_WITHIN_S, every_s=0.5, what=f"{states}")
        except AssertionError:
            return f"is {self._state(execution)} after {ENDS_WITHIN_S} s"
        return ""

    def _ended(self, execution: str) -> dict[str, Any]:
        def ended() -> dict[str, Any]:
            found: dict[str, Any] = self._call("GET", f"/v1/executions/{execution}")
            return found if found.get("finishedAt") else {}

        return until(ended, within_s=60, every_s=0.3, what="the dry run to end")

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """Waits for the server for a minute."""
        until_s = time.monotonic() + 60
        while True:
            try:
                return self.platform.call(method, path, **options)
            except httpx2.HTTPError:
                assert time.monotonic() < until_s, "the server does not answer"
                time.sleep(0.1)


def _runbook() -> str:
    target = {"kind": "Deployment", "namespace": NAMESPACE, "name": SCALED, "container": SCALED}
    step = {"name": "Raise", "action": "setResources", "with": {**target, "limits": {"memory": "${parameters.limit}"}}}
    definition = {
        "slug": "soak-propose",
        "name": "A change that is proposed",
        "risk": "high",
        "parameters": [{"name": "limit", "type": "quantity", "required": True}],
        "steps": [step],
    }
    return yaml.safe_dump(definition, sort_keys=False)
