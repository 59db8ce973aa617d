"""Requests to the API of one Alertmanager, at the address of a webhook of the form `alerts`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from optral.alerts import silences
from optral.alerts.silences import Draft, Silence
from optral.kit.outbound import Caller, CallFailed, Reply, Request
from optral.terms.errors import Unavailable
from optral.webhooks.model import ALERTS_PATH, Answer, Target

WITHIN_S = 10.0
_Created = msgspec.json.Decoder(dict[str, str])


class Alertmanager:
    def __init__(self, caller: Caller, target: Target) -> None:
        self._caller = caller
        self._alerts, _, _ = target.url.partition("?")
        self._api = self._alerts.removesuffix(ALERTS_PATH) + "/api/v2"
        self._headers = {"content-type": "application/json", **target.credentials.headers}

    async def fire(self, alerts: Sequence[dict[str, Any]]) -> Answer:
        """Send alerts; never raises for what the other side does."""
        return _answer(await self._try("POST", self._alerts, msgspec.json.encode(alerts)))

    async def silences(self, webhook_id: str, *, now: datetime) -> list[Silence]:
        """Those that are active or pending. Raises `Unavailable`."""
        reply = _good(await self._try("GET", f"{self._api}/silences"))
        try:
            return silences.read(reply.body, webhook_id, now=now)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise _failed("its answer is not that of Alertmanager", "unreadable") from None

    async def silence(self, draft: Draft, *, changed: Silence | None = None) -> str:
        """Create a silence, or change this one; its id. Raises `Unavailable`."""
        reply = _good(await self._try("POST", f"{self._api}/silences", draft.body(changed)))
        try:
            return _Created.decode(reply.body)["silenceID"][:64]
        except (msgspec.MsgspecError, KeyError):
            raise _failed("its answer is not that of Alertmanager", "unreadable") from None

    async def expire(self, silence_id: str) -> None:
        """End a silence; one that has ended stays so. Raises `Unavailable`."""
        reply = await self._try("DELETE", f"{self._api}/silence/{quote(silence_id, safe='')}")
        if not (isinstance(reply, Reply) and reply.status == 404):
            _good(reply)

    async def _try(self, method: str, url: str, body: bytes | None = None) -> Reply | str:
        """The answer, or the name of what went wrong."""
        try:
            return await self._caller.call(Request(method, url, self._headers, body, within_s=WITHIN_S))
        except CallFailed as failure:
            return failure.name


def _answer(reply: Reply | str) -> Answer:
    return Answer(error=reply) if isinstance(reply, str) else Answer(status=reply.status)


def _good(reply: Reply | str) -> Reply:
    if isinstance(reply, str):
        raise _failed(f"it cannot be reached ({reply})", reply)
    if not 200 <= reply.status < 300:
        raise _failed(f"it answers with status {reply.status}", f"status {reply.status}")
    return reply


def _failed(why: str, name: str) -> Unavailable:
    return Unavailable("alertmanager_failed", say=f"Alertmanager did not do it: {why}; check the webhook and its credentials", log=name)
