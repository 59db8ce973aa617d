"""A stub API server in a process of its own: the demo's, with synthetic pods in it. Commands come on stdin, one JSON line each answers.

`kill N`: pod N is killed for memory now; answers with the time at which watchers could see it.
`churn R`: from now on R pods a second change, are deleted or come back; `churn 0` stops.
`rounds`: how often each kubelet was read at least, with `--kubelets`.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab.bench.kubelets import Kubelets
from optral.demo.apiserver import ApiServer, listening
from optral.demo.cluster import _certificate, _kubeconfig
from optral.demo.registry import Registry
from optral.demo.writes import Refused, Writes
from optral.kube.kinds import BY_ID
from tests.support import broken
from tests.support.pods import objects


async def run(pods: int, each: int, folder: Path, *, with_broken: bool, with_kubelets: bool) -> None:
    registry, token = Registry(), secrets.token_urlsafe(24)
    for name in ("kube-system", *(f"team-{number:02}" for number in range(20))):
        registry.put(BY_ID["Namespace"], {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": f"uid-{name}"}})
    workloads = max(1, pods // each)
    everything = list(broken.objects(workloads=workloads, each=each) if with_broken else objects(workloads=workloads, each=each))
    for one in everything:
        group = one["apiVersion"].rpartition("/")[0]
        registry.put(BY_ID[f"{one['kind']}.{group}" if group else one["kind"]], one)
    known = [one for one in everything if one["kind"] == "Pod"]
    certificate = _certificate(folder)
    api = ApiServer(registry, token=token, read_log=lambda *_: None, writes=Allowed() if with_kubelets else None)
    kubelets = Kubelets(known)
    async with AsyncExitStack() as stack:
        if with_kubelets:
            for one in kubelets.nodes(await stack.enter_async_context(kubelets.serving(certificate.context))):
                registry.put(BY_ID["Node"], one)
        url = await stack.enter_async_context(listening(api.app(), tls=certificate.context))
        kubeconfig = folder / "kubeconfig.yaml"
        kubeconfig.write_text(_kubeconfig(url, certificate.path, token))
        say(kubeconfig=str(kubeconfig), url=url, token=token, ca=str(certificate.path))
        churn = Churn(registry, known)
        task = asyncio.create_task(churn.run())
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            if line[0] == "churn":
                churn.per_s = float(line[1])
                say(churn=churn.per_s)
                continue
            if line[0] == "rounds":
                say(rounds=kubelets.rounds)
                continue
            pod = known[int(line[1])]
            _kill(pod)
            registry.put(BY_ID["Pod"], pod)
            say(killed=pod["metadata"]["name"], at=time.time())
        task.cancel()
        registry.close()


class Allowed(Writes):
    """With it, the API server says yes to every access review; changes are refused all the same."""

    def __init__(self) -> None:
        pass

    def patch(self, *_: Any, **__: Any) -> bytes:
        raise Refused(405, "MethodNotAllowed", "this cluster is only read")

    delete = patch


class Churn:
    """Changes of random pods: most get a new status, some are deleted and come back with another uid."""

    def __init__(self, registry: Registry, pods: list[dict[str, Any]], seed: str = "churn") -> None:
        self._registry, self._pods, self._rng = registry, pods, random.Random(seed)
        self.per_s = 0.0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(1 / self.per_s if self.per_s else 0.05)
            if self.per_s:
                self._step(self._rng.choice(self._pods))

    def _step(self, pod: dict[str, Any]) -> None:
        metadata, drawn = pod["metadata"], self._rng.random()
        if drawn < 0.1:
            self._registry.delete(BY_ID["Pod"], metadata["namespace"], metadata["name"])
            metadata["uid"] = str(uuid.UUID(int=self._rng.getrandbits(128)))
            return
        if drawn < 0.15:
            _kill(pod)
        pod["status"]["podIP"] = f"10.1.{self._rng.randrange(250)}.{self._rng.randrange(250)}"
        self._registry.put(BY_ID["Pod"], pod)


def _kill(pod: dict[str, Any]) -> None:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    killed = {
        "reason": "OOMKilled",
        "exitCode": 137,
        "startedAt": moment,
        "finishedAt": moment,
        "containerID": f"containerd://{secrets.token_hex(32)}",
    }
    status = pod["status"]["containerStatuses"][0]
    status["restartCount"] += 1
    status["lastState"] = {"terminated": killed}


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--broken", action="store_true", help="fifty of the pods in ten workloads are broken; Events and owners too")
    parser.add_argument("--kubelets", action="store_true", help="nodes with kubelets that know the pods")
    given = parser.parse_args()
    asyncio.run(run(given.pods, given.each, given.folder, with_broken=given.broken, with_kubelets=given.kubelets))
