"""Triggers on their page: created, fired, disabled, blocked; and the stop of everything."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from optral.flows.triggers import manage, rights
from optral.flows.triggers.firing import TriggerWorker
from optral.terms import actor as actors
from optral.terms.actor import Role
from optral.triggers import service as triggers
from tests.api.conftest import Api
from tests.api.test_triggers import HOOK, ISSUE
from tests.dashboard.conftest import Person, window
from tests.dashboard.test_views import accept_invite
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow
RESTART = {"clusterId": "prod", "parameters": {"kind": "Deployment", "namespace": "shop", "name": "web"}}


@pytest.fixture
async def shop(edge: Api) -> Shop:
    made = Shop(edge.store, edge.org, edge.clock)
    await made.open()
    return made


async def test_a_trigger_for_an_issue_is_created_disabled_and_deleted(person: Person, shop: Shop) -> None:
    page = person.page
    await person.open("/runbooks")
    await page.get_by_role("link", name="Triggers").click()
    await expect(page.get_by_role("heading", name="No triggers")).to_be_visible()
    await expect(page).to_have_title("Triggers · Optral")
    await page.get_by_role("button", name="New trigger").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Create").click()
    for missing in ("Enter a name.", "Choose a runbook.", "Enter at least one issue type."):
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
    await row.get_by_role("button", name="More for restart on OOM").last.click()
    await page.get_by_role("menuitem", name="Disable").click()
    await expect(row).to_contain_text("Off")
    await row.get_by_role("button", name="More for restart on OOM").last.click()
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
            key=b"k" * 32,
            source=manage.Source.ISSUE,
            name="theirs",
            runbook="restart-workload",
            match=manage.model.Match(types=("OOMKilled",)),
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
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("Executions were stopped by you")).to_have_count(0)


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
