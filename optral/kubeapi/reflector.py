"""A reflector keeps someone informed of every object of one kind, whatever the API server does meanwhile.

It reads heads only (msgspec skips the rest) and hands on raw bytes. It streams the first inventory (WatchList) where the server can,
else it lists in pages; then it watches, remembers the resource version from events and bookmarks, and lists again only when that has
expired. A watch that says nothing for longer than bookmarks come is dead: the connection is gone and nobody told us.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import aiohttp
import msgspec

from optral.kit.retry import Backoff
from optral.kube.kinds import Kind
from optral.kubeapi.client import PAGE, ApiError, ApiUnreachable, KubeClient

MAX_LINE_BYTES = 8 * 1024 * 1024
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
INITIAL_END = "k8s.io/initial-events-end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. The defaults suit real API servers, which send a bookmark about once a minute."""

    watch_s: tuple[int, int] = (240, 480)  # drawn for each watch, so that watches do not end together
    silence_s: float = 75  # after the first bookmark
    silence_extra_s: float = 15  # before it: the watch's own length and this
    initial_silence_s: float = 10  # in a streamed inventory; an older server never says that it has ended
    forbidden_s: float = 300
    backoff_s: tuple[float, float] = (1, 30)


class RawObject(NamedTuple):
    """One object as the API server wrote it."""

    uid: str
    namespace: str
    name: str
    resource_version: str
    raw: bytes


class Sink(Protocol):
    """Who is informed. Calls come from one task per kind; `room` may wait, nothing else does."""

    def begin(self, kind: Kind) -> None:
        """A complete inventory follows (again, if one had begun)."""

    def upsert(self, kind: Kind, seen: RawObject) -> None: ...

    def delete(self, kind: Kind, seen: RawObject) -> None: ...

    def end(self, kind: Kind, resource_version: str) -> None:
        """The inventory is complete: what it did not name does not exist."""

    def forbidden(self, kind: Kind, message: str) -> None: ...

    def gone(self, kind: Kind) -> None:
        """The API server does not know this kind."""

    def on_failure(self, kind: Kind, error: Exception, retry_s: float) -> None: ...

    async def room(self, kind: Kind) -> None:
        """Wait until more of an inventory may come. Called only between `begin` and `end`: a watch must never wait."""


class _Meta(msgspec.Struct):
    uid: str = ""
    name: str = ""
    namespace: str = ""
    resourceVersion: str = ""


class _Head(msgspec.Struct):
    metadata: _Meta


class _Line(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _BookmarkMeta(msgspec.Struct):
    resourceVersion: str = ""
    annotations: dict[str, str] | None = None


class _Bookmark(msgspec.Struct):
    metadata: _BookmarkMeta


class _Status(msgspec.Struct):
    code: int = 0
    reason: str = ""
    message: str = ""


_HEAD = msgspec.json.Decoder(_Head)
_LINE = msgspec.json.Decoder(_Line)
_BOOKMARK = msgspec.json.Decoder(_Bookmark)
_STATUS = msgspec.json.Decoder(_Status)


class _NoStreaming(Exception):
    """This server cannot stream an inventory; list instead."""


class Reflector:
    """`run` never returns; cancel it to stop."""

    def __init__(
        self,
        client: KubeClient,
        kind: Kind,
        sink: Sink,
        *,
        namespace: str = "",
        timing: Timing | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._client, self._kind, self._sink = client, kind, sink
        self._path = kind.path_in(namespace)
        self._timing = timing or Timing()
        self._rng = rng or random.Random()  # noqa: S311 - spreads load
        self._backoff = Backoff(base_s=self._timing.backoff_s[0], cap_s=self._timing.backoff_s[1], rng=self._rng)
        self._resource_version = ""
        self._streams = True  # until the server says no
        self._listing = False
        self._bookmarked = False
        self._fresh = False  # nothing has come since the last list

    async def run(self) -> None:
        while True:
            try:
                before = self._resource_version
                await self._round()
                if self._resource_version != before:
                    self._backoff.reset()
                else:  # a server that ends every watch at once must not make us spin
                    await asyncio.sleep(self._backoff.next_s())
            except _NoStreaming:
                self._streams = False
            except ApiError as error:
                await self._answer(error)
            except (ApiUnreachable, aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError) as error:
                await self._pause(error)

    async def _round(self) -> None:
        if not self._resource_version and not self._streams:
            await self._list()
        params = {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(self._rng.randint(*self._timing.watch_s))}
        if self._resource_version:
            params["resourceVersion"] = self._resource_version
        else:
            params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
            self._listing = True
        try:
            await self._watch(params)
        except ApiError as error:
            # 500: an etcd without RequestWatchProgress cannot stream, and says so only then.
            if self._listing and error.status in (400, 422, 500, 501):
                raise _NoStreaming from error
            raise

    async def _list(self) -> None:
        self._listing = True
        after, accept = "", METADATA_LIST if self._kind.metadata_only else ""
        while True:
            page = await self._client.list_page(self._path, limit=PAGE, after=after, accept=accept)
            if not after:
                self._begin()
            for item in page.items or ():
                self._sink.upsert(self._kind, _seen(bytes(item)))
            await self._sink.room(self._kind)
            after = page.next
            if not after:
                self._end(page.resource_version)
                return

    def _begin(self) -> None:
        """Only once the server has answered: a kind that it does not know would otherwise begin an inventory at every look."""
        self._sink.begin(self._kind)

    def _end(self, resource_version: str) -> None:
        self._listing, self._fresh = False, True
        self._resource_version = resource_version
        self._sink.end(self._kind, resource_version)

    async def _watch(self, params: dict[str, str]) -> None:
        self._bookmarked = False
        async with self._client.stream(self._path, params=params, accept=METADATA if self._kind.metadata_only else "") as content:
            if self._listing:
                self._begin()
            async for lines in self._chunks(content, float(params["timeoutSeconds"])):
                for line in lines:
                    if line:
                        self._event(line)
                if self._listing:
                    await self._sink.room(self._kind)
        if self._listing:
            raise ApiUnreachable("the inventory ended early")

    async def _chunks(self, content: aiohttp.StreamReader, watch_s: float) -> AsyncIterator[list[bytes]]:
        """Complete lines as they arrive. Half a line at the end is dropped: its object comes again, by the resource version."""
        rest: list[bytes] = []
        size = 0
        while True:
            try:
                async with asyncio.timeout(self._silence_s(watch_s)):
                    chunk = await content.readany()
            except TimeoutError as error:
                if self._listing:
                    raise _NoStreaming from error
                raise ApiUnreachable("the watch fell silent") from error
            if not chunk:
                return
            if b"\n" not in chunk:
                rest.append(chunk)
                size += len(chunk)
                if size > MAX_LINE_BYTES:
                    raise ApiUnreachable(f"a line of more than {MAX_LINE_BYTES} bytes")
                continue
            lines = (b"".join(rest) + chunk if rest else chunk).split(b"\n")
            tail = lines.pop()
            rest, size = ([tail], len(tail)) if tail else ([], 0)
            yield lines

    def _silence_s(self, watch_s: float) -> float:
        if self._listing:
            return self._timing.initial_silence_s
        return self._timing.silence_s if self._bookmarked else watch_s + self._timing.silence_extra_s

    def _event(self, line: bytes) -> None:
        event = _LINE.decode(line)
        if event.type in ("ADDED", "MODIFIED"):
            seen = _seen(bytes(event.object))
            self._sink.upsert(self._kind, seen)
        elif event.type == "DELETED":
            seen = _seen(bytes(event.object))
            self._sink.delete(self._kind, seen)
        elif event.type == "BOOKMARK":
            self._bookmark(_BOOKMARK.decode(event.object).metadata)
            return
        elif event.type == "ERROR":
            status = _STATUS.decode(event.object)
            raise ApiError(status.code, reason=status.reason, message=status.message)
        else:
            return
        if not self._listing:
            self._fresh = False
            self._resource_version = seen.resource_version

    def _bookmark(self, meta: _BookmarkMeta) -> None:
        if self._listing:
            if (meta.annotations or {}).get(INITIAL_END) == "true":
                self._end(meta.resourceVersion)
        else:
            self._bookmarked, self._fresh = True, False
            self._resource_version = meta.resourceVersion

    async def _answer(self, error: ApiError) -> None:
        if error.is_expired:
            self._resource_version = ""
            if self._listing or self._fresh:  # expired before anything came of the last list: the server itself fails
                await self._pause(error)
            return
        if error.status == 403:
            self._resource_version = ""
            self._sink.forbidden(self._kind, error.message)
            await asyncio.sleep(self._timing.forbidden_s * self._rng.uniform(0.9, 1.1))
        elif error.status == 404:
            self._resource_version = ""
            self._sink.gone(self._kind)
            await asyncio.sleep(self._timing.forbidden_s * self._rng.uniform(0.9, 1.1))
        else:
            await self._pause(error, at_least_s=error.retry_after_s)

    async def _pause(self, error: Exception, *, at_least_s: float = 0) -> None:
        delay_s = self._backoff.next_s(at_least_s=at_least_s)
        self._sink.on_failure(self._kind, error, delay_s)
        await asyncio.sleep(delay_s)


def _seen(raw: bytes) -> RawObject:
    meta = _HEAD.decode(raw).metadata
    return RawObject(meta.uid, meta.namespace, meta.name, meta.resourceVersion, raw)
