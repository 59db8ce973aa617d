"""The issue list in groups: counts from the server, one open group, by mouse and by keyboard, on a phone, live and with many issues."""

import re
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from optral.issues.lists import groups
from optral.terms.refs import ObjectRef
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import four_issues, rows

pytestmark = pytest.mark.slow
_SCROLLED_TO = """(name) => {
  const box = [...document.querySelectorAll("[role=table] [role=rowgroup]")].at(-1);
  box.scrollTop = box.scrollHeight;
  return box.innerText.includes(name);
}"""  # again and again, as a person does: a notice above the list moves its end


@pytest.fixture
async def cluster(edge: Api) -> str:
    """Four issues in the namespace shop, and one of a node."""
    made = await four_issues(edge)
    node = replace(finding("node-1", type="NodeNotReady", api=edge), part=None, subject=ObjectRef("Node", None, "node-1"))
    await observe(edge, made, replace(node, shown_by=ObjectRef("Node", None, "node-1", "uid-n")))
    return made


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name="Issues").get_by_role("button", name=re.compile(name.replace(", ", r"\s*,\s*")))


async def test_issues_are_grouped_counted_and_opened_group_by_group(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues")
    await expect(rows(page)).to_have_count(5)
    await page.get_by_role("button", name="Display").click()
    await page.get_by_role("menuitemcheckbox", name="Group by namespace").click()
    await page.keyboard.press("Escape")
    await page.wait_for_url("**/issues?group=namespace")
    shop, none = group(page, "shop, 4 issues"), group(page, "No namespace, 1 issue")
    await expect(shop).to_have_attribute("aria-expanded", "true")
    await expect(none).to_have_attribute("aria-expanded", "true")  # a group of one needs no click
    await expect(rows(page)).to_have_count(5)
    await expect(none).to_contain_text("Container app of node-1 was killed")  # the worst title, and below it the true total
    await expect(none).to_contain_text("1 critical")
    await expect(page.get_by_text("2 groups, 5 issues", exact=True)).to_be_visible()

    await none.focus()
    await page.keyboard.press("Enter")
    await expect(none).to_have_attribute("aria-expanded", "false")
    await expect(rows(page)).to_have_count(4)
    await page.keyboard.press("Space")
    await expect(rows(page)).to_have_count(5)
    await shop.click()
    await expect(rows(page)).to_have_count(1)
    await expect(shop).to_be_visible()
    assert await person.axe() == []

    await page.reload()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await person.settled()  # a list that is read again announces nothing
    await expect(rows(page)).to_have_count(5)
    await observe(person.api, cluster, finding("late", api=person.api))
    await expect(group(page, "shop, 5 issues")).to_be_visible()
    await page.get_by_role("button", name="1 new").click()
    await expect(rows(page)).to_have_count(6)
    await rows(page).first.get_by_role("link").click()
    await page.wait_for_url("**/issues/iss_*group=namespace*")
    assert "ns%3Anone" not in page.url and "namespace=" not in page.url.replace("group=namespace", "")


async def test_issues_of_a_workload_are_one_group_and_a_view_keeps_it(person: Person, page: Page, cluster: str) -> None:
    again = replace(finding("api", type="CrashLoopBackOff", api=person.api), part="sidecar")
    await observe(person.api, cluster, finding("api", api=person.api), again)
    await person.open("/issues?group=workload")
    api = group(page, "api, Deployment · shop · production, 2 issues")
    await expect(api).to_have_attribute("aria-expanded", "true")
    await expect(rows(page)).to_have_count(6)
    await expect(group(page, "node-1, Node · production, 1 issue")).to_be_visible()
    assert await person.axe() == []

    await page.get_by_role("button", name="Display").click()
    await page.get_by_role("menuitemcheckbox", name="Compact").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Saved views").click()
    await page.get_by_role("menuitem", name="Save view…").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("By workload")
    await page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    await page.wait_for_url("**view=viw_*")
    view = (await person.api.get("/v1/views")).json()["views"][0]
    assert view["display"] == {"group": "workload", "density": "compact"}

    await person.open("/issues")
    await expect(rows(page)).to_have_count(6)
    await person.open(f"/issues?view={view['id']}")
    await expect(api).to_be_visible()
    await page.get_by_role("button", name="Display").click()
    await page.get_by_role("menuitemcheckbox", name="Group by type").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("The filter differs from the view “By workload”.")).to_be_visible()


async def test_a_group_that_grows_stays_open_with_all_its_issues(person: Person, page: Page, edge: Api) -> None:
    made = await edge.new_cluster("production")
    await observe(edge, made, *[finding(name, api=edge) for name in ("a", "b", "c")])
    nodes = [replace(finding(name, type="NodeNotReady", api=edge), part=None, subject=ObjectRef("Node", None, name)) for name in "wxyz"]
    await observe(edge, made, *[replace(one, shown_by=ObjectRef("Node", None, one.subject.name, "uid-n")) for one in nodes])
    await person.open("/issues?group=type")
    nodes_row = group(page, "NodeNotReady, 4 issues")
    await expect(nodes_row).to_have_attribute("aria-expanded", "true")  # the first large group
    small = group(page, "OOMKilled, 3 issues")
    await expect(small).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await observe(edge, made, finding("d", api=edge))
    grown = group(page, "OOMKilled, 4 issues")
    await expect(grown).to_have_attribute("aria-expanded", "true")
    await expect(rows(page)).to_have_count(8)
    await grown.click()
    await expect(rows(page)).to_have_count(4)
    await grown.click()
    await expect(rows(page)).to_have_count(8)


async def test_more_groups_are_read_on_request_and_an_incomplete_count_is_said(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    api, page = person.api, person.page
    cluster = await api.new_cluster("large")
    for start in range(0, 120, 60):
        await observe(api, cluster, *[finding(f"w{n:04}", api=api) for n in range(start, start + 60)])
    await person.open("/issues?group=workload")
    more = page.get_by_role("button", name="Show more groups (20 left)")
    await expect(page.get_by_text("120 groups")).to_be_visible()
    await page.locator("[role=table] [role=rowgroup]").last.evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    await more.click()
    await expect(more).to_have_count(0)
    await page.wait_for_function(_SCROLLED_TO, arg="w0119")

    monkeypatch.setattr(groups, "MOST_OPEN", 100)
    await page.reload()
    await expect(page.get_by_text("Only the newest 100 matching issues are counted.")).to_be_visible()


async def test_groups_fit_a_phone_and_many_issues_stay_a_few_in_the_page(chromium: Browser, edge: Api) -> None:
    cluster = await edge.new_cluster("large")
    for start in range(0, 300, 100):
        await observe(edge, cluster, *[finding(f"w{n:04}", api=edge) for n in range(start, start + 100)])
    async with window(chromium, edge, width=390) as person:
        await sign_in(person)
        await person.open("/issues?group=type")
        page = person.page
        await expect(group(page, "OOMKilled, 300 issues")).to_be_visible()
        await expect(rows(page).first).to_be_visible()
        assert await rows(page).count() < 60
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert await person.axe() == []
        await group(page, "OOMKilled, 300 issues").click()
        await expect(rows(page)).to_have_count(0)
