"""Triggers on their page: created, fired, disabled, blocked; and the stop of everything."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from optral.flows.triggers import manage, rights
from optral.flows.triggers.firing import TriggerWorker
from optral.runbooks import service as runbooks
from optral.terms import actor as actors
from optral.terms.actor import Role
from optral.triggers import service as triggers
from optral.triggers.model import Match, Source, TriggerSettings
from tests.api.conftest import Api
from tests.api.runbooks.test_safeguards import freeze
from tests.api.runbooks.test_triggers import HOOK, ISSUE, issues_in
from tests.dashboard.conftest import Person, window
from tests.dashboard.test_views import accept_invite
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow
RESTART: dict[str, Any] = {"clusterId": "prod", "parameters": {"kind": "Deployment", "namespace": "shop", "name": "web"}}


async def test_a_trigger_for_an_issue_is_created_disabled_and_deleted(person: Person, page: Page, shop: Shop) -> None:
    await person.open("/runbooks")
    await page.get_by_role("link", name="Triggers").click()
    await expect(page.get_by_role("heading", name="No triggers")).to_be_visible()
    await expect(page).to_have_title("Triggers · Optral")
    await page.get_by_role("button", name="New trigger").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Create").click()
    for missing in ("Enter a name.", "Choose a runbook.", "Enter at least one issue type or cause."):
        await expect(dialog.get_by_text(missing)).to_be_visible()
    await dialog.get_by_label("Name", exact=True).first.fill("restart on OOM")
    await dialog.get_by_label("Runbook").select_option("restart-workload")
    await dialog.get_by_label("Issue types").fill("OOMKilled")
    await dialog.get_by_label("Namespaces").fill("shop")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.get_by_role("row", name="restart on OOM")
    await expect(row).to_contain_text("OOMKilled, in shop")
    await expect(row).to_contain_text("On")
    await row.get_by_role("button", name="More actions for restart on OOM").last.click()
    await page.get_by_role("menuitem", name="Disable").click()
    await expect(row).to_contain_text("Off")
    await row.get_by_role("button", name="More actions for restart on OOM").last.click()
    await page.get_by_role("menuitem", name="Delete…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="No triggers")).to_be_visible()


async def test_a_trigger_for_requests_shows_its_secret_once_and_what_it_started(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    await person.open("/triggers")
    await page.get_by_role("button", name="New trigger").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).first.fill("deployed")
    await dialog.get_by_label("Fires on").select_option("webhook")
    await dialog.get_by_label("Runbook").select_option("collect-diagnostics")
    await dialog.get_by_label("Cluster").select_option(label="prod")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("textbox", name="Secret of deployed")).to_contain_text("whsec_")
    await page.get_by_role("button", name="I have stored it").click()
    (trigger,) = (await api.get("/v1/triggers")).json()["triggers"]
    assert set(trigger["accepts"]) == {"kind", "namespace", "name"}
    given = {"kind": "Deployment", "namespace": "shop", "name": "web"}

    def fire(tx: object) -> None:
        one = triggers.get(tx, trigger["id"])  # type: ignore[arg-type]
        triggers.fire(tx, one, key="msg_1", parameters=dict(given))  # type: ignore[arg-type]

    await api.store.write(actors.system(api.org), fire)
    for _ in range(3):
        await TriggerWorker(api.store, api.clock).step()
    await page.get_by_role("button", name="Firings of deployed").last.click()
    await expect(page.get_by_role("dialog").get_by_role("link", name="Execution")).to_be_visible()


async def test_a_blocked_trigger_says_why_and_a_freeze_until_when(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    other = await shop.add_member()
    made = await api.store.write(
        other,
        lambda tx: manage.create(
            tx,
            TriggerSettings(source=Source.ISSUE, name="theirs", runbook="restart-workload", match=Match(types=("OOMKilled",))),
            key=b"k" * 32,
        ),
    )
    await api.store.write(shop.system, lambda tx: rights.settle(tx, made[0], has_rights=False))
    soon = (api.clock.now() + timedelta(hours=2)).isoformat()
    await api(
        "POST", "/v1/change-windows", json={"kind": "freeze", "name": "sale", "startsAt": api.clock.now().isoformat(), "endsAt": soon}
    )
    await person.open("/triggers")
    await expect(page.get_by_role("row", name="theirs")).to_contain_text("Blocked")
    await expect(page.get_by_role("row", name="theirs")).to_contain_text("may not run runbooks")
    await expect(page.get_by_text("Freeze “sale”")).to_be_visible()


async def test_everything_is_stopped_with_a_reason_and_resumed(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    begun = (await api("POST", "/v1/runbooks/restart-workload/execute", json=RESTART)).json()
    await person.open("/executions")
    await page.get_by_role("button", name="Stop all").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Stop all")).to_be_disabled()
    await dialog.get_by_label("Reason").fill("the rollout breaks checkout")
    await dialog.get_by_role("button", name="Stop all").click()
    await expect(page.get_by_text("Executions were stopped by you")).to_be_visible()
    await expect(page.get_by_text("the rollout breaks checkout").first).to_be_visible()
    assert (await api.get(f"/v1/executions/{begun['id']}")).json()["status"] == "canceled"
    await person.open("/clusters")
    await expect(page.get_by_text("Executions were stopped by you")).to_be_visible()
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("Executions were stopped by you")).to_have_count(0)


async def test_a_stop_shows_at_once_on_the_open_pages_of_others(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge, width=390) as person:
        await accept_invite(person, Role.VIEWER)
        await person.open("/resources")
        await expect(person.page.get_by_text("Live", exact=True)).to_be_attached()
        await edge("POST", "/v1/executions/stop", json={"reason": "the rollout breaks checkout"})
        await expect(person.page.get_by_text("Executions were stopped")).to_contain_text("the rollout breaks checkout")
        await expect(person.page.get_by_role("button", name="Resume")).to_have_count(0)
        await edge("POST", "/v1/executions/resume", json={})
        await expect(person.page.get_by_text("Executions were stopped")).to_have_count(0)


async def test_an_execution_that_a_freeze_holds_says_which(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    begun = (await api("POST", "/v1/runbooks/restart-workload/execute", json=RESTART)).json()
    await freeze(api, name="Black Friday")
    await shop.settle(await shop.store.read(shop.system, lambda tx: runbooks.get_execution(tx, begun["id"])))
    for path in ("/executions", f"/executions/{begun['id']}"):
        await person.open(path)
        await expect(page.get_by_text('Waiting for the end of the freeze "Black Friday" until').locator("visible=true")).to_be_visible()


async def test_a_viewer_sees_triggers_and_changes_nothing(chromium: Browser, edge: Api, shop: Shop) -> None:
    await edge("POST", "/v1/triggers", json=ISSUE)
    async with window(chromium, edge) as person:
        await accept_invite(person, Role.VIEWER)
        await person.open("/triggers")
        await expect(person.page.get_by_role("row", name="on oom")).to_be_visible()
        await expect(person.page.get_by_role("button", name="New trigger")).to_be_disabled()
        await expect(person.page.get_by_role("button", name="Stop all")).to_be_disabled()


async def test_a_list_that_does_not_load_can_be_tried_again(person: Person, shop: Shop) -> None:
    await person.api("POST", "/v1/triggers", json=HOOK)
    await person.fail_until_tried_again("**/v1/triggers?*")
    await person.open("/triggers")
    await expect(person.page.get_by_text("Could not load triggers")).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_role("row", name="deployed")).to_be_visible()


async def test_a_freeze_is_overridden_with_a_typed_reason(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    await freeze(api, name="Black Friday", reason="no changes before the sale")
    await person.open('/runbooks/restart-workload?cluster=prod&p={"kind":"Deployment","namespace":"shop","name":"web"}')
    await expect(page.get_by_text("“Black Friday” allows no changes until")).to_contain_text("no changes before the sale")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Black Friday")
    why = page.get_by_label("Reason for a change during the freeze")
    await why.fill("urgent")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.get_by_text("Enter at least 10 characters.")).to_be_visible()
    await why.fill("checkout is down for everybody")
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page).to_have_url(re.compile("/executions/exe_"))
    await expect(page.get_by_text("checkout is down for everybody").first).to_be_visible()
    (one,) = (await api.get("/v1/executions")).json()["executions"]
    assert one["breakGlass"] == "checkout is down for everybody"


async def test_an_undo_during_a_freeze_takes_a_reason_too(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    scaled = await shop.run(await shop.start("scale-workload", parameters=RESTART["parameters"] | {"replicas": 2}))
    await freeze(api)
    await person.open(f"/executions/{scaled.id}")
    await page.get_by_role("button", name="Undo").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason for a change during the freeze").fill("checkout is down for everybody")
    assert await person.axe("[role=dialog]") == []
    await dialog.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    newest = (await api.get("/v1/executions")).json()["executions"][0]
    assert (newest["undoOf"], newest["breakGlass"]) == (scaled.id, "checkout is down for everybody")


async def edit(person: Person, name: str) -> Locator:
    page = person.page
    await page.get_by_role("button", name=f"More actions for {name}").last.click()
    await page.get_by_role("menuitem", name="Edit…").click()
    return page.get_by_role("dialog")


async def test_every_field_of_a_trigger_for_issues_is_edited(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    match = {"types": ["OOMKilled"], "clusters": ["prod"], "namespaces": ["shop"], "labels": {"team": "pay"}}
    await api("POST", "/v1/triggers", json=ISSUE | {"match": match, "parameters": {"name": "web"}})
    await person.open("/triggers")
    dialog = await edit(person, "on oom")
    await expect(dialog.get_by_label("Clusters")).to_have_value("prod")
    await expect(dialog.get_by_label("Issue labels")).to_have_value("team=pay")
    await expect(dialog.get_by_label("Fires on")).to_be_disabled()
    await dialog.get_by_label("Name", exact=True).first.fill("on memory")
    await dialog.get_by_label("Causes").fill("memory_limit_too_low")
    await dialog.get_by_label("Minimum confidence").fill("0.8")
    await dialog.get_by_label("Severity").select_option("high")
    await dialog.get_by_label("Issue labels").fill("")
    await dialog.get_by_label("Clusters").fill("nowhere")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("give ids or names of clusters")).to_be_visible()
    await dialog.get_by_label("Clusters").fill("")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("row", name="on memory")).to_contain_text("caused by memory_limit_too_low")
    (one,) = (await api.get("/v1/triggers")).json()["triggers"]
    assert one["match"] == {
        "types": ["OOMKilled"],
        "causes": ["memory_limit_too_low"],
        "minConfidence": 0.8,
        "minSeverity": "high",
        "namespaces": ["shop"],
    }
    assert (one["parameters"], one["version"]) == ({"name": "web"}, 2)


async def test_a_trigger_that_another_member_changed_is_replaced_only_on_purpose(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    made = (await api("POST", "/v1/triggers", json=ISSUE)).json()
    await person.open("/triggers")
    dialog = await edit(person, "on oom")
    await api("PATCH", f"/v1/triggers/{made['id']}", json={"enabled": False})
    await dialog.get_by_label("Namespaces").fill("pay")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("was changed in the meantime")).to_be_visible()
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("row", name="on oom")).to_contain_text("in pay")
    after = (await api.get(f"/v1/triggers/{made['id']}")).json()
    assert (after["enabled"], after["match"]["namespaces"]) == (False, ["pay"])


async def test_the_form_shows_what_would_match_and_when_a_schedule_occurs(person: Person, page: Page, shop: Shop) -> None:
    await issues_in(person.api)
    await person.open("/triggers")
    await page.get_by_role("button", name="New trigger").first.click()
    dialog = page.get_by_role("dialog")
    preview = dialog.get_by_role("region", name="Preview")
    await expect(preview).to_contain_text("Enter an issue type or a cause")
    await dialog.get_by_label("Issue types").fill("OOMKilled")
    await expect(preview).to_contain_text("2 open issues match now.")
    await dialog.get_by_label("Namespaces").fill("pay")
    await expect(preview).to_contain_text("1 open issue matches now.")
    await dialog.get_by_label("Fires on").select_option("schedule")
    await dialog.get_by_label("Schedule", exact=True).fill("0 99 * * *")
    await expect(dialog.get_by_text("the field hour of")).to_be_visible()
    await dialog.get_by_label("Schedule", exact=True).fill("30 3 * * *")
    await expect(preview.get_by_role("time")).to_have_count(3)


async def test_a_preview_that_does_not_load_can_be_tried_again(person: Person, page: Page, shop: Shop) -> None:
    await person.fail_until_tried_again("**/v1/triggers/preview")
    await person.open("/triggers")
    await page.get_by_role("button", name="New trigger").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Issue types").fill("OOMKilled")
    await expect(dialog.get_by_text("Could not load the preview")).to_be_visible()
    await dialog.get_by_role("button", name="Try again").click()
    await expect(dialog.get_by_text("No open issue matches now.")).to_be_visible()
