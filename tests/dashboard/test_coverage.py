"""What an answer covers, in the dashboard: an empty page never says that nothing is wrong while something was not read."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.api.overview.test_coverage import healthy
from tests.dashboard.conftest import sign_in, window

pytestmark = pytest.mark.slow


async def test_an_empty_page_says_what_was_not_looked_at_and_opens_to_the_record(chromium: Browser, edge: Api) -> None:
    complete = await healthy(edge, "eu")
    async with window(chromium, edge) as person:
        await sign_in(person)
        page = person.page
        await person.open("/")
        await expect(page.get_by_text("Nothing needs attention")).to_be_visible()
        fleet = page.get_by_role("region", name="Clusters", exact=True)
        await expect(fleet.get_by_role("listitem").filter(has_text="eu")).to_contain_text("Healthy")
        await expect(page.get_by_text("No critical issues", exact=True)).to_be_visible()
        blind = await healthy(edge, "us", forbidden={"Service"})
        await person.open("/")
        await expect(page.get_by_text("Nothing found in what could be read")).to_be_visible()
        await expect(page.get_by_text("No critical issues in what could be read")).to_be_visible()
        await expect(page.get_by_text("No issues of high severity in what could be read")).to_be_visible()
        tile = fleet.get_by_role("listitem").filter(has_text="us")
        await expect(tile).to_contain_text("Not all read")
        await expect(tile.get_by_title("Service of cluster us cannot be read.").first).to_be_visible()
        await expect(tile).to_contain_text("No open issues in what could be read")
        await expect(fleet.get_by_role("listitem").filter(has_text="eu")).to_contain_text("Healthy")
        assert await person.axe() == []
        await person.open("/clusters")
        await expect(page.get_by_role("row", name=re.compile("^us "))).to_contain_text("none in what could be read")
        await expect(page.get_by_role("row", name=re.compile("^eu ")).get_by_text("none", exact=True)).to_be_visible()
        await person.open("/issues")
        await expect(page.get_by_role("heading", name="No open issues in what could be read")).to_be_visible()
        await page.get_by_text("Service of cluster us cannot be read.").click()
        unread = page.get_by_role("list", name="Not looked at")
        await expect(unread.get_by_role("listitem").first).to_contain_text("Service of cluster us cannot be read. The role of the agent")
        await expect(page.get_by_role("list", name="Clusters")).to_contain_text("eu: 40 kinds")
        for cluster_id, says in ((complete, "The cluster looks healthy."), (blind, "Not everything was looked at")):
            await person.open(f"/clusters/{cluster_id}?tab=issues")
            await expect(page.get_by_text(says)).to_be_visible()
