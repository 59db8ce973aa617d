"""`optral issues trends` and `optral analyses feedback` as people read them."""

import asyncio
import json

import pytest

from optral.cli.trends import bars
from optral.store.store import Store
from optral.terms.severity import Severity
from tests.api.analyses.test_feedback import NOT_HELPFUL, analyzed
from tests.api.conftest import running
from tests.api.seeds import finding, observe
from tests.support.clock import FakeClock
from tests.support.commandline import optral


async def test_it_shows_what_opened_when_and_what_is_noisy(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        cluster = await api.new_cluster("production")
        await observe(api, cluster, finding("api", api=api), finding("web", severity=Severity.MEDIUM, api=api))
        clock.advance(1800)
        await observe(api, cluster, finding("api", api=api), gone=("web",))
        shown = (await asyncio.to_thread(optral, "issues", "trends", url=api.url, key=api.key)).stdout
        assert shown.splitlines()[0] == "last 24h: 2 opened, 1 resolved"
        assert "median time to resolve      30 min (of 1)" in shown
        assert "Deployment shop/api" in shown and "OOMKilled" in shown
        data = json.loads(
            (await asyncio.to_thread(optral, "issues", "trends", "--range", "7d", "-o", "json", url=api.url, key=api.key)).stdout
        )
        assert (data["range"], data["opened"]) == ("7d", 2)
        empty = (await asyncio.to_thread(optral, "issues", "trends", "--cluster", "nowhere", url=api.url, key=api.key)).stdout
        assert empty.splitlines()[0] == "last 24h: 0 opened, 0 resolved" and "types" not in empty


async def test_feedback_is_given_counted_and_withdrawn(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        await analyzed(api)

        async def say(*words: str) -> str:
            done = await asyncio.to_thread(optral, *words, url=api.url, key=api.key)
            return done.stdout + done.stderr

        await say("issues", "feedback", "shop/api", "--not-helpful", "--reason", NOT_HELPFUL["reason"], "--comment", "no")
        counted = await say("analyses", "feedback")
        assert counted.splitlines()[0] == "0 helpful, 1 not helpful in 30d"
        assert "memory_limit_too_low" in counted and "wrongCause 1" in counted
        await say("issues", "feedback", "shop/api", "--withdraw")
        assert (await say("analyses", "feedback")).startswith("0 helpful, 0 not helpful")
        assert "specify one of" in await say("issues", "feedback", "shop/api")


@pytest.mark.parametrize(("counts", "shown"), [([0, 1, 8], " ▁█"), ([0, 0], "  "), ([1, 1000], "▁█"), ([], "")])
def test_a_count_above_zero_always_shows(counts: list[int], shown: str) -> None:
    assert bars(counts) == shown
