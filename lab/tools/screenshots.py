"""The pictures of README.md and of the documentation, taken from a running `optral demo`: `make screenshots`.

Each is a page as a new user sees it, in the light theme, reduced to 256 colors. Names and times in them differ from run to run.
"""

import asyncio
import io
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import FloatRect, Page, ViewportSize

from tests.setup import browser
from tests.support import demo
from tests.support.chromium import launched

OUT = Path(__file__).parents[2] / "docs/assets/screenshots"
SIZE: ViewportSize = {"width": 1280, "height": 800}
SETTLES_IN_S = 2  # transitions, icons and the first events; the network is never idle while a page follows events
SETTLED = "is pending", "OOM-killed", "has no endpoints"  # issues that open within the first seconds of a demo
PASSWORD = "a long enough passphrase"


async def sign_up(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_label("Your email").fill("you@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("button", name="View issues").click()
    await page.get_by_role("region", name="Guided tour").get_by_role("button", name="Skip").click()


async def keep(page: Page, name: str, *, height: int = SIZE["height"]) -> None:
    await asyncio.sleep(SETTLES_IN_S)
    await page.mouse.move(0, 0)
    clip: FloatRect = {"x": 0, "y": 0, "width": SIZE["width"], "height": height}
    picture = Image.open(io.BytesIO(await page.screenshot(animations="disabled", clip=clip)))
    target = OUT / f"{name}.png"
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target}  {target.stat().st_size // 1024} KiB")


async def issues(page: Page) -> None:
    await page.get_by_role("link", name=re.compile("OOM-killed")).first.wait_for()
    await keep(page, "issues", height=690)


async def explanation(page: Page) -> str:
    """The page of the issue of the killed container; gives the id."""
    await page.goto("/issues?type=OOMKilled")
    await page.get_by_role("link", name=re.compile("catalog.*OOM-killed")).first.click()
    await page.wait_for_url(re.compile(r"/issues/iss_"))
    found = re.search(r"iss_[0-9a-z]+", page.url)
    assert found is not None
    await page.goto(f"/issues/{found[0]}")
    await page.get_by_text("The memory limit is too low").first.wait_for()
    await page.get_by_role("heading", name="Analysis").evaluate("heading => heading.scrollIntoView(true)")
    await keep(page, "explanation")
    return found[0]


async def overview(page: Page) -> None:
    await page.goto("/")
    await page.get_by_text("The memory limit is too low").first.wait_for()
    await keep(page, "overview")


async def resources(page: Page) -> None:
    await page.goto("/resources?kind=Pod")
    await page.get_by_text("CrashLoopBackOff").first.wait_for()
    await keep(page, "resources", height=540)


async def plan(page: Page, issue: str) -> None:
    """The cure of the issue in its panel, until it waits for approval."""
    await page.goto(f"/issues/{issue}")
    await page.get_by_role("button", name="Preview").first.click()
    await page.get_by_role("button", name="Continue to approval").click()
    await page.get_by_role("button", name="Approve and run").wait_for()
    await keep(page, "plan")


async def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    browser.find()
    with tempfile.TemporaryDirectory() as folder:
        async with demo.started(Path(folder), until=SETTLED) as link, launched() as chromium:
            page = await chromium.new_page(
                viewport=SIZE, color_scheme="light", reduced_motion="reduce", base_url=link.partition("/setup")[0]
            )
            page.set_default_timeout(30_000)
            await sign_up(page, link)
            await issues(page)
            await overview(page)
            await resources(page)
            await plan(page, await explanation(page))


if __name__ == "__main__":
    asyncio.run(main())
