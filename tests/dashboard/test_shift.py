"""What is drawn stays where it is: how far pages move while a cold browser loads them (the layout shift of web vitals)."""

import pytest
from playwright.async_api import Browser

from tests.api.conftest import Api
from tests.dashboard.conftest import sign_in, window
from tests.dashboard.test_look import pages

pytestmark = pytest.mark.slow
MOST = 0.1  # which web vitals call good
_WATCH = """globalThis.shift = 0;
new PerformanceObserver((all) => { for (const one of all.getEntries()) if (!one.hadRecentInput) shift += one.value })
  .observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["desk", "phone"])
async def test_pages_stay_still_while_they_load(chromium: Browser, furnished: Api, width: int, height: int) -> None:
    async with window(chromium, furnished, width=width, height=height) as person:
        await sign_in(person)
        await person.page.add_init_script(_WATCH)
        moved = {}
        for path in await pages(furnished):
            await person.open(path)
            await person.settled()
            moved[path] = round(await person.page.evaluate("shift"), 3)
        assert {path: shift for path, shift in moved.items() if shift > MOST} == {}
