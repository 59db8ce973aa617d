"""HTTP to one API server: single requests with deadlines and typed errors, and the raw stream a watch needs.

Bodies stay bytes: decoding is the caller's choice, because it is what costs (a list of 10,000 pods: 0.45 s as heads, 32 s as models).
"""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

import aiohttp
import msgspec

from optral.kit.durations import retry_after_s
from optral.kubeapi.credentials import Access
from optral.terms.errors import Misconfigured

CONNECT_S = 10
REQUEST_S = 30
MAX_RETRY_AFTER_S = 300
MAX_BODY_BYTES = 256 * 1024 * 1024
PAGE = 500
NO_SELECTION: Mapping[str, str] = MappingProxyType({})
MERGE_PATCH = "application/merge-patch+json"
Body = bytes | AsyncIterator[bytes]
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
_TLS_OBJECT = re.compile(r" ssl:(?:<[^>]*>|\w+)")
"""What the HTTP library says of a connection that fails, beside the host: an object of Python."""


class ApiUnreachable(Exception):
    """No answer came: refused, cut, timed out, or not HTTP."""


class ApiError(Exception):
    """The API server answered with an error. `reason` is the machine-readable word of its Status (`Expired`, `Forbidden`)."""

    def __init__(
        self, status: int, *, reason: str = "", message: str = "", retry_after_s: float = 0, causes: "tuple[Cause, ...]" = ()
    ) -> None:
        super().__init__(f"{status} {reason}: {message}"[:500])
        self.status, self.reason, self.message, self.retry_after_s = status, reason, message, retry_after_s
        self.causes = causes

    @property
    def is_expired(self) -> bool:
        """The resource version is too old or, to this server, from the future: list again."""
        return self.status == 410 or self.reason in ("Expired", "Gone") or (self.status == 504 and "arge resource version" in self.message)


class Cause(msgspec.Struct, frozen=True):
    """One reason among the details of an error: `reason` is a word such as DisruptionBudget."""

    reason: str = ""
    message: str = ""


class _Details(msgspec.Struct):
    causes: tuple[Cause, ...] | None = None


class _Status(msgspec.Struct):
    code: int = 0
    reason: str = ""
    message: str = ""
    details: _Details | None = None

    @property
    def causes(self) -> tuple[Cause, ...]:
        return (self.details and self.details.causes) or ()


class _ListMeta(msgspec.Struct):
    resourceVersion: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class Page(msgspec.Struct):
    """One page of a list; items are raw JSON."""

    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None

    @property
    def resource_version(self) -> str:
        return self.metadata.resourceVersion

    @property
    def next(self) -> str:
        return self.metadata.continue_


class _Version(msgspec.Struct):
    gitVersion: str = ""


class _Uid(msgspec.Struct):
    uid: str


class _HasUid(msgspec.Struct):
    metadata: _Uid


class _Allowed(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Allowed


_STATUS = msgspec.json.Decoder(_Status)
_PAGE = msgspec.json.Decoder(Page)


class KubeClient:
    """One session to one API server. Close it, or use it as an async context manager."""

    def __init__(self, access: Access, *, user_agent: str = "optral") -> None:
        self.access = access
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "KubeClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, *, params: dict[str, str] | None = None, accept: str = "") -> bytes:
        """One GET; `accept` asks for another form of the answer. Raises `ApiError` or `ApiUnreachable`."""
        return await self._send("GET", path, params=params, headers={"Accept": accept} if accept else None)

    async def patch(self, path: str, body: bytes, *, content_type: str = MERGE_PATCH, params: dict[str, str] | None = None) -> bytes:
        """One PATCH. Raises `ApiError` or `ApiUnreachable`; after the latter, or an error of 500 and above, it may have been done."""
        return await self._send("PATCH", path, params=params, body=body, content_type=content_type)

    async def post(self, path: str, body: bytes, *, params: dict[str, str] | None = None) -> bytes:
        """One POST of JSON. Raises as `patch`."""
        return await self._send("POST", path, params=params, body=body, content_type="application/json")

    async def delete(self, path: str, body: bytes, *, params: dict[str, str] | None = None) -> bytes:
        """One DELETE with its options as JSON. Raises as `patch`.

        The body can be read once: aiohttp sends a DELETE again by itself when a kept connection breaks, also after the first was done,
        but never one whose body is spent.
        """
        return await self._send("DELETE", path, params=params, body=_once(body), content_type="application/json")

    async def may(self, *, verb: str, group: str, resource: str, subresource: str = "", namespace: str = "", name: str = "") -> bool:
        """Ask the API server whether we may do this (SelfSubjectAccessReview). Raises `ApiError` or `ApiUnreachable`."""
        attributes = {"verb": verb, "group": group, "resource": resource, "subresource": subresource, "namespace": namespace, "name": name}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = await self.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", msgspec.json.encode(review))
        try:
            return msgspec.json.decode(answer, type=_Review).status.allowed
        except msgspec.MsgspecError as error:
            raise ApiUnreachable(f"an access review that cannot be read: {error}") from error

    async def tail(self, path: str, *, params: dict[str, str], last_bytes: int, read_bytes: int) -> tuple[bytes, bool]:
        """The last bytes of a text such as a log, and whether there was more; reads at most `read_bytes`. Raises as `get`."""
        kept, seen = bytearray(), 0
        try:
            async with self.stream(path, params=params) as content:
                while seen < read_bytes and (piece := await content.read(64 * 1024)):
                    seen += len(piece)
                    kept += piece
                    if len(kept) > 2 * last_bytes:
                        del kept[:-last_bytes]
        except (aiohttp.ClientError, OSError) as error:
            raise ApiUnreachable(f"GET {path}: {error or type(error).__name__}") from error
        return bytes(kept[-last_bytes:]), seen > last_bytes

    async def list_page(
        self, path: str, *, limit: int = PAGE, after: str = "", accept: str = "", selecting: Mapping[str, str] = NO_SELECTION
    ) -> Page:
        """One page of a list, consistent as of its resource version; `after` is the `next` of the page before.

        `selecting` is a `labelSelector` or a `fieldSelector`.
        """
        params = {"limit": str(limit)} | ({"continue": after} if after else {}) | dict(selecting)
        try:
            return _PAGE.decode(await self.get(path, params=params, accept=accept))
        except msgspec.MsgspecError as error:
            raise ApiUnreachable(f"a list that cannot be read: {error}") from error

    async def list_all(self, path: str, *, limit: int = PAGE, selecting: Mapping[str, str] = NO_SELECTION) -> list[bytes]:
        """Every object of a list, as raw JSON; begins again once when the list expires under our hands. `selecting` as in `list_page`."""
        for attempt in range(2):
            try:
                return await self._all_pages(path, limit, selecting)
            except ApiError as error:
                if not error.is_expired or attempt:
                    raise
        raise AssertionError("unreachable")

    async def _all_pages(self, path: str, limit: int, selecting: Mapping[str, str]) -> list[bytes]:
        objects: list[bytes] = []
        page = await self.list_page(path, limit=limit, selecting=selecting)
        while True:
            objects.extend(bytes(item) for item in page.items or ())
            if not page.next:
                return objects
            page = await self.list_page(path, limit=limit, after=page.next, selecting=selecting)

    async def version(self) -> str:
        """The server's version as it calls itself: `v1.36.3`."""
        return msgspec.json.decode(await self.get("/version"), type=_Version).gitVersion

    async def namespace_uid(self, name: str = "kube-system") -> str:
        """The uid of a namespace; that of kube-system tells one cluster from another."""
        return msgspec.json.decode(await self.get(f"/api/v1/namespaces/{name}"), type=_HasUid).metadata.uid

    async def clock_offset(self, *, samples: int = 5) -> timedelta:
        """The API server's clock minus ours: the median of several `Date` headers, corrected by half the round trip.

        A `Date` has whole seconds, so the truth is within half a second. Raises `ApiUnreachable` when no answer carries one.
        """
        offsets = [offset for _ in range(samples) if (offset := await self._offset()) is not None]
        if not offsets:
            raise ApiUnreachable("no answer carries a Date header")
        return timedelta(seconds=statistics.median(offsets))

    async def _offset(self) -> float | None:
        sent = time.time()
        async with self._request("GET", "/version", timeout=aiohttp.ClientTimeout(total=REQUEST_S)) as response:
            received = time.time()
            return offset_s(response.headers.get("Date"), sent_s=sent, received_s=received)

    @asynccontextmanager
    async def stream(self, path: str, *, params: dict[str, str], accept: str = "") -> AsyncIterator[aiohttp.StreamReader]:
        """An answer without end, such as a watch; how long silence may last is for the reader to say. Raises as `get`."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=None)
        headers = {"Accept": accept} if accept else None
        async with self._request("GET", path, params=params, headers=headers, timeout=timeout) as response:
            await self._check(response)
            yield response.content

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: Body | None = None,
        content_type: str = "",
        headers: dict[str, str] | None = None,
    ) -> bytes:
        timeout = aiohttp.ClientTimeout(total=REQUEST_S, sock_connect=CONNECT_S)
        extra = {"Content-Type": content_type} if content_type else headers
        async with self._request(method, path, params=params, body=body, headers=extra, timeout=timeout) as response:
            await self._check(response)
            try:
                return await response.read()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise ApiUnreachable(f"{method} {path}: {error or type(error).__name__}") from error

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        timeout: aiohttp.ClientTimeout,
        params: dict[str, str] | None = None,
        body: Body | None = None,
        headers: dict[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        options: dict[str, Any] = {"server_hostname": self.access.server_hostname} if self.access.server_hostname else {}
        try:
            identity = await self.access.headers()
        except Misconfigured as error:  # a token file that is being rotated, a plugin that is offline: later it may work
            raise ApiUnreachable(error.say) from error
        try:
            async with asyncio.timeout(REQUEST_S):
                response = await self._opened().request(
                    method,
                    self.access.server + path,
                    params=params,
                    data=body,
                    headers={**identity, **(headers or {})},
                    ssl=self.access.tls,
                    proxy=self.access.proxy,
                    timeout=timeout,
                    allow_redirects=False,
                    **options,
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            told = _TLS_OBJECT.sub("", str(error)) or type(error).__name__
            raise ApiUnreachable(f"{method} {path}: {told}") from error
        try:
            yield response
        finally:
            response.close()  # a watch is never read to its end; a finished body was given back already

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),  # one watch per kind holds a connection each
                headers={"User-Agent": self._user_agent, "Accept": "application/json"},
                read_bufsize=256 * 1024,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        if response.status < 300:
            return
        if response.status == 401:
            self.access.forget()
        try:
            async with asyncio.timeout(CONNECT_S):
                body = await response.content.read(64 * 1024)
            status = _STATUS.decode(body)
        except (msgspec.MsgspecError, aiohttp.ClientError, OSError, TimeoutError, UnicodeError):
            status = _Status(message=response.reason or "")
        raise ApiError(
            response.status,
            reason=status.reason,
            message=status.message,
            retry_after_s=min(retry_after_s(response.headers.get("Retry-After")) or 0, MAX_RETRY_AFTER_S),
            causes=status.causes,
        )


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def offset_s(date: str | None, *, sent_s: float, received_s: float) -> float | None:
    """The other clock minus ours in seconds, from a `Date` header read half a round trip ago; None without a readable header."""
    try:
        there: datetime = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return there.timestamp() + 0.5 - (sent_s + received_s) / 2
