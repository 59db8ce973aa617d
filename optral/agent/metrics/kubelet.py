"""Reads the metrics of kubelets on their own port, with the identity that the agent has at the API server.

A kubelet asks the API server whether the caller may `get` `nodes/metrics` and `nodes/stats`; `nodes/proxy`, which the way through the API
server needs and which also allows running commands in every container, is never used. The token is sent only to a kubelet whose
certificate is verified, unless the settings say otherwise: many clusters let kubelets sign their own.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec

from optral.agent.metrics.exposition import MAX_BYTES, Reader, Sample, TooLarge
from optral.kube import quantities
from optral.kubeapi.client import ApiError, ApiUnreachable, KubeClient
from optral.terms.errors import Misconfigured

VERIFY, SKIP = "verify", "skip"
REQUEST_S = 20
CONNECT_S = 5
KEEP_S = 1
"""How long a connection waits for the next request of the same round; an idle one holds 0.3 MiB, and the next round is a minute away."""
PIECE = 64 * 1024
DEFAULT_PORT = 10250


class Refused(Exception):
    """A kubelet does not let this agent read its metrics."""


class Unreachable(Exception):
    """A kubelet cannot be read; the text says why."""


class Node(NamedTuple):
    """A node and where its kubelet listens. CPU in millicores, memory in bytes; 0 where the node does not say."""

    name: str
    uid: str
    address: str
    port: int
    cpu_millis: int
    memory_bytes: int


class Kubelets:
    """One HTTP session to all kubelets. `tls` is `verify` (the CA of the cluster), `skip`, or the path of a CA file."""

    def __init__(self, client: KubeClient, *, tls: str = VERIFY) -> None:
        self._client, self._tls = client, _context(client, tls)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def samples(self, node: Node, path: str, wanted: Collection[str]) -> list[Sample]:
        """The samples of these names. Raises `Refused` or `Unreachable`."""
        reader = Reader(wanted)
        found: list[Sample] = []
        try:
            async with self._get(node, path) as pieces:
                async for piece in pieces:
                    found += reader.feed(piece)
            return found + list(reader.end())
        except TooLarge as error:
            raise Unreachable(f"the answer of {path} is too large: {error}") from error

    async def json(self, node: Node, path: str) -> bytes:
        """A JSON document. Raises `Refused` or `Unreachable`."""
        body = bytearray()
        async with self._get(node, path) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > MAX_BYTES:
                    raise Unreachable(f"the answer of {path} is too large")
        return bytes(body)

    @asynccontextmanager
    async def _get(self, node: Node, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        host = f"[{node.address}]" if ":" in node.address else node.address
        try:
            async with asyncio.timeout(REQUEST_S):
                headers = await self._client.access.headers()
                request = self._opened().get(
                    f"https://{host}:{node.port}{path}", headers=headers, ssl=self._tls, proxy=None, allow_redirects=False
                )
                async with request as response:
                    _check(response.status, node, path)
                    yield response.content.iter_chunked(PIECE)
        except aiohttp.ClientConnectorCertificateError as error:
            say = "its certificate is not signed by the cluster's CA; see the setting --kubelet-tls"
            raise Unreachable(f"the kubelet of {node.name}: {say}") from error
        except (aiohttp.ClientError, OSError, TimeoutError, ssl.SSLError) as error:
            raise Unreachable(f"the kubelet of {node.name} does not answer at {node.address}:{node.port}: {_text(error)}") from error
        except Misconfigured as error:  # a token file that is being rotated
            raise Unreachable(error.say) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=16, keepalive_timeout=KEEP_S),
                timeout=aiohttp.ClientTimeout(total=REQUEST_S, sock_connect=CONNECT_S),
                headers={"User-Agent": "optral-agent"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _context(client: KubeClient, tls: str) -> ssl.SSLContext | bool:
    """Raises `Misconfigured` for a CA file that cannot be used."""
    if tls == VERIFY:
        own = client.access.tls
        return own if isinstance(own, ssl.SSLContext) else ssl.create_default_context()
    return client.access.tls_for(None if tls == SKIP else Path(tls))


def _check(status: int, node: Node, path: str) -> None:
    if status in (401, 403):
        raise Refused(f"the kubelet of {node.name} refuses {path} ({status}): this needs get on nodes/metrics and nodes/stats")
    if status != 200:
        raise Unreachable(f"the kubelet of {node.name} answers {path} with status {status}")


def _text(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].replace(" ssl:default", "")[:200]


# --- nodes


class _Meta(msgspec.Struct, frozen=True):
    name: str = ""
    uid: str = ""


class _Address(msgspec.Struct, frozen=True):
    type: str = ""
    address: str = ""


class _Endpoint(msgspec.Struct, frozen=True):
    Port: int = 0


class _Endpoints(msgspec.Struct, frozen=True):
    kubeletEndpoint: _Endpoint = _Endpoint()


class _Status(msgspec.Struct, frozen=True):
    addresses: list[_Address] | None = None
    daemonEndpoints: _Endpoints = _Endpoints()
    capacity: dict[str, Any] | None = None


class _Node(msgspec.Struct, frozen=True):
    metadata: _Meta
    status: _Status = _Status()


_node = msgspec.json.Decoder(_Node)


async def list_nodes(client: KubeClient) -> list[Node]:
    """The nodes with an address. Raises `ApiError` or `ApiUnreachable`."""
    found = []
    for raw in await client.list_all("/api/v1/nodes"):
        try:
            node = _node.decode(raw)
        except msgspec.MsgspecError:
            continue
        addresses = {one.type: one.address for one in reversed(node.status.addresses or ())}
        address = addresses.get("InternalIP") or addresses.get("ExternalIP")
        if not address:
            continue
        capacity = node.status.capacity or {}
        found.append(
            Node(
                name=node.metadata.name,
                uid=node.metadata.uid,
                address=address,
                port=node.status.daemonEndpoints.kubeletEndpoint.Port or DEFAULT_PORT,
                cpu_millis=quantities.milli_or_none(capacity, "cpu") or 0,
                memory_bytes=quantities.bytes_or_none(capacity, "memory") or 0,
            )
        )
    return found


async def why_refused(client: KubeClient) -> str:
    """Why the API server does not allow this agent to read the metrics of kubelets; empty if it does, or does not say."""
    for subresource in ("metrics", "stats"):
        try:
            if not await client.may(verb="get", group="", resource="nodes", subresource=subresource):
                return f"the agent's role does not allow get on nodes/{subresource}"
        except (ApiError, ApiUnreachable):
            return ""
    return ""
