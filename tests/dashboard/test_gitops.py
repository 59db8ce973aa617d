"""GitOps in the dashboard: a forge is connected and tested, and the change of a managed object becomes a pull request that is followed."""

import re

import pytest
from playwright.async_api import expect

from optral.forges.model import Kind
from optral.kit.paging import PageRequest
from optral.runbooks import service as runbooks
from optral.runbooks.model import Execution, ExecutionFilter
from tests.api.conftest import Api
from tests.dashboard.browser_time import clock as clock
from tests.dashboard.conftest import Person
from tests.flows.executions.shop import Shop
from tests.flows.forges.gitops import GitOps
from tests.forges.fakes import TOKEN, FakeForge

pytestmark = pytest.mark.slow


@pytest.fixture
async def gitops(edge: Api) -> GitOps:
    shop = Shop(edge.store, edge.org, edge.clock)
    await shop.open()
    made = GitOps(shop)
    await made.open()
    return made


async def test_a_forge_is_connected_tested_changed_and_deleted(person: Person, edge: Api) -> None:
    page, forge = person.page, FakeForge(Kind.GITEA)
    edge.services.forge_caller = forge
    await person.open("/settings/gitops")
    await expect(page.get_by_role("heading", name="No Git provider connected")).to_be_visible()
    await page.get_by_role("button", name="Connect a Git provider").first.click()
    form = page.get_by_role("dialog", name="Connect a Git provider")
    await form.get_by_role("button", name="Connect").click()
    await expect(form.get_by_label("Repositories")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Name").fill("git")
    await form.get_by_label("Kind").select_option("gitea")
    await form.get_by_label("URL").fill("https://git.example.com")
    await form.get_by_label("Access token").fill(TOKEN)
    await form.get_by_label("Repositories").fill("shop/deploy\nshop/other")
    await form.get_by_role("button", name="Connect").click()
    row = page.get_by_role("row").filter(has_text="git.example.com")
    await expect(row).to_contain_text("shop/deploy, shop/other")
    assert TOKEN not in await page.content()

    await row.get_by_role("button", name="Test git").click()
    result = page.get_by_role("dialog", name="Test git")
    await expect(result).to_contain_text("The token belongs to optral-bot.")
    await expect(result).to_contain_text("shop/deploy: pull requests can be opened (default branch main)")
    await expect(result).to_contain_text("shop/other: Gitea does not show this to the token")
    assert await person.axe("[role=dialog]") == []
    await result.get_by_role("button", name="Close").last.click()

    await row.get_by_role("button", name="More actions for git").click()
    await page.get_by_role("menuitem", name="Edit").click()
    form = page.get_by_role("dialog", name="Edit git")
    await expect(form.get_by_label("Access token")).to_have_value("")
    await form.get_by_label("Repositories").fill("shop/deploy")
    await form.get_by_role("button", name="Save").click()
    await expect(row).not_to_contain_text("shop/other")

    await row.get_by_role("button", name="More actions for git").click()
    await page.get_by_role("menuitem", name="Webhook").click()
    webhook = page.get_by_role("dialog", name="Webhook of git")
    await expect(webhook).to_contain_text("/v1/hooks/forges/frg_")
    await webhook.get_by_role("button", name="Create a secret").click()
    stored = page.get_by_role("dialog", name="Store this secret now")
    await expect(stored.get_by_label("Webhook secret of git")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    await expect(stored).to_contain_text("/v1/hooks/forges/frg_")
    await stored.get_by_role("button", name="I have stored it").click()

    await row.get_by_role("button", name="More actions for git").click()
    await page.get_by_role("menuitem", name="Webhook").click()
    await expect(webhook.get_by_role("button", name="Rotate the secret")).to_be_visible()
    await webhook.get_by_role("button", name="Close").last.click()

    await row.get_by_role("button", name="More actions for git").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="No Git provider connected")).to_be_visible()


async def test_a_failure_to_load_is_shown_and_tried_again(person: Person) -> None:
    await person.fail_until_tried_again("**/v1/forges")
    await person.open("/settings/gitops")
    await expect(person.page.get_by_text("Could not load the connections")).to_be_visible()
    await person.page.get_by_role("button", name="Try again").click()
    await expect(person.page.get_by_role("heading", name="No Git provider connected")).to_be_visible()


async def _dry_run(gitops: GitOps) -> Execution:
    """A dry run whose plan names the repository."""
    made = await gitops.shop.raise_limit("128Mi", dry_run=True)
    await gitops.shop.move(made)
    await gitops.shop.answer()
    await gitops.show()
    return await gitops.shop.settle(made)


async def test_a_dry_run_becomes_a_pull_request_that_is_followed_to_its_end(person: Person, gitops: GitOps) -> None:
    page, planned = person.page, await _dry_run(gitops)
    await person.open(f"/executions/{planned.id}")
    await expect(page.get_by_text("a change in the cluster will be reverted at the next sync").first).to_be_visible()
    await page.get_by_role("button", name="Open a pull request").click()
    await page.wait_for_url(lambda url: planned.id not in url)
    (one,) = [found for found in await _executions(gitops) if found.by_pull_request]
    one = await gitops.settle(one)
    shown = page.locator("section").filter(has=page.get_by_role("heading", name="Pull request"))
    await expect(shown).to_contain_text("Waiting for merge")
    await expect(shown.get_by_role("link", name="shop/deploy #1")).to_have_attribute("href", "https://git.example.com/shop/deploy/pulls/1")
    await expect(shown.get_by_role("region", name="Patch")).to_contain_text("+          resources: {limits: {memory: 128Mi}} # too little?")
    await expect(shown).to_contain_text("API server dry run")

    merged = gitops.forge.merge(1)
    gitops.shop.clock.advance(31)
    await gitops.settle(one)
    await expect(shown).to_contain_text("Merged, waiting for sync")
    await gitops.sync(merged)
    gitops.shop.clock.advance(6)
    await gitops.settle(one)
    await expect(shown).to_contain_text("Merged and applied")


async def _executions(gitops: GitOps) -> list[Execution]:
    return await gitops.shop.store.read(gitops.shop.owner, lambda tx: runbooks.find_executions(tx, ExecutionFilter(), PageRequest()))
