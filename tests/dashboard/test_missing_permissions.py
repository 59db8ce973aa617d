"""A plan for which the agent lacks permissions: the page says which, and what to copy to grant them."""

import re

import pytest
from playwright.async_api import Page, expect

from optral.commands.model import State
from optral.runbooks.model import Execution
from tests.api.conftest import Api
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person
from tests.flows.executions.shop import Shop, report

pytestmark = pytest.mark.slow
LACKS = {"missingPermissions": [{"verb": "patch", "group": "apps", "resource": "deployments", "subresource": ""}]}


@pytest.fixture
async def denied(edge: Api) -> Execution:
    shop = Shop(edge.store, edge.org, edge.clock)
    await shop.open()
    shop.agent.answers["setResources"] = lambda command: report(command, State.REJECTED, code="RBAC_DENIED", result=LACKS)
    return await shop.settle(await shop.raise_limit())


async def test_the_plan_names_the_permissions_and_what_grants_them(person: Person, page: Page, denied: Execution) -> None:
    await person.open(f"/executions/{denied.id}")
    missing = page.get_by_role("region", name="Missing permissions")
    await expect(missing).to_contain_text("The agent lacks permissions for this plan.")
    await expect(missing).to_contain_text("Raise the limit: patch deployments.apps in shop")
    for text in (
        "{apiGroups: [apps], resources: [deployments], verbs: [patch]}",
        "{profile: operate, operate: {namespaces: [shop], verbs: [setResources]}}",
    ):
        await expect(missing).to_contain_text(text)
    await expect(missing.get_by_role("button", name=re.compile("Copy"))).to_have_count(2)
    await expect(page.get_by_text("the agent is not allowed to run the dry run")).to_be_visible()
    assert await person.axe() == []
