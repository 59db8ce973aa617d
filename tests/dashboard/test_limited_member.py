"""The dashboard of a member who is bound to a namespace: no page asks for what is refused, or offers it, or calls it a failure."""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Response, expect

from optral.terms.actor import Role
from tests.api.accounts import PASSWORD, member, signed_in
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe, one_of_each
from tests.dashboard.conftest import Person, window

pytestmark = pytest.mark.slow
EMAIL = "bound@example.org"
NAMESPACE = "shop"


@pytest.fixture
async def bound(chromium: Browser, edge: Api) -> AsyncIterator[Person]:
    """An operator in one namespace, signed in before a cluster with an issue and objects."""
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("app", api=edge))
    await objects(edge, cluster, "api-1")
    await one_of_each(edge, "staging")
    owner = await signed_in(edge)
    await member(edge, Role.OPERATOR, EMAIL)
    people = (await owner.get("/v1/members")).json()["members"]
    (id,) = [one["id"] for one in people if one["email"] == EMAIL]
    body = {"role": "operator", "namespaces": [NAMESPACE]}
    answer = await owner("POST", f"/v1/members/{id}/bindings", json=body)
    assert answer.status_code == 201, answer.text
    async with window(chromium, edge) as made:
        headers = {"X-Optral-CSRF": "1", "Content-Type": "application/json"}
        data = json.dumps({"email": EMAIL, "password": PASSWORD})
        signed = await made.page.context.request.post(edge.url + "/v1/session", data=data, headers=headers)
        assert signed.ok, await signed.text()
        yield made


async def cluster_path(person: Person) -> str:
    cluster = (await person.api.get("/v1/clusters?q=production")).json()["clusters"][0]["id"]
    return f"/clusters/{cluster}"


async def test_no_page_asks_for_what_is_refused(bound: Person) -> None:
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(f"{at}: {answer.status} {answer.url}")

    bound.page.on("response", note)
    cluster = await cluster_path(bound)
    tabs = ("profile", "notifications", "mute-rules", "webhooks", "gitops", "detectors", "analysis", "plan", "appearance", "about")
    pages = ["/", "/issues", "/clusters", cluster, f"{cluster}/connect", "/clusters/new", "/clusters/fleet", "/resources", "/runbooks"]
    pages += ["/runbooks/restart-workload", "/executions", "/triggers", "/activity", *(f"/settings/{tab}" for tab in tabs)]
    for at in pages:
        await bound.open(at)
        await bound.settled()
        await expect(bound.page.get_by_role("button", name="Try again")).to_have_count(0)
    assert refused == []


async def test_only_tabs_that_open_are_offered(bound: Person) -> None:
    page = bound.page
    await bound.open(await cluster_path(bound))
    await expect(page.get_by_role("tab")).to_contain_text(["Overview", "Issues", "Settings"])
    await bound.open("/settings")
    await expect(page.get_by_role("link", name="Profile")).to_have_attribute("aria-current", "page")
    for hidden in ("API Keys", "Members", "Webhooks", "GitOps"):
        await expect(page.get_by_role("navigation", name="Settings").get_by_role("link", name=hidden)).to_have_count(0)
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("Settings: ")
    await expect(page.get_by_role("option", name="Settings: Mute rules")).to_be_visible()
    await expect(page.get_by_role("option", name="Settings: Members")).to_have_count(0)


@pytest.mark.parametrize("tab", ["map", "kinds"])
async def test_an_address_that_somebody_sent_says_that_access_is_limited(bound: Person, tab: str) -> None:
    await bound.open(f"{await cluster_path(bound)}?tab={tab}")
    alert = bound.page.get_by_role("alert")
    await expect(alert).to_contain_text("Your access does not include this")
    await expect(alert).to_contain_text("ask an owner or admin of the organization")
    await expect(alert.get_by_role("button")).to_have_count(0)


async def test_triggers_say_that_access_is_limited(bound: Person) -> None:
    await bound.open("/triggers")
    await expect(bound.page.get_by_role("heading", name="Limited access")).to_be_visible()
    await expect(bound.page.get_by_text("you cannot view triggers")).to_be_visible()
    await expect(bound.page.get_by_role("button", name="Stop all")).to_have_count(0)
