"""The ticket of an issue, as a person creates it."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import issue_ids

pytestmark = pytest.mark.slow
HOOK = {
    "name": "ops-tickets",
    "form": "ticket",
    "url": "https://api.github.com/repos/shop/ops/issues",
    "credentials": {"token": "token-of-a-test"},
}


@pytest.fixture
async def issue(edge: Api) -> str:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("web", api=edge))
    return next(iter((await issue_ids(edge)).values()))


async def opened(page: Page) -> Locator:
    await page.get_by_role("group", name="Actions").get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Create ticket…").click()
    return page.get_by_role("dialog")


async def test_a_ticket_is_requested_once_through_the_webhook_that_a_person_chooses(person: Person, page: Page, issue: str) -> None:
    for name in ("ops-tickets", "audit"):
        made = await person.api("POST", "/v1/webhooks", json={**HOOK, "name": name})
        assert made.status_code == 201, made.text
    await person.open(f"/issues/{issue}")
    dialog = await opened(page)
    await dialog.get_by_label("Webhook").select_option("ops-tickets")
    assert await person.axe() == []
    await dialog.get_by_role("button", name="Create ticket").click()
    await expect(page.get_by_text("The ticket was requested")).to_be_visible()
    dialog = await opened(page)
    await expect(dialog.get_by_role("list", name="Tickets")).to_have_text("Being created (ops-tickets)")
    await expect(dialog.get_by_label("Webhook").get_by_role("option")).to_have_text(["audit"])
    found = (await person.api("GET", f"/v1/issues/{issue}/tickets")).json()
    assert [one["status"] for one in found["tickets"]] == ["pending"]


async def test_without_a_webhook_for_tickets_the_dialog_says_where_to_create_one(person: Person, page: Page, issue: str) -> None:
    await person.open(f"/issues/{issue}")
    dialog = await opened(page)
    await expect(dialog).to_contain_text("No webhook of the form ticket includes this issue")
    await expect(dialog.get_by_role("button", name="Create ticket")).to_be_disabled()
    await expect(dialog.get_by_role("link", name="Settings > Webhooks")).to_have_attribute("href", "/settings/webhooks")


async def test_tickets_that_cannot_be_read_are_tried_again(person: Person, page: Page, issue: str) -> None:
    await person.open(f"/issues/{issue}")
    await person.settled()
    await person.fail_until_tried_again("**/tickets")
    dialog = await opened(page)
    await expect(dialog.get_by_text("Could not load the tickets")).to_be_visible()
    await dialog.get_by_role("button", name="Try again").click()
    await expect(dialog).to_contain_text("No webhook of the form ticket")
