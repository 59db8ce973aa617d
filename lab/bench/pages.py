"""What the dashboard costs in Chromium, with 100,000 objects and 20,000 open issues behind it: bytes, first rows, scrolling, live updates.

CPU is that of the page's main thread (`threadTicks` of the DevTools protocol), which hardly depends on what else the machine does.
"""

import asyncio
import json
import re
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, expect

from lab.bench.processes import Lines
from lab.bench.rows import Options, Row, metric, open_platform, open_source, stored_issues
from tests.dashboard.conftest import EMAIL, PASSWORD, STATIC
from tests.support.chromium import launched
from tests.support.platform import Platform, until

WORKLOADS, EACH = 20_000, 5  # one pod of each workload fails
LOADS, FRAMES, ROUNDS, TABS = 5, 60, 20, 10
FRAME_PX = 437
UPDATES_PER_S, UPDATES_FOR_S = 100, 60
FIRST_ROWS_MS = 60_000  # the longest wait for anything
_WATCH = """
globalThis.shift = 0; globalThis.painted = 0;
new PerformanceObserver((all) => { for (const one of all.getEntries()) if (!one.hadRecentInput) shift += one.value })
  .observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((all) => { for (const one of all.getEntries()) painted = one.startTime })
  .observe({ type: "largest-contentful-paint", buffered: true });
"""
_FIRST_ROW = """new Promise((done) => {
  const look = () => document.querySelectorAll("[role=table] [role=row] a").length ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""
_SCROLL = """async ([frames, pixels]) => {
  const box = [...document.querySelectorAll("main *")].filter((one) => one.scrollHeight > 4 * one.clientHeight && one.clientHeight > 200)
    .sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  for (let frame = 0; frame < frames; frame++) {
    box.scrollTop += pixels;
    await new Promise(requestAnimationFrame);
  }
}"""
_UNTIL_IN_ROW = """([issue, text]) => new Promise((done) => {
  const row = () => document.querySelector(`[role=row]:has(a[href*="${issue}"])`);
  const look = () => row()?.innerText.includes(text) ? done(Date.now()) : requestAnimationFrame(look);
  look();
})"""


def pages(options: Options) -> Iterator[Row]:
    """The built dashboard of a real server on SQLite. `runs` is not used: each figure is the median of several loads or rounds."""
    fleet = ("--workloads", str(WORKLOADS), "--each", str(EACH), "--failing-every", str(EACH), "--no-environment")
    paced = ("--seconds", str(UPDATES_FOR_S + 10), "--rate", str(UPDATES_PER_S), "--wait")
    yield from sizes()
    with open_platform("SQLite") as platform, open_source(platform, *fleet, *paced) as source:
        source.next()
        until(lambda: stored_issues(platform) >= WORKLOADS, within_s=600, every_s=1, what="every failing pod to have its issue")
        yield from asyncio.run(_browse(platform, source))


def sizes() -> Iterator[Row]:
    """Compressed JavaScript of what the first page loads at once, and of the largest chunk that a page loads beside it."""
    entry = (STATIC / "index.html").read_text()
    first = set(re.findall(r"/assets/([^\"]+\.js)", entry))
    kb = {path.name.removesuffix(".gz"): path.stat().st_size / 1000 for path in (STATIC / "assets").glob("*.js.gz")}
    total = sum(kb.get(name, 0) for name in first)
    name, most = max(((name, size) for name, size in kb.items() if name not in first), key=lambda one: one[1])
    yield Row("JavaScript of every page, gzip", total, "kB", "<= 220", total <= 220)
    yield Row("  largest chunk loaded on demand", most, "kB", "-", None, name.rsplit("-", 1)[0])


async def _browse(platform: Platform, source: Lines) -> list[Row]:
    async with launched() as browser, _signed_in(browser, platform) as context:
        found = [*await _loads(browser, context, platform)]
        for path, what in (("/issues", f"{WORKLOADS:,} issues"), ("/resources?kind=Pod", f"{WORKLOADS * EACH:,} resources")):
            found += await _list(context, platform, path, what)
        found.append(await _event_to_row(context, platform))
        found += await _updates(context, platform, source)
        found.append(await _tabs(context, platform))
    return found


@asynccontextmanager
async def _signed_in(browser: Browser, platform: Platform) -> AsyncIterator[BrowserContext]:
    link = re.search(r"/setup#(\S+)", platform.log("server").read_text())
    assert link is not None, "the server printed no link"
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=platform.url)
    await context.add_init_script(_WATCH)
    answer = await context.request.post(
        "/v1/setup",
        data=json.dumps({"email": EMAIL, "password": PASSWORD, "token": link[1]}),
        headers={"X-Optral-CSRF": "1", "Content-Type": "application/json"},
    )
    assert answer.ok, await answer.text()
    yield context
    await context.close()


async def _loads(browser: Browser, context: BrowserContext, platform: Platform) -> list[Row]:
    """The first paint of the largest element with an empty cache, and how far the page moved meanwhile."""
    painted, shifted = [], []
    cookies = await context.storage_state()
    for _ in range(LOADS):
        fresh = await browser.new_context(viewport={"width": 1440, "height": 900}, base_url=platform.url, storage_state=cookies)
        await fresh.add_init_script(_WATCH)
        page = await fresh.new_page()
        await page.goto("/issues")
        await page.evaluate(_FIRST_ROW)
        await page.wait_for_timeout(500)  # what moves late counts, too
        painted.append(float(await page.evaluate("painted")))
        shifted.append(float(await page.evaluate("shift")))
        await fresh.close()
    largest, shift = statistics.median(painted), max(shifted)
    return [
        Row("largest contentful paint, empty cache", largest, "ms", "<= 800", largest <= 800),
        Row("  layout shift, highest", shift, "", "<= 0.02", shift <= 0.02),
    ]


async def _list(context: BrowserContext, platform: Platform, path: str, what: str) -> list[Row]:
    firsts = []
    for _ in range(LOADS):
        page = await context.new_page()
        await page.goto(path)
        firsts.append(float(await page.evaluate(_FIRST_ROW)))
        await page.close()
    page = await context.new_page()
    await page.goto(path)
    await page.evaluate(_FIRST_ROW)
    await _live(page)
    protocol = await _protocol(page)
    before = await _busy_ms(protocol)
    await page.evaluate(_SCROLL, [FRAMES, FRAME_PX])
    frame = (await _busy_ms(protocol) - before) / FRAMES
    elements = int(await page.evaluate("document.querySelectorAll('*').length"))
    await protocol.send("HeapProfiler.collectGarbage")
    heap = (await protocol.send("Runtime.getHeapUsage"))["usedSize"] / 1e6
    await page.close()
    first = statistics.median(firsts)
    return [
        Row(f"first rows of {what}", first, "ms", "<= 1000", first <= 1000),
        Row(f"  CPU of a scrolled frame, {what}", frame, "ms", "<= 16", frame <= 16),
        Row(f"  heap after scrolling, {what}", heap, "MB", "<= 80", heap <= 80),
        Row(f"  elements in the page, {what}", elements, "", "<= 1500", elements <= 1500),
    ]


async def _event_to_row(context: BrowserContext, platform: Platform) -> Row:
    """From the change of an issue until its row in the open list shows it; p95 of some rounds."""
    page = await context.new_page()
    await page.goto("/issues?status=open,acknowledged")
    await _live(page)
    link = await page.locator("[role=table] [role=row] a").first.get_attribute("href")
    issue = re.search(r"iss_[0-9a-z]+", link or "")
    assert issue is not None, f"the first row links to {link}"
    took = []
    for number in range(ROUNDS):
        status, word = (("acknowledged", "Acknowledged"), ("open", "Open"))[number % 2]
        shown = asyncio.create_task(page.evaluate(_UNTIL_IN_ROW, [issue[0], word]))
        began = time.time()
        await asyncio.to_thread(platform.call, "PATCH", f"/v1/issues/{issue[0]}", json={"status": status})
        took.append(await shown - began * 1000)
    await page.close()
    p95 = sorted(took)[int(0.95 * len(took))]
    return Row("change of an issue to its row, p95", p95, "ms", "<= 500", p95 <= 500)


async def _updates(context: BrowserContext, platform: Platform, source: Lines) -> list[Row]:
    """The open list while a hundred objects change in a second, a fifth of them behind an issue."""
    page = await context.new_page()
    await page.goto("/issues")
    await _live(page)
    protocol = await _protocol(page)
    source.tell("go")
    assert (await asyncio.to_thread(source.next))["phase"] == "live"
    await asyncio.sleep(2)
    before, began = await _busy_ms(protocol), time.monotonic()
    await asyncio.sleep(UPDATES_FOR_S)
    share = (await _busy_ms(protocol) - before) / (time.monotonic() - began) / 10
    await page.close()
    return [Row(f"page while {UPDATES_PER_S} objects change a second", share, "% of a core", "<= 5", share <= 5)]


async def _tabs(context: BrowserContext, platform: Platform) -> Row:
    tabs = [await context.new_page() for _ in range(TABS)]
    for tab in tabs:
        await tab.goto("/issues")
        await _live(tab)
    streams = metric(platform, "optral_event_streams_open")
    return Row(f"event streams of {TABS} tabs", streams, "", "1", streams == 1)


async def _live(page: Page) -> None:
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=FIRST_ROWS_MS)


async def _protocol(page: Page) -> CDPSession:
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Performance.enable", {"timeDomain": "threadTicks"})
    return protocol


async def _busy_ms(protocol: CDPSession) -> float:
    """CPU of the page's tasks so far."""
    metrics: list[dict[str, Any]] = (await protocol.send("Performance.getMetrics"))["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration")) * 1000


ROWS = {"pages": pages}
