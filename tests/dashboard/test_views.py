"""Saved views on the issue list: kept, opened by the menu and by an address, changed, shared, deleted, and what the server refuses."""

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from optral.access import people_service as access
from optral.terms import actor as actors
from optral.terms.actor import Role
from tests.api.conftest import PEPPER, Api
from tests.dashboard.conftest import PASSWORD, Person, sign_in, window
from tests.dashboard.test_issues import four_issues, rows

pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(edge: Api) -> str:
    """A cluster with four open issues, two of them of high severity."""
    return await four_issues(edge)


def menu(page: Page) -> Any:
    return page.get_by_role("button", name="Saved views")


async def choose(page: Page, item: str) -> None:
    await menu(page).click()
    await page.get_by_role("menuitem", name=item).click()


async def save(page: Page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_role("button", name="Save", exact=True).click()


async def accept_invite(person: Person, role: Role) -> None:
    """Sign in as a new member of this role."""
    api = person.api
    _, token = await api.store.write(actors.system(api.org), lambda tx: access.create_invite(tx, pepper=PEPPER, role=role))
    body = {"token": token, "email": "viewer@example.org", "password": PASSWORD}
    headers = {"X-Optral-CSRF": "1", "Content-Type": "application/json"}
    answer = await person.page.context.request.post(f"{api.url}/v1/invites/accept", data=json.dumps(body), headers=headers)
    assert answer.ok, await answer.text()


async def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get("/v1/views")).json()["views"]
    return found


async def test_a_view_is_saved_opened_changed_renamed_and_deleted(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?severity=high")
    await expect(rows(page)).to_have_count(2)
    await page.get_by_role("button", name="Save view").click()
    dialog = page.get_by_role("dialog", name="Save view")
    await expect(dialog).to_contain_text("severity:high status:open,acknowledged snoozed:false muted:false")
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await expect(dialog.get_by_label("Name")).to_have_accessible_description("Enter a name.")
    await save(page, "Pages me")
    await expect(menu(page)).to_have_text("Pages me")
    await expect(rows(page)).to_have_count(2)

    # Another list, and back by the keyboard alone.
    await page.get_by_role("group", name="Views").get_by_role("button", name="Open").click()
    await expect(rows(page)).to_have_count(4)
    await expect(menu(page)).to_have_text("Views")
    await menu(page).focus()
    await person.press("Enter")
    await expect(page.get_by_role("menuitem", name="Pages me 2 open")).to_be_focused()
    await person.press("Enter")
    await expect(rows(page)).to_have_count(2)

    # What differs from the view is said, and can be taken back or kept.
    said = page.get_by_text("The filter differs from the view “Pages me”.")
    await expect(said).to_be_hidden()
    await page.get_by_role("combobox", name="Search issues").fill("severity:high owner:web")
    await expect(rows(page)).to_have_count(1)
    await expect(said).to_be_visible()
    await page.get_by_role("button", name="Discard changes").click()
    await expect(rows(page)).to_have_count(2)
    await page.get_by_role("combobox", name="Search issues").fill("severity:high owner:web")
    await page.get_by_role("button", name="Update view").click()
    await expect(page.get_by_text("View updated: Pages me")).to_be_visible()
    await expect(said).to_be_hidden()

    await choose(page, "Rename or share…")
    await save(page, "Web only")
    await expect(menu(page)).to_have_text("Web only")
    [view] = await listed(person.api)
    assert (view["name"], view["query"]) == ("Web only", "severity:high owner:web status:open,acknowledged snoozed:false muted:false")
    assert view["openIssues"] == 1

    await choose(page, "Delete view…")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(menu(page)).to_have_text("Views")
    await expect(rows(page)).to_have_count(1)  # the list stays as it was
    assert await listed(person.api) == []


async def test_an_address_opens_a_view_as_it_is_now(person: Person, page: Page, cluster: str) -> None:
    made = (await person.api("POST", "/v1/views", json={"name": "Low", "query": "severity:low", "sort": "detectedAt"})).json()
    await person.open(f"/issues?view={made['id']}")
    await expect(rows(page)).to_have_count(1)
    await expect(menu(page)).to_have_text("Low")
    await page.wait_for_url("**/issues?*severity=low*")
    await expect(page.get_by_role("columnheader", name="Detected")).to_have_attribute("aria-sort", "ascending")
    await page.reload()
    await expect(rows(page)).to_have_count(1)
    await page.get_by_role("button", name="Clear", exact=True).click()
    await expect(rows(page)).to_have_count(4)
    await expect(page.get_by_text("The filter differs from the view “Low”.")).to_be_visible()


async def test_an_address_of_no_view_says_so(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?view=viw_01jd3q4m6ve5jt8cmykq3rzm0a")
    await expect(page.get_by_role("heading", name="View not found")).to_be_visible()
    await page.get_by_role("button", name="View open issues").click()
    await expect(rows(page)).to_have_count(4)


async def test_views_that_cannot_be_read_are_tried_again(person: Person, page: Page, cluster: str) -> None:
    made = (await person.api("POST", "/v1/views", json={"name": "Low", "query": "severity:low"})).json()
    await person.fail_until_tried_again("**/v1/views")
    await person.open(f"/issues?view={made['id']}")
    await expect(page.get_by_text("Could not load the view")).to_be_visible()
    await page.get_by_role("button", name="Try again").click()
    await expect(rows(page)).to_have_count(1)


async def test_a_refusal_of_the_server_is_said_at_the_name(person: Person, page: Page, cluster: str) -> None:
    for number in range(50):
        await person.api("POST", "/v1/views", json={"name": f"View {number}", "query": "severity:low"})
    await person.open("/issues?severity=high")
    await page.get_by_role("button", name="Save view").click()
    name = page.get_by_role("dialog").get_by_label("Name")
    await save(page, "view 7")
    await expect(name).to_have_accessible_description("One of your views has the name 'view 7' already; choose another.")
    await save(page, "Another")
    await expect(name).to_have_accessible_description("You have 50 views; delete one first.")
    await page.get_by_label("Shared with everyone in the organization").check()
    await save(page, "Another")
    await expect(menu(page)).to_have_text("Another")


async def test_a_viewer_keeps_own_views_and_opens_shared_ones(chromium: Browser, edge: Api, cluster: str) -> None:
    async with window(chromium, edge) as viewer:
        await edge("POST", "/v1/views", json={"name": "Team", "query": "severity:critical", "shared": True})
        await accept_invite(viewer, Role.VIEWER)
        page = viewer.page
        await viewer.open("/issues")
        await choose(page, "Team 1 open")
        await expect(rows(page)).to_have_count(1)
        await menu(page).click()
        await expect(page.get_by_role("menuitem", name="Copy link")).to_be_visible()
        await expect(page.get_by_role("menuitem", name="Delete view…")).to_be_hidden()
        await page.get_by_role("menuitem", name="Save as new view…").click()
        await expect(page.get_by_label(re.compile("Shared with everyone"))).to_be_disabled()
        await save(page, "Team")
        await menu(page).click()
        await expect(page.get_by_role("group", name="Your views").get_by_role("menuitem", name="Team 1 open, current")).to_be_hidden()
        await expect(page.get_by_role("group", name="Your views").get_by_role("menuitem")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_phone_has_the_views_too_and_axe_finds_no_fault(chromium: Browser, edge: Api, cluster: str, dark: bool) -> None:
    async with window(chromium, edge, width=320, height=700, dark=dark) as person:
        await sign_in(person)
        await edge("POST", "/v1/views", json={"name": "Everything that pages somebody at night", "query": "severity:high"})
        page = person.page
        await person.open("/issues")
        await expect(rows(page)).to_have_count(4)
        await menu(page).click()
        await expect(page.get_by_role("menuitem", name="Everything")).to_be_visible()
        assert await person.axe() == []
        await page.get_by_role("menuitem", name="Everything").click()
        await expect(rows(page)).to_have_count(2)
        await page.get_by_role("button", name="Severity: High").click()
        await page.get_by_role("menuitemcheckbox", name="Critical").click()
        await person.press("Escape")
        await expect(page.get_by_text("The filter differs from the view")).to_be_visible()
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await choose(page, "Save as new view…")
        assert await person.axe() == []
