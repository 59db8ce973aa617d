"""Requests to the Web API of Slack with the tokens of one webhook.

Arguments are sent as a form, which all methods take; those that are objects are JSON in it. Slack answers errors with status 200 and
`ok: false`, and a rate limit with 429 and Retry-After.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from optral.kit import durations
from optral.kit.outbound import Caller, CallFailed, Reply, Request
from optral.webhooks.model import RATE_LIMITED, Answer, Target

WITHIN_S = 10.0
MAX_BYTES = 2 * 1024 * 1024
GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
"""The message cannot be edited any more: somebody deleted it, or it is of another app."""
CLOSED = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
"""The app can no longer write to the channel."""
INVALID = "invalid_answer"  # such as the page of a proxy
_UNCERTAIN = frozenset(
    {"timeout", "connect", "too_large", INVALID, "internal_error", "fatal_error", "request_timeout", "service_unavailable"}
)
_Answered = msgspec.json.Decoder(dict[str, Any])


class SlackError(Exception):
    """`name` is what Slack calls the error, or what the connection came to. `is_certain`: Slack did not do it."""

    def __init__(self, name: str, *, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(name)
        self.name, self.status, self.retry_after_s = name, status, retry_after_s

    @property
    def is_certain(self) -> bool:
        return self.name not in _UNCERTAIN and (self.status is None or self.status < 500)

    @property
    def answer(self) -> Answer:
        """What a delivery came to that failed so."""
        return Answer(status=self.status if self.status != 200 else None, error=self.name[:40], retry_after_s=self.retry_after_s)


class WebApi:
    def __init__(self, caller: Caller, target: Target) -> None:
        self._caller, self._base, self._credentials = caller, target.url.rstrip("/"), target.credentials

    async def call(self, method: str, *, as_app: bool = False, **arguments: Any) -> dict[str, Any]:
        """The answer of a method. `as_app`: with the app-level token. Raises `SlackError`."""
        token = self._credentials.app_token if as_app else self._credentials.token
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "authorization": f"Bearer {token}"}
        return _read(await self._post(f"{self._base}/{method}", _form(arguments), headers))

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        """Answer a command at the address that came with it. Raises `SlackError`."""
        reply = await self._post(url, msgspec.json.encode(message), {"content-type": "application/json; charset=utf-8"})
        if reply.status >= 300:
            raise SlackError(f"status {reply.status}", status=reply.status)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        try:
            return await self._caller.call(Request("POST", url, headers, body, most=MAX_BYTES, within_s=WITHIN_S))
        except CallFailed as failure:
            raise SlackError(failure.name) from None


def _form(arguments: Mapping[str, Any]) -> bytes:
    given = {name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in arguments.items()}
    return urlencode({name: value for name, value in given.items() if value != "null"}).encode()


def _read(reply: Reply) -> dict[str, Any]:
    wait_s = durations.retry_after_s(reply.headers.get("retry-after"))
    if reply.status == 429:
        raise SlackError(RATE_LIMITED, status=429, retry_after_s=wait_s)
    try:
        answer = _Answered.decode(reply.body)
    except msgspec.MsgspecError:
        name = f"status {reply.status}" if reply.status >= 400 else INVALID
        raise SlackError(name, status=reply.status, retry_after_s=wait_s) from None
    if answer.get("ok") is not True:
        raise SlackError(str(answer.get("error", "unknown_error")), status=reply.status, retry_after_s=wait_s)
    return answer
