"""Axe objects to nothing on any page, on a wide screen (in light and dark) and on a phone (in light). Dialogs are in `test_dialogs.py`."""

import pytest
from playwright.async_api import Browser, expect

from tests.api.conftest import Api
from tests.dashboard.conftest import COLOR, Person, sign_in, window
from tests.dashboard.test_issues import with_analysis
from tests.dashboard.test_look import pages

pytestmark = pytest.mark.slow
PHONE = 390
OPENED = {1280: ("Keyboard shortcuts", "Scope: all clusters", "Account"), PHONE: ("Scope: all clusters", "Account", "More")}


async def faults(person: Person, where: str, within: str = "html", *, in_dark: bool = True) -> list[str]:
    """In light, and what color has to do with in dark."""
    await person.settled()
    found = [f"{where}: {fault}" for fault in await person.axe(within)]
    if not in_dark:
        return found
    await person.page.emulate_media(color_scheme="dark")
    await person.settled()
    found += [f"{where}, dark: {fault}" for fault in await person.axe(within, rules=COLOR)]
    await person.page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("width", OPENED)
async def test_axe_finds_no_fault_on_any_page(chromium: Browser, furnished: Api, width: int, half: int) -> None:
    found, in_dark = [], width != PHONE
    async with window(chromium, furnished, width=width, touch=width == PHONE) as person:
        await person.open("/login")
        await expect(person.page.get_by_role("heading", name="Sign in")).to_be_visible()
        found += await faults(person, "/login", in_dark=in_dark)
        await sign_in(person)
        for path in (await pages(furnished))[half::2]:
            if "/issues/" in path:
                await with_analysis(person.page, path.rpartition("/")[2])
            await person.open(path)
            found += await faults(person, path, in_dark=in_dark)
        await person.open("/issues")
        for button in OPENED[width]:
            await person.page.get_by_role("button", name=button).last.click()
            found += await faults(person, button, in_dark=in_dark)
            await person.press("Escape")
    assert not found, "\n".join(found)
