"""The page of a runbook: where it is suggested, now and in general."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Api
from tests.dashboard.conftest import Person, sign_in, window
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow


async def test_the_page_names_causes_types_and_the_open_issues_of_now(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await person.open("/runbooks/raise-memory-limit")
    for name in ("memory_limit_too_low", "OOMKilled"):
        await expect(page.get_by_text(name, exact=True).first).to_be_visible()
    await expect(page.get_by_text("1 open issue now")).to_be_visible()
    await page.get_by_role("list", name="Open issues").get_by_role("link").click()
    await expect(page).to_have_url(f"{person.api.url}/issues/{issue}")


async def test_a_runbook_that_is_suggested_nowhere_says_so(person: Person, shop: Shop) -> None:
    await person.open("/runbooks/cordon-node")
    await expect(person.page.get_by_text("No open issue now")).to_be_visible()


async def test_suggestions_that_do_not_load_can_be_tried_again(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge, width=390) as person:
        await sign_in(person)
        await person.fail_until_tried_again("**/v1/runbooks/*/suggestions")
        await person.open("/runbooks/cordon-node")
        await expect(person.page.get_by_text("Could not load the suggestions")).to_be_visible()
        await person.page.get_by_role("button", name="Try again").click()
        await expect(person.page.get_by_text("No open issue now")).to_be_visible()
