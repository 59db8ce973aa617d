"""Feedback on an analysis: everybody sees their own vote and the counts, and the settings show where analyses help."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from optral.terms.actor import Role
from tests.api.accounts import member
from tests.api.analyses.test_feedback import NOT_HELPFUL, analyzed
from tests.api.conftest import Api
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids
from tests.dashboard.test_triage import as_viewer

pytestmark = pytest.mark.slow


async def on_the_page(person: Person) -> tuple[Locator, str]:
    """The feedback on the page of the analyzed issue, and its address in the API."""
    path = await analyzed(person.api)
    issue = next(iter((await issue_ids(person.api)).values()))
    await person.open(f"/issues/{issue}")
    return person.page.get_by_role("group", name="Feedback"), path


async def test_a_person_votes_gives_a_reason_changes_it_and_withdraws(person: Person) -> None:
    feedback, path = await on_the_page(person)
    await expect(feedback).to_contain_text("Was this analysis helpful?")
    await feedback.get_by_role("button", name="No…").click()
    reason = feedback.get_by_role("combobox", name="Why was it not helpful?")
    await expect(reason).to_be_focused()
    await person.press("Escape")
    await expect(reason).to_be_hidden()
    await expect(person.page.get_by_role("complementary")).to_be_visible()  # Escape leaves the form, not the page
    await feedback.get_by_role("button", name="No…").click()
    await reason.select_option(label="Wrong cause")
    await feedback.get_by_role("textbox", name="What is wrong?").fill("it was <b>the network</b>")
    await person.press("Control+Enter")
    await expect(feedback.get_by_role("button", name="No…", pressed=True)).to_be_visible()
    await feedback.get_by_text("1 vote: 0 helpful, 1 not helpful").click()
    await expect(feedback.get_by_role("listitem")).to_contain_text("You: not helpful, wrong cause")
    await expect(feedback.get_by_role("listitem")).to_contain_text("it was <b>the network</b>")
    await feedback.get_by_role("button", name="No…").click()
    await expect(feedback.get_by_role("textbox", name="What is wrong?")).to_have_value("it was <b>the network</b>")
    await feedback.get_by_role("button", name="Cancel").click()
    await feedback.get_by_role("button", name="Yes").click()
    await expect(feedback.get_by_role("button", name="Yes", pressed=True)).to_be_visible()
    assert [(one["helpful"], "reason" in one) for one in (await person.api.get(path)).json()["feedback"]] == [(True, False)]
    await feedback.get_by_role("button", name="Withdraw").click()
    await expect(feedback).to_contain_text("Was this analysis helpful?")
    await expect(feedback).not_to_contain_text("vote")


async def test_two_people_see_each_other_vote(person: Person) -> None:
    other = await member(person.api, Role.OPERATOR, "op@example.org")
    feedback, path = await on_the_page(person)
    await feedback.get_by_role("button", name="Yes").click()
    await expect(feedback).to_contain_text("1 vote: 1 helpful, 0 not helpful")
    await other("PUT", path, json=NOT_HELPFUL)
    await expect(feedback).to_contain_text("2 votes: 1 helpful, 1 not helpful")
    await expect(feedback.get_by_role("button", name="Yes", pressed=True)).to_be_visible()
    await feedback.get_by_text("2 votes").click()
    await expect(feedback.get_by_role("listitem").filter(has_text="op@example.org")).to_contain_text("it was a leak")


async def test_who_may_not_vote_sees_the_counts(person: Person) -> None:
    path = await analyzed(person.api)
    await person.api("PUT", path, json=NOT_HELPFUL)
    await person.page.route("**/v1/me", as_viewer)
    await person.open(f"/issues/{next(iter((await issue_ids(person.api)).values()))}")
    feedback = person.page.get_by_role("group", name="Feedback")
    await expect(feedback).to_contain_text("1 vote: 0 helpful, 1 not helpful")
    await expect(feedback.get_by_role("button")).to_have_count(0)


async def test_the_settings_count_feedback_by_type_and_cause(person: Person, page: Page) -> None:
    await person.open("/settings/analysis")
    await expect(page.get_by_text("No feedback in this range.")).to_be_visible()
    path = await analyzed(person.api)
    await person.api("PUT", path, json=NOT_HELPFUL)
    row = page.get_by_role("row").filter(has_text="OOMKilled")
    await expect(row).to_contain_text("memory_limit_too_low")
    await expect(row).to_contain_text("Wrong cause 1")
    await expect(page.get_by_role("list", name="Feedback over time")).to_be_visible()
    await page.get_by_role("combobox", name="Range").select_option(label="24 hours")
    await expect(row).to_contain_text("Wrong cause 1")


async def test_feedback_that_cannot_be_loaded_can_be_tried_again(person: Person) -> None:
    await person.fail_until_tried_again("**/v1/analyses/feedback*")
    await person.open("/settings/analysis")
    await expect(person.page.get_by_text("Could not load the feedback")).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_text("No feedback in this range.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_and_nothing_scrolls_sideways(chromium: Browser, edge: Api, width: int, dark: bool) -> None:
    async with window(chromium, edge, width=width, dark=dark) as person:
        await sign_in(person)
        feedback, path = await on_the_page(person)
        await edge("PUT", path, json=NOT_HELPFUL | {"comment": "word" * 200})
        await feedback.get_by_text("1 vote").click()
        await feedback.get_by_role("button", name="No…").click()
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await person.open("/settings/analysis")
        await expect(person.page.get_by_role("row").filter(has_text="OOMKilled")).to_be_visible()
        assert await person.axe() == []
        assert not await person.page.evaluate("document.documentElement.scrollWidth > innerWidth")
