"""Alerts of other systems: the page, and the section of the issue that explains them."""

import json

import pytest
from playwright.async_api import Page, expect

from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import issue_ids

pytestmark = pytest.mark.slow


@pytest.fixture
async def issue(edge: Api) -> str:
    """The id of an issue that explains one of two alerts."""
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("web", api=edge))
    await objects(edge, cluster, "web", kind="Deployment.apps")
    made = (await edge("POST", "/v1/alert-receivers", json={"name": "platform", "clusterRule": {"cluster": "production"}})).json()
    named = {"alertname": "WebDown", "namespace": "shop", "deployment": "web", "severity": "page"}
    alerts = [
        {
            "status": "firing",
            "labels": labels,
            "startsAt": edge.clock.now().isoformat(),
            "generatorURL": "http://prometheus.example.com/graph?g0.expr=up%7Bjob%3D%22web%22%7D+%3D%3D+0",
        }
        for labels in (named, {"alertname": "Watchdog"})
    ]
    body, secret = json.dumps({"version": "4", "alerts": alerts}), made["secret"]
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    sent = await edge("POST", made["path"], key=None, content=body.encode(), headers=headers)
    assert sent.status_code == 202, sent.text
    return next(iter((await issue_ids(edge)).values()))


async def test_an_alert_leads_to_the_issue_that_explains_it(person: Person, page: Page, issue: str) -> None:
    await person.open("/issues")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await person.press("g", "l")
    await expect(page.get_by_role("heading", name="Alerts", level=1)).to_be_visible()
    rows = page.get_by_role("region", name="Alerts").get_by_role("row")
    await expect(rows.filter(has_text="Watchdog")).to_contain_text("no label that names a workload")
    row = rows.filter(has_text="WebDown")
    await expect(row).to_contain_text('up{job="web"} == 0')
    await page.get_by_label("Outcome").select_option("unresolved")
    await expect(row).to_have_count(0)
    assert "outcome=unresolved" in page.url


async def test_an_issue_shows_its_alerts(person: Person, page: Page, issue: str) -> None:
    await person.open(f"/issues/{issue}")
    section = page.locator("#alerts")
    await expect(section).to_contain_text("WebDown")
    await expect(section).to_contain_text("deployment=web")


async def test_the_quality_of_alerts_is_a_view_of_the_page(person: Person, page: Page, issue: str) -> None:
    await person.open("/alerts")
    await page.get_by_label("View").select_option("quality")
    rows = page.get_by_role("region", name="Quality of alerts").get_by_role("row")
    await expect(rows.filter(has_text="WebDown")).to_be_visible()
    await expect(page.get_by_role("heading", name="0 of 1 failures had no alert")).to_be_visible()
