"""The activity page: who did what, in words, narrowed by the address, exported, and renewed while it is open."""

import json

import pytest
from playwright.async_api import Browser, Page, expect

from optral.access import service as access
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids
from tests.dashboard.test_triage import as_viewer

pytestmark = pytest.mark.slow


@pytest.fixture
async def happened(edge: Api) -> str:
    """The id of an issue that was acknowledged in one of two clusters."""
    cluster = await edge.new_cluster("production")
    await edge.new_cluster("staging")
    await observe(edge, cluster, finding("api", api=edge))
    issue = next(iter((await issue_ids(edge)).values()))
    await edge("PATCH", f"/v1/issues/{issue}", json={"status": "acknowledged"})
    return issue


async def test_each_line_says_who_did_what_and_leads_there(person: Person, page: Page, happened: str) -> None:
    await person.open("/issues")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await person.press("g", "a")
    await expect(page.get_by_role("heading", name="Activity", level=1)).to_be_visible()
    line = page.get_by_role("listitem").filter(has_text="acknowledged Container app of api was killed at its memory limit in production")
    await expect(line).to_be_visible()
    await line.get_by_role("button", name="Details").click()
    await expect(line.get_by_text("issue.acknowledged")).to_be_visible()
    await line.get_by_role("link", name="Container app of api").click()
    await page.wait_for_url(f"**/issues/{happened}*")


async def test_filters_are_in_the_address_and_survive_a_reload(person: Person, happened: str) -> None:
    page, lines = person.page, person.page.get_by_role("main").get_by_role("listitem")
    await person.open("/activity")
    await page.get_by_label("Kind").select_option("cluster")
    await expect(lines).to_have_count(2)
    await page.get_by_label("Time").select_option("24h")
    assert "group=cluster" in page.url
    await page.reload()
    await expect(page.get_by_label("Kind")).to_have_value("cluster")
    await page.get_by_label("Time").select_option("")
    await expect(lines).to_have_count(2)
    await person.open("/activity?cluster=production&group=issue")
    await expect(lines).to_have_count(1)
    await person.open("/activity?group=webhook")
    await page.get_by_role("button", name="Clear filters").click()
    await expect(lines.first).to_be_visible()


async def test_what_happens_meanwhile_appears_and_can_be_exported(person: Person, page: Page, happened: str) -> None:
    await person.open("/activity?group=issue")
    await expect(page.get_by_text("Live", exact=True)).to_be_attached()
    await person.api("PATCH", f"/v1/issues/{happened}", json={"status": "resolved"})
    await expect(page.get_by_role("listitem").filter(has_text="resolved Container app")).to_be_visible()
    await page.get_by_role("button", name="Export").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("menuitem", name="JSON lines").click()
    text = (await (await downloading.value).path()).read_text()
    assert [json.loads(line)["action"] for line in text.splitlines()] == ["issue.acknowledged", "issue.resolved"]


async def test_who_may_not_read_the_log_is_not_led_there(chromium: Browser, edge: Api, happened: str) -> None:
    async with window(chromium, edge) as viewer:
        await viewer.page.route("**/v1/me", as_viewer)
        await sign_in(viewer)
        await viewer.open("/issues")
        await expect(viewer.page.get_by_role("navigation", name="Main").get_by_role("link", name="Settings")).to_be_visible()
        await expect(viewer.page.get_by_role("navigation", name="Main").get_by_role("link", name="Activity")).to_have_count(0)
        await viewer.open("/activity")
        await expect(viewer.page.get_by_role("heading", name="Admins only")).to_be_visible()


async def test_hostile_names_are_text(chromium: Browser, edge: Api) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    await edge.store.write(edge.owner, lambda tx: access.audit(tx, action="runbook.create", target="rbk_x", detail={"slug": hostile}))
    async with window(chromium, edge) as person:
        await sign_in(person)
        await person.open("/activity?group=runbook")
        await expect(person.page.get_by_text(hostile)).to_be_visible()
        assert await person.page.locator("main img").count() == 0


async def test_what_has_no_page_of_its_own_leads_to_where_it_is_listed(person: Person, page: Page) -> None:
    created = await person.api("POST", "/v1/alert-receivers", json={"name": "platform", "clusterRule": {"label": "cluster"}})
    assert created.status_code == 201, created.text
    await person.open("/activity?group=settings")
    await page.get_by_role("link", name="platform").click()
    await expect(page).to_have_url(f"{person.api.url}/alerts?view=receivers")
    await expect(page.get_by_role("cell", name="platform").first).to_be_visible()
