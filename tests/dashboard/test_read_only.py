"""An agent that is read-only: the card of an action says so, with the command to run and what allows the change, and leads nowhere else."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Page, Route, expect

from tests.api.seeds import finding, observe
from tests.dashboard.conftest import Person
from tests.dashboard.test_issues import analysis

pytestmark = pytest.mark.slow
SAYS = "Optral's agent is read-only in this cluster, so it cannot make this change."
PARAMETERS = {"kind": "Deployment", "namespace": "shop", "name": "web", "container": "app", "limit": "256Mi"}
COMMAND = "kubectl -n shop set resources deployment/web -c app --limits=memory=256Mi"
HELM = (
    "helm upgrade optral-agent https://optral.example.com/charts/optral-agent-0.1.0.tgz -n optral --reuse-values "
    "--set profile=operate --set 'operate.namespaces={shop}'"
)
UP = "optral up --allow-writes --namespaces shop"
ACTION: dict[str, Any] = {
    "title": "Raise the memory limit of app to 256Mi",
    "why": "The container needs more memory than its limit allows.",
    "risk": "high",
    "runbook": "raise-memory-limit",
    "parameters": PARAMETERS,
    "command": COMMAND,
    "evidenceIds": [],
    "obstacle": {
        "code": "agent_read_only",
        "message": SAYS,
        "chartValues": {"profile": "operate", "operate": {"namespaces": ["shop"]}},
        "helm": HELM,
        "up": UP,
    },
}


async def with_action(page: Page, issue: str, action: dict[str, Any]) -> None:
    async def answer(route: Route) -> None:
        found = await route.fetch()
        shown = {**analysis(issue), "recommendedActions": [action]}
        await route.fulfill(response=found, json={**await found.json(), "hasAnalysis": True, "analysis": shown})

    await page.route(f"**/v1/issues/{issue}", answer)


@pytest.fixture
async def issue(person: Person) -> str:
    await observe(person.api, await person.api.new_cluster("production"), finding("web", api=person.api))
    return str((await person.api.get("/v1/issues")).json()["issues"][0]["id"])


async def test_the_card_says_so_and_what_to_do_instead(person: Person, page: Page, issue: str) -> None:
    await with_action(page, issue, ACTION)
    await person.open(f"/issues/{issue}")
    notice = page.get_by_role("note").filter(has_text=SAYS)
    await expect(notice).to_be_visible()
    await expect(page.get_by_role("region", name=f"Command: {ACTION['title']}")).to_have_text(COMMAND)
    await expect(page.get_by_role("button", name="Preview…")).to_have_count(0)
    values = notice.get_by_role("region", name="Values that allow it")
    await expect(values).to_have_text("{profile: operate, operate: {namespaces: [shop]}}")
    await notice.get_by_text("Commands that set them").click()
    await expect(notice.get_by_role("region", name="Command for an agent installed with Helm")).to_have_text(HELM)
    await expect(notice.get_by_role("region", name="Command for an agent started with optral up")).to_have_text(UP)
    assert await person.axe() == []


async def test_a_link_to_its_runbook_plans_nothing(person: Person, page: Page, issue: str) -> None:
    await with_action(page, issue, ACTION)
    await person.open(f"/issues/{issue}#run=raise-memory-limit&p={quote(json.dumps(PARAMETERS, separators=(',', ':')))}")
    panel = page.get_by_role("region", name="Runbook")
    await expect(panel.get_by_role("note")).to_contain_text(SAYS)
    await expect(panel.get_by_role("button", name="Preview")).to_have_count(0)
    await expect(panel.get_by_role("region", name=f"Command: {ACTION['title']}")).to_have_text(COMMAND)
    await expect(panel.get_by_role("alert")).to_have_count(0)
    await expect(panel.get_by_text("Needs approval")).to_have_count(0)
    assert (await person.api.get("/v1/executions")).json()["total"] == 0
    assert await person.axe() == []
    await panel.get_by_role("button", name="Back to the issue").click()
    await expect(page.get_by_role("heading", name="What happened")).to_be_visible()


async def test_an_action_that_the_agent_does_has_both(person: Person, page: Page, issue: str) -> None:
    await with_action(page, issue, {name: value for name, value in ACTION.items() if name != "obstacle"})
    await person.open(f"/issues/{issue}")
    await expect(page.get_by_role("region", name=f"Command: {ACTION['title']}")).to_have_text(COMMAND)
    await expect(page.get_by_role("button", name="Preview…")).to_be_enabled()
    await expect(page.get_by_role("note").filter(has_text="read-only")).to_have_count(0)
