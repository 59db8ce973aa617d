"""Requests to one forge: address, headers, JSON, and what went wrong in plain words."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from optral.forge.caller import ARCHIVE_S, MAX_ARCHIVE_BYTES, Caller, CallFailed, Reply, Request
from optral.forge.markdown import one_line
from optral.forge.model import ForgeError

MAX_MESSAGE = 200  # characters of what a forge says
_UNREACHABLE = {
    "dns": "its name cannot be resolved",
    "connect": "no connection could be made",
    "tls": "its TLS certificate is not trusted; set SSL_CERT_FILE for a private authority",
    "timeout": "it did not answer in time",
}


class Requests:
    """`api` is the address of the API without a slash at its end, `title` the name of the forge in messages."""

    def __init__(self, caller: Caller, *, api: str, headers: Mapping[str, str], title: str) -> None:
        self._caller, self._api, self._title = caller, api, title
        self._headers = {"accept": "application/json", **headers}

    async def get(self, path: str, **params: str) -> Any:
        """The JSON of a GET."""
        return self._json(await self._ask("GET", path, params=params), path)

    async def get_or_none(self, path: str, **params: str) -> Any:
        """The JSON of a GET; None for 404."""
        reply = await self._ask("GET", path, params=params)
        return None if reply.status == 404 else self._json(reply, path)

    async def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON that a request with a JSON body is answered with."""
        return self._json(await self._ask(method, path, body=msgspec.json.encode(body)), path)

    async def download(self, path: str, **params: str) -> bytes:
        """The archive at this path; one redirect is followed, without the token when it leads to another host."""
        url = self._url(path, params)
        reply = await self._call(Request("GET", url, self._headers, most=MAX_ARCHIVE_BYTES, within_s=ARCHIVE_S))
        if reply.status in (301, 302, 303, 307, 308) and (to := reply.headers.get("location")):
            to = urljoin(url, to)
            is_same = urlsplit(to)[:2] == urlsplit(url)[:2]
            reply = await self._call(Request("GET", to, self._headers if is_same else {}, most=MAX_ARCHIVE_BYTES, within_s=ARCHIVE_S))
        if reply.status != 200:
            raise self._error(reply)
        return reply.body

    def _url(self, path: str, params: Mapping[str, str]) -> str:
        return f"{self._api}{path}" + (f"?{urlencode(params)}" if params else "")

    async def _ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: bytes | None = None) -> Reply:
        headers = self._headers if body is None else {**self._headers, "content-type": "application/json"}
        return await self._call(Request(method, self._url(path, params or {}), headers, body))

    async def _call(self, request: Request) -> Reply:
        try:
            return await self._caller.call(request)
        except CallFailed as failure:
            raise self._unreachable(failure.name) from None

    def _unreachable(self, name: str) -> ForgeError:
        if name == "refused_address":
            say = f"the address of {self._title} is not public; the operator can allow its network with OPTRAL_FORGE_PRIVATE_NETWORKS"
            return ForgeError("refused_address", say)
        if name == "too_large":
            size = f"{MAX_ARCHIVE_BYTES // 2**20} MiB"
            return ForgeError("too_large", f"{self._title} sends more than Optral reads: a repository may have {size} when it is packed")
        return ForgeError("forge_unreachable", f"{self._title} cannot be reached: {_UNREACHABLE.get(name, name)}", is_lasting=False)

    def _json(self, reply: Reply, path: str) -> Any:
        if not 200 <= reply.status < 300:
            raise self._error(reply)
        if not reply.body:
            return {}
        try:
            return msgspec.json.decode(reply.body)
        except (msgspec.DecodeError, RecursionError):
            say = f"{self._title} does not answer as its API does at {path}; check the address"
            raise ForgeError("not_a_forge", say) from None

    def _error(self, reply: Reply) -> ForgeError:
        message = _message(reply)
        more = f": {message}" if message else ""
        match reply.status:
            case 401:
                return ForgeError("token_refused", f"{self._title} does not accept the token; set a new one")
            case 403 if _is_rate_limit(reply):
                return ForgeError("rate_limited", f"{self._title} asks to wait{more}", is_lasting=False)
            case 403:
                return ForgeError("not_permitted", f"{self._title} does not permit this to the token{more}")
            case 404:
                return ForgeError("not_found", f"{self._title} does not show this to the token{more}")
            case 409 | 422 | 400 | 405:
                return ForgeError("refused_by_forge", f"{self._title} refuses this{more}")
            case 429:
                return ForgeError("rate_limited", f"{self._title} asks to wait{more}", is_lasting=False)
            case status if 300 <= status < 400:
                return ForgeError("moved", f"{self._title} has moved, or the repository was renamed; correct its address")
            case status:
                return ForgeError("forge_unreachable", f"{self._title} answers with status {status}", is_lasting=False)


def _is_rate_limit(reply: Reply) -> bool:
    return reply.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in reply.headers


def _message(reply: Reply) -> str:
    """The message of the forge, on one line."""
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    texts = [found.get(name) for name in ("message", "error", "error_description")] if isinstance(found, dict) else []
    details = found.get("errors") if isinstance(found, dict) else None
    texts += [one.get("message") if isinstance(one, dict) else one for one in details] if isinstance(details, list) else []
    lines = [" ".join(map(str, one)) if isinstance(one, list) else one for one in texts]
    words = [one_line(one) for one in lines if isinstance(one, str) and one.strip()]
    return one_line("; ".join(dict.fromkeys(words)), most=MAX_MESSAGE)


def quoted(text: str) -> str:
    """A part of a path; slashes too."""
    return quote(text, safe="")
