"""Connecting a cluster and looking at it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from optral.clusters import connection_service as attempts, service as clusters
from optral.clusters.connection import Code, Contact
from optral.terms.actor import agent
from optral.terms.ids import ClusterId
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person, sign_in, window
from tests.dashboard.test_issues import issue_ids

pytestmark = pytest.mark.slow


async def test_a_new_cluster_gets_a_command_whose_token_is_masked_but_copied_whole(person: Person, page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await person.open("/clusters")
    await expect(page.get_by_role("heading", name="No clusters yet")).to_be_visible()
    await page.get_by_role("button", name="Connect a cluster").first.click()
    await page.get_by_label("Labels").fill("nonsense")
    await page.get_by_label("Name").fill("production-eu")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_text("is not a label")).to_be_visible()
    await page.get_by_label("Labels").fill("env=production")
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/connect?method=helm")
    await page.get_by_role("tab", name="On this machine").click()
    command = page.get_by_role("region", name="command", exact=True)
    await expect(command).to_contain_text("optral agent")
    await expect(command).to_contain_text("mhe_•")
    await page.get_by_role("button", name="Copy command").click()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert "•" not in copied
    token = copied.partition("--token ")[2].split()[0]
    assert token.startswith("mhe_")
    await expect(command).not_to_contain_text(token)
    await page.get_by_role("button", name="Show token").click()
    await expect(command).to_contain_text(token)
    await page.get_by_role("button", name="New token").click()
    await expect(command).to_contain_text("mhe_")
    await expect(command).not_to_contain_text(token)


async def test_a_name_that_is_taken_is_said_beside_the_form(person: Person) -> None:
    await person.api.new_cluster("taken")
    await person.open("/clusters/new")
    await person.page.get_by_label("Name").fill("taken")
    await person.page.get_by_role("button", name="Continue").click()
    await expect(person.page.get_by_role("alert")).to_be_visible()


class Facts:
    """What the server would have seen of an agent so far."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    async def answer(self, route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        await route.fulfill(response=response, body=json.dumps({**body, **self.seen}))


class Progress:
    """The connection as the server judges it, with as many of its steps done as the test says."""

    def __init__(self) -> None:
        self.done, self.problem = 0, dict[str, Any]()

    async def answer(self, route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for index, step in enumerate(body["steps"]):
            step["state"] = "done" if index < self.done else "current" if index == self.done else "waiting"
        body |= {"ready": self.done >= len(body["steps"])} | ({"problem": self.problem} if self.problem else {})
        await route.fulfill(response=response, body=json.dumps(body))


async def test_the_connect_page_ticks_as_the_agent_comes_in(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    progress = Progress()
    await page.route(f"**/v1/clusters/{cluster}/connection", progress.answer)
    await person.open(f"/clusters/{cluster}/connect")
    steps = page.get_by_role("listitem")
    await expect(steps.nth(0)).to_contain_text("waiting")
    progress.done = 2
    await expect(steps.nth(1)).to_contain_text("done")
    await expect(steps.nth(2)).to_contain_text("waiting")
    progress.done = 5
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_role("button", name="Open cluster")).to_be_focused()
    await person.press("Enter")
    await page.wait_for_url(f"**/clusters/{cluster}")


async def test_the_connect_page_says_why_an_agent_is_refused_and_what_to_do(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    await api.store.write(
        agent(api.org, ClusterId(cluster)),
        lambda tx: attempts.record(tx, cluster, Code.CA_PIN_MISMATCH, Contact(address="192.0.2.7")),
    )
    await person.open(f"/clusters/{cluster}/connect")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("CA pin")
    await expect(alert).to_contain_text("Copy the whole install command")
    await expect(alert).to_contain_text("192.0.2.7")


async def test_every_way_to_install_an_agent_has_its_command(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    await person.open(f"/clusters/{cluster}/connect")
    tabs = page.get_by_role("tab")
    await expect(tabs).to_have_count(5)
    for label in ("Helm", "kubectl", "Argo CD", "Flux", "On this machine"):
        await page.get_by_role("tab", name=label, exact=True).click()
        command, refusal = page.get_by_role("region", name="command", exact=True), page.get_by_text("No command is available")
        await expect(command.or_(refusal).first).to_be_visible()


async def test_without_public_addresses_the_page_opens_on_kubectl_with_one_remark(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    host = "optral.optral.svc"
    at = {"public_url": f"http://{host}:8080", "agent_address": f"{host}:8443,8444", "agent_image": "optral-agent:0.1.0"}
    api.services.addresses = replace(api.services.addresses, **at)
    await person.open(f"/clusters/{cluster}/connect")
    await page.wait_for_url("**/connect?method=kubectl")
    await expect(page.get_by_role("region", name="command", exact=True)).to_contain_text("kubectl apply")
    remark = page.get_by_role("tabpanel").get_by_role("status")
    await expect(remark).to_have_count(1)
    await expect(remark).to_contain_text("publicUrl and agentAddress in the values of the server's chart")
    await page.get_by_role("tab", name="Helm", exact=True).click()
    await expect(remark).to_have_count(1)
    await expect(remark).to_contain_text("charts/optral-agent")


def step(page: Page, name: str) -> Any:
    return page.get_by_role("listitem").filter(has_text=name)


async def test_a_silent_cluster_never_looks_healthy(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    facts = Facts()
    facts.seen = {"status": "offline", "statusReason": "heartbeats_missed", "lastHeartbeatAt": "2026-01-01T00:00:00Z"}
    await page.route(f"**/v1/clusters/{cluster}", facts.answer)
    await person.open(f"/clusters/{cluster}")
    await expect(page.get_by_text("The agent stopped sending heartbeats")).to_be_visible()
    await expect(page.get_by_text("Offline").first).to_be_visible()


async def test_renaming_and_removing_a_cluster(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    await person.open(f"/clusters/{cluster}?tab=settings")
    await page.get_by_label("Name").fill("production-eu")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="production-eu", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Remove production-eu…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Remove", exact=True)).to_be_disabled()
    await dialog.get_by_label("Type").fill("production-eu")
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_role("dialog", name="production-eu was removed")).to_be_visible()
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("heading", name="No clusters yet")).to_be_visible()
    assert (await api.get(f"/v1/clusters/{cluster}")).status_code == 404


async def test_a_cluster_that_was_renamed_elsewhere_is_not_overwritten(person: Person) -> None:
    page, api = person.page, person.api
    cluster = await api.new_cluster("production")
    await person.open(f"/clusters/{cluster}?tab=settings")
    await page.get_by_label("Name").fill("mine")
    await api.store.write(
        agent(api.org, ClusterId(cluster)), lambda tx: clusters.update(tx, cluster, name="theirs", labels=None, if_version=None)
    )
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="theirs", exact=True)).to_be_visible()


async def test_the_list_fits_a_phone(chromium: Browser, edge: Api) -> None:
    await edge.new_cluster("production-eu-west")
    async with window(chromium, edge, width=390) as person:
        await sign_in(person)
        await person.open("/clusters")
        table = person.page.get_by_role("region", name="Clusters")
        await expect(table.get_by_role("link", name="production-eu-west")).to_be_visible()
        await expect(table.get_by_role("columnheader", name="Open issues")).to_be_visible()
        assert await table.evaluate("one => one.scrollWidth - one.clientWidth") == 0


async def test_the_open_issues_of_a_cluster_are_those_that_their_links_show(person: Person) -> None:
    """Snoozed issues count neither in the tab, nor in the numbers by severity, nor in the list."""
    api, page = person.api, person.page
    cluster = await api.new_cluster("production")
    await observe(api, cluster, finding("api", api=api), finding("web", api=api))
    issue = (await issue_ids(api))["api"]
    until = (api.clock.now() + timedelta(hours=1)).isoformat()
    assert (await api("PATCH", f"/v1/issues/{issue}", json={"snooze": {"until": until}})).status_code == 200
    await person.open(f"/clusters/{cluster}")
    await expect(page.get_by_role("link", name="Critical 1")).to_be_visible()
    await page.get_by_role("tab", name="Issues 1").click()
    await expect(page.get_by_role("region", name="Open issues of the cluster").get_by_role("row")).to_have_count(2)  # with the head


async def test_a_cluster_whose_issues_cannot_be_counted_does_not_look_healthy(person: Person) -> None:
    api, page = person.api, person.page
    cluster = await api.new_cluster("production")
    await person.fail_until_tried_again("**/v1/issues/facets*", 503)
    await person.open(f"/clusters/{cluster}")
    alert = page.get_by_role("alert").filter(has_text="Could not load the open issues")
    await expect(alert).to_contain_text("the database is away")
    await expect(page.get_by_text("None", exact=True)).to_have_count(0)
    await alert.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("None", exact=True)).to_be_visible()
