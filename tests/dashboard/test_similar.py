"""What an issue's page says of earlier and similar issues."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.api.conftest import Api
from tests.api.issues.test_similar import broken, deploy, recovered
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow


async def returned(api: Api) -> str:
    """The id of an issue that opened after each of three deployments, with one that a member resolved in another cluster."""
    cluster_id, staging = await api.new_cluster("production"), await api.new_cluster("staging")
    await api("PATCH", f"/v1/issues/{await broken(api, staging)}", json={"status": "resolved"})
    await deploy(api, cluster_id, "api", image="registry.example/shop/api:1.8.0", generation=1)
    for number in range(2, 5):
        api.clock.advance(30 * 3600)
        await deploy(api, cluster_id, "api", image=f"registry.example/shop/api:1.8.{number}", generation=number)
        api.clock.advance(120)
        issue = await broken(api, cluster_id)
        if number < 4:
            await recovered(api, cluster_id)
    return issue


@pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 1280), (False, 390)])
async def test_an_issue_that_returns_shows_what_was_before(chromium: Browser, edge: Api, dark: bool, width: int, tmp_path: Path) -> None:
    issue = await returned(edge)
    async with window(chromium, edge, dark=dark, width=width) as person:
        await sign_in(person)
        await person.open(f"/issues/{issue}")
        section = person.page.locator("#similar")
        await expect(section).to_contain_text("Third time in 7 days, each time within 30 minutes after a change of Deployment api.")
        await expect(section.get_by_role("listitem")).to_have_count(3)
        await expect(section).to_contain_text("Resolved manually")
        await section.scroll_into_view_if_needed()
        await person.page.screenshot(path=tmp_path / f"similar-{dark}-{width}.png")
        assert await person.axe() == []


async def test_the_section_is_absent_without_precedent_and_says_when_it_cannot_be_loaded(person: Person, edge: Api) -> None:
    issue = await broken(edge, await edge.new_cluster("production"))
    await person.open(f"/issues/{issue}")
    await expect(person.page.locator("#activity")).to_be_visible()
    await expect(person.page.locator("#similar")).to_have_count(0)

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, body="{}")

    await person.page.route("**/similar", fail)
    await person.page.reload()
    await expect(person.page.locator("#similar")).to_contain_text("Could not load similar issues")
