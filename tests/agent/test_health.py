"""What the kubelet's probes see of an agent."""

import aiohttp
import pytest

from optral.agent.health import Health
from optral.terms.errors import Misconfigured


async def probe(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, (await answer.text()).strip()


async def test_it_is_alive_at_once_and_ready_once_it_is_connected() -> None:
    health = Health()
    async with health.serving("127.0.0.1:0"):
        assert await probe(health.port, "/livez") == (200, "ok")
        assert await probe(health.port, "/readyz") == (503, "not connected to the control plane")
        health.is_ready = lambda: True
        assert await probe(health.port, "/readyz") == (200, "ok")
        assert (await probe(health.port, "/other"))[0] == 404


async def test_without_an_address_nothing_listens() -> None:
    health = Health()
    async with health.serving(None):
        assert health.port == 0


@pytest.mark.parametrize("address", ["8081", "127.0.0.1:", "127.0.0.1:99999", ":8081", "127.0.0.1:http"])
async def test_an_address_that_is_none_names_the_option(address: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        async with Health().serving(address):
            pass
    assert "--health-listen must be HOST:PORT" in refused.value.say


async def test_a_port_that_is_taken_is_one_sentence() -> None:
    first = Health()
    async with first.serving("127.0.0.1:0"):
        with pytest.raises(Misconfigured) as refused:
            async with Health().serving(f"127.0.0.1:{first.port}"):
                pass
    assert f"cannot listen at 127.0.0.1:{first.port}" in refused.value.say
