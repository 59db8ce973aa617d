"""The ticket of an issue, as a person creates it, and the template of new tickets."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from optral.store.transaction import Transaction
from optral.terms.actor import system
from optral.webhooks import threads
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
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


async def edited(page: Page) -> Locator:
    await page.get_by_role("button", name="More actions for ops-tickets").click()
    await page.get_by_role("menuitem", name="Edit").click()
    return page.get_by_role("dialog", name="Edit ops-tickets")


async def test_a_template_is_created_refused_at_its_field_and_changed(person: Person, page: Page) -> None:
    await person.open("/settings/webhooks")
    await page.get_by_role("button", name="New webhook").first.click()
    dialog = page.get_by_role("dialog", name="New webhook")
    await dialog.get_by_label("Name", exact=True).fill("ops-tickets")
    await dialog.get_by_label("Format").select_option("ticket")
    await dialog.get_by_label("URL").fill(HOOK["url"])
    await dialog.get_by_label("Token").fill("token-of-a-test")
    await expect(dialog.get_by_label("Issue type", exact=True)).to_have_count(0)
    await dialog.get_by_label("Title").fill("[{cluster}] {titel}")
    await dialog.get_by_label("Labels").fill("on call, team:{team}")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    await expect(dialog).to_contain_text("there is no placeholder {titel}")
    await dialog.get_by_label("Title").fill("[{cluster}] {title}")
    await dialog.get_by_label("Text").fill("`{cause}`")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.get_by_label("Text")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Text").fill("Cause: {cause}\n\n{url}")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("ops-tickets was created")).to_be_visible()
    expected = {"title": "[{cluster}] {title}", "text": "Cause: {cause}\n\n{url}", "labels": ["on call", "team:{team}"]}
    assert await templates(person) == [expected]
    dialog = await edited(page)
    await expect(dialog).to_contain_text(f"Keeps {HOOK['url']} unless")
    await expect(dialog.get_by_label("Text")).to_have_value(expected["text"])
    await dialog.get_by_label("Labels").fill("")
    await dialog.get_by_label("Assignee").fill("example-user")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    del expected["labels"]
    assert await templates(person) == [{**expected, "assignee": "example-user"}]


async def templates(person: Person) -> list[object]:
    return [one.get("ticket") for one in (await person.api.get("/v1/webhooks")).json()["webhooks"]]


JIRA = {**HOOK, "url": "https://shop.atlassian.net/rest/api/2/project/OPS", "credentials": {"username": "a@example.com", "password": "p"}}


async def test_only_tickets_of_jira_have_an_issue_type_and_further_fields(person: Person, page: Page) -> None:
    template = {"title": "{title}", "issueType": "Task", "fields": {"priority": {"name": "High"}}}
    await person.api("POST", "/v1/webhooks", json={**JIRA, "ticket": template})
    await person.open("/settings/webhooks")
    dialog = await edited(page)
    await expect(dialog.get_by_label("Issue type", exact=True)).to_have_value("Task")
    fields = dialog.get_by_label("Fields")
    await fields.fill("priority: High")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("Enter a JSON object")
    await fields.fill('{"summary": "mine"}')
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("the field summary is set by title")
    await fields.fill('{"customfield_1": [1]}')
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    assert await templates(person) == [{**template, "fields": {"customfield_1": [1]}}]
    dialog = await edited(page)
    await dialog.get_by_label("URL").fill(HOOK["url"])
    await expect(fields).to_have_count(0)
    await dialog.get_by_label("Authentication").select_option("bearer")
    await dialog.get_by_label("Token").fill("token-of-a-test")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    assert await templates(person) == [{"title": "{title}"}]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_template_can_be_read_on_a_phone(chromium: Browser, edge: Api, dark: bool) -> None:
    await edge("POST", "/v1/webhooks", json={**JIRA, "ticket": {"fields": {"priority": {"name": "High"}}}})
    async with window(chromium, edge, dark=dark, width=360, height=740) as person:
        await sign_in(person)
        await person.open("/settings/webhooks")
        dialog = await edited(person.page)
        await dialog.get_by_label("Fields").scroll_into_view_if_needed()
        assert await person.axe() == []
        assert not await dialog.evaluate("one => one.scrollWidth > one.clientWidth")


async def test_a_ticket_that_was_deleted_at_the_provider_says_so_and_what_to_do(person: Person, page: Page, issue: str) -> None:
    webhook = (await person.api("POST", "/v1/webhooks", json=HOOK)).json()["id"]
    await person.api("POST", f"/v1/issues/{issue}/tickets", json={"webhookId": webhook})

    def delete(tx: Transaction) -> None:
        thread = threads.get(tx, webhook, issue)
        assert thread is not None
        threads.save(tx, replace(thread, remote_id="#7", state={"isDeleted": True}))

    await person.api.store.write(system(person.api.org), delete)
    await person.open(f"/issues/{issue}")
    dialog = await opened(page)
    row = dialog.get_by_role("list", name="Tickets")
    await expect(row).to_contain_text("#7 deleted (ops-tickets)")
    await expect(row).to_contain_text("Create ticket creates another one")
    await expect(dialog.get_by_role("button", name="Create ticket")).to_be_enabled()
