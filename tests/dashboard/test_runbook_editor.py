"""A runbook is written, broken, corrected and saved; two people edit it at once; the server goes away meanwhile."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.api.runbooks.test_runbooks import SOURCE, driven
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, LONGEST_MS, PASSWORD, Person, sign_in, window
from tests.dashboard.hostile import STRINGS
from tests.dashboard.test_server_gone import BACK_MS, killable, post
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow


def definition(person: Person) -> Locator:
    return person.page.get_by_role("textbox", name="Definition")


def problems(person: Person) -> Locator:
    return person.page.get_by_role("region", name="Problems")


async def write(person: Person, text: str) -> None:
    """Put a text in the place of the whole one, as a paste does."""
    await definition(person).click()
    await person.press("ControlOrMeta+a")
    await person.page.keyboard.insert_text(text)


async def choose(person: Person, name: str) -> None:
    await person.page.get_by_role("option", name=name).first.click()


async def created(person: Person, source: str = SOURCE) -> str:
    answer = await person.api("POST", "/v1/runbooks", json={"source": source})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["slug"])


async def test_enter_after_a_complete_value_starts_the_next_line(person: Person, page: Page) -> None:
    await person.open("/runbooks/new")
    await write(person, "slug: own\nsteps:\n  - name: Restart\n    action: restart\n    with:\n      kind: ")
    for keys in ("Deploymen", "t"):
        await page.keyboard.type(keys)
        await expect(page.get_by_role("option", name="Deployment", exact=True)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await page.keyboard.type("namespace")
    await expect(definition(person)).to_contain_text("kind: Deployment\n      namespace", use_inner_text=True)


async def test_a_runbook_is_written_with_completion_broken_corrected_saved_and_previewed(person: Person, page: Page) -> None:
    shop = Shop(person.api.store, person.api.org, person.api.clock)
    await shop.open()
    await person.open("/runbooks")
    await page.get_by_role("button", name="New runbook").click()
    await expect(page.get_by_text("Valid", exact=True)).to_be_visible()
    await definition(person).click()
    await person.press("ControlOrMeta+a", "Delete")
    await expect(problems(person)).to_contain_text("The definition is empty.")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()

    await page.keyboard.type("slug: own\nname: Restart it\nris")
    await choose(person, "risk")
    await choose(person, "low")
    await page.keyboard.type("\nste")
    await choose(person, "steps")
    await page.keyboard.type("name: Restart\nact")
    await choose(person, "action")
    await choose(person, "restart")
    await page.keyboard.type("\nwi")
    await choose(person, "with")
    await page.keyboard.type("kind: Deployment\nnamespace: shop\nname: wbe: x")
    await expect(problems(person)).to_contain_text("Line 10")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    for _ in range(len("wbe: x")):
        await person.press("Backspace")
    await page.keyboard.type("web")
    await expect(page.get_by_text("Valid", exact=True)).to_be_visible()
    await person.press("ControlOrMeta+s")

    await expect(page.get_by_role("heading", name="Restart it")).to_be_visible()
    assert (await person.api.get("/v1/runbooks/own")).json()["steps"][0]["with"]["name"] == "web"
    async with driven(shop):
        await page.get_by_role("combobox", name="Cluster").select_option(label="prod (online)")
        await page.get_by_role("button", name="Dry run").click()
        await expect(page.get_by_role("region", name="Dry run")).to_contain_text("Nothing was changed", timeout=BACK_MS)
    assert shop.agent.applied == 0


async def test_a_mistake_is_reached_and_left_by_keyboard(person: Person, page: Page) -> None:
    slug = await created(person)
    await person.open(f"/runbooks/{slug}/edit")
    await write(person, SOURCE.replace("risk: low", "risk: none"))
    mistake = problems(person).get_by_role("button")
    await expect(mistake).to_contain_text("risk must be one of")
    await person.press("Escape", "Tab")
    await expect(mistake).to_be_focused()
    await person.press("Enter")
    await expect(definition(person)).to_be_focused()
    await person.press("Escape", "Shift+Tab")
    await expect(definition(person)).not_to_be_focused()
    await expect(page.get_by_role("button", name="Save")).to_have_attribute("aria-describedby", "not-saved")
    assert await person.axe() == []


async def test_an_older_judgment_never_replaces_a_newer_one(person: Person) -> None:
    """The answer about the broken text is held back until the one about the corrected text has come."""
    slug = await created(person)
    held: list[object] = []

    async def hold(route: object) -> None:
        request = route.request  # type: ignore[attr-defined]
        if "risk: none" in (request.post_data or ""):
            held.append(route)
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await person.page.route("**/v1/runbooks/validate", hold)
    await person.open(f"/runbooks/{slug}/edit")
    async with person.page.expect_request(lambda request: "risk: none" in (request.post_data or "")):
        await write(person, SOURCE.replace("risk: low", "risk: none"))
    await write(person, SOURCE.replace("risk: low", "risk: high"))
    await expect(person.page.get_by_text("Valid", exact=True)).to_be_visible()
    wrong = '{"valid": false, "errors": [{"line": 3, "field": "risk", "code": "invalid_value", "message": "late"}]}'
    for route in held:
        await route.fulfill(status=200, content_type="application/json", body=wrong)  # type: ignore[attr-defined]
    await expect(person.page.get_by_role("button", name="Save")).to_be_enabled()
    await expect(problems(person).get_by_role("button")).to_have_count(0)


async def test_two_people_edit_at_once_and_nothing_is_lost(person: Person, page: Page, chromium: Browser) -> None:
    slug = await created(person)
    await person.open(f"/runbooks/{slug}/edit")
    await write(person, SOURCE.replace("Bounce it", "Mine"))
    async with window(chromium, person.api) as other:
        await sign_in(other)
        await other.open(f"/runbooks/{slug}/edit")
        await write(other, SOURCE.replace("Bounce it", "Theirs"))
        await other.page.get_by_role("button", name="Save").click()
        await expect(other.page.get_by_role("heading", name="Theirs")).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Somebody else changed this runbook")
    await expect(dialog).to_contain_text("Version 2 was saved by you")
    await expect(dialog.get_by_role("region")).to_contain_text("name: Theirs")
    await expect(dialog.get_by_role("region")).to_contain_text("name: Mine")
    assert await person.axe() == []
    await dialog.get_by_role("button", name="Save mine as version 3").click()
    await expect(page.get_by_role("heading", name="Mine")).to_be_visible()

    await page.get_by_role("button", name="Versions").click()
    await expect(page.get_by_role("region", name="Changes from version 2 to version 3")).to_contain_text("name: Theirs")
    await page.get_by_role("button", name="Restore version 2").click()
    await expect(page.get_by_role("dialog").get_by_role("region")).to_be_visible()
    assert await person.axe("[role=dialog]") == []
    await page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    await expect(page.get_by_role("list", name="Versions").get_by_text("Version 4")).to_be_visible()
    assert (await person.api.get(f"/v1/runbooks/{slug}")).json()["name"] == "Theirs"

    await person.open(f"/runbooks/{slug}/edit")
    await write(person, SOURCE.replace("Bounce it", "Again"))
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Clusters").click()
    await expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    assert await person.axe("[role=dialog]") == []


async def test_nothing_typed_is_lost_when_the_server_is_killed_or_the_page_is_left(chromium: Browser, tmp_path: Path) -> None:
    async with killable(tmp_path) as (server, token):
        context = await chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", base_url=server.url)
        await post(context, server, "/v1/setup", {"token": token, "organisation": "Shop", "email": EMAIL, "password": PASSWORD})
        page = await context.new_page()
        page.set_default_timeout(LONGEST_MS)
        await page.goto("/runbooks/new")
        text = page.get_by_role("textbox", name="Definition")
        await expect(page.get_by_text("Valid", exact=True)).to_be_visible()
        await server.kill()
        await text.click()
        await page.keyboard.press("ControlOrMeta+Home")
        await page.keyboard.insert_text("# kept\n")
        await expect(page.get_by_text("Cannot reach the server. Your text is kept in this browser.")).to_be_visible()
        await expect(page.get_by_role("button", name="Save")).to_be_disabled()
        await server.start()
        await expect(page.get_by_role("button", name="Save")).to_be_enabled(timeout=BACK_MS)
        await expect(text).to_contain_text("# kept")

        await page.get_by_role("navigation", name="Main").get_by_role("link", name="Clusters").click()
        await page.get_by_role("dialog").get_by_role("button", name="Stay").click()
        await expect(text).to_contain_text("# kept")
        await page.close(run_before_unload=False)
        page = await context.new_page()
        await page.goto("/runbooks/new")
        await expect(page.get_by_text("was restored")).to_be_visible()
        text = page.get_by_role("textbox", name="Definition")
        await expect(text).to_contain_text("# kept")
        await page.get_by_role("button", name="Discard it").click()
        await expect(text).not_to_contain_text("# kept")
        await context.close()


async def test_a_built_in_runbook_is_duplicated_and_the_copy_deleted(person: Person, page: Page) -> None:
    await person.open("/runbooks/restart-workload")
    await expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    await page.get_by_role("button", name="Duplicate").click()
    await expect(definition(person)).to_contain_text("restart-workload-copy")
    await expect(page.get_by_text("Valid", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/runbooks/restart-workload-copy")
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("dialog", name="Delete this runbook?")).to_be_visible()
    assert await person.axe("[role=dialog]") == []
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await page.wait_for_url("**/runbooks")
    assert (await person.api.get("/v1/runbooks/restart-workload-copy")).status_code == 404


async def test_hostile_text_is_text(person: Person) -> None:
    hostile = "".join(f"# {one!r}\n" for one in STRINGS)
    slug = await created(person, hostile + SOURCE.replace("Bounce it", "<img src=x onerror=alert(1)>"))
    await person.api("PATCH", f"/v1/runbooks/{slug}", json={"source": SOURCE})
    for path in (f"/runbooks/{slug}/edit", f"/runbooks/{slug}/versions"):
        await person.open(path)
        await expect(person.page.get_by_role("heading").first).to_be_visible()
    await write_hostile(person, slug)


async def write_hostile(person: Person, slug: str) -> None:
    await person.open(f"/runbooks/{slug}/edit")
    await write(person, SOURCE + "<img src=x onerror=alert(1)>: x\n")
    await expect(problems(person)).to_contain_text("<img src=x onerror=alert(1)>")
    assert await person.page.locator("img[src=x]").count() == 0


async def test_what_no_evidence_gives_is_a_field_of_its_own_in_the_panel_of_the_issue(person: Person) -> None:
    api, page = person.api, person.page
    await observe(api, await api.new_cluster("production"), finding("web", api=api))
    issue = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    parameters = {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "app"}
    action = {"title": "Correct the tag", "why": "The right tag has to be decided.", "risk": "high", "runbook": "fix-image-tag"}
    action |= {"parameters": parameters, "toDecide": ["tag"], "evidenceIds": []}

    async def with_action(route: Route) -> None:
        answer = await route.fetch()
        analysis = {"id": "ana_1", "issueId": issue, "status": "ready", "evidence": [], "hypotheses": [], "recommendedActions": [action]}
        await route.fulfill(response=answer, json={**await answer.json(), "analysis": analysis})

    await page.route(f"**/v1/issues/{issue}", with_action)
    await person.open(f"/issues/{issue}#run=fix-image-tag&p={quote(json.dumps(parameters, separators=(',', ':')))}")
    decision = page.get_by_role("group", name="You decide")
    await expect(decision).to_contain_text("The right tag has to be decided.")
    await expect(decision.get_by_label("Tag")).to_have_value("")
    await expect(decision.get_by_label("Digest")).to_have_count(0)
    await expect(page.get_by_text("Set the values, then preview the change.")).to_be_visible()
    assert await person.axe() == []
