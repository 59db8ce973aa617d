"""What is drawn stays where it is: how far pages move while a cold browser loads them (the layout shift of web vitals)."""

import pytest
from playwright.async_api import Browser

from tests.api.conftest import Api
from tests.dashboard.conftest import sign_in, window
from tests.dashboard.test_look import pages

pytestmark = pytest.mark.slow
MOST = 0.05  # half of what web vitals call good
_WATCH = """globalThis.shift = 0; globalThis.shifted = [];
new PerformanceObserver((all) => { for (const one of all.getEntries()) if (!one.hadRecentInput) {
  shift += one.value;
  shifted.push(...one.sources.map(({ node }) => node?.cloneNode?.(false).outerHTML ?? node?.nodeName ?? "gone"));
} }).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize(("width", "height", "slowdown"), [(1440, 900, 1), (390, 844, 4)], ids=["desk", "slow phone"])
async def test_pages_stay_still_while_they_load(chromium: Browser, furnished: Api, width: int, height: int, slowdown: int) -> None:
    async with window(chromium, furnished, width=width, height=height) as person:
        await sign_in(person)
        await person.page.add_init_script(_WATCH)
        processor = await person.page.context.new_cdp_session(person.page)
        await processor.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        moved = {}
        for path in await pages(furnished):
            await person.open(path)
            await person.settled(within_s=60)
            shift = round(await person.page.evaluate("shift"), 3)
            if shift > MOST:
                moved[path] = (shift, await person.page.evaluate("shifted"))
        assert moved == {}
