"""The kubelets of the synthetic pods, for a stub API server: all in one process, each at a loopback address of its own.

Their answers are as long as real ones: most of the series are of no use to an agent, which has to read past them.
"""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from optral.demo.apiserver import listening
from tests.agent.metrics import node
from tests.agent.metrics.node import Use

NODES = 20
UNUSED = 40
"""Series of a container that nobody reads."""
PACKETS = {f"{way}_{what}": 1000 for way in ("receive", "transmit") for what in ("packets", "errors", "packets_dropped")}
PROBES = {"Readiness": (100, 0, 1.5), "Liveness": (100, 0, 1.5)}
ROUND_S = 60


class Kubelets:
    """What each kubelet answers. Its clock moves on by a minute with each read, so that a measurement need not last an hour."""

    def __init__(self, pods: Sequence[dict[str, Any]]) -> None:
        self._uses: dict[str, list[Use]] = defaultdict(list)
        for number, pod in enumerate(pods):
            metadata = pod["metadata"]
            for container in pod["spec"]["containers"]:
                one = Use(pod=metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"], container=container["name"])
                one.memory_limit, one.cpu_limit_millis = 256 << 20, 500
                if "readinessProbe" in container:  # the first one; packets are those of the whole pod
                    one.network, one.probes = dict(PACKETS), dict(PROBES)
                self._uses[f"node-{number % NODES:03}"].append(one)
        self._addresses = {f"127.0.1.{number}": name for number, name in enumerate(sorted(self._uses), 1)}
        self._rounds = dict.fromkeys(self._uses, 0)

    @property
    def rounds(self) -> int:
        """How often the kubelet that was read least was read."""
        return min(self._rounds.values())

    def nodes(self, port: int) -> list[dict[str, Any]]:
        """The Node objects; every kubelet listens on this port of its address."""
        return [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": name, "uid": f"uid-{name}"},
                "status": {
                    "addresses": [{"type": "InternalIP", "address": address}],
                    "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
                    "capacity": {"cpu": "16", "memory": "64Gi"},
                    "conditions": [{"type": "Ready", "status": "True"}],
                },
            }
            for address, name in self._addresses.items()
        ]

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext) -> AsyncIterator[int]:
        """Serve all of them on every loopback address; the port."""
        app = web.Application()
        app.router.add_get("/metrics/{what}", self._answer)
        app.router.add_get("/stats/{what}", self._answer)
        async with listening(app, tls=tls, host="0.0.0.0") as url:
            port = urlsplit(url).port
            assert port is not None
            yield port

    async def _answer(self, request: web.Request) -> web.Response:
        name = self._addresses[request.host.rpartition(":")[0]]
        uses, what = self._uses[name], request.match_info["what"]
        if what == "resource":
            self._rounds[name] += 1
            for one in uses:
                one.cpu_s, one.periods = one.cpu_s + 6, one.periods + 600
                one.network = {name: count + 50 * name.endswith("packets") for name, count in one.network.items()}
                one.probes = {kind: (passed + 6, failed, took + 0.1) for kind, (passed, failed, took) in one.probes.items()}
            return web.Response(body=node.resource(uses, at=node.NOON + ROUND_S * self._rounds[name]))
        if what == "summary":
            return web.Response(body=node.summary(uses))
        if what == "cadvisor":
            return web.Response(body=node.cadvisor(uses, at=node.NOON + ROUND_S * self._rounds[name]) + _unused(uses))
        return web.Response(body=node.probes(uses))


def _unused(uses: Sequence[Use]) -> bytes:
    lines = (
        f'container_unused_{number}_total{{container="{one.container}",id="/kubepods/burstable/pod{one.uid}/x",image="{one.pod}",'
        f'name="{one.uid}",namespace="{one.namespace}",pod="{one.pod}"}} {number} {node.NOON * 1000}\n'
        for number in range(UNUSED)
        for one in uses
    )
    return "".join(lines).encode()
