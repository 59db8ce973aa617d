"""Pickers of names: what there is is offered, by pointer and keyboard, and what is not there yet can be typed."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.conftest import Api
from tests.api.seeds import objects
from tests.dashboard.conftest import Person, sign_in, window

pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(edge: Api) -> str:
    cluster = await edge.new_cluster("production")
    for namespace in ("shop", "shop-test", "pay"):
        await objects(edge, cluster, f"web-{namespace}", kind="Deployment.apps", namespace=namespace)
    return cluster


async def offered(page: Page) -> list[str]:
    await expect(page.get_by_role("listbox")).to_be_visible()
    return await page.get_by_role("listbox").get_by_role("option").all_inner_texts()


async def test_a_namespace_is_chosen_by_keyboard_and_escape_closes_only_the_list(person: Person, page: Page, cluster: str) -> None:
    await person.open("/settings/mute-rules")
    await page.get_by_role("button", name="New mute rule").first.click()
    box = page.get_by_role("combobox", name="Namespaces")
    await box.click()
    assert await offered(page) == ["pay", "shop", "shop-test"]
    assert await person.axe() == []
    await person.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.type("sho")
    assert await offered(page) == ["shop", "shop-test"]
    await person.press("ArrowDown", "ArrowDown")
    await expect(page.get_by_role("option", name="shop-test")).to_have_attribute("aria-selected", "true")
    await person.press("Enter")
    await page.keyboard.type(",")
    assert await offered(page) == ["pay", "shop"]
    await page.keyboard.type(" dev-*")
    await expect(box).to_have_value("shop-test, dev-*")
    await expect(page.get_by_role("listbox")).to_have_count(0)


async def test_a_runbook_is_run_on_names_that_are_chosen(chromium: Browser, edge: Api, cluster: str) -> None:
    async with window(chromium, edge, width=390, height=844, touch=True) as person:
        await sign_in(person)
        page = person.page
        await person.open("/runbooks/restart-workload?cluster=production")
        await page.get_by_label("Kind").select_option("Deployment")
        await page.get_by_role("combobox", name="Namespace").click()
        await page.get_by_role("option", name="pay", exact=True).click()
        await page.get_by_role("combobox", name="Name", exact=True).click()
        assert await offered(page) == ["web-pay"]
        await page.get_by_role("option", name="web-pay").click()
        await expect(page.get_by_role("combobox", name="Name", exact=True)).to_have_value("web-pay")
        assert await person.axe() == []
