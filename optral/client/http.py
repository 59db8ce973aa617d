"""Requests to the API: one connection pool, the key in the header, retries with backoff, problems as errors.

429 and 503 are retried after `Retry-After` if the request can be repeated: reads, and writes with an Idempotency-Key
(every POST here does). Longer waits than `MAX_WAIT_S` are the caller's decision.
"""

import ssl
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import httpx2
import msgspec

from optral import __version__
from optral.client import errors
from optral.kit import durations
from optral.kit.mappings import without_none

T = TypeVar("T")
MAX_WAIT_S = 30.0
NO_CONTENT = 204
MAX_ATTEMPTS = 4
Params = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A response as a typed value and as the bytes that the server sent, which can contain members that this version does not know."""

    value: T
    raw: bytes
    etag: str | None = None


def trust(url: str) -> ssl.SSLContext | bool:
    """The trusted CAs: the default ones, or none for plain HTTP, since loading them takes 0.05 s of a command."""
    is_plain = url.startswith("http://") and not urllib.request.getproxies()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if is_plain else True


class Http:
    """The connection. `sleep` and `transport` are for tests."""

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout_s: float = 30,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url, self.sleep, self._is_person = url.rstrip("/"), sleep, False
        self.client = httpx2.Client(
            base_url=self.url, headers=headers(api_key), timeout=timeout_s, transport=transport, verify=trust(self.url)
        )

    def sign_in(self, email: str, password: str) -> None:
        """Authenticate as this person instead of with a key. `close` ends the session. Raises `ClientError`."""
        address = httpx2.URL(self.url)
        person = {"Origin": f"{address.scheme}://{address.netloc.decode()}", "X-Optral-CSRF": "1", "Content-Type": "application/json"}
        self.client.headers.pop("Authorization", None)
        self.client.headers.update(person)
        response = self._retry("POST", "/v1/session", content=msgspec.json.encode({"email": email, "password": password}))
        self.client.cookies.clear()  # its cookies are for browsers: over http:// it would not send one that is marked secure
        self.client.headers["Cookie"] = response.headers["Set-Cookie"].partition(";")[0]
        self._is_person = True

    def without_key(self) -> None:
        """Send no key, and the header that the server asks of callers without one."""
        self.client.headers.pop("Authorization", None)
        self.client.headers["X-Optral-CSRF"] = "1"

    def close(self) -> None:
        if self._is_person:
            with suppress(errors.ClientError):  # it ends by itself, when it is idle
                self._retry("DELETE", "/v1/session")
        self.client.close()

    def get(self, path: str, into: type[T], *, params: Params | None = None) -> Answer[T]:
        return self.call("GET", path, into, params=params)

    def text(self, path: str, media_type: str, *, params: Params | None = None) -> tuple[bytes, Mapping[str, str]]:
        """An answer of this media type, as it came, and its headers.

        Raises `ClientError`, also for an answer of another media type, such as a proxy's page.
        """
        response = self._retry("GET", path, params=without_none(params or {}))
        found = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if found != media_type:
            raise errors.ClientError("unexpected_answer", say=f"unexpected response from {path}: {found or 'no content type'}")
        return response.content, response.headers

    def call(
        self, method: str, path: str, into: type[T], *, params: Params | None = None, body: object = None, if_match: str | None = None
    ) -> Answer[T]:
        """One request; raises `ClientError`. The value is None where the answer is 204 without a body."""
        sent = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        if if_match is not None:
            sent["If-Match"] = if_match
        content = None
        if body is not None:
            content, sent["Content-Type"] = msgspec.json.encode(body), "application/json"
        response = self._retry(method, path, params=without_none(params or {}), content=content, headers=sent)
        raw = response.content
        if not raw and response.status_code != NO_CONTENT:
            raise errors.ClientError(
                "unexpected_answer", say=f"unexpected response from {path}: status {response.status_code} with an empty body"
            )
        try:
            value = decoder(into).decode(raw) if raw else None
        except msgspec.DecodeError as error:
            raise errors.ClientError("unexpected_answer", say=f"unexpected response from {path}: {error}") from error
        return Answer(value, raw, response.headers.get("ETag"))  # type: ignore[arg-type]

    def _retry(self, method: str, path: str, **request: Any) -> httpx2.Response:
        repeatable = method in ("GET", "POST", "DELETE")
        for attempt in range(1, MAX_ATTEMPTS + 1):
            response = self._once(method, path, **request)
            if response.status_code not in (429, 503) or not repeatable or attempt == MAX_ATTEMPTS:
                break
            if (wait_s := retry_after_s(response, default_s=attempt)) > MAX_WAIT_S:
                break
            self.sleep(wait_s)
        if response.status_code >= 400:
            raise errors.from_answer(response.status_code, response.content, request_id=response.headers.get("X-Request-Id", ""))
        return response

    def _once(self, method: str, path: str, **request: Any) -> httpx2.Response:
        try:
            return self.client.request(method, path, **request)
        except httpx2.HTTPError as error:
            raise unreachable(self.url, error) from error


_building = threading.Lock()
_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder(into: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of a type, built by one thread at a time: msgspec 0.22 ends the process if two prepare the same structs at once."""
    with _building:
        if into not in _decoders:
            _decoders[into] = msgspec.json.Decoder(into)
        return _decoders[into]


def unreachable(url: str, error: Exception) -> errors.ClientError:
    say = f"cannot connect to {url} ({str(error) or type(error).__name__}); check that the server is running and OPTRAL_URL is correct"
    return errors.ClientError("unreachable", say=say)


def retry_after_s(response: httpx2.Response, *, default_s: float) -> float:
    """Seconds to wait according to `Retry-After`, which the API sends in whole seconds."""
    asked_s = durations.retry_after_s(response.headers.get("Retry-After"))
    return default_s if asked_s is None else asked_s


def headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}", "User-Agent": f"optral-client/{__version__}", "Accept": "application/json"}
