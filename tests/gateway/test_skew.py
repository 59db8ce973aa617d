"""Agents of another version: the protocol decides whether they work, and a refusal says which side to upgrade."""

import pytest

import optral
from tests.gateway.conftest import World, hello


@pytest.mark.parametrize("version", ["0.0.9", "0.2.0", "0.1.0-rc.1", ""], ids=["older", "newer", "a pre-release", "unknown"])
async def test_an_agent_of_another_version_with_the_same_protocol_works(world: World, version: str) -> None:
    welcome = await world.dial(await world.enrol()).hello(version=version)
    assert welcome.fence == 1
    assert welcome.protocol == 1


async def test_an_agent_that_also_speaks_a_newer_protocol_works(world: World) -> None:
    assert (await world.dial(await world.enrol()).hello(version="0.2.0", protocol_max=2)).protocol == 1


@pytest.mark.parametrize(
    ("info", "advice"),
    [
        pytest.param(
            {"version": "0.0.1", "protocol_min": 0, "protocol_max": 0}, f"too old; upgrade it to {optral.__version__}", id="too old"
        ),
        pytest.param({"version": "3.0.0", "protocol_min": 2, "protocol_max": 3}, "too new; upgrade the server first", id="too new"),
    ],
)
async def test_a_refused_agent_learns_which_side_to_upgrade(world: World, info: dict[str, object], advice: str) -> None:
    agent = world.dial(await world.enrol())
    await agent.say(hello=hello(**info))  # type: ignore[arg-type]
    refusal = (await agent.hear()).reject
    assert refusal.code == "unsupported_protocol"
    assert advice in refusal.message
    assert f"agent ({info['version']})" in refusal.message
    assert f"server ({optral.__version__})" in refusal.message
