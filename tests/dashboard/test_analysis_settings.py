"""Settings of the analysis: what runs by itself, and the consent to a language model."""

import pytest
from playwright.async_api import Browser, Page, expect

from optral.analysis import spending
from optral.analysis.model import Cost
from optral.store.transaction import Transaction
from tests.api.analyses.test_ai import OFFER, offered as offered
from tests.api.conftest import Api
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_triage import as_viewer

pytestmark = pytest.mark.slow


async def test_automatic_analysis_and_captured_logs_are_switched_off_and_on(person: Person) -> None:
    page, api = person.page, person.api
    await person.open("/settings/analysis")
    for label, path in (("Analyze severe issues", "/v1/automatic-analysis"), ("Keep the last log lines", "/v1/log-capture")):
        switch = page.get_by_role("switch", name=label)
        await expect(switch).to_be_checked()
        for is_on in (False, True):
            await switch.click()
            await expect(switch).to_be_checked(checked=is_on)
            await expect(switch).to_be_enabled()
            assert (await api.get(path)).json()["enabled"] is is_on
    await expect(page.get_by_text("No language model is configured")).to_be_visible()


async def test_the_model_is_enabled_only_after_its_destination_was_shown(chromium: Browser, offered: Api) -> None:
    async with window(chromium, offered) as person:
        await sign_in(person)
        page = person.page
        await person.open("/settings/analysis")
        await expect(page.get_by_text("0 requests, 0 tokens, $0.00")).to_be_visible()
        await page.get_by_role("button", name="Enable the model").click()
        dialog = page.get_by_role("dialog", name="Send evidence to the language model?")
        await expect(dialog).to_contain_text(OFFER.destination)
        assert await person.axe("[role=dialog]") == []
        assert (await offered.get("/v1/ai")).json()["enabled"] is False
        await dialog.get_by_role("button", name="Enable", exact=True).click()
        await expect(page.get_by_role("button", name="Disable the model")).to_be_visible()
        assert (await offered.get("/v1/ai")).json()["enabled"] is True
        await page.get_by_role("button", name="Disable the model").click()
        await expect(page.get_by_role("button", name="Enable the model")).to_be_visible()
        assert (await offered.get("/v1/ai")).json()["enabled"] is False


async def test_what_questions_used_is_shown_by_who_asked(chromium: Browser, offered: Api) -> None:
    def used(tx: Transaction) -> None:
        held = spending.reserve_for(tx, ("key_gone",), Cost(tokens=9000), Cost(tokens=10**9), monthly_tokens=0, within_s=60)
        assert held is not None
        spending.settle(tx, held, {"requests": 3, "inputTokens": 1200, "outputTokens": 300, "costUsd": 0.25})

    async with window(chromium, offered) as person:
        await sign_in(person)
        month = (await offered.get("/v1/ai/usage")).json()["month"]
        await person.page.clock.set_fixed_time(f"{month}-15T00:00:00Z")
        await person.open("/settings/analysis")
        nothing = "Nobody asked the model in this month. Each member and API key may use 40,000 tokens."
        await expect(person.page.get_by_text(nothing)).to_be_visible()
        await offered.store.write(offered.owner, used)
        await person.open("/settings/analysis")
        row = person.page.get_by_role("row", name="key_gone")
        await expect(row).to_contain_text("1,500 of 40,000")
        await expect(row).to_contain_text("$0.25")
        assert await person.axe() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault(chromium: Browser, offered: Api, dark: bool) -> None:
    async with window(chromium, offered, dark=dark) as person:
        await sign_in(person)
        await person.open("/settings/analysis")
        await expect(person.page.get_by_role("button", name="Enable the model")).to_be_visible()
        assert await person.axe() == []


async def test_a_failing_server_is_said_and_tried_again(person: Person, page: Page) -> None:
    await person.fail_until_tried_again("**/v1/log-capture")
    await person.open("/settings/analysis")
    await expect(page.get_by_role("alert")).to_contain_text("Could not load the analysis settings")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("switch", name="Keep the last log lines")).to_be_visible()


async def test_a_viewer_reads_the_settings_and_cannot_change_them(person: Person) -> None:
    await person.page.route("**/v1/me", as_viewer)
    await person.open("/settings/analysis")
    await expect(person.page.get_by_role("switch", name="Keep the last log lines")).to_be_disabled()
    await expect(person.page.get_by_text("Your role cannot change these settings")).to_be_visible()
