"""The animated picture of README.md, from a running `optral demo`: `make movie`. An issue, its cause, the planned fix, its verification.

Waiting is cut: each scene is held for as long as its words take to read, 40 seconds in all. One file for each theme, and a still picture
for people who prefer no motion. Names and times differ from run to run.
"""

import argparse
import asyncio
import io
import re
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Locator, Page

from lab.tools.screenshots import OUT, SETTLED, SETTLES_IN_S, SIZE, sign_up
from tests.setup import browser
from tests.support import demo
from tests.support.chromium import launched

Theme = Literal["light", "dark"]
CAPTION = 52  # pixels below the page
MOVE_MS, MOVES, PRESS_MS = 45, 7, 350
LONGEST_S, LARGEST_BYTES = 40, 2_500_000
VERIFIED_WITHIN_MS = 180_000
COLORS = {"light": ("#f4f4f5", "#18181b", "#52525b"), "dark": ("#18181b", "#fafafa", "#a1a1aa")}
POINTER = ((0, 0), (0, 21), (5, 16), (9, 25), (13, 23), (9, 15), (16, 15))


class Movie:
    """Frames with how long each is shown, in milliseconds. The pointer stays where it clicked last."""

    def __init__(self, page: Page, theme: Theme) -> None:
        self._page, self._theme = page, theme
        self._frames: list[Image.Image] = []
        self._durations: list[int] = []
        self._pointer = (SIZE["width"] // 2, SIZE["height"] // 2)
        self._title, self._words = "", ""

    @property
    def seconds(self) -> float:
        return sum(self._durations) / 1000

    def say(self, title: str, words: str) -> None:
        """The caption from now on."""
        self._title, self._words = title, words

    async def hold(self, seconds: float) -> None:
        self._add(await self._look(), round(seconds * 1000))

    async def click(self, target: Locator) -> None:
        """Move the pointer to the target, and press it."""
        await target.wait_for()
        await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None
        (x, y), page = self._pointer, await self._look()
        to = round(box["x"] + min(box["width"] / 2, 120)), round(box["y"] + box["height"] / 2)
        for step in range(1, MOVES + 1):
            self._pointer = round(x + (to[0] - x) * step / MOVES), round(y + (to[1] - y) * step / MOVES)
            self._add(page, MOVE_MS)
        self._add(page, PRESS_MS, is_pressed=True)
        await target.click()

    async def _look(self) -> Image.Image:
        await asyncio.sleep(SETTLES_IN_S)
        return Image.open(io.BytesIO(await self._page.screenshot(animations="disabled", caret="hide"))).convert("RGB")

    def _add(self, page: Image.Image, milliseconds: int, *, is_pressed: bool = False) -> None:
        back, ink, quiet = COLORS[self._theme]
        frame = Image.new("RGB", (page.width, page.height + CAPTION), back)
        frame.paste(page)
        draw = ImageDraw.Draw(frame)
        title, words = ImageFont.load_default(24), ImageFont.load_default(20)
        draw.text((24, page.height + CAPTION / 2), self._title, ink, title, anchor="lm")
        draw.text((48 + draw.textlength(self._title, title), page.height + CAPTION / 2 + 1), self._words, quiet, words, anchor="lm")
        x, y = self._pointer
        if is_pressed:
            draw.ellipse((x - 16, y - 16, x + 16, y + 16), outline="#2563eb", width=4)
        draw.polygon([(x + dx, y + dy) for dx, dy in POINTER], fill="white", outline="black")
        self._frames.append(frame)
        self._durations.append(milliseconds)

    def save(self, target: Path) -> None:
        first, *rest = self._frames
        first.save(
            target, "WEBP", save_all=True, append_images=rest, duration=self._durations, loop=0, quality=82, method=6, minimize_size=True
        )
        print(f"{target}  {target.stat().st_size // 1024} KiB, {self.seconds:.0f} s, {len(self._frames)} frames")
        assert self.seconds <= LONGEST_S and target.stat().st_size <= LARGEST_BYTES

    def keep_still(self) -> None:
        """The newest frame is what people see who prefer no motion."""
        self._still = self._frames[-1]

    def save_still(self, target: Path) -> None:
        self._still.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


async def play(page: Page, movie: Movie) -> None:
    """From the overview to the verified fix of the container that was OOM-killed."""
    movie.say("1  What is wrong", "Each row is one failure, with its cause")
    await page.goto("/")
    await page.get_by_text("The memory limit is too low").first.wait_for()
    await movie.hold(3.5)
    await page.goto("/issues")
    row = page.get_by_role("link", name=re.compile("catalog.*was OOM-killed")).first
    await row.wait_for()
    await movie.hold(2)
    await movie.click(row)
    await page.wait_for_url(re.compile(r"/issues/iss_"))
    found = re.search(r"iss_[0-9a-z]+", page.url)
    assert found is not None
    await page.goto(f"/issues/{found[0]}")
    movie.say("2  Why", "The cause, with the evidence for each sentence")
    analysis = page.get_by_role("heading", name="Analysis").first
    await analysis.wait_for()
    await movie.hold(3)
    await analysis.evaluate("heading => heading.scrollIntoView(true)")
    await movie.hold(4.5)
    movie.keep_still()
    movie.say("3  The fix", "Planned with a dry run: what changes, which pods are replaced")
    await movie.click(page.get_by_role("button", name="Preview").first)
    onward = page.get_by_role("button", name="Continue to approval")
    await onward.wait_for()
    await movie.hold(4.5)
    await movie.click(onward)
    approve = page.get_by_role("button", name="Approve and run")
    await approve.wait_for()
    movie.say("3  The fix", "Nothing changes before somebody approves the plan")
    await page.get_by_label("Reason").fill("Killed at its memory limit")
    await page.get_by_label(re.compile("^Type .* to confirm")).fill("catalog")
    await movie.hold(2.5)
    await movie.click(approve)
    await movie.hold(2)
    movie.say("4  What happened since", "Optral verifies that the failure is gone")
    await page.get_by_text("verification passed").first.wait_for(timeout=VERIFIED_WITHIN_MS)
    await movie.hold(6)


async def record(theme: Theme) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with demo.started(Path(folder), until=SETTLED) as link, launched() as chromium:
            address = link.partition("/setup")[0]
            page = await chromium.new_page(viewport=SIZE, color_scheme=theme, reduced_motion="reduce", base_url=address)
            page.set_default_timeout(30_000)
            await sign_up(page, link)
            movie = Movie(page, theme)
            await play(page, movie)
            movie.save(OUT / f"fix-{theme}.webp")
            if theme == "light":
                movie.save_still(OUT / "fix.png")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("themes", nargs="*", default=["light", "dark"], choices=["light", "dark"])
    OUT.mkdir(parents=True, exist_ok=True)
    browser.find()
    for theme in parser.parse_args().themes:
        await record(theme)


if __name__ == "__main__":
    asyncio.run(main())
