"""A fix as the page of its issue shows it: what runs or has to wait instead of the button, on a phone, and afterwards who fixed it or what
did not help."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.api.conftest import Api
from tests.dashboard import test_rows
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import with_analysis
from tests.dashboard.test_read_only import ACTION, with_action
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow
PARAMETERS = {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "api", "limit": "128Mi"}
LIMIT: dict[str, Any] = {name: value for name, value in ACTION.items() if name != "obstacle"} | {"parameters": PARAMETERS}
LINK = f"run=raise-memory-limit&p={quote(json.dumps(PARAMETERS, separators=(',', ':')))}"
IS_ON_TOP = """one => {
  const box = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


async def left_of(found: Locator) -> float:
    there = await found.bounding_box()
    assert there is not None
    return there["x"]


async def test_a_fix_that_waits_for_approval_stands_where_its_button_was(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await with_action(page, issue, LIMIT)
    await person.open(f"/issues/{issue}")
    action = page.get_by_role("listitem").filter(has=page.get_by_text(LIMIT["title"], exact=True))
    await expect(action.get_by_role("button", name="Preview…")).to_be_visible()
    one = await shop.raise_limit(issue_id=issue)
    await shop.settle(one)
    await page.reload()
    await expect(action).to_contain_text("Needs approval")
    await expect(action).to_contain_text("requested by")
    await expect(action.get_by_role("button", name="Preview…")).to_have_count(0)
    assert await person.axe() == []
    await action.get_by_role("link", name="Show").click()
    panel = page.get_by_role("region", name="Runbook")
    await expect(panel.get_by_role("button", name="Approve and run")).to_be_visible()


async def test_a_runbook_that_runs_is_shown_instead_of_its_form_and_cancels_at_the_other_edge(
    person: Person, page: Page, shop: Shop
) -> None:
    issue = await shop.observe(shown=True)
    await with_action(page, issue, LIMIT | {"runbook": "restart-workload", "parameters": {}})
    await shop.start(issue_id=issue)
    await person.open(f"/issues/{issue}#run=restart-workload")
    panel = page.get_by_role("region", name="Runbook")
    cancel = panel.get_by_role("button", name="Cancel")
    await expect(cancel).to_be_visible()
    await expect(panel.get_by_role("button", name="Preview")).to_have_count(0)
    assert await left_of(cancel) > await left_of(panel) + 250  # where the button that started it was


async def test_what_a_run_has_to_wait_for_is_said_before_the_preview(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    hold = {"code": "cooling_down", "message": "raise-memory-limit changed Deployment shop/web recently", "until": "2100-01-01T00:00:00Z"}
    await with_action(page, issue, LIMIT | {"hold": hold})
    await person.open(f"/issues/{issue}#{LINK}")
    note = page.get_by_role("region", name="Runbook").get_by_role("note")
    await expect(note).to_contain_text("changed Deployment shop/web recently. A run is possible again at")
    assert await person.axe() == []


async def test_no_field_of_a_phone_is_covered_by_the_buttons(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge, width=390, height=844, touch=True) as person:
        await sign_in(person)
        issue = await shop.observe(shown=True)
        one = await shop.raise_limit(issue_id=issue)
        await shop.settle(one)
        await person.open(f"/issues/{issue}#run=raise-memory-limit&execution={one.id}")
        fields = person.page.get_by_role("form", name="Approve this plan").get_by_role("textbox")
        await expect(fields.last).to_be_visible()
        await expect(person.page.get_by_role("button", name="Approve and run")).to_be_in_viewport(ratio=1)
        for height in (844, 500):  # without and with its keyboard
            await person.page.set_viewport_size({"width": 390, "height": height})
            for field in await fields.all():
                await field.blur()
                await field.focus()
                await person.settled()
                assert await field.evaluate(IS_ON_TOP), (
                    f"{height} px: {await field.get_attribute('aria-label')} {await field.bounding_box()}"
                )


async def test_a_resolved_issue_says_who_fixed_it_and_with_which_execution(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    at = "2026-01-01T00:00:00Z"
    fix = {"executionId": "exe_1", "by": shop.owner.id, "verifiedAt": at, "resolvesAt": None}
    resolved = {"status": "resolved", "resolvedAt": at, "resolution": "recovered", "resolvedBy": "system"}
    await with_analysis(page, issue, analysis=None, fix=fix, **resolved)
    await person.open(f"/issues/{issue}")
    panel = page.get_by_role("complementary")
    await expect(panel).to_contain_text("Fixed by you")
    await expect(panel.get_by_role("link", name="show the execution")).to_have_attribute("href", "/executions/exe_1")
    await expect(page.get_by_label("Key facts")).not_to_contain_text("None known")
    assert await person.axe() == []


async def test_a_change_that_did_not_help_is_said_at_once(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    failed = {
        "executionId": "exe_1",
        "by": shop.owner.id,
        "at": "2026-01-01T00:00:00Z",
        "text": "The memory limit of 64Mi did not suffice.",
    }
    await with_analysis(page, issue, analysis=None, failedFix=failed)
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_text(failed["text"])).to_be_in_viewport(ratio=1)
    assert await person.axe() == []


async def test_what_an_issue_affects_leads_to_the_list(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await with_analysis(page, issue, impact={"workloads": 2, "pods": 2, "namespaces": 1, "callers": 0, "reason": "Two are down."})
    await person.open(f"/issues/{issue}")
    affected = page.get_by_role("heading", name="Affected")
    await page.get_by_label("Key facts").get_by_role("link", name="2 workloads, 2 pods").click()
    await expect(affected).to_be_in_viewport(ratio=1)
    await page.reload()
    await expect(affected).to_be_in_viewport(ratio=1)


async def test_the_panel_says_why_it_changes_another_object_than_that_of_the_issue(person: Person, page: Page, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    other = {**PARAMETERS, "namespace": "inventory"}
    await with_action(page, issue, LIMIT | {"parameters": other})
    await person.open(f"/issues/{issue}#run=raise-memory-limit&p={quote(json.dumps(other, separators=(',', ':')))}")
    panel = page.get_by_role("region", name="Runbook")
    await expect(panel).to_contain_text("The issue is about Deployment shop/web. This object is changed because of the cause:")
    await person.open(f"/issues/{issue}#{LINK}")
    await expect(panel).to_contain_text("shop/web")
    await expect(panel).not_to_contain_text("The issue is about")
    await person.open(f"/issues/{issue}#run=set-target-port")
    await expect(panel).to_contain_text("Service shop/web")
    await expect(panel).to_contain_text("The issue is about Deployment shop/web")


async def test_a_row_shows_the_fix_that_waits_instead_of_its_first_action(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge, width=1440, height=900) as person:
        await sign_in(person)
        issue = await shop.observe(shown=True)
        await shop.settle(await shop.raise_limit(issue_id=issue))
        await test_rows.with_action(person.page, "**/v1/issues?*", "issues")
        await person.open("/issues")
        row = person.page.locator(f"[role=row][data-id={issue}]")
        await expect(row).to_contain_text("Needs approval")
        await expect(row.get_by_role("link", name=test_rows.ACTION["title"])).to_have_count(0)
        assert await person.axe() == []
        await row.get_by_role("link", name="Needs approval").click()
        await expect(person.page.get_by_role("button", name="Approve and run")).to_be_visible()
