"""First contact: nothing is believed unless the pinned key is there, and every refusal is one line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from optral.agent.connection import bootstrap, trust
from optral.terms.errors import Misconfigured, OptralError, Refused, Unavailable
from tests.agent.controlplane import Authority
from tests.support.serving import on_loop

OURS, FOREIGN = Authority(), Authority()
PIN = trust.pin_of(OURS.certificate)


@asynccontextmanager
async def _answering(body: object, status: int = 200) -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get("/agent/bootstrap.json", answer)
    async with on_loop(app) as url:
        yield f"{url}/"


def _document(*authorities: Authority) -> dict[str, str]:
    pem = b"".join(authority.pem for authority in authorities).decode()
    return {"caPem": pem, "enrollAddress": "h:1", "tunnelAddress": "h:2"}


async def test_trusts_the_pinned_certificate_of_a_bundle_alone() -> None:
    async with _answering(_document(FOREIGN, OURS)) as url:
        found = await bootstrap.fetch(url, PIN.upper().replace("SHA256", "sha256"))
    assert (found.ca_pem, found.enroll_address, found.tunnel_address) == (OURS.pem, "h:1", "h:2")


@pytest.mark.parametrize(
    ("body", "status", "kind", "code"),
    [
        pytest.param(_document(FOREIGN), 200, Refused, "ca_pin_mismatch", id="another CA"),
        pytest.param({"caPem": "x", "enrollAddress": "", "tunnelAddress": ""}, 200, Refused, "bootstrap_invalid", id="no certificate"),
        pytest.param({"other": 1}, 200, Refused, "bootstrap_invalid", id="another document"),
        pytest.param({}, 404, Refused, "bootstrap_invalid", id="another server"),
        pytest.param({}, 503, Unavailable, "server_unavailable", id="a server that starts"),
    ],
)
async def test_refuses_with_one_line(body: object, status: int, kind: type[OptralError], code: str) -> None:
    async with _answering(body, status) as url:
        with pytest.raises(kind) as caught:
            await bootstrap.fetch(url, PIN)
    assert caught.value.code == code
    assert "\n" not in caught.value.say


@pytest.mark.parametrize(
    ("url", "pin"),
    [
        pytest.param("optral.example", PIN, id="no scheme"),
        pytest.param("http://h", "sha256:12", id="half a pin"),
        pytest.param("http://h", "md5:" + "0" * 64, id="another hash"),
    ],
)
async def test_names_a_setting_that_cannot_be_right(url: str, pin: str) -> None:
    with pytest.raises(Misconfigured):
        await bootstrap.fetch(url, pin)
