"""Alerts of other systems: the page, and the section of the issue that explains them."""

import ipaddress
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from optral.forges.model import Kind
from optral.kit.outbound_lazy import CallerOnDemand
from tests.api.alerts.alertmanager import alertmanager
from tests.api.alerts.test_rule_changes import BODY as FORGE, NOISE, record
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import issue_ids
from tests.forges.fakes import FakeForge
from tests.gitops.test_rules import PLAIN
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow


@pytest.fixture
def clock() -> FakeClock:
    """Alertmanager and the browser have the time of the machine."""
    return FakeClock(datetime.now(UTC))


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
    await page.get_by_role("tab", name="Quality").click()
    rows = page.get_by_role("region", name="Quality of alerts").get_by_role("row")
    await expect(rows.filter(has_text="WebDown")).to_be_visible()
    await expect(page.get_by_role("heading", name="0 of 1 failures had no alert")).to_be_visible()


async def test_a_receiver_is_created_with_a_secret_that_is_shown_once(person: Person, page: Page, edge: Api) -> None:
    await edge.new_cluster("production")
    await person.open("/alerts?view=receivers")
    await page.get_by_role("button", name="New receiver").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name", exact=True).fill("platform")
    await dialog.get_by_label("Label", exact=True).fill("env")
    await dialog.get_by_label("Other names of clusters").fill("eu-1=production\n")
    assert await person.axe() == []
    await dialog.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name="Store this secret now")
    await expect(shown).to_contain_text("/v1/hooks/alertmanager/alr_")
    secret = await shown.get_by_role("textbox").inner_text()
    await shown.get_by_role("button", name="I have stored it").click()
    row = page.get_by_role("row").filter(has_text="platform")
    await expect(row).to_contain_text("named by the label env")
    (kept,) = (await edge.get("/v1/alert-receivers")).json()["receivers"]
    assert list(kept["clusterRule"]["clusters"]) == ["eu-1"]
    await row.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="New secret").click()
    assert await person.axe() == []
    await page.get_by_role("dialog").get_by_role("button", name="Create secret").click()
    assert await shown.get_by_role("textbox").inner_text() != secret
    await shown.get_by_role("button", name="I have stored it").click()
    await row.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No alert receivers")).to_be_visible()


async def test_an_issue_is_silenced_and_the_silence_ended(person: Person, page: Page, edge: Api, issue: str, tmp_path: Path) -> None:
    edge.services.webhook_caller = CallerOnDemand(private=[ipaddress.ip_network("127.0.0.0/8")])
    await person.open(f"/issues/{issue}")
    await expect(page.locator("#alerts")).to_be_visible()
    await expect(page.locator("#silences")).to_have_count(0)  # without an Alertmanager
    async with alertmanager(tmp_path, url="http://127.0.0.1:9/", secret="none") as there:
        await edge("POST", "/v1/webhooks", json={"name": "main", "form": "alerts", "url": f"{there.url}/api/v2/alerts"})
        await person.open(f"/issues/{issue}")
        section = page.locator("#silences")
        await expect(section).to_contain_text("No silence concerns this issue.")
        await section.get_by_role("button", name="Silence").click()
        dialog = page.get_by_role("dialog", name="Silence in Alertmanager")
        await expect(dialog).to_contain_text(f'optral_issue="{issue}"')
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog).to_contain_text("Enter a comment.")
        await dialog.get_by_label("Until").fill("2099-01-01T00:00")
        await dialog.get_by_label("Comment").fill("replaced tonight")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog).to_contain_text("within a year")
        await dialog.get_by_label("Until").fill((edge.clock.now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"))
        await dialog.get_by_label("What to silence").select_option("alerts")
        await expect(dialog).to_contain_text('alertname="WebDown"')
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Silence").click()
        await expect(section).to_contain_text("silenced the alerts joined to it")
        await expect(section).to_contain_text("replaced tonight")
        await section.get_by_role("button", name="End").click()
        assert await person.axe() == []
        await page.get_by_role("dialog").get_by_role("button", name="End silence").click()
        await expect(section).to_contain_text("No silence concerns this issue.")
    await edge.services.webhook_caller.close()


async def test_the_rule_of_an_alert_without_a_failure_is_changed_by_a_pull_request(person: Person, page: Page, edge: Api) -> None:
    await record(edge, NOISE)
    forge = FakeForge(Kind.GITEA)
    forge.write("main", {"rules/shop.yaml": PLAIN})
    edge.services.forge_caller = forge
    await edge("POST", "/v1/forges", json=FORGE)
    await person.open("/alerts?view=quality")
    await page.get_by_role("button", name="Change the rule WebSlow").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Repository")).to_have_value("shop/deploy")
    await dialog.get_by_role("button", name="Preview").click()
    await expect(dialog.get_by_role("region", name="Diff")).to_contain_text('+        for: "9m"')
    assert await person.axe() == [] and not forge.pulls
    await dialog.get_by_role("button", name="Open pull request").click()
    await expect(dialog).to_contain_text("Opened:")
    assert [pull.title for pull in forge.pulls] == ["Let WebSlow wait 9m"]
