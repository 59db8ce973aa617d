"""The network of the demo cluster, which has none: what a probe would find follows from its objects.

A pod accepts connections on the ports that it declares while it is ready, and refuses others, as a kernel does. A Service without a ready
pod behind the port refuses, as kube-proxy does.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from optral.terms.probes import Certificate, ProbeFailed, Reason

Read = Callable[[str], Awaitable[bytes]]
"""Reads a path of the demo's API server."""


class DemoNetwork:
    """See `terms/probes.Network`."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def resolve(self, name: str) -> list[str]:
        wanted = name.removesuffix(".svc").split(".")
        for service in await self._items("/api/v1/services"):
            if [service["metadata"]["name"], service["metadata"]["namespace"]] == wanted:
                return [str(service["spec"]["clusterIP"])]
        raise ProbeFailed(Reason.NAME_NOT_FOUND)

    async def connect(self, address: str, port: int) -> None:
        pods = await self._items("/api/v1/pods")
        services = [one for one in await self._items("/api/v1/services") if one["spec"].get("clusterIP") == address]
        targets = [(address, port)]
        if services:
            found = [one.get("targetPort", one["port"]) for one in services[0]["spec"]["ports"] if one["port"] == port]
            chosen = services[0]["spec"].get("selector") or {}
            selected = [pod for pod in pods if chosen.items() <= pod["metadata"].get("labels", {}).items()]
            targets = [(one["status"].get("podIP", ""), target) for one in selected for target in found]
        if not any(_listens(pod, target) for pod in pods for target in targets):
            raise ProbeFailed(Reason.REFUSED)

    async def handshake(self, address: str, port: int, *, name: str) -> Certificate | None:
        """Nothing in the demo uses TLS."""
        await self.connect(address, port)
        raise ProbeFailed(Reason.NOT_TLS)

    async def request(self, address: str, port: int, *, name: str, path: str, is_tls: bool) -> int:
        await self.connect(address, port)
        return 200

    async def _items(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = msgspec.json.decode(await self._read(path))["items"]
        return items


def _listens(pod: dict[str, Any], target: tuple[str, int]) -> bool:
    address, port = target
    is_ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in pod["status"].get("conditions", ()))
    declared = {one["containerPort"] for container in pod["spec"]["containers"] for one in container.get("ports", ())}
    return is_ready and bool(address) and pod["status"].get("podIP") == address and port in declared
