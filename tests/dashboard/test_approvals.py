"""Approvals by several members, and going on without them, as people see them."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from optral.flows.executions import control
from optral.kit.records import changing
from optral.runbooks.model import Execution
from optral.safeguards import service as safeguards
from optral.safeguards.model import ApprovalRule, Safeguards
from optral.terms.actor import Role
from tests.api.conftest import Api
from tests.dashboard.conftest import PASSWORD, sign_in, window
from tests.dashboard.test_views import accept_invite
from tests.flows.executions.shop import Shop

pytestmark = pytest.mark.slow
DOWN = "checkout is down for everybody"


@pytest.fixture
async def shop(edge: Api) -> AsyncIterator[Shop]:
    made = Shop(edge.store, edge.org, edge.clock)
    await made.open()
    yield made


async def half_approved(shop: Shop) -> Execution:
    rules = [ApprovalRule("high", "", "", 2)]
    await shop.store.write(shop.system, lambda tx: safeguards.save(tx, changing(Safeguards, {"approval_rules": rules}), by=shop.owner.id))
    one = await shop.raise_limit()
    await shop.settle(one)
    other = replace(await shop.add_member(), confirmed_at=shop.clock.now())
    return await shop.store.write(other, lambda tx: control.approve(tx, one.id, reason="it leaks"))


async def test_an_execution_shows_its_approvals_and_goes_on_without_them(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge) as owner:
        await sign_in(owner)
        one = await half_approved(shop)
        await owner.open(f"/executions/{one.id}")
        await expect(owner.page.get_by_role("status").filter(has_text="1 of 2 approvals")).to_be_visible()
        decisions = owner.page.get_by_role("list", name="Decisions on the plan")
        await expect(decisions).to_contain_text("it leaks")
        assert await owner.axe() == []
        await owner.page.get_by_role("button", name="Skip missing approvals").click()
        dialog = owner.page.get_by_role("dialog", name="Skip missing approvals")
        await dialog.get_by_label("Reason").fill("urgent")
        await dialog.get_by_role("button", name="Skip approvals and run").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("at least 10 characters")
        await dialog.get_by_label("Reason").fill(DOWN)
        await dialog.get_by_role("button", name="Skip approvals and run").click()
        await expect(owner.page.get_by_role("note", name="Break-glass")).to_contain_text(DOWN)
        await expect(decisions).to_contain_text("Skipped missing approvals")


async def test_an_owner_adds_and_removes_a_rule_of_approvals(chromium: Browser, edge: Api, shop: Shop) -> None:
    async with window(chromium, edge) as owner:
        await sign_in(owner)
        await owner.open("/settings/approvals")
        await owner.page.get_by_role("button", name="Add rule").click()
        dialog = owner.page.get_by_role("dialog", name="Add a rule")
        await dialog.get_by_label("Cluster").select_option(label="prod")
        await dialog.get_by_label("owners").check()
        await dialog.get_by_role("button", name="Save rule").click()
        await expect(dialog.get_by_text("Enter your password.")).to_be_visible()
        await dialog.get_by_label("Your password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Save rule").click()
        table = owner.page.get_by_role("region", name="Approval rules")
        await expect(table.get_by_role("row").nth(1)).to_contain_text(re.compile("High.*prod.*2.*owners"))
        assert await owner.axe() == []
        await table.get_by_role("button", name="Remove the rule for high risk, prod").click()
        dialog = owner.page.get_by_role("dialog", name="Remove this rule")
        await dialog.get_by_label("Your password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Remove rule").click()
        await expect(table).to_have_count(0)


@pytest.mark.parametrize(
    ("ends_in", "says"),
    [
        pytest.param(timedelta(hours=2), "Your access as operator in shop of prod ends at", id="soon"),
        pytest.param(timedelta(days=5), None, id="later"),
    ],
)
async def test_a_limited_member_sees_that_the_access_ends_soon(
    chromium: Browser, edge: Api, shop: Shop, ends_in: timedelta, says: str | None
) -> None:
    async with window(chromium, edge) as owner:
        await sign_in(owner)
        ends_at = (datetime.now(UTC) + ends_in).isoformat()
        place = {"role": "operator", "clusters": [{"id": shop.cluster_id, "name": "prod"}], "namespaces": ["shop"], "endsAt": ends_at}
        actor = {"kind": "person", "id": "usr_1", "role": "operator", "scopes": ["issues:read"], "places": [place]}
        me = {"actor": actor, "organisation": {"id": "org_1", "name": "example"}}
        await owner.page.route("**/v1/me", lambda route: route.fulfill(json=me))
        await owner.open("/issues")
        await expect(owner.page.get_by_role("heading", name="Issues", exact=True)).to_be_visible()
        notice = owner.page.get_by_text("Ask an owner or admin to extend it.")
        if says is None:
            await expect(notice).to_have_count(0)
        else:
            await expect(notice).to_contain_text(says)


async def test_a_delegate_approves_on_behalf_of_the_owner_who_delegated_it_for_a_time(chromium: Browser, edge: Api, shop: Shop) -> None:
    """The owner delegates and ends on the page; the delegate, who may only look, approves what a third member requested."""
    async with window(chromium, edge) as owner, window(chromium, edge) as viewer:
        await sign_in(owner)
        await accept_invite(viewer, Role.VIEWER)
        await owner.open("/settings/approvals")
        await owner.page.get_by_role("button", name="Delegate").click()
        dialog = owner.page.get_by_role("dialog", name="Delegate approvals")
        await dialog.get_by_role("button", name="Delegate").click()
        await expect(dialog.get_by_text("Enter an end time.")).to_be_visible()
        await dialog.get_by_label("Member").fill("viewer@example.org")
        await dialog.get_by_label("Ends").fill((shop.clock.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M"))
        await dialog.get_by_label("Reason").fill("on leave")
        await dialog.get_by_role("button", name="Delegate").click()
        table = owner.page.get_by_role("region", name="Delegations")
        await expect(table.get_by_role("row").nth(1)).to_contain_text("viewer@example.org")
        assert await owner.axe() == []

        one = await shop.settle(await shop.raise_limit(by=await shop.add_member()))
        await viewer.open(f"/executions/{one.id}")
        await viewer.page.get_by_role("button", name="Approve", exact=True).click()
        dialog = viewer.page.get_by_role("dialog", name="Approve this plan")
        await expect(dialog.get_by_label("Approve", exact=True)).to_contain_text("On behalf of")
        assert await viewer.axe() == []
        await dialog.get_by_role("button", name="Approve and run").click()
        decisions = viewer.page.get_by_role("list", name="Decisions on the plan")
        await expect(decisions).to_contain_text("on behalf of")

        await table.get_by_role("button", name=re.compile("End the delegation")).click()
        await expect(owner.page.get_by_role("dialog", name="End this delegation")).to_be_visible()
        assert await owner.axe("[role=dialog]") == []
        await owner.page.get_by_role("dialog", name="End this delegation").get_by_role("button", name="End delegation").click()
        await expect(table).to_have_count(0)
