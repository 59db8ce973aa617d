"""A runbook that the language model drafts from an issue: saved disabled, shown with its dry run, and enabled by a person."""

import pytest
from playwright.async_api import expect

from tests.api.conftest import Api
from tests.api.issues.test_model_questions import allow
from tests.api.runbooks.test_drafts import GOOD, drafts
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import with_analysis
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow


async def test_a_draft_is_saved_disabled_with_a_dry_run_and_a_person_enables_it(person: Person, edge: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await allow(edge, drafts(GOOD))
    page = person.page
    await with_analysis(page, issue)
    await person.open(f"/issues/{issue}")
    await page.get_by_role("button", name="Draft a runbook").click()
    await expect(page.get_by_text("was saved, disabled.")).to_be_visible()
    await expect(page.get_by_role("link", name="dry run")).to_be_visible()
    assert await person.axe() == []
    await page.get_by_role("link", name="Restart the web").click()
    await expect(page.get_by_text("Draft by AI", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Enable").click()
    await expect(page.get_by_text("Drafted by AI", exact=True)).to_be_visible()
    [enabled] = [one for one in (await edge.get("/v1/runbooks", params={"builtIn": "false"})).json()["runbooks"] if one["enabled"]]
    assert (enabled["slug"], enabled["draftedBy"]) == ("restart-after-kill", "openai/scripted")


async def test_a_refused_draft_says_why_and_can_be_requested_again(person: Person, edge: Api, shop: Shop) -> None:
    issue = await shop.observe(shown=True)
    await allow(edge, drafts(GOOD.replace("${target.name}", "other")))
    page = person.page
    await with_analysis(page, issue)
    await person.open(f"/issues/{issue}")
    button = page.get_by_role("button", name="Draft a runbook")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("No runbook was drafted")
    await expect(button).to_be_enabled()
    assert (await edge.get("/v1/runbooks", params={"builtIn": "false"})).json()["runbooks"] == []
