"""What holds for every page: nothing axe objects to in light and dark, no sideways scrolling on a phone, few bytes on the first visit."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import enroll, finding, objects, observe
from tests.dashboard.conftest import STATIC, Person, needed, sign_in, window
from tests.dashboard.test_issues import issue_ids, with_analysis

pytestmark = pytest.mark.slow
MAX_FIRST_SCREEN_JS, MAX_CSS = 220_000, 15_000  # gzip


@pytest.fixture
async def furnished(edge: Api) -> Api:
    """A cluster with an issue of each severity and some objects."""
    cluster = await edge.new_cluster("production")
    found = [finding(f"app-{one.value}", severity=one, api=edge) for one in Severity]
    await observe(edge, cluster, *found)
    await objects(edge, cluster, "api-1", "api-2")
    body = {"name": "edge sites", "namePattern": "edge-{number}", "maxUses": 3, "needsApproval": True}
    await enroll(edge, (await edge("POST", "/v1/fleet-tokens", json=body)).json()["token"])
    return edge


async def pages(api: Api) -> list[str]:
    """An address of every page."""
    issue = next(iter((await issue_ids(api)).values()))
    cluster = (await api.get("/v1/clusters")).json()["clusters"][0]["id"]
    return [
        "/issues",
        "/issues?q=nothing+like+this",
        f"/issues/{issue}",
        "/clusters",
        "/clusters/new",
        "/clusters/fleet",
        f"/clusters/{cluster}",
        f"/clusters/{cluster}?tab=settings",
        f"/clusters/{cluster}?tab=kinds",
        f"/clusters/{cluster}/connect",
        "/resources",
        "/runbooks",
        "/executions",
        "/settings/api-keys",
        "/settings/members",
        "/clusters/a/b/c",
    ]


async def settled(person: Person) -> None:
    """Until the page asks for nothing more; the stream never ends, so the network is never idle."""
    await person.page.wait_for_load_state("load")
    await person.page.wait_for_timeout(700)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_no_fault_on_any_page(chromium: Browser, furnished: Api, dark: bool) -> None:
    faults = []
    async with window(chromium, furnished, dark=dark) as person:
        await person.open("/login")
        await expect(person.page.get_by_role("heading", name="Sign in")).to_be_visible()
        faults += [f"/login: {fault}" for fault in await person.axe()]
        await sign_in(person)
        for path in await pages(furnished):
            if "/issues/" in path:
                await with_analysis(person.page, path.rpartition("/")[2])
            await person.open(path)
            await settled(person)
            faults += [f"{path}: {fault}" for fault in await person.axe()]
        await person.open("/issues")
        await settled(person)
        for opened, button in (("help", "Keyboard shortcuts"), ("scope", "Scope: all clusters"), ("account", "Account")):
            await person.page.get_by_role("button", name=button).click()
            faults += [f"{opened}: {fault}" for fault in await person.axe()]
            await person.press("Escape")
    assert not faults, "\n".join(faults)


async def test_nothing_scrolls_sideways_on_a_phone(chromium: Browser, furnished: Api) -> None:
    async with window(chromium, furnished, width=320, height=640) as person:
        await sign_in(person)
        wide = []
        for path in await pages(furnished):
            if "/issues/" in path:
                await with_analysis(person.page, path.rpartition("/")[2])
            await person.open(path)
            await settled(person)
            if await person.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
        assert not wide, wide


async def test_the_first_screen_is_light(person: Person) -> None:
    loaded: list[str] = []
    person.page.on("response", lambda answer: loaded.append(answer.url))
    await person.open("/issues")
    await settled(person)
    names = {match.group(1) for url in loaded if (match := re.search(r"/assets/([^/?]+)$", url))}
    assert any(name.endswith(".js") for name in names)
    assert sum(gzip_bytes(name) for name in names if name.endswith(".js")) <= MAX_FIRST_SCREEN_JS
    assert sum(gzip_bytes(name) for name in names if name.endswith(".css")) <= MAX_CSS


def gzip_bytes(name: str) -> int:
    """Size as sent to a browser that takes gzip."""
    packed = STATIC / "assets" / f"{name}.gz"
    return (packed if packed.exists() else STATIC / "assets" / name).stat().st_size


async def test_nothing_comes_from_elsewhere(chromium: Browser, furnished: Api) -> None:
    async with window(chromium, furnished) as person:
        asked: set[str] = set()
        person.page.on("request", lambda request: asked.add(request.url))
        await sign_in(person)
        await person.open("/issues")
        await settled(person)
        assert {url for url in asked if not url.startswith((furnished.url, "data:"))} == set()


async def test_the_choice_of_theme_is_kept_and_shown_before_the_first_paint(person: Person) -> None:
    page = person.page
    await person.open("/issues")
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"
    await page.get_by_role("button", name="Theme").click()
    await page.get_by_role("menuitemcheckbox", name="Dark").click()
    await page.reload(wait_until="commit")
    await page.wait_for_function("document.body !== null")
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_built_page_holds_no_inline_script() -> None:
    page = (STATIC / "index.html").read_text()
    needed(page, "the built dashboard")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=", page) == []
    assert not list(Path(STATIC).rglob("*.map"))
