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
    await expect(page.get_by_text("optral owners rules set FILE")).to_be_visible()
    assert await person.axe() == []

    team = page.get_by_role("region", name="Teams").get_by_role("row").filter(has_text="payments")
    await team.get_by_role("link", name="2").click()
    await page.wait_for_url("**/issues?**team=payments**")
    await expect(rows(page)).to_have_count(2)


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
