"""All issues that match a filter are changed at once: offered after the loaded ones, confirmed with their number, done by the server."""

import re

import pytest
from playwright.async_api import Page, expect

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import rows

pytestmark = pytest.mark.slow
HIGH = 130  # more than the list loads at first


@pytest.fixture
async def cluster(edge: Api) -> str:
    made = await edge.new_cluster("production")
    many = [finding(f"app-{number:03}", severity=Severity.HIGH, api=edge) for number in range(HIGH)]
    await observe(edge, made, *many, finding("mail", severity=Severity.LOW, api=edge))
    return made


async def total(api: Api, query: str) -> int:
    return int((await api.get(f"/v1/issues?pageSize=1&{query}")).json()["total"])


async def select_all(page: Page, number: int) -> None:
    await page.get_by_label("Select all loaded issues").check()
    await page.get_by_role("button", name=f"Select all {number} that match").click()
    await expect(page.get_by_role("toolbar", name="Selected issues")).to_contain_text(f"All {number} matching issues selected")


async def test_all_that_match_are_acknowledged_and_no_other(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?severity=high")
    await expect(rows(page).first).to_be_visible()
    await select_all(page, HIGH)
    await page.get_by_role("toolbar").get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog", name=f"Acknowledge {HIGH} issues?")
    await expect(dialog).to_contain_text("severity:high status:open,acknowledged snoozed:false muted:false")
    assert await person.axe() == []
    await dialog.get_by_role("button", name=f"Acknowledge {HIGH} issues").click()
    await expect(page.get_by_text(f"Acknowledged: {HIGH}")).to_be_visible()
    await expect(page.get_by_role("toolbar")).to_be_hidden()
    assert (await total(person.api, "status=acknowledged"), await total(person.api, "status=open")) == (HIGH, 1)


async def test_a_number_that_changed_is_said_before_anything_changes(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?severity=high")
    await expect(rows(page).first).to_be_visible()
    await select_all(page, HIGH)
    await observe(person.api, cluster, finding("late", severity=Severity.HIGH, api=person.api))
    await page.get_by_role("toolbar").get_by_role("button", name="Resolve").click()
    await page.get_by_role("button", name=f"Resolve {HIGH} issues").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("alert")).to_have_text("131 issues match now, not 130. Nothing was changed.")
    assert await total(person.api, "status=resolved") == 0
    await dialog.get_by_role("button", name="Resolve 131 issues").click()
    await expect(page.get_by_text("Resolved: 131")).to_be_visible()
    assert await total(person.api, "status=resolved") == HIGH + 1


async def test_another_filter_or_one_row_ends_the_selection_of_all(person: Person, page: Page, cluster: str) -> None:
    await person.open("/issues?severity=high")
    await expect(rows(page).first).to_be_visible()
    await select_all(page, HIGH)
    bar = page.get_by_role("toolbar", name="Selected issues")
    await page.get_by_role("checkbox", name=re.compile("app-")).first.uncheck()
    await expect(bar).to_contain_text("99 selected")
    await page.get_by_label("Select all loaded issues").check()
    await page.get_by_role("button", name=f"Select all {HIGH} that match").click()
    await page.get_by_role("combobox", name="Search issues").fill("severity:high app-12")
    await expect(rows(page)).to_have_count(10)
    await expect(bar).not_to_contain_text("matching issues selected")
