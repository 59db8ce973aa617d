"""Following the event stream: reconnect with `Last-Event-ID`, so nothing is missed between two connections.

A stream that says nothing for `SILENCE_S` is dead (the server sends a heartbeat every 15 s) and is opened again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import msgspec

from optral.client import errors
from optral.client.http import Http, headers, retry_after_s, trust, unreachable
from optral.kit.retry import Backoff

PATH = "/v1/events/stream"
SILENCE_S = 45.0


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the stream. `id` is the position to resume from; contracts/events.json has the shape of `data` for each type."""

    type: str
    id: str = ""
    data: Any = None


def follow(http: Http, *, types: str = "", cluster: str = "", after: str = "") -> Iterator[Event]:
    """Events as they happen, without end. Raises `ClientError` when the server refuses (a bad key, a bad filter)."""
    cursor, backoff = after, Backoff(base_s=0.5, cap_s=15)
    while True:
        wait_s = 0.0
        try:
            with http.client.sse(PATH, params=_params(types, cluster), headers=_resume(cursor), timeout=_timeout()) as source:
                if source.response.status_code == 200:
                    _check_media(http.url, source.response)
                    backoff.reset()
                    for sent in source:
                        cursor = sent.id or cursor
                        if (event := _event(sent)) is not None:
                            yield event
                else:
                    wait_s = _refused(source.response, source.response.read(), is_first=not cursor)
        except httpx2.HTTPError as error:
            if not cursor and not isinstance(error, httpx2.ReadError | httpx2.RemoteProtocolError | httpx2.ReadTimeout):
                raise unreachable(http.url, error) from error
        http.sleep(backoff.next_s(at_least_s=wait_s))


async def follow_async(
    url: str, api_key: str, *, types: str = "", cluster: str = "", after: str = "", tell: Callable[[bool], None] = lambda _: None
) -> AsyncIterator[Event]:
    """The same for an event loop; cancel the task to stop. It never gives up on a server that is away.

    `tell` is called with True when the stream is open, and with False each time it is cut or cannot be opened.
    """
    cursor, backoff = after, Backoff(base_s=0.5, cap_s=15)
    async with httpx2.AsyncClient(base_url=url, headers=headers(api_key), verify=trust(url)) as client:
        while True:
            wait_s = 0.0
            try:
                async with client.sse(PATH, params=_params(types, cluster), headers=_resume(cursor), timeout=_timeout()) as source:
                    if source.response.status_code == 200:
                        backoff.reset()
                        tell(True)
                        async for sent in source:
                            cursor = sent.id or cursor
                            if (event := _event(sent)) is not None:
                                yield event
                    else:
                        wait_s = _refused(source.response, await source.response.aread())
            except httpx2.HTTPError:
                pass  # away or cut; try again from where we were
            tell(False)
            await asyncio.sleep(backoff.next_s(at_least_s=wait_s))


def _params(types: str, cluster: str) -> dict[str, str]:
    return {name: value for name, value in (("types", types), ("cluster", cluster)) if value}


def _resume(cursor: str) -> dict[str, str]:
    return {"Last-Event-ID": cursor} if cursor else {}


def _timeout() -> httpx2.Timeout:
    return httpx2.Timeout(10, read=SILENCE_S)


def _check_media(url: str, response: httpx2.Response) -> None:
    """Something else than the API may answer at this address: it would be asked again without end."""
    if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
        raise errors.ClientError("unexpected_answer", say=f"{url} does not return an event stream; check OPTRAL_URL")


def _refused(response: httpx2.Response, body: bytes, *, is_first: bool = False) -> float:
    """Seconds to wait when the server is only busy; raises when it will not serve us.

    A gateway without a server behind it is worth waiting for only where a server answered before (`is_first` False).
    """
    if response.status_code in (429, 503) or (response.status_code in (502, 504) and not is_first):
        return retry_after_s(response, default_s=1)
    raise errors.from_answer(response.status_code, body, request_id=response.headers.get("X-Request-Id", ""))


def _event(sent: httpx2.ServerSentEvent) -> Event | None:
    """None for frames that carry no data (only a retry hint or an id)."""
    if not sent.data:
        return None
    try:
        return Event(type=sent.event, id=sent.id, data=msgspec.json.decode(sent.data))
    except msgspec.DecodeError:
        return Event(type=sent.event, id=sent.id, data=sent.data)
