"""Safeguards in the settings: freezes, maintenance windows, limits, the risk without approval, and blocked triggers."""

from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, expect

from optral.safeguards import service as safeguards
from optral.terms.actor import Role
from optral.triggers import model, service as triggers
from tests.api.conftest import Api
from tests.api.runbooks.test_safeguards import freeze
from tests.api.runbooks.test_triggers import ISSUE
from tests.dashboard.conftest import PASSWORD, Person, window
from tests.dashboard.test_views import accept_invite
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow
PATH = "/settings/safeguards"


async def test_a_freeze_is_created_edited_and_deleted(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    await person.open(PATH)
    await expect(page.get_by_text("No freezes or maintenance windows.")).to_be_visible()
    await page.get_by_role("button", name="New freeze").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Create").click()
    for missing in ("Enter a name.", "Enter a start time.", "Enter an end time."):
        await expect(dialog.get_by_text(missing)).to_be_visible()
    await dialog.get_by_label("Name", exact=True).fill("Black Friday")
    await dialog.get_by_label("Reason").fill("no changes before the sale")
    await dialog.get_by_label("Cluster").select_option(label="prod")
    await dialog.get_by_label("Namespace").fill("shop")
    await dialog.get_by_label("Begins").fill("2030-11-29T00:00")
    await dialog.get_by_label("Ends").fill("2033-11-30T00:00")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.get_by_text("at most one year after it")).to_be_visible()
    await dialog.get_by_label("Ends").fill("2030-11-30T00:00")
    await dialog.get_by_role("button", name="Create").click()
    row = page.get_by_role("row", name="Black Friday")
    await expect(row).to_contain_text("Namespace shop in prod")
    await expect(row).to_contain_text("Planned")
    await row.get_by_role("button", name="More actions for Black Friday").click()
    await page.get_by_role("menuitem", name="Edit…").click()
    await expect(dialog.get_by_label("Begins")).to_have_value("2030-11-29T00:00")
    await dialog.get_by_label("Name", exact=True).fill("Cyber Monday")
    await dialog.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="More actions for Cyber Monday").click()
    await page.get_by_role("menuitem", name="Delete…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No freezes or maintenance windows.")).to_be_visible()
    assert (await api.get("/v1/change-windows")).json()["total"] == 0


async def test_a_maintenance_window_occurs_by_a_schedule(person: Person, page: Page, shop: Shop) -> None:
    await person.open(PATH)
    await page.get_by_role("button", name="New maintenance window").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).fill("nights")
    await dialog.get_by_label("Occurs").select_option("again")
    await dialog.get_by_label("Begins").fill("0 99 * * *")
    await expect(dialog.get_by_text("the field hour of")).to_be_visible()
    await dialog.get_by_label("Begins").fill("0 1 * * *")
    await dialog.get_by_label("Time zone").fill("Europe/Berlin")
    await dialog.get_by_label("Duration in minutes").fill("180")
    await expect(dialog.get_by_role("region", name="Preview").get_by_role("time")).to_have_count(3)
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("row", name="nights")).to_contain_text("0 1 * * * (Europe/Berlin) for 180 min")


async def test_limits_are_added_changed_and_removed(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    await person.open(PATH)
    await expect(page.get_by_role("row", name="Each cluster without its own limit")).to_contain_text("30")
    dialog = page.get_by_role("dialog")
    await page.get_by_role("button", name="New limit").click()
    await dialog.get_by_label("Changes per hour").fill("0")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Enter a number from 1 to 1000.")).to_be_visible()
    await dialog.get_by_label("Cluster").select_option(label="prod")
    await dialog.get_by_label("Namespace").fill("shop")
    await dialog.get_by_label("Changes per hour").fill("5")
    await dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="Namespace shop in prod")
    await expect(row).to_contain_text("5")
    await row.get_by_role("button").click()
    await page.get_by_role("menuitem", name="Edit…").click()
    await dialog.get_by_label("Changes per hour").fill("7")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("7")
    assert (await api.get("/v1/safeguards")).json()["limits"] == [{"clusterId": shop.cluster_id, "namespace": "shop", "changesPerHour": 7}]
    await row.get_by_role("button").click()
    await page.get_by_role("menuitem", name="Delete…").click()
    await expect(row).to_have_count(0)


async def test_raising_the_risk_takes_the_password(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    await person.open(PATH)
    await page.get_by_role("button", name="Change", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Highest risk").select_option("low")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Enter your password.")).to_be_visible()
    await dialog.get_by_label("Your password").fill("not this one, no")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_text("Incorrect password.")).to_be_visible()
    await dialog.get_by_label("Your password").fill(PASSWORD)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("Triggers run runbooks of low risk without approval")).to_be_visible()
    assert (await api.store.read(shop.system, safeguards.settings)).unattended_risk == "low"


async def test_a_trigger_that_failed_again_and_again_is_resumed(person: Person, shop: Shop) -> None:
    page, api = person.page, person.api
    made = (await api("POST", "/v1/triggers", json=ISSUE)).json()

    def block(tx: object) -> None:
        before = triggers.get(tx, made["id"])  # type: ignore[arg-type]
        failed = replace(before, failures=2)
        after = model.after_outcome(failed, is_success=False, execution_id="exe_1", now=api.clock.now())
        triggers.save(tx, before, after)  # type: ignore[arg-type]

    await api.store.write(shop.system, block)
    await person.open(PATH)
    row = page.get_by_role("row", name="on oom")
    await expect(row).to_contain_text("3 executions in a row did not succeed, the last one exe_1")
    await expect(row).to_contain_text("Fires again")
    await row.get_by_role("button", name="Resume on oom").click()
    await expect(page.get_by_text("No trigger is blocked.")).to_be_visible()


async def test_a_freeze_that_another_member_creates_appears_by_itself(person: Person, shop: Shop) -> None:
    await person.open(PATH)
    await expect(person.page.get_by_text("Live", exact=True)).to_be_attached()
    await freeze(person.api, name="now")
    await expect(person.page.get_by_role("row", name="now")).to_contain_text("In force")


async def test_a_viewer_reads_safeguards_and_changes_none(chromium: Browser, edge: Api, shop: Shop) -> None:
    await freeze(edge, name="sale")
    async with window(chromium, edge) as person:
        await accept_invite(person, Role.VIEWER)
        await person.open(PATH)
        await expect(person.page.get_by_role("row", name="sale")).to_be_visible()
        for name in ("New freeze", "New limit", "Change", "More actions for sale"):
            await expect(person.page.get_by_role("button", name=name, exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("**/v1/change-windows", "Could not load freezes and windows"),
        ("**/v1/safeguards", "Could not load the limits"),
        ("**/v1/triggers?*", "Could not load triggers"),
    ],
)
async def test_a_part_that_does_not_load_can_be_tried_again(person: Person, shop: Shop, pattern: str, what: str) -> None:
    await person.fail_until_tried_again(pattern)
    await person.open(PATH)
    await expect(person.page.get_by_text(what)).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_text(what)).to_have_count(0)
