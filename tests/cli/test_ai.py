"""The language model's switch from the command line, against the real API."""

import io
import sys
from unittest import mock

from optral.analysis import spending
from optral.analysis.model import Cost
from optral.store.store import Store
from optral.store.transaction import Transaction
from tests.api.analyses.test_ai import ELSEWHERE, OFFER, said_yes_to
from tests.api.conftest import running
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock


async def test_it_is_shown_and_switched(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        assert (await run(api, "ai", "show"))["enabled"] is False
        assert (await run(api, "ai", "on", "--destination", OFFER.destination))["enabled"] is True
        assert "small" in await run(api, "ai", "show", form="table")
        assert (await run(api, "ai", "off"))["enabled"] is False


async def test_a_yes_names_the_place_that_it_shows(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        await said_yes_to(api, ELSEWHERE)
        shown = await run(api, "ai", "show", form="table")
        assert ELSEWHERE in shown
        assert OFFER.destination in shown
        told = await run(api, "ai", "on", "--destination", OFFER.destination)
        assert (told["enabled"], told["destination"]) == (True, OFFER.destination)


async def test_a_script_says_no_yes_to_a_place_it_did_not_expect(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        refused = await run(api, "ai", "on", "--destination", ELSEWHERE, code=1, form="table")
        assert f"--destination {OFFER.destination}" in refused and ELSEWHERE in refused
        assert (await run(api, "ai", "show"))["enabled"] is False


async def test_without_a_terminal_the_place_must_be_named(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        refused = await run(api, "ai", "on", code=2, form="table")
        assert f"--destination {OFFER.destination}" in refused
        assert (await run(api, "ai", "show"))["enabled"] is False


async def test_in_a_terminal_it_asks_whether_evidence_may_go_there(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        with mock.patch.object(sys, "stdin", Typed("n\n")):
            assert f"{OFFER.destination}?" in await run(api, "ai", "on", code=1, form="table")
        assert (await run(api, "ai", "show"))["enabled"] is False
        with mock.patch.object(sys, "stdin", Typed("y\n")):
            assert (await run(api, "ai", "on"))["enabled"] is True


async def test_without_an_offer_the_refusal_says_why(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        assert "offers no language model" in await run(api, "ai", "on", code=1)
        assert "offers no language model" in await run(api, "ai", "on", "--destination", ELSEWHERE, code=1)


class Typed(io.StringIO):
    """A terminal at which this is typed."""

    def isatty(self) -> bool:
        return True


async def test_usage_is_a_table_with_the_limit(store: Store, clock: FakeClock) -> None:
    def used(tx: Transaction) -> None:
        held = spending.reserve_for(tx, ("key_gone",), Cost(tokens=9000), Cost(tokens=10**9), monthly_tokens=0, within_s=60)
        assert held is not None
        spending.settle(tx, held, {"requests": 3, "inputTokens": 1200, "outputTokens": 300, "costUsd": 0.25})

    async with running(store, clock, offer=OFFER) as api:
        await store.write(api.owner, used)
        shown = await run(api, "ai", "usage", form="table")
        assert "key_gone" in shown and "1200" in shown
        assert "Limit of each member and API key: 40,000 tokens a month." in shown
        assert (await run(api, "ai", "usage"))["monthlyTokens"] == 40_000
