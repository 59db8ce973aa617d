"""Settings > Owners: the teams with their open issues, the rules that find them, and the way to the issues of one team."""

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from optral.issues.tables import issues
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import rows

pytestmark = pytest.mark.slow
RULES = {"rules": [{"team": "payments", "namespace": "shop"}]}


async def test_a_team_leads_to_its_issues_and_the_rules_are_shown(person: Person) -> None:
    page, api = person.page, person.api
    assert (await api("PATCH", "/v1/owners/rules", json=RULES)).status_code == 200
    cluster = await api.new_cluster("production")
    await observe(api, cluster, *(finding(name, api=api) for name in ("web", "api", "db")))
    owned = sa.update(issues).where(issues.c.org_id == api.org, issues.c.owner_name != "db").values(team="payments")
    await api.store.write(api.owner, lambda tx: tx.execute(owned).close())
    await person.open("/settings/owners")
    rule = page.get_by_role("region", name="Rules").get_by_role("row").nth(1)
    await expect(rule).to_contain_text("payments")
    await expect(rule).to_contain_text("shop")
    assert await person.axe() == []

    team = page.get_by_role("region", name="Teams").get_by_role("row").filter(has_text="payments")
    await team.get_by_role("link", name="2").click()
    await page.wait_for_url("**/issues?**team=payments**")
    await expect(rows(page)).to_have_count(2)


async def test_rules_are_created_edited_moved_and_deleted(person: Person) -> None:
    page = person.page
    await person.open("/settings/owners")
    for team, namespace in (("platform", ""), ("payments", "pay-*")):
        await page.get_by_role("button", name="New rule").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Team").fill(team)
        await dialog.get_by_label("Namespace").fill(namespace)
        await dialog.get_by_role("button", name="Create").click()
        await expect(dialog).to_be_hidden()
    rules = page.get_by_role("region", name="Rules").get_by_role("row")
    await expect(rules.nth(1)).to_contain_text("platform")
    await expect(rules.nth(2)).to_contain_text("pay-*")

    async def choose(rule: int, item: str) -> None:
        await page.get_by_role("button", name=f"More actions for rule {rule}").click()
        await page.get_by_role("menuitem", name=item).click()

    await choose(2, "Move up")
    await expect(rules.nth(1)).to_contain_text("payments")
    await choose(1, "Edit")
    await page.get_by_role("dialog").get_by_label("Namespace").fill("*" + "a*" * 8)
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("dialog").get_by_text("at most 8 asterisks")).to_be_visible()
    assert await person.axe() == []
    await page.get_by_role("dialog").get_by_label("Namespace").fill("shop")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(rules.nth(1)).to_contain_text("shop")
    await choose(2, "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(rules).to_have_count(2)


async def test_sources_are_ordered_and_left_out(person: Person) -> None:
    page = person.page
    await person.open("/settings/owners")
    await page.get_by_role("button", name="Edit sources").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Annotation of the workload", exact=True).uncheck()
    for _ in range(4):
        await dialog.get_by_role("button", name="Move up: rules").click()
    await dialog.get_by_label("Labels").fill("squad, example.com/team")
    assert await person.axe() == []
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    kept = (await person.api("GET", "/v1/owners/rules")).json()
    assert kept["order"] == ["rules", "label", "namespaceAnnotation", "namespaceLabel"]
    assert kept["labels"] == ["squad", "example.com/team"]


async def test_rules_that_somebody_else_changed_are_not_overwritten(person: Person) -> None:
    page = person.page
    await person.open("/settings/owners")
    await page.get_by_role("button", name="New rule").click()
    assert (await person.api("PATCH", "/v1/owners/rules", json=RULES)).status_code == 200
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Team").fill("platform")
    await dialog.get_by_role("button", name="Create").click()
    await expect(dialog.get_by_text("changed in the meantime")).to_be_visible()
    assert (await person.api("GET", "/v1/owners/rules")).json()["rules"][0]["team"] == "payments"


async def test_without_rules_and_issues_the_page_says_what_makes_a_team(person: Person) -> None:
    await person.open("/settings/owners")
    await expect(person.page.get_by_text("No teams yet")).to_be_visible()
    await expect(person.page.get_by_text("No rules.")).to_be_visible()


async def test_teams_that_cannot_be_read_are_tried_again(person: Person) -> None:
    await person.open("/settings")
    await person.fail_until_tried_again("**/v1/owners")
    await person.open("/settings/owners")
    await expect(person.page.get_by_text("Could not load the teams")).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_text("No teams yet")).to_be_visible()
