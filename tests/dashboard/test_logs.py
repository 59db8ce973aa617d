"""The log of a pod that is followed, and the words about who approves a change."""

import json

import pytest
from playwright.async_api import Browser, Route, expect

from tests.api.conftest import Api
from tests.api.seeds import objects
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow
RAISE = "raise-memory-limit"


async def test_a_followed_log_grows_by_itself(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "api-1", spec={"containers": [{"name": "app", "image": "x"}]})
    pod = (await api.get("/v1/resources")).json()["resources"][0]["id"]
    lines = ["line 1"]

    async def answer(route: Route) -> None:
        body = {"container": "app", "previous": False, "text": "\n".join(lines), "lines": len(lines), "truncated": False}
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    await page.route("**/v1/resources/*/logs?*", answer)
    await page.clock.install()
    await person.open(f"/resources/{pod}?tab=logs")
    await expect(page.get_by_text("line 1")).to_be_visible()
    lines.append("line 2")
    await page.clock.run_for(20_000)
    await expect(page.get_by_text("line 2")).to_have_count(0)  # nobody follows yet
    await page.get_by_role("button", name="Follow").click()
    await page.clock.run_for(6_000)
    await expect(page.get_by_text("line 2")).to_be_visible()
    await page.get_by_label("Container run").select_option("previous")
    await expect(page.get_by_role("button", name="Follow")).to_be_disabled()


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_only_member_reads_that_they_approve_and_can_plan_at_once(chromium: Browser, edge: Api, width: int) -> None:
    await edge.new_cluster("production")
    found = {one["slug"]: one["id"] for one in (await edge.get("/v1/runbooks")).json()["runbooks"]}
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open(f"/runbooks/{found[RAISE]}")
        page = person.page
        await expect(page.get_by_text("You are the only member, so you approve it yourself")).to_be_attached()
        await expect(page.get_by_text("another member")).to_have_count(0)
        if width > 1000:
            await expect(page.get_by_role("button", name="Dry run")).to_be_in_viewport(ratio=1)
