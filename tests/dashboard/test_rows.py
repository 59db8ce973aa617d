"""What a row of issues says, on the overview and in the list: what, why, where, since when, and what to do, in two lines."""

import json
import re
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, Route, expect

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.overview.test_overview import explained
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids

pytestmark = pytest.mark.slow
ENOUGH = 12
LONG = "Deployment shop/checkout-and-payments is crash-looping: container checkout-and-payments-gateway exits with code 1 "[:110]
_ABOVE_THE_FOLD = """() => {
  const links = [...document.querySelectorAll("main a[href*='/issues/iss_']:not([href*='#'])")];
  const rows = links.map(one => one.closest("li, [role=row]").getBoundingClientRect());
  const end = document.querySelector("[role=table] [role=rowgroup]:last-child")?.getBoundingClientRect().bottom ?? innerHeight;
  return rows.filter(one => one.bottom <= Math.min(end, innerHeight)).length;
}"""
ACTION = {
    "title": "Raise the memory limit of app to 256Mi",
    "risk": "high",
    "runbook": "raise-memory-limit",
    "parameters": {"limit": "256Mi"},
}


@pytest.fixture
async def cluster(edge: Api) -> str:
    made = await edge.new_cluster("production")
    found = [finding(f"app-{number:02}", severity=Severity.HIGH if number else Severity.CRITICAL, api=edge) for number in range(15)]
    await observe(edge, made, replace(found[0], title=LONG), *found[1:])
    return made


@pytest.mark.parametrize("path", ["/", "/issues"])
async def test_twelve_issues_are_above_the_fold_with_whole_titles(chromium: Browser, edge: Api, cluster: str, path: str) -> None:
    await explained(edge, (await issue_ids(edge))["app-00"])
    async with window(chromium, edge, width=1440, height=900) as person:
        await sign_in(person)
        await person.open(path)
        title = person.page.get_by_role("link", name=LONG)
        await expect(title).to_be_visible()
        await person.settled()
        assert await person.page.evaluate(_ABOVE_THE_FOLD) >= ENOUGH
        assert await title.evaluate("one => one.scrollWidth <= one.clientWidth"), "a title of 110 characters is not cut"
        row = person.page.locator("main :is(li, [role=row])").filter(has=title)
        await expect(row).to_contain_text("Cause: The memory limit is too low")
        await expect(row).to_contain_text("shop/app-00")
        await expect(row.get_by_text("for ", exact=False).locator("time")).to_have_attribute(
            "title", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
        )
        assert await person.axe() == []


async def with_action(page: Page, path: str, member: str) -> None:
    """Every issue that the server lists has a first action."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for one in body["issues"] if member == "issues" else body["issues"]["urgent"]:
            one["action"] = ACTION
        await route.fulfill(response=response, body=json.dumps(body))

    await page.route(path, answer)


@pytest.mark.parametrize(("path", "asked", "member"), [("/", "**/v1/overview*", "urgent"), ("/issues", "**/v1/issues?*", "issues")])
async def test_the_first_action_opens_its_preview(chromium: Browser, edge: Api, cluster: str, path: str, asked: str, member: str) -> None:
    async with window(chromium, edge, width=1440, height=900) as person:
        await sign_in(person)
        await with_action(person.page, asked, member)
        await person.open(path)
        await person.page.get_by_role("link", name=ACTION["title"]).first.click()
        await person.page.wait_for_url("**/issues/iss_*#run=raise-memory-limit*")
        await expect(person.page.get_by_role("complementary")).to_contain_text("Raise")


async def test_a_cause_that_arrives_moves_nothing(person: Person, page: Page, cluster: str) -> None:
    ids = await issue_ids(person.api)
    await person.open("/issues")
    row = page.locator(f"[data-id={ids['app-03']}]")
    await expect(row).to_contain_text("Not analyzed")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    before = await row.bounding_box()
    await explained(person.api, ids["app-03"], is_published=True)
    await expect(row).to_contain_text("Cause: The memory limit is too low")
    assert await row.bounding_box() == before
