"""The language model over HTTP: the organization's switch, and what a day of it cost."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from optral.analysis import spending
from optral.analysis.model import Cost, Offer
from optral.store.store import Store
from optral.terms import actor
from tests.api.conftest import Api, running
from tests.support.clock import FakeClock

OFFER = Offer(
    provider="ollama",
    model="small",
    destination="http://127.0.0.1:11434",
    daily=Cost(tokens=1000, money=Decimal(5)),
    monthly_tokens=40_000,
)


@pytest.fixture
async def offered(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    async with running(store, clock, offer=OFFER) as api:
        yield api


async def test_nothing_is_sent_until_somebody_says_so(offered: Api) -> None:
    found = (await offered.get("/v1/ai")).json()
    assert (found["enabled"], found["configured"], found["provider"], found["model"]) == (False, True, "ollama", "small")
    assert found["daily"] == {"tokens": 1000, "costUsd": 5.0}
    assert found["today"] == {"requests": 0, "inputTokens": 0, "outputTokens": 0, "costUsd": 0.0}
    for wanted in (True, True, False):
        assert (await offered("PATCH", "/v1/ai", json={"enabled": wanted})).json()["enabled"] is wanted
        assert (await offered.get("/v1/ai")).json()["enabled"] is wanted
    done = (await offered.get("/v1/audit?action=model.switch")).json()["audit"]
    assert [one["detail"] for one in done] == [{"isOn": False}, {"isOn": True, "destination": OFFER.destination}], (
        "what is so already leaves no record"
    )


ELSEWHERE = "https://api.example.com"


async def test_a_yes_is_for_one_place(offered: Api) -> None:
    """The operator chose another provider meanwhile: nobody has said yes to that one, nor has who repeats an old yes."""
    await said_yes_to(offered, ELSEWHERE)
    found = (await offered.get("/v1/ai")).json()
    assert (found["enabled"], found["destination"], found["allowedDestination"]) == (False, OFFER.destination, ELSEWHERE)
    for old in ({"enabled": True}, {"enabled": True, "destination": None}, {"enabled": True, "destination": ELSEWHERE}):
        refused = await offered("PATCH", "/v1/ai", json=old)
        assert (refused.status_code, refused.json()["code"]) == (409, "destination_changed")
        assert f'"destination": "{OFFER.destination}"' in refused.json()["detail"], "what to send is said"
        assert (await offered.get("/v1/ai")).json()["enabled"] is False
    after = (await offered("PATCH", "/v1/ai", json={"enabled": True, "destination": OFFER.destination})).json()
    assert (after["enabled"], "allowedDestination" in after) == (True, False)
    assert (await offered("PATCH", "/v1/ai", json={"enabled": True})).json()["enabled"] is True, "nothing moved since"


async def test_a_place_that_is_named_must_be_the_present_one(offered: Api) -> None:
    """A page that was opened before the operator moved says yes to what it showed."""
    refused = await offered("PATCH", "/v1/ai", json={"enabled": True, "destination": ELSEWHERE})
    assert (refused.status_code, refused.json()["code"]) == (409, "destination_changed")
    assert (await offered.get("/v1/ai")).json()["enabled"] is False
    named = await offered("PATCH", "/v1/ai", json={"enabled": True, "destination": OFFER.destination})
    assert named.json()["enabled"] is True


@pytest.mark.parametrize("body", [{}, {"destination": ELSEWHERE}])
async def test_a_no_is_for_every_place(offered: Api, body: dict[str, str]) -> None:
    await said_yes_to(offered, ELSEWHERE)
    after = await offered("PATCH", "/v1/ai", json={"enabled": False} | body)
    assert (after.status_code, after.json()["enabled"], "allowedDestination" in after.json()) == (200, False, False)


async def said_yes_to(api: Api, place: str) -> None:
    await api.store.write(actor.system(api.org), lambda tx: spending.set_on(tx, place))


async def test_shows_the_usage_of_today_and_resets_it_at_midnight(offered: Api) -> None:
    who = actor.system(offered.org)
    reservation = await offered.store.write(who, lambda tx: spending.reserve(tx, Cost(tokens=600), OFFER.daily, within_s=60))
    assert reservation is not None
    usage = {"requests": 2, "inputTokens": 250, "outputTokens": 50, "costUsd": 0.25}
    await offered.store.write(who, lambda tx: spending.settle(tx, reservation, usage))
    found = (await offered.get("/v1/ai")).json()
    assert found["today"] == usage
    assert found["resetsAt"].endswith("T00:00:00Z")


async def test_where_no_model_is_offered_none_is_switched_on(api: Api) -> None:
    found = (await api.get("/v1/ai")).json()
    assert (found["enabled"], found["configured"], "model" in found, "daily" in found) == (False, False, False, False)
    refused = await api("PATCH", "/v1/ai", json={"enabled": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "model_not_offered")
    assert (await api("PATCH", "/v1/ai", json={"enabled": False})).status_code == 200


async def test_a_key_that_reads_or_sees_some_clusters_only_does_not_switch(offered: Api) -> None:
    reader = await offered.new_key(scopes={"issues:read"})
    assert (await offered("PATCH", "/v1/ai", key=reader, json={"enabled": True})).status_code == 403
    limited = await offered.new_key(scopes={"issues:read", "detectors:write"}, clusters={await offered.new_cluster("prod")})
    answer = await offered("PATCH", "/v1/ai", key=limited, json={"enabled": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_clusters")
