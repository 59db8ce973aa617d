"""Sends one delivery over HTTP: vetted addresses only, no redirects, ten seconds, and the answer's text is never shown."""

import time
from collections.abc import Mapping, Sequence

import aiohttp
from yarl import URL

from optral.kit import durations, guarded_http
from optral.kit.guard import Allowed
from optral.kit.networks import Network
from optral.webhooks.model import Answer

SETTING = "OPTRAL_WEBHOOK_PRIVATE_NETWORKS"

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 * 1024
USER_AGENT = "Optral-Webhook/1"


class HttpSender:
    """Own one per process and close it. `private` are networks the operator allows. `uses_proxy`: that of the environment."""

    def __init__(self, *, private: Sequence[Network] = (), uses_proxy: bool = False) -> None:
        self._private, self._uses_proxy = Allowed(private, SETTING), uses_proxy
        self._sessions = guarded_http.Sessions(private=self._private, timeout_s=TIMEOUT_S)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.monotonic()
        status, error, retry_after_s = await self._try(url, headers, body)
        return Answer(status=status, error=error, retry_after_s=retry_after_s, took_ms=int((time.monotonic() - began) * 1000))

    async def _try(self, to: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, str | None, float | None]:
        try:
            url = URL(to)
        except ValueError:
            return None, "refused_address", None
        if guarded_http.is_refused(url, private=self._private):
            return None, "refused_address", None
        proxy = guarded_http.proxy_of(url) if self._uses_proxy else None
        sent = {**headers, "content-type": "application/json", "user-agent": USER_AGENT}
        try:
            session = self._sessions.to(url, proxy=proxy)
            async with session.post(url, data=body, headers=sent, allow_redirects=False, proxy=proxy) as answer:
                await answer.content.read(MAX_ANSWER_BYTES)
                return answer.status, None, durations.retry_after_s(answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            return None, guarded_http.name_of(failure), None

    async def close(self) -> None:
        await self._sessions.close()
