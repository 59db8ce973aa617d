"""Fleet tokens, agents that wait for approval, and the kinds that an agent cannot read."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from optral.kube.changes import KindMark, Phase
from optral.resources import reports
from optral.terms import actor as actors
from tests.api.conftest import Api
from tests.api.seeds import enroll, objects
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_triage import as_viewer
from tests.support.agents import AgentKey

pytestmark = pytest.mark.slow


async def new_token(api: Api, **change: object) -> dict[str, Any]:
    body = {"name": "edge sites", "namePattern": "edge-{number}", "maxUses": 3, "needsApproval": True, **change}
    answer = await api("POST", "/v1/fleet-tokens", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_token_is_shown_once_with_the_command_that_uses_it(person: Person, page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await person.open("/clusters")
    await page.get_by_role("button", name="Fleet tokens").click()
    await expect(page.get_by_role("heading", name="No fleet tokens")).to_be_visible()
    await page.get_by_role("button", name="Create fleet token").first.click()
    form = page.get_by_role("dialog", name="Create fleet token")
    await form.get_by_role("button", name="Create").click()
    await expect(form.get_by_text("Enter a name.")).to_be_visible()
    await form.get_by_label("Name", exact=True).fill("edge sites")
    await form.get_by_label("Uses").fill("50")
    await form.get_by_label("Source networks").fill("nonsense")
    await form.get_by_role("button", name="Create").click()
    await expect(form.get_by_text("use a network in CIDR notation")).to_be_visible()
    await form.get_by_label("Source networks").fill("10.0.0.0/8, 192.0.2.0/24")
    await form.get_by_label("Require approval for each agent").check()
    await form.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name="Store this token now")
    token = await shown.get_by_role("textbox").inner_text()
    assert token.startswith("mhe_")
    command = shown.get_by_role("region", name="command", exact=True)
    await expect(command).to_contain_text("helm upgrade --install")
    await expect(command).not_to_contain_text(token)
    await shown.get_by_role("button", name="Copy command").click()
    assert token in await page.evaluate("navigator.clipboard.readText()")
    await shown.get_by_role("tab", name="Argo CD").click()
    await expect(shown.get_by_role("region", name="ApplicationSet")).to_contain_text("kind: ApplicationSet")
    await shown.get_by_role("button", name="I have stored it").click()
    row = page.get_by_role("row").filter(has_text="edge sites")
    await expect(row).to_contain_text("0 of 50")
    await expect(row).to_contain_text("10.0.0.0/8")


async def test_an_agent_is_approved_for_the_key_that_was_shown(person: Person) -> None:
    page, api = person.page, person.api
    token = await new_token(api)
    await enroll(api, token["token"])
    shown = (await api.get("/v1/fleet-tokens/waiting")).json()
    await page.route("**/v1/fleet-tokens/waiting", lambda route: route.fulfill(json=shown))  # what is shown stays as it is
    await person.open("/clusters/fleet")
    agents = page.get_by_role("list", name="Agents waiting for approval")
    await expect(agents).to_contain_text("192.0.2.7")
    await enroll(api, token["token"], key=AgentKey())
    await page.get_by_role("button", name="Approve edge-1").click()
    dialog = page.get_by_role("dialog", name="Approve edge-1?")
    await dialog.get_by_role("button", name="Approve").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The waiting agent or the cluster has changed")
    await dialog.get_by_role("button", name="Cancel").click()
    await page.unroute("**/v1/fleet-tokens/waiting")
    await person.open("/clusters/fleet")
    await page.get_by_role("button", name="Approve edge-1").click()
    await dialog.get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("No agents are waiting for approval")).to_be_visible()
    await page.get_by_role("button", name="edge sites").click()
    detail = page.get_by_role("dialog", name="edge sites")
    await expect(detail).to_contain_text("approved, not enrolled yet")
    await expect(detail).to_contain_text("Approved")
    await detail.get_by_role("button", name="Revoke…").click()
    await page.get_by_role("dialog", name="Revoke edge sites?").get_by_role("button", name="Revoke").click()
    await expect(detail.get_by_text("Revoked").first).to_be_visible()


async def test_a_cluster_that_waits_shows_the_decision_and_makes_no_token(person: Person) -> None:
    page, api = person.page, person.api
    token = (await new_token(api))["token"]
    for uid in ("uid-1", "uid-2"):
        await enroll(api, token, uid=uid)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await person.open("/clusters")
    row = page.get_by_role("row").filter(has_text="edge-1")
    await expect(row).to_contain_text("Waits for approval")
    await expect(page.get_by_role("button", name="Fleet tokens")).to_contain_text("2 waiting")
    await row.get_by_role("link", name="edge-1").click()
    await expect(page.get_by_role("heading", name="An agent is waiting for approval")).to_be_visible()
    await page.get_by_role("button", name="Approve edge-1").click()
    await page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("heading", name="This cluster connects with a fleet token")).to_be_visible()
    await person.open("/clusters")
    await page.get_by_role("row").filter(has_text="edge-2").get_by_role("link").click()
    await page.get_by_role("button", name="Reject edge-2").click()
    await page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    await expect(page.get_by_role("heading", name="This cluster was removed")).to_be_visible()
    assert not [url for url in asked if "/install" in url]


async def test_a_viewer_sees_no_button(chromium: Browser, edge: Api) -> None:
    await enroll(edge, (await new_token(edge))["token"])
    async with window(chromium, edge) as person:
        await sign_in(person)
        await person.page.route("**/v1/me", as_viewer)
        await person.open("/clusters")
        await expect(person.page.get_by_role("link", name="edge-1")).to_be_visible()
        await expect(person.page.get_by_role("button", name="Fleet tokens")).to_have_count(0)
        await person.page.get_by_role("link", name="edge-1").click()
        await expect(person.page.get_by_text("An admin or owner can approve it")).to_be_visible()
        await expect(person.page.get_by_role("button", name="Approve")).to_have_count(0)
        await person.open("/clusters/fleet")
        await expect(person.page.get_by_role("heading", name="Admins only")).to_be_visible()
        await expect(person.page.get_by_role("button", name="Create fleet token")).to_have_count(0)


async def test_lists_that_cannot_be_loaded_say_so_and_try_again(person: Person, page: Page) -> None:
    await new_token(person.api)
    await person.fail_until_tried_again("**/v1/fleet-tokens?**", 503)
    await person.open("/clusters/fleet")
    failed = page.get_by_role("alert").filter(has_text="Could not load fleet tokens")
    await expect(failed).to_be_visible()
    await failed.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="edge sites")).to_be_visible()


async def with_kinds(api: Api) -> str:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "api-1", "api-2")
    await objects(api, cluster, "web", kind="Certificate.cert-manager.io", apiVersion="cert-manager.io/v1")
    marks = [
        KindMark("Pod", Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark("Pod", Phase.SNAPSHOT_END, "g1", "", 2),
        KindMark("Widget.shop.example", Phase.FORBIDDEN, ""),
    ]
    await api.store.write(actors.system(api.org), lambda tx: [reports.mark(tx, cluster, mark) for mark in marks])
    return cluster


async def test_the_kinds_that_an_agent_cannot_read_come_first_with_what_to_do(person: Person, page: Page) -> None:
    cluster = await with_kinds(person.api)
    await person.open(f"/clusters/{cluster}")
    await page.get_by_role("link", name="The agent cannot read 1 kind").click()
    row = page.get_by_role("row").nth(1)
    await expect(row).to_contain_text("Widget")
    await expect(row).to_contain_text("Not readable")
    await expect(row).to_contain_text("extraRules")


def box_of(box: Any) -> tuple[float, float, float, float]:
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


async def overlaps(one: Locator, other: Locator) -> bool:
    left, top, right, bottom = box_of(await one.bounding_box())
    other_left, other_top, other_right, other_bottom = box_of(await other.bounding_box())
    return left < other_right and other_left < right and top < other_bottom and other_top < bottom


@pytest.mark.parametrize("width", [1280, 390])
async def test_the_copy_button_of_a_command_covers_none_of_it(chromium: Browser, edge: Api, width: int) -> None:
    cluster = await edge.new_cluster("production")
    async with window(chromium, edge, width=width) as person:
        await sign_in(person)
        await person.open(f"/clusters/{cluster}/connect?method=local")
        command = person.page.get_by_role("region", name="command", exact=True)
        await expect(command).to_be_visible()
        for name in ("Copy command", "Show token"):
            assert not await overlaps(command, person.page.get_by_role("button", name=name))


async def test_the_explorer_shows_all_objects_of_an_api_group(person: Person, page: Page) -> None:
    await with_kinds(person.api)
    await person.open("/resources")
    await expect(page.get_by_text("api-1", exact=True)).to_be_visible()
    await page.get_by_role("button", name="cert-manager.io").click()
    await expect(page.get_by_role("heading", name="cert-manager.io", level=1)).to_be_visible()
    await expect(page.get_by_text("web", exact=True)).to_be_visible()
    await expect(page.get_by_text("api-1", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="All kinds").click()
    await expect(page.get_by_text("api-1", exact=True)).to_be_visible()


async def test_waiting_agents_and_tokens_are_shown_at_once(person: Person, page: Page, furnished: Api) -> None:
    """Neither list moves the other when it arrives."""
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await asyncio.wait_for(released.wait(), 20)
        await route.continue_()

    await page.route(re.compile(r"/v1/fleet-tokens\?"), hold)
    async with page.expect_response("**/v1/fleet-tokens/waiting"):
        await person.open("/clusters/fleet")
    await expect(page.get_by_text("Loading fleet tokens")).to_be_attached()
    await expect(page.get_by_role("heading", name="Waiting for approval")).to_have_count(0)
    released.set()
    await expect(page.get_by_role("list", name="Agents waiting for approval")).to_be_visible()
    await expect(page.get_by_role("region", name="Tokens").get_by_text("edge sites")).to_be_visible()
