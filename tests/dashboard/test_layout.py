"""What looks wrong on any page: a placeholder that is cut, controls of different sizes beside each other, a page wider than a phone."""

import pytest
from playwright.async_api import Browser

from tests.api.conftest import Api
from tests.dashboard.conftest import sign_in, window
from tests.dashboard.test_look import pages, stays_wide

pytestmark = pytest.mark.slow
CUT_PLACEHOLDERS = """[...document.querySelectorAll("input[placeholder]")].filter(one => one.checkVisibility()).flatMap(one => {
  const style = getComputedStyle(one)
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = style.font
  const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
  return pen.measureText(one.placeholder).width > room ? [one.placeholder] : []
})"""
UNEVEN = """[...document.querySelectorAll("main header")].flatMap(header => {
  const look = one => `${getComputedStyle(one).fontSize}, ${one.offsetHeight}px high`
  const of = kinds => new Set([...header.querySelectorAll(kinds)].filter(one => one.checkVisibility() && one.offsetHeight > 24).map(look))
  const buttons = of("button.font-medium, a.font-medium.rounded-sm")
  return [...of("select, input:not([type=checkbox])")].filter(one => buttons.size && !buttons.has(one))
    .map(one => `${one} beside ${[...buttons].join(" and ")}`)
})"""


@pytest.mark.parametrize(("width", "touch"), [(1440, False), (320, True)], ids=["desk", "phone"])
async def test_nothing_is_cut_and_controls_in_a_row_are_of_one_size(chromium: Browser, furnished: Api, width: int, touch: bool) -> None:
    """Fingers need larger controls than a mouse, so a page that fits a narrow window may not fit a phone."""
    async with window(chromium, furnished, width=width, height=900, touch=touch) as person:
        await sign_in(person)
        faults = []
        for path in await pages(furnished):
            await person.open(path)
            await person.settled()
            faults += [f"{path}: scrolls sideways"] if await stays_wide(person) else []
            faults += [f"{path}: cut: {text}" for text in await person.page.evaluate(CUT_PLACEHOLDERS)]
            faults += [f"{path}: {text}" for text in await person.page.evaluate(UNEVEN)]
        assert not faults, "\n".join(faults)
