"""Sends queries to the HTTP API that Prometheus, Thanos, Mimir and VictoriaMetrics share.

Where it is and with which token comes from local settings alone. Each query has a deadline and its answer a size; a minute has so many
queries. Redirects are not followed. Source: prometheus.io/docs/prometheus/latest/querying/api.
"""

import asyncio
import math
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import msgspec

from optral.kit.proxies import proxy_for
from optral.terms.errors import Misconfigured

QUERY_S = 5
MAX_BYTES = 8 * 1024 * 1024
MAX_SERIES = 50_000
MAX_POINTS = 240  # of one series of a range
QUERIES_A_MINUTE = 30
TENANT = "X-Scope-OrgID"  # Mimir and others with several tenants


class Unreachable(Exception):
    """No usable answer; the text says why."""


class TooMany(Unreachable):
    """This minute's queries are used up; nothing was sent."""


class Settings(NamedTuple):
    """`url` is the base to which `/api/v1/query` is added. Files are read again for each query, since tokens rotate."""

    url: str
    token_file: Path | None = None
    ca_file: Path | None = None
    tenant: str = ""

    def check(self) -> None:
        """Raises `Misconfigured` for what can never work."""
        try:
            parts, _ = urlsplit(self.url), urlsplit(self.url).port
        except ValueError as error:
            raise Misconfigured("prometheus_url", say=f"--prometheus-url {self.url!r} is not a URL: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise Misconfigured("prometheus_url", say="--prometheus-url must look like http://prometheus.monitoring.svc:9090")
        if parts.username or parts.password:
            raise Misconfigured("prometheus_url", say="--prometheus-url must not contain a password; use --prometheus-token-file")
        for path in (self.token_file, self.ca_file):
            if path is not None and not path.is_file():
                raise Misconfigured("prometheus_file", say=f"the file {path} of the Prometheus settings does not exist")


class Series(NamedTuple):
    """One series of an answer: its labels, and (seconds since 1970, value) of each point. Values that are no numbers are left out."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def value(self) -> float:
        return self.points[-1][1]

    def label(self, names: tuple[str, ...]) -> str:
        """The first of these labels that is not empty."""
        return next((value for name in names if (value := self.labels.get(name, ""))), "")


class _Result(msgspec.Struct, frozen=True):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct, frozen=True):
    resultType: str = ""
    result: list[_Result] = []


class _Answer(msgspec.Struct, frozen=True):
    status: str = ""
    data: _Data = _Data()
    error: str = ""


_answer = msgspec.json.Decoder(_Answer)


class Prometheus:
    """One HTTP session to one Prometheus. All queries raise `Unreachable`."""

    def __init__(self, settings: Settings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises `Misconfigured`."""
        settings.check()
        self._settings, self._monotonic = settings, monotonic
        self._tls = _context(settings)
        self._session: aiohttp.ClientSession | None = None
        self._sent: deque[float] = deque()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def query(self, expression: str) -> list[Series]:
        """The values of now."""
        return await self._ask("/api/v1/query", {"query": expression})

    async def _ask(self, path: str, parameters: dict[str, str]) -> list[Series]:
        self._admit()
        url = self._settings.url.rstrip("/") + path
        try:
            async with asyncio.timeout(QUERY_S):
                request = self._opened().get(
                    url,
                    params={**parameters, "timeout": f"{QUERY_S - 1}s"},
                    headers=self._headers(),
                    ssl=self._tls,
                    proxy=proxy_for(urlsplit(url).hostname or "", scheme=urlsplit(url).scheme),
                    allow_redirects=False,
                )
                async with request as response:
                    return _read(response.status, await _body(response))
        except TimeoutError as error:
            raise Unreachable(f"no answer within {QUERY_S} s") from error
        except (aiohttp.ClientError, OSError, ssl.SSLError) as error:
            raise Unreachable((str(error) or type(error).__name__).splitlines()[0][:200]) from error

    def _admit(self) -> None:
        now = self._monotonic()
        while self._sent and now - self._sent[0] >= 60:
            self._sent.popleft()
        if len(self._sent) >= QUERIES_A_MINUTE:
            raise TooMany(f"more than {QUERIES_A_MINUTE} queries in a minute")
        self._sent.append(now)

    def _headers(self) -> dict[str, str]:
        found = {"Accept": "application/json"}
        if self._settings.tenant:
            found[TENANT] = self._settings.tenant
        if self._settings.token_file is not None:
            found["Authorization"] = f"Bearer {_token(self._settings.token_file)}"
        return found

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers={"User-Agent": "optral-agent"}, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _token(path: Path) -> str:
    try:
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"the token file {path} cannot be read") from error
    if not token or not token.isprintable() or " " in token:
        raise Unreachable(f"the token file {path} holds no token")
    return token


def _context(settings: Settings) -> ssl.SSLContext | bool:
    if settings.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(settings.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured("prometheus_file", say=f"the CA file {settings.ca_file} cannot be used: {error}") from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MAX_BYTES:
            raise Unreachable(f"the answer is larger than {MAX_BYTES >> 20} MiB")
    return bytes(body)


def _read(status: int, body: bytes) -> list[Series]:
    if status in (401, 403):
        raise Unreachable(f"it refuses this agent ({status}); check the token of --prometheus-token-file")
    try:
        answer = _answer.decode(body)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unreachable(f"it answers with status {status} and no result; check --prometheus-url") from error
    if status != 200 or answer.status != "success":
        raise Unreachable(f"it refuses a query ({status}): {' '.join(answer.error.split())[:200]}")
    if len(answer.data.result) > MAX_SERIES:
        raise Unreachable(f"the answer has more than {MAX_SERIES} series")
    return [series for one in answer.data.result if (series := _series(one)).points]


def _series(one: _Result) -> Series:
    points = one.values if one.value is None else [one.value]
    return Series(one.metric, tuple((at, value) for at, text in points[-MAX_POINTS:] if math.isfinite(value := _number(text))))


def _number(text: Any) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
