"""The built dashboard in a real browser, before the real HTTP edge on SQLite: what a person would see and do."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, Response, expect

from optral.flows.people import sign_in as sign_in_flow
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.severity import Severity
from tests.api.conftest import PEPPER, Api, running
from tests.api.seeds import enroll, finding, objects, observe, one_of_each
from tests.flows.executions.shop import Shop
from tests.support.chromium import launched, needed
from tests.support.clock import FakeClock
from tests.support.sqlite_alone import engine_name as engine_name

EMAIL, PASSWORD = "owner@example.org", "a long enough passphrase"
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "optral" / "api" / "static"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
COLOR = ("color-contrast", "link-in-text-block")
"""The rules that a theme decides."""
AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
FAIL_UNTIL_TRIED_AGAIN = """({ pattern, status, problem }) => {
  const send = window.fetch, headers = { "content-type": "application/problem+json" };
  let tried = false;
  addEventListener("click", ({ target }) => { tried ||= target.textContent === "Try again"; }, true);
  window.fetch = async (request, ...rest) => {
    if (tried || !new RegExp(pattern).test(request.url ?? request)) return send(request, ...rest);
    if (!status) throw new TypeError("Failed to fetch");
    return new Response(problem, { status, headers });
  };
}"""
"""In the page, not at a route: no request is in flight when the button is pressed, so none that failed can come back after it."""
LASTING = re.compile(r"/v1/events/stream|[?&]wait=[1-9]|/assets/\w*worker-")
"""The stream, requests that wait for news, and the scripts of workers, of which the browser does not report the end."""
UNTIL_NOTHING_MOVES = """async () => {
  const moving = () => document.getAnimations()
    .filter((one) => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime));
  await document.fonts.ready;
  do {
    await Promise.allSettled(moving().map((one) => one.finished));
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  } while (moving().length);
}"""
LONGEST_MS = 15_000  # for what must come at some time; a test that says nothing about time waits no longer
expect.set_options(timeout=LONGEST_MS)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


class Traffic:
    """What a page has requested and not received yet."""

    def __init__(self, page: Page) -> None:
        self._pending: set[Request] = set()
        self._changed = asyncio.Event()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)
        page.on("response", self._leave)

    def _begin(self, request: Request) -> None:
        if not LASTING.search(request.url):
            self._pending.add(request)

    def _end(self, request: Request) -> None:
        self._pending.discard(request)
        self._changed.set()

    def _leave(self, response: Response) -> None:
        """What the page before requested is given up without an event."""
        if response.request.is_navigation_request():
            self._pending.intersection_update({response.request})
            self._changed.set()

    @property
    def is_idle(self) -> bool:
        return not self._pending

    @property
    def pending(self) -> list[str]:
        return [f"{request.resource_type} {request.url}" for request in self._pending]

    async def idle(self) -> None:
        while self._pending:
            self._changed.clear()
            await self._changed.wait()


@dataclass
class Person:
    """One browser window and what went wrong in it."""

    page: Page
    api: Api
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.traffic = Traffic(self.page)

    async def open(self, path: str) -> None:
        await self.page.goto(self.api.url + path)

    async def settled(self, within_s: float = LONGEST_MS / 1000) -> None:
        """Until the page waits for no answer, its fonts are there, and no animation or transition runs."""
        try:
            async with asyncio.timeout(within_s):
                await self.page.wait_for_load_state("load")
                while True:
                    await self.traffic.idle()
                    await self.page.evaluate(UNTIL_NOTHING_MOVES)
                    if self.traffic.is_idle:
                        return
        except TimeoutError:
            pytest.fail(f"the page does not settle; it waits for {self.traffic.pending or 'animations'}")

    async def fail_until_tried_again(self, pattern: str, status: int = 500) -> None:
        """Fail every request that fits until the person presses *Try again*, also what the page reads again by itself meanwhile.

        A status of 0 is a connection that breaks.
        """
        problem = {"code": "internal", "detail": "the database is away", "requestId": "req_1", "status": status}
        fits = "^" + re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") + "$"
        given = {"pattern": fits, "status": status, "problem": json.dumps(problem)}
        await self.page.add_init_script(f"({FAIL_UNTIL_TRIED_AGAIN})({json.dumps(given)})")
        await self.page.evaluate(FAIL_UNTIL_TRIED_AGAIN, given)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def axe(self, within: str = "html", *, rules: Sequence[str] = WCAG) -> list[str]:
        """What axe finds on the page as it is, or in a part of it: against WCAG 2.2 AA, or by single rules."""
        needed(AXE.exists(), "axe-core (make dashboard)")
        if await self.page.evaluate("typeof axe === 'undefined'"):
            await self.page.evaluate(AXE.read_text())
        more = {"label-content-name-mismatch": {"enabled": True}, "landmark-banner-is-top-level": {"enabled": True}}
        options = {"runOnly": list(rules), "rules": more if rules is WCAG else {}}
        found: Any = await self.page.evaluate(
            "([within, options]) => axe.run(within, options).then(r => r.violations.map("
            "v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))",
            [within, options],
        )
        return [str(one) for one in found]


@pytest.fixture
async def edge(store: Store, clock: FakeClock) -> AsyncIterator[Api]:
    """The edge of an organization whose owner has no password yet."""
    async with running(store, clock) as api:
        yield api


async def first_link(api: Api) -> str:
    """The address of the one-use link the server would print."""
    made = await api.store.write(actors.system(), lambda tx: sign_in_flow.first_links(tx, pepper=PEPPER))
    return f"/setup#{made[0][1]}"


@asynccontextmanager
async def window(
    chromium: Browser, api: Api, *, dark: bool = False, width: int = 1280, height: int = 800, touch: bool = False
) -> AsyncIterator[Person]:
    """A browser with nothing kept; its faults must be empty at the end."""
    context = await chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        has_touch=touch,
    )
    async with AsyncExitStack() as closing:
        closing.push_async_callback(context.close)
        page = await context.new_page()
        page.set_default_timeout(LONGEST_MS)
        person = Person(page, api)
        page.on("pageerror", lambda error: person.faults.append(f"error: {error}"))
        page.on("console", lambda said: person.faults.append(f"{said.type}: {said.text}") if _is_fault(said.text) else None)
        yield person
        await page.unroute_all(behavior="ignoreErrors")  # the page may be reading something again
        assert person.faults == []


def _is_fault(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text or "Minified React error" in text


async def sign_in(person: Person) -> None:
    """By the form; the account is made with the first-run link where there is none yet."""
    api = person.api
    made = await api.store.write(actors.system(), lambda tx: sign_in_flow.first_links(tx, pepper=PEPPER))
    body = {"email": EMAIL, "password": PASSWORD}
    path = "/v1/session"
    if made:
        path, body = "/v1/setup", {**body, "token": made[0][1]}
    answer = await person.page.context.request.post(
        api.url + path, data=json.dumps(body), headers={"X-Optral-CSRF": "1", "Content-Type": "application/json"}
    )
    assert answer.ok, await answer.text()


@pytest.fixture
async def person(chromium: Browser, edge: Api) -> AsyncIterator[Person]:
    """Somebody signed in."""
    async with window(chromium, edge) as made:
        await sign_in(made)
        yield made


@pytest.fixture
def page(person: Person) -> Page:
    """The page of somebody signed in."""
    return person.page


@pytest.fixture
async def furnished(edge: Api) -> Api:
    """A cluster with an issue of each severity and some objects."""
    cluster = await edge.new_cluster("production")
    found = [finding(f"app-{one.value}", severity=one, api=edge) for one in Severity]
    await observe(edge, cluster, *found)
    await objects(edge, cluster, "api-1", "api-2")
    body = {"name": "edge sites", "namePattern": "edge-{number}", "maxUses": 3, "needsApproval": True}
    await enroll(edge, (await edge("POST", "/v1/fleet-tokens", json=body)).json()["token"])
    await one_of_each(edge, "staging")
    return edge


@pytest.fixture
async def shop(edge: Api) -> Shop:
    made = Shop(edge.store, edge.org, edge.clock)
    await made.open()
    return made
