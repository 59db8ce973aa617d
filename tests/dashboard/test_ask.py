"""Asking about an issue and a cluster: suggested and own questions, the answer with its evidence, and what failed."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.api.conftest import Api
from tests.api.issues.test_model_questions import allow, issue_of, reads_pod
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 390)])
async def test_questions_are_answered_with_evidence(chromium: Browser, edge: Api, dark: bool, width: int, tmp_path: Path) -> None:
    issue = await issue_of(edge)
    await allow(edge, reads_pod)
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        await person.open(f"/issues/{issue}")
        box = person.page.locator("#ask")
        await box.get_by_role("button", name="Since when?").click()
        await expect(box).to_contain_text("First seen at")
        await expect(box).to_contain_text("looked at")
        await box.get_by_label("Question about this issue").fill("Is the coffee ready?")
        await person.page.keyboard.press("Enter")
        await expect(box).to_contain_text("openai/scripted, checked against the evidence")
        await expect(box).to_contain_text("Left out, since no evidence that the model read says the same: 1 of its sentences.")
        await box.get_by_role("button", name="Evidence 1").click()
        await expect(box.locator("details li").first).to_be_focused()
        await box.scroll_into_view_if_needed()
        await person.page.screenshot(path=tmp_path / f"ask-{dark}-{width}.png")
        assert await person.axe() == []


async def test_a_list_is_a_query_to_run_and_failures_are_shown(person: Person, edge: Api) -> None:
    await issue_of(edge)
    await person.open("/clusters")
    await person.page.get_by_role("link", name="prod").first.click()
    box = person.page.locator("#ask")
    ask = box.get_by_label("Question about this cluster")
    await ask.fill("Is the coffee ready?")
    await person.page.keyboard.press("Enter")
    await expect(box).to_contain_text("Any other question needs an open issue, and a language model that is switched on")
    await ask.fill("show failing pods")
    await person.page.keyboard.press("Enter")
    await expect(box).to_contain_text("kind:Pod state:failing cluster:prod")

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="{}")

    await person.page.route("**/questions", fail)
    await box.get_by_role("button", name="What changed?").click()
    await expect(box).to_contain_text("Could not answer the question")
    await person.page.unroute("**/questions")
    await box.get_by_role("link", name="Run the query").or_(box.get_by_role("button", name="Try again")).click()
    await expect(box.get_by_role("alert")).to_have_count(0)
