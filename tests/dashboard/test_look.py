"""What holds for every page: no sideways scrolling on a phone, few bytes on the first visit."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, TimeoutError as PlaywrightTimeout

from tests.api.conftest import Api
from tests.dashboard.conftest import ROOT, STATIC, Person, needed, sign_in, window
from tests.dashboard.test_issues import issue_ids, with_analysis

pytestmark = pytest.mark.slow
IS_WIDE = "document.documentElement.scrollWidth > innerWidth"
LOST_IN_FORCED_COLORS = """[
  ...[...document.querySelectorAll(".rounded-full:empty")]
    .filter(one => one.checkVisibility() && getComputedStyle(one).forcedColorAdjust !== "none")
    .map(one => "a dot without color: " + one.outerHTML),
  ...[...document.querySelectorAll("nav [data-status=active]")]
    .filter(one => getComputedStyle(one).outlineStyle === "none")
    .map(one => "not marked as the current page: " + one.textContent),
]"""
MOVING = """document.getAnimations()
  .filter(one => one.playState === "running" && one.effect.getTiming().duration > 1)
  .map(one => one.animationName ?? one.transitionProperty)"""
NOTE_THE_FIRST_THEME = """new MutationObserver(() => {
  if (document.body) globalThis.firstTheme ??= String(document.documentElement.dataset.theme);
}).observe(document, { childList: true, subtree: true })"""
MAX_FIRST_SCREEN_JS, MAX_CSS = 220_000, 15_000  # gzip


OUTSIDE = ["/login", "/setup", "/invite", "/forgot", "/reset", "/sign-in/callback", "/signed-out"]  # pages for those who are not signed in


def routes() -> set[str]:
    """Every address that the dashboard knows, with `$name` for a part that differs."""
    source = (ROOT / "dashboard" / "src" / "pages" / "router.tsx").read_text()
    route = r'const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: "([^"]*)"'
    made = {name: (parent, path.strip("/")) for name, parent, path in re.findall(route, source)}

    def whole(name: str) -> str:
        if name not in made:
            return ""
        parent, path = made[name]
        return f"{whole(parent)}/{path}"

    return {whole(name) for name in made}


def route_of(path: str, known: set[str]) -> str | None:
    """The route that shows this address: one without parameters where there is one."""
    place = path.partition("?")[0]
    for route in sorted(known, key=lambda one: (one.count("$"), -len(one))):
        pattern = re.sub(r"\\\$\w+", "[^/]+", re.escape(route)).replace(r"\$", ".+")
        if re.fullmatch(pattern, place):
            return route
    return None


def settings_pages() -> list[str]:
    """The address of each page of the settings."""
    source = (ROOT / "dashboard" / "src" / "pages" / "settings" / "settings.tsx").read_text()
    return [f"/settings/{name}" for name in re.findall(r'\{ id: "([\w-]+)", label: ', source)]


async def pages(api: Api) -> list[str]:
    """An address of every page."""
    issue = next(iter((await issue_ids(api)).values()))
    cluster = (await api.get("/v1/clusters?q=production")).json()["clusters"][0]["id"]
    resource = (await api.get("/v1/resources")).json()["resources"][0]["id"]
    execution = (await api.get("/v1/executions")).json()["executions"][0]["id"]
    return [
        "/",
        "/issues",
        "/issues?q=nothing+like+this",
        f"/issues/{issue}",
        "/clusters",
        "/clusters/new",
        "/clusters/fleet",
        f"/clusters/{cluster}",
        f"/clusters/{cluster}?tab=settings",
        f"/clusters/{cluster}?tab=kinds",
        f"/clusters/{cluster}?tab=map",
        f"/clusters/{cluster}/connect",
        "/resources",
        f"/resources/{resource}",
        "/runbooks",
        "/runbooks/restart-workload",
        "/runbooks/restart-workload/versions",
        "/runbooks/restart-workload/edit",
        "/runbooks/new",
        "/runbooks/new?from=restart-workload",
        "/executions",
        "/triggers",
        f"/executions/{execution}",
        "/activity",
        "/alerts",
        "/activity?group=webhook",
        "/settings",
        *settings_pages(),
        "/device",
        "/authorize",
        "/clusters/a/b/c",
    ]


async def test_every_route_is_looked_at(furnished: Api) -> None:
    known = routes()
    seen = {route_of(path, known) for path in [*await pages(furnished), *OUTSIDE]}
    assert known - seen == set(), "give each new route an address in `pages`, so that it is looked at in every theme and width"


async def every_tab(person: Person) -> AsyncIterator[str]:
    """The page that is open: as it is, then with each of its tabs chosen."""
    yield ""
    tabs = person.page.get_by_role("main").get_by_role("tab")
    for place in range(await tabs.count()):
        if await tabs.nth(place).get_attribute("aria-selected") == "false":
            await tabs.nth(place).click()
            await person.settled()
            yield f" ({await tabs.nth(place).inner_text()})"


async def stays_wide(person: Person) -> bool:
    """Whether the page scrolls sideways once it has loaded what it shows."""
    try:
        await person.page.wait_for_function(f"!({IS_WIDE})", timeout=5_000)
    except PlaywrightTimeout:
        return True
    return False


async def test_nothing_scrolls_sideways_on_the_narrowest_phone(chromium: Browser, furnished: Api) -> None:
    async with window(chromium, furnished, width=320, height=640) as person:
        wide = []
        await sign_in(person)
        await person.page.context.clear_cookies()
        for path in OUTSIDE:
            await person.open(path)
            await person.settled()
            if await stays_wide(person):
                wide.append(path)
        await sign_in(person)
        for path in await pages(furnished):
            if "/issues/" in path:
                await with_analysis(person.page, path.rpartition("/")[2])
            await person.open(path)
            await person.settled()
            wide += [path + tab async for tab in every_tab(person) if await stays_wide(person)]
        assert not wide, wide


async def test_with_the_colors_of_the_reader_nothing_disappears(chromium: Browser, furnished: Api) -> None:
    """Forced colors remove backgrounds: what only a background shows has to stay visible. Nothing moves for those who want it so."""
    async with window(chromium, furnished) as person:
        await person.page.emulate_media(forced_colors="active", reduced_motion="reduce")
        await sign_in(person)
        faults = []
        for path in await pages(furnished):
            await person.open(path)
            await person.settled()
            faults += [f"{path}: {fault}" for fault in await person.page.evaluate(LOST_IN_FORCED_COLORS)]
            faults += [f"{path}: {name} moves" for name in await person.page.evaluate(MOVING)]
        assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", ["/", "/issues"])
async def test_the_first_screen_is_light(chromium: Browser, furnished: Api, path: str) -> None:
    async with window(chromium, furnished) as person:
        await sign_in(person)
        await check_weight(person, path)


SAVES_DATA = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
"""The pages that a browser loads in advance, some time after the first one, do not count; on a busy machine that time passes sooner."""
LATER = "notifier-"
"""Also loaded some seconds after the first screen, whatever the connection."""


async def check_weight(person: Person, path: str) -> None:
    await person.page.goto("about:blank")  # the page before may load others in advance by now
    loaded: list[str] = []
    person.page.on("response", lambda answer: loaded.append(answer.url))
    await person.page.add_init_script(SAVES_DATA)
    await person.open(path)
    await person.settled()
    names = {match.group(1) for url in loaded if (match := re.search(r"/assets/([^/?]+)$", url))}
    scripts = {name for name in names if name.endswith(".js") and not name.startswith(LATER)}
    assert 0 < sum(gzip_bytes(name) for name in scripts) <= MAX_FIRST_SCREEN_JS
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
        await person.settled()
        assert {url for url in asked if not url.startswith((furnished.url, "data:"))} == set()


async def test_the_choice_of_theme_is_kept_and_shown_before_the_first_paint(person: Person, page: Page) -> None:
    await person.open("/issues")
    assert await page.evaluate("document.documentElement.dataset.theme") == "light"
    await page.get_by_role("button", name="Theme").click()
    await page.get_by_role("menuitemcheckbox", name="Dark").click()
    await page.add_init_script(NOTE_THE_FIRST_THEME)
    await page.reload()
    assert await page.evaluate("firstTheme") == "dark"


def test_the_built_page_holds_no_inline_script() -> None:
    page = (STATIC / "index.html").read_text()
    needed(page, "the built dashboard")
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=", page) == []
    assert not list(Path(STATIC).rglob("*.map"))
