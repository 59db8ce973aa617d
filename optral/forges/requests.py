"""Requests to one forge: address, headers, JSON, and what went wrong in plain words."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from optral.forges.markdown import one_line
from optral.forges.model import ForgeError
from optral.kit.durations import retry_after_s
from optral.kit.outbound import ARCHIVE_S, MAX_ARCHIVE_BYTES, Caller, CallFailed, Reply, Request

MAX_MESSAGE = 200  # characters of what a forge says
MAX_WAIT_S = 3600  # the longest that a limit of requests lasts
LIMITED_S = 60.0  # where a forge limits requests and does not say for how long
_RESETS = ("x-ratelimit-reset", "ratelimit-reset")  # of GitHub and Gitea, and of GitLab: seconds since 1970
_TAG = re.compile(r"<[^<>]*>")
_LIMIT = re.compile(r"\brate limit\b", re.IGNORECASE)
_UNREACHABLE = {
    "dns": "its name cannot be resolved",
    "connect": "no connection could be made",
    "tls": "its TLS certificate is not trusted; set SSL_CERT_FILE for a private authority",
    "timeout": "it did not answer in time",
}


class Requests:
    """`api` is the address of the API without a slash at its end, `title` the name of the forge in messages.

    `needs` says what the token needs, `setting` is the one that allows private addresses, `project` what its address names.
    """

    def __init__(
        self,
        caller: Caller,
        *,
        api: str,
        headers: Mapping[str, str],
        title: str,
        needs: str,
        setting: str = "OPTRAL_FORGE_PRIVATE_NETWORKS",
        project: str = "repository",
    ) -> None:
        self._caller, self._api, self._title, self._needs, self._setting = caller, api, title, needs, setting
        self._project = project
        self._headers = {"accept": "application/json", **headers}
        self._secrets = list(_secrets(headers))

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
            say = f"the address of {self._title} is not public; the operator can allow its network with {self._setting}"
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
        message = _message(reply, secrets=self._secrets)
        more = f": {message}" if message else ""
        match reply.status:
            case 401:
                return ForgeError("token_refused", f"{self._title} does not accept the token{more}; set a new one")
            case 429 | 403 if _is_limit(reply, message):
                wait_s = _wait_s(reply)
                say = f"{self._title} limits requests; next request in {wait_s:.0f} seconds{more}"
                return ForgeError("rate_limited", say, is_lasting=False, retry_after_s=wait_s)
            case 403:
                named = _permission(reply)
                needs = f"this request needs {named}" if named else f"it needs {self._needs}"
                return ForgeError("not_permitted", f"{self._title} does not permit this to the token{more}; {needs}")
            case 404 | 410:  # GitHub: an issue was deleted, or issues are disabled
                say = f"{self._title} does not show this to the token{more}; check the name of the {self._project}, and that the token has"
                return ForgeError("not_found", f"{say} {self._needs}")
            case 409 | 422 | 400 | 405:
                return ForgeError("refused_by_forge", f"{self._title} refuses this{more}")
            case status if 300 <= status < 400:
                return ForgeError("moved", f"{self._title} has moved, or the {self._project} was renamed; correct its address")
            case status:
                asked_s = _asked_s(reply)
                say = f"{self._title} answers with status {status}{more}"
                return ForgeError("forge_unreachable", say, is_lasting=False, retry_after_s=asked_s, status=status)


def _is_limit(reply: Reply, message: str) -> bool:
    """GitHub limits with 403 too, and names secondary limits in the message only."""
    is_spent = reply.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in reply.headers
    return reply.status == 429 or is_spent or _LIMIT.search(message) is not None


def _wait_s(reply: Reply) -> float:
    """Seconds until the forge answers again, as far as it says, by its own clock."""
    if (wait_s := _asked_s(reply)) is not None:
        return wait_s
    resets = next((int(found) for name in _RESETS if (found := reply.headers.get(name, "")).isdecimal()), None)
    now = _clock(reply)
    if resets is None or now is None or reply.headers.get("x-ratelimit-remaining", "0") != "0":
        return LIMITED_S
    return min(MAX_WAIT_S, max(1.0, resets - now.timestamp()))


def _clock(reply: Reply) -> datetime | None:
    """When the forge answered, by its clock."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except (TypeError, ValueError):
        return None


def _asked_s(reply: Reply) -> float | None:
    """How long the forge asks to wait, bounded; None if it does not."""
    asked_s = retry_after_s(reply.headers.get("retry-after"))
    return None if asked_s is None else min(MAX_WAIT_S, asked_s)


def _permission(reply: Reply) -> str:
    """What the forge says that the token lacks."""
    named = reply.headers.get("x-accepted-github-permissions") or reply.headers.get("x-accepted-oauth-scopes")
    found = _read(reply)
    scope = found.get("scope") if isinstance(found, dict) else None
    return one_line(named or (f"the scope {scope}" if isinstance(scope, str) and scope else ""), most=MAX_MESSAGE)


def _read(reply: Reply) -> Any:
    try:
        return msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _secrets(headers: Mapping[str, str]) -> Iterator[str]:
    """What authenticates, in the ways in which a service could repeat it."""
    for name in ("authorization", "private-token"):
        scheme, _, given = headers.get(name, "").rpartition(" ")
        if given:
            yield given
        if scheme == "Basic":
            yield base64.b64decode(given).decode().partition(":")[2]


def _message(reply: Reply, *, secrets: Sequence[str]) -> str:
    """The message of the forge, on one line, without markup and without what authenticates."""
    found = _read(reply)
    if not isinstance(found, dict):
        return ""
    details = found.get("errors")
    texts = [found.get(name) for name in ("message", "error", "error_description", "errorMessages")]
    texts += details if isinstance(details, list) else [details]
    words = [one_line(one) for text in texts for said in _texts(text) if (one := _TAG.sub(" ", said)).strip()]
    text = "; ".join(dict.fromkeys(words))
    for secret in filter(None, secrets):
        text = text.replace(secret, "…")
    return one_line(text, most=MAX_MESSAGE)


def _texts(said: Any) -> Iterator[str]:
    """Texts of a message: itself, one for a list of words, or the problems of each field."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, list):
        yield " ".join(map(str, said))
    elif isinstance(said, dict) and isinstance(said.get("message"), str):  # an entry of GitHub's `errors`
        yield said["message"]
    elif isinstance(said, dict) and isinstance(said.get("field"), str):  # another
        yield f"{said['field']} {said.get('code')}" + (f" ({said['value']})" if said.get("value") else "")
    elif isinstance(said, dict):
        for name, problems in said.items():
            text = " ".join(_texts(problems))
            yield text if name == "base" else f"{name} {text}"


def quoted(text: str) -> str:
    """A part of a path; slashes too."""
    return quote(text, safe="")
