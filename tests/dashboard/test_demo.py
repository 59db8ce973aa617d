"""What a person does with `optral demo`: look around in the cluster, plan a change, approve it, and see that it helped."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from tests.dashboard.conftest import AXE, PASSWORD, needed
from tests.support import demo

pytestmark = pytest.mark.slow
HELPED_WITHIN_MS = 240_000  # a rollout, then a minute in which the checks pass without a break


@pytest.fixture
async def page(chromium: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    """The owner's browser, set up by the link."""
    async with demo.started(tmp_path / "data", until=["was OOM-killed"]) as link:
        context = await chromium.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", base_url=link.partition("/setup")[0]
        )
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await page.goto(link)
        await page.get_by_label("Your email").fill("owner@example.org")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await page.get_by_role("button", name="View issues").click()
        await page.get_by_role("region", name="Guided tour").get_by_role("button", name="Skip").click()
        yield page
        await context.close()


async def faults(page: Page) -> list[str]:
    needed(AXE.exists(), "axe-core (make dashboard)")
    await page.evaluate(AXE.read_text())
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
    found = await page.evaluate(f"axe.run({{runOnly: {rules}}}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    return [str(one) for one in found]


async def test_a_person_browses_a_cluster_and_fixes_it(page: Page) -> None:
    await browse(page)
    await fix_memory_limit(page)


async def browse(page: Page) -> None:
    """From kinds to an object, its tree, its YAML and its log."""
    await page.get_by_role("link", name="Resources").click()
    kinds = page.get_by_role("navigation", name="Kinds")
    await kinds.get_by_role("button", name=re.compile("^Deployment")).click()
    await page.get_by_role("searchbox", name="Search resources").fill("catalog")
    await page.wait_for_url("**/resources?*q=catalog*")
    assert "kind=Deployment" in page.url
    await page.get_by_label("Namespace").select_option("shop")
    row = page.get_by_role("table").get_by_role("link", name="catalog")
    await expect(row).to_have_count(1)
    await row.click()
    tree = page.get_by_role("tree")
    await expect(tree.get_by_role("treeitem")).not_to_have_count(0)
    await expect(page.get_by_role("region", name="Resources, scrollable")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("tab", name="YAML").click()
    await expect(page.get_by_text("kind: Deployment")).to_be_visible()
    await expect(page.get_by_text("folded")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_role("tab", name="Logs").click()
    await expect(page.get_by_role("log")).to_contain_text("level=")
    assert await faults(page) == []
    await page.keyboard.press("Escape")
    await page.wait_for_url(lambda url: urlsplit(url).path == "/resources")


async def fix_memory_limit(page: Page) -> None:
    """Raise the memory limit of an OOM-killed workload: its form checks the values, the panel of the issue does all the rest."""
    await page.goto("/issues?type=OOMKilled")
    await page.get_by_role("link", name=re.compile("catalog.*was OOM-killed")).first.click()
    await page.wait_for_url(re.compile(r"/issues/iss_"))
    issue = re.search(r"iss_[0-9a-z]+", page.url)
    assert issue is not None
    await check_form(page, issue[0])
    await page.goto(f"/issues/{issue[0]}?type=OOMKilled")
    await cure_in_the_panel(page, issue[0])


async def check_form(page: Page, issue: str) -> None:
    await page.goto(f"/runbooks/raise-memory-limit?issue={issue}")
    form = page.get_by_role("form", name="Run Raise a memory limit")
    await expect(form.get_by_label("Container")).to_have_value("catalog")
    await form.get_by_role("button", name="Dry run").click()
    await expect(form.get_by_text("This field is required.")).to_be_visible()
    await form.get_by_label("Limit").fill("256Mi")
    await form.get_by_role("button", name="Dry run").click()
    plan = form.get_by_role("region", name="Dry run")
    await expect(plan).to_contain_text("resources.limits.memory")
    await expect(plan).to_contain_text("256Mi")


async def cure_in_the_panel(page: Page, issue: str) -> None:
    """Issue, cause, cure, verified: without leaving the panel, with every button in view at 1280x800."""
    await page.set_viewport_size({"width": 1280, "height": 800})
    panel = page.get_by_role("complementary")
    await panel.get_by_role("button", name="Preview…").first.click()
    preview = panel.get_by_role("form", name="Run Raise a memory limit")
    await expect(preview.get_by_label("Limit", exact=True)).to_have_value(re.compile("Mi$"))  # worked out by the analysis
    await expect(preview.get_by_role("textbox")).to_have_count(1)  # the issue says everything else
    await expect(preview.get_by_role("region", name="Preview")).to_contain_text("resources.limits.memory")
    await expect(preview.get_by_text("You can approve it yourself: you are the only member")).to_be_in_viewport()
    await expect(preview.get_by_text("patch deployments.apps in shop")).to_be_in_viewport()
    assert await faults(page) == []
    await page.keyboard.press("Escape")  # back to the issue, which stays open
    await expect(panel.get_by_role("heading", name="Analysis")).to_be_visible()
    await panel.get_by_role("button", name="Preview…").first.click()
    await preview.get_by_role("button", name="Continue to approval").click()
    plan = panel.get_by_role("form", name="Approve this plan")
    approve = plan.get_by_role("button", name="Approve and run")
    await expect(approve).to_be_enabled()
    await expect(approve).to_be_in_viewport()
    assert await faults(page) == []
    await approve.click()
    await expect(plan.get_by_role("alert")).to_be_visible()
    await plan.get_by_label("Reason").fill("it is killed at its limit")
    await plan.get_by_label("Type catalog to confirm").fill("catalog")
    await approve.click()
    await expect(panel.get_by_role("list", name="Steps")).to_contain_text("Succeeded")
    await page.reload()
    await expect(panel.get_by_text("Succeeded. The verification passed.")).to_be_visible(timeout=HELPED_WITHIN_MS)
    assert await faults(page) == []
    assert urlsplit(page.url).path == f"/issues/{issue}"
    await panel.get_by_role("button", name="Back to the issue").click()
    await expect(panel.get_by_text("Resolved").first).to_be_visible(timeout=HELPED_WITHIN_MS)
