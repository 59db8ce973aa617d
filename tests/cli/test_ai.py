"""The language model's switch from the command line, against the real API."""

from optral.store.store import Store
from tests.api.conftest import running
from tests.api.test_ai import ELSEWHERE, OFFER, said_yes_to
from tests.cli.test_detectors import run
from tests.support.clock import FakeClock


async def test_it_is_shown_and_switched(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        assert (await run(api, "ai", "show"))["enabled"] is False
        assert (await run(api, "ai", "on"))["enabled"] is True
        assert "small" in await run(api, "ai", "show", form="table")
        assert (await run(api, "ai", "off"))["enabled"] is False


async def test_a_yes_names_the_place_that_it_shows(store: Store, clock: FakeClock) -> None:
    async with running(store, clock, offer=OFFER) as api:
        await said_yes_to(api, ELSEWHERE)
        shown = await run(api, "ai", "show", form="table")
        assert ELSEWHERE in shown
        assert OFFER.destination in shown
        told = await run(api, "ai", "on")
        assert (told["enabled"], told["destination"]) == (True, OFFER.destination)


async def test_without_an_offer_the_refusal_says_why(store: Store, clock: FakeClock) -> None:
    async with running(store, clock) as api:
        assert "offers no language model" in await run(api, "ai", "on", code=1)
