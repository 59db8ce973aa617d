"""What is set about issues in the dashboard: mute rules, webhooks with their deliveries, detectors and their tuning."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.events import test_webhooks as hooks
from tests.api.seeds import finding, observe
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_triage import as_viewer

pytestmark = pytest.mark.slow
endpoint = hooks.endpoint
TABS = {"mute-rules": "Mute rules", "webhooks": "Webhooks", "detectors": "Detectors"}


@pytest.fixture
async def cluster(edge: Api) -> str:
    """A cluster with one OOM kill."""
    made = await edge.new_cluster("production")
    await observe(edge, made, finding("api", severity=Severity.HIGH, api=edge))
    return made


async def rule(api: Api, **match: Any) -> dict[str, Any]:
    expires_at = (api.clock.now() + timedelta(days=30)).isoformat()
    made = await api("POST", "/v1/mute-rules", json={"match": match, "reason": "small on purpose", "expiresAt": expires_at})
    return dict(made.json())


async def hook(api: Api, url: str = "https://hooks.example.com/services/T0/B0/hidden") -> dict[str, Any]:
    return dict((await api("POST", "/v1/webhooks", json={"name": "on-call", "url": url})).json())


def named(page: Page, word: str) -> Any:
    return page.get_by_role("button", name=word, exact=True)


# --- mute rules


async def test_a_mute_rule_is_made_changed_and_ended(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await person.open("/settings/mute-rules")
    await expect(page.get_by_role("heading", name="No mute rules")).to_be_visible()
    await named(page, "New mute rule").first.click()
    form = page.get_by_role("dialog", name="New mute rule")
    await form.get_by_label("Reason").fill("development is small on purpose")
    await form.get_by_role("button", name="Mute").click()
    await expect(form.get_by_role("alert")).to_contain_text("Fill in at least one field")
    await form.get_by_label("Namespaces").fill("sh*, dev-*")
    await expect(form).to_contain_text("Mutes all issue types in namespace sh* or dev-*.")
    await form.get_by_label("Until").select_option("7")
    await form.get_by_role("button", name="Mute").click()
    row = page.get_by_role("row").filter(has_text="development is small")
    await expect(row).to_contain_text("all issue types in namespace sh* or dev-*")
    await expect(row.get_by_role("link", name="1")).to_be_visible()
    await row.get_by_role("button", name="Edit mute rule").click()
    await page.get_by_role("dialog").get_by_label("Reason").fill("until spring")
    await named(page, "Save").click()
    await expect(page.get_by_role("row").filter(has_text="until spring")).to_be_visible()
    await page.get_by_role("button", name="Delete mute rule for").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text("1 issue will be unmuted")
    await named(page, "Delete rule").click()
    await expect(page.get_by_role("heading", name="No mute rules")).to_be_visible()
    assert (await api.get("/v1/mute-rules")).json()["total"] == 0


async def test_what_a_rule_may_not_be_is_said_at_its_field(person: Person, page: Page, cluster: str) -> None:
    await person.open("/settings/mute-rules")
    await named(page, "New mute rule").first.click()
    form = page.get_by_role("dialog", name="New mute rule")
    await form.get_by_label("Reason").fill("why not")
    await form.get_by_label("Namespaces").fill("Not$Valid")
    await form.get_by_role("button", name="Mute").click()
    await expect(form.get_by_label("Namespaces")).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_label("Namespaces")).to_have_value("Not$Valid")


# --- webhooks


async def test_a_webhook_for_on_call_alerts_shows_where_the_service_reports_acknowledgments(person: Person) -> None:
    page = person.page
    await person.open("/settings/webhooks")
    await named(page, "New webhook").first.click()
    form = page.get_by_role("dialog", name="New webhook")
    await form.get_by_label("Name", exact=True).fill("pager")
    await form.get_by_label("Format").select_option("jsm")
    await form.get_by_label("Integration key").fill("key-of-a-test")
    await form.get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog", name="Store this secret now")
    await expect(dialog).to_contain_text(f"{person.api.url}/v1/hooks/on-call/whk_")
    await named(page, "I have stored it").click()
    await page.get_by_role("button", name="More actions for pager").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await expect(page.get_by_role("dialog", name="Edit pager")).to_contain_text(f"{person.api.url}/v1/hooks/on-call/whk_")


async def test_a_webhook_for_alertmanager_takes_no_query(person: Person) -> None:
    page = person.page
    await person.open("/settings/webhooks")
    await named(page, "New webhook").first.click()
    form = page.get_by_role("dialog", name="New webhook")
    await form.get_by_label("Name", exact=True).fill("alerts")
    await form.get_by_label("Query").fill("label:team=pay")
    await form.get_by_label("Format").select_option("alerts")
    await expect(form.get_by_label("Query")).to_be_hidden()
    await form.get_by_label("URL").fill("https://alertmanager.example.com/api/v2/alerts")
    await form.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("alerts was created")).to_be_visible()
    assert "query" not in (await person.api.get("/v1/webhooks")).json()["webhooks"][0]["filters"]


async def test_a_webhook_is_made_and_its_secret_shown_once(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await person.open("/settings/webhooks")
    await named(page, "New webhook").first.click()
    form = page.get_by_role("dialog", name="New webhook")
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_contain_text("Enter a name")
    await form.get_by_label("Name", exact=True).fill("on-call")
    await form.get_by_label("URL").fill("https://hooks.example.com/x")
    await form.get_by_label("Cluster offline").check()
    await form.get_by_label("Severity").select_option("high")
    await form.get_by_role("button", name="Create").click()
    dialog = page.get_by_role("dialog", name="Store this secret now")
    secret = (await dialog.get_by_role("textbox", name="Secret of on-call").inner_text()).strip()
    assert secret.startswith("whsec_")
    await person.press("Escape")
    await expect(dialog).to_be_visible()
    await named(page, "I have stored it").click()
    row = page.get_by_role("row").filter(has_text="on-call")
    await expect(row).to_contain_text("only high and above")
    assert secret not in await page.content()
    made = (await api.get("/v1/webhooks")).json()["webhooks"][0]
    assert made["filters"] == {"events": ["cluster.offline", "issue.created", "issue.resolved"], "minSeverity": "high"}
    await row.get_by_role("button", name="More actions for on-call").click()
    await page.get_by_role("menuitem", name="New secret").click()
    await named(page, "Create secret").click()
    assert (await dialog.get_by_role("textbox", name="Secret of on-call").inner_text()).strip() != secret
    await named(page, "I have stored it").click()
    await row.get_by_role("button", name="More actions for on-call").click()
    await page.get_by_role("menuitem", name="Disable").click()
    await expect(row).to_contain_text("Off")
    await row.get_by_role("button", name="More actions for on-call").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await named(page, "Delete").click()
    await expect(page.get_by_role("heading", name="No webhooks")).to_be_visible()


async def test_a_webhook_of_a_slack_app_is_made_and_gets_other_tokens(person: Person) -> None:
    page, api = person.page, person.api
    await person.open("/settings/webhooks")
    await named(page, "New webhook").first.click()
    form = page.get_by_role("dialog", name="New webhook")
    await form.get_by_label("Name", exact=True).fill("ops")
    await form.get_by_label("Format").select_option("slack-app")
    await form.get_by_label("Channel").fill("C0123456789")
    await form.get_by_role("button", name="Create").click()
    await expect(form).to_contain_text("Enter the bot token.")
    await form.get_by_label("Bot token").fill("xoxb-1-example")
    await form.get_by_label("App-level token").fill("xapp-1-example")
    await form.get_by_role("button", name="Create").click()
    row = page.get_by_role("row").filter(has_text="C0123456789")
    await expect(row).to_contain_text("messages follow their issues")
    await row.get_by_role("button", name="More actions for ops").click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit ops")
    await expect(form.get_by_label("Channel")).to_have_value("C0123456789")
    await expect(form.get_by_label("Bot token")).to_have_value("")
    await form.get_by_label("Bot token").fill("xoxb-2-example")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    listed = await api.get("/v1/webhooks")
    assert "xoxb" not in listed.text
    assert "xapp" not in listed.text
    assert listed.json()["webhooks"][0]["authentication"] == "bearer", "without its app-level token, it has no buttons"


async def test_a_webhook_is_changed_and_keeps_what_was_left_alone(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    other = await api.new_cluster("staging")
    await hook(api)
    made = (await api.get("/v1/webhooks")).json()["webhooks"][0]
    filters = {"events": ["issue.created"], "clusters": [cluster, other], "namespaces": ["shop"], "issueTypes": ["OOMKilled"]}
    await api("PATCH", f"/v1/webhooks/{made['id']}", json={"filters": filters})
    sent: list[Any] = []
    page.on("request", lambda one: sent.append(one.post_data_json) if one.method == "PATCH" else None)
    await person.open("/settings/webhooks")
    row = page.get_by_role("row").filter(has_text="hooks.example.com")
    await row.get_by_role("button", name="More actions for on-call").click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit on-call")
    await expect(form.get_by_label("Name", exact=True)).to_have_value("on-call")
    await expect(form.get_by_label("URL")).to_have_value("")
    await expect(form).to_contain_text(made["url"])
    await expect(form.get_by_label("Namespaces")).to_have_value("shop")
    await expect(form.get_by_label("Issue types")).to_have_value("OOMKilled")
    await expect(form.get_by_label("Cluster", exact=True)).to_contain_text("production, staging")
    await form.get_by_label("Name", exact=True).fill("pager")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    assert sent == [{"name": "pager"}], "what was not touched is not sent, the masked address least of all"
    row = page.get_by_role("row").filter(has_text="pager")
    await row.get_by_role("button", name="More actions for pager").click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit pager")
    await form.get_by_label("URL").fill("https://pager.example.org/in")
    await form.get_by_label("Severity").select_option("critical")
    await form.get_by_label("Issue opened").uncheck()
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Select at least one")
    await form.get_by_label("Issue resolved").check()
    await form.get_by_label("Enabled").uncheck()
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await expect(row).to_contain_text("pager.example.org")
    await expect(row).to_contain_text("Off")
    after = (await api.get("/v1/webhooks")).json()["webhooks"][0]
    assert (after["enabled"], after["filters"]) == (False, {**filters, "events": ["issue.resolved"], "minSeverity": "critical"})


async def test_two_who_edit_one_webhook_do_not_undo_each_other(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    path = f"/v1/webhooks/{(await hook(api))['id']}"
    await person.open("/settings/webhooks")
    await page.get_by_role("button", name="More actions for on-call").first.click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit on-call")
    theirs = {"events": ["issue.created"], "namespaces": ["shop"]}
    await api("PATCH", path, json={"name": "night-shift", "filters": theirs})
    await form.get_by_label("Severity").select_option("critical")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Another member changed its filters")
    await expect(form.get_by_label("Severity")).to_have_value("critical")
    assert (await api.get(path)).json()["filters"] == theirs
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    after = (await api.get(path)).json()
    assert (after["filters"]["minSeverity"], after["name"]) == ("critical", "night-shift"), "the name was theirs alone"


async def test_what_another_changed_elsewhere_in_a_webhook_is_no_conflict(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    path = f"/v1/webhooks/{(await hook(api))['id']}"
    await person.open("/settings/webhooks")
    await page.get_by_role("button", name="More actions for on-call").first.click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit on-call")
    await api("PATCH", path, json={"name": "night-shift"})
    await form.get_by_label("Enabled").uncheck()
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    after = (await api.get(path)).json()
    assert (after["enabled"], after["name"]) == (False, "night-shift")


async def test_what_a_webhook_may_not_become_is_said_and_nothing_is_sent_for_nothing(person: Person, page: Page, cluster: str) -> None:
    await hook(person.api)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "PATCH" else None)
    await person.open("/settings/webhooks")
    for _ in range(2):
        await page.get_by_role("button", name="More actions for on-call").first.click()
        await page.get_by_role("menuitem", name="Edit").click()
        form = page.get_by_role("dialog", name="Edit on-call")
        await form.get_by_role("button", name="Save").click()
        await expect(form).to_be_hidden()
    assert sent == []
    await page.get_by_role("button", name="More actions for on-call").first.click()
    await page.get_by_role("menuitem", name="Edit").click()
    await form.get_by_label("URL").fill("https://user:word@hooks.example.com/")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_label("URL")).to_have_value("https://user:word@hooks.example.com/")
    await expect(form.get_by_label("Name", exact=True)).to_have_value("on-call")


async def test_a_test_tells_what_came_back_and_a_failed_delivery_is_sent_again(person: Person, endpoint: hooks.Endpoint) -> None:
    page, api = person.page, person.api
    await hook(api, endpoint.url)
    endpoint.status = 400
    async with hooks.delivering(api) as delivery_worker:
        await person.open("/settings/webhooks")
        async with page.expect_response(lambda answer: answer.url.endswith("/test")) as stored:
            await named(page, "Test on-call").click()
        assert (await stored.value).ok
        dialog = page.get_by_role("dialog", name="Test on-call")
        await expect(dialog).to_contain_text("Waiting for the response")
        await delivery_worker.step()
        await delivery_worker.idle()
        await expect(dialog).to_contain_text("returned 400")
        await expect(dialog).to_contain_text("Not delivered")
        await named(page, "Close").last.click()
        endpoint.status = 200
        await named(page, "Deliveries of on-call").click()
        listed = page.get_by_role("dialog", name="Deliveries of on-call")
        await listed.get_by_role("button", name="Redeliver").click()
        await expect(page.get_by_text("Redelivery started")).to_be_visible()
        await delivery_worker.step()
        await delivery_worker.idle()
        await expect(listed.get_by_role("row").nth(1)).to_contain_text("Delivered")
        await listed.get_by_label("Status").select_option("failed")
        await expect(listed).to_contain_text("No matching deliveries")


# --- detectors


async def test_detectors_are_listed_by_area_and_tuned_in_a_place(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await person.open("/settings/detectors")
    await expect(page.get_by_role("button", name="Tune OOMKilled")).to_be_visible()
    await page.get_by_role("searchbox", name="Filter by type").fill("oomk")
    row = page.get_by_role("row").filter(has_text="OOMKilled")
    await expect(page.get_by_role("button", name="Tune ")).to_have_count(1)
    await expect(row.get_by_role("link", name="1")).to_be_visible()
    await named(page, "Tune OOMKilled").first.click()
    dialog = page.get_by_role("dialog", name="OOMKilled")
    await dialog.get_by_label("In cluster").select_option(label="production")
    await dialog.get_by_label("In namespace").fill("shop")
    await dialog.get_by_label("Enabled").select_option("off")
    await dialog.get_by_label("Open after (seconds)").fill("90")
    await dialog.get_by_role("button", name="Set", exact=True).click()
    await expect(dialog).to_contain_text("off, opens after 90 s in namespace shop in production")
    told = (await api.get(f"/v1/detectors/OOMKilled?cluster={cluster}&namespace=shop")).json()
    assert (told["enabled"], told["effective"]) == (False, {"openAfterSeconds": 90})
    await person.press("Escape")
    await expect(row).to_contain_text("On")  # elsewhere it counts as before
    await expect(row).to_contain_text("tuned")
    await page.get_by_label("Settings in effect in").select_option(label="in production")
    await page.get_by_label("Namespace", exact=True).fill("shop")
    await expect(row).to_contain_text("Off")
    await named(page, "Tune OOMKilled").first.click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(dialog).to_contain_text("No settings.")
    assert (await api.get(f"/v1/detectors/OOMKilled?cluster={cluster}&namespace=shop")).json()["enabled"] is True


async def test_what_cannot_be_set_is_said_and_risks_are_switched_on(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await person.open("/settings/detectors")
    await named(page, "Tune OOMKilled").first.click()
    dialog = page.get_by_role("dialog", name="OOMKilled")
    await dialog.get_by_label("Resolve after (seconds)").fill("1")
    await dialog.get_by_role("button", name="Set", exact=True).click()
    await expect(dialog.get_by_label("Resolve after (seconds)")).to_have_attribute("aria-invalid", "true")
    await person.press("Escape")
    await page.get_by_role("switch", name="Risk checks").click()
    await expect(page.get_by_text("Risk checks are on")).to_be_visible()
    assert (await api.get("/v1/detectors")).json()["riskChecks"] is True


async def test_the_severity_of_everything_in_a_place_is_shifted(person: Person, cluster: str) -> None:
    page, api = person.page, person.api
    await person.open("/settings/detectors")
    shift = page.get_by_label("Severity of all types in all namespaces in all clusters")
    await expect(shift).to_have_value("")
    await page.get_by_label("Settings in effect in").select_option(label="in production")
    here = page.get_by_label("Severity of all types in all namespaces in production")
    await here.select_option(label="one step lower")
    await expect(page.get_by_text("Severity shifted")).to_be_visible()
    [set_] = (await api.get("/v1/detectors")).json()["severityShifts"]
    assert (set_["cluster"], set_["severityShift"]) == (cluster, -1)
    await page.get_by_label("Settings in effect in").select_option(label="in all clusters")
    await expect(page.get_by_text("Also: one step lower in all namespaces in production")).to_be_visible()
    assert await person.axe() == []
    await page.get_by_label("Settings in effect in").select_option(label="in production")
    await expect(here).to_have_value("-1")
    await here.select_option(label="as in wider scopes")
    await expect(here).to_have_value("")
    assert (await api.get("/v1/detectors")).json()["severityShifts"] == []


# --- all of them


async def test_a_viewer_looks_and_sets_nothing(chromium: Browser, edge: Api, cluster: str) -> None:
    await rule(edge, types=["OOMKilled"])
    async with window(chromium, edge) as person:
        await sign_in(person)
        page = person.page
        await page.route("**/v1/me", as_viewer)
        await person.open("/settings/mute-rules")
        await expect(page.get_by_text("small on purpose")).to_be_visible()
        await expect(named(page, "New mute rule")).to_be_disabled()
        await expect(page.get_by_role("button", name="Delete rule")).to_have_count(0)
        await person.open("/settings/webhooks")
        await expect(page.get_by_role("heading", name="Admins only")).to_be_visible()
        await person.open("/settings/detectors")
        await expect(page.get_by_role("switch")).to_be_disabled()
        await named(page, "View OOMKilled").first.click()
        await expect(page.get_by_role("dialog").get_by_label("In cluster")).to_have_count(0)


@pytest.mark.parametrize("tab", TABS)
async def test_a_failing_server_is_said_and_tried_again(person: Person, page: Page, cluster: str, tab: str) -> None:
    await person.fail_until_tried_again(f"**/v1/{tab}*")
    await person.open(f"/settings/{tab}")
    await expect(page.get_by_role("alert")).to_contain_text("the database is away")
    await named(page, "Try again").click()
    await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_and_nothing_scrolls_sideways(chromium: Browser, edge: Api, cluster: str, dark: bool) -> None:
    await rule(edge, types=["OOMKilled"])
    await hook(edge)
    await edge("PATCH", "/v1/detectors/OOMKilled", json={"enabled": False})
    async with window(chromium, edge, dark=dark, width=360, height=740) as person:
        await sign_in(person)
        page = person.page
        for tab, opener in {"mute-rules": "New mute rule", "webhooks": "New webhook", "detectors": "Tune OOMKilled"}.items():
            await person.open(f"/settings/{tab}")
            await expect(page.get_by_role("region", name=TABS[tab], exact=True).first).to_be_visible()
            button = page.get_by_role("button", name=opener).first
            await expect(button).to_be_visible()
            assert await person.axe() == [], tab
            assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), tab
            await button.click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            assert await person.axe() == [], tab
        await person.open("/settings/webhooks")
        await page.get_by_role("button", name="Deliveries of on-call").first.click()
        await expect(page.get_by_role("dialog")).to_contain_text("No deliveries yet")
        assert await person.axe() == []
        await person.press("Escape")
        await page.get_by_role("button", name="More actions for on-call").first.click()
        await page.get_by_role("menuitem", name="Edit").click()
        await expect(page.get_by_role("dialog", name="Edit on-call")).to_be_visible()
        assert await person.axe() == []
