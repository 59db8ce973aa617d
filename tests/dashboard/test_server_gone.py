"""The server goes away and comes back while somebody works: a real process, killed and started again."""

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from optral.access import service as access
from optral.kit.clock import SystemClock
from optral.server import database
from optral.server.settings import load
from optral.terms import actor as actors
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, LONGEST_MS, PASSWORD

pytestmark = pytest.mark.slow
STARTS_IN_S = 60
BACK_MS = 40_000  # the longest wait between two tries, and a page on a busy machine
NO_PRELOAD = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
LOST, RETRYING = "Connection lost.", "Retrying automatically."


@dataclass
class Server:
    """`optral server` as a process that can be killed and started again at the same address."""

    data: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPTRAL_")}
        kept |= {"OPTRAL_ENROLL_LISTEN": "127.0.0.1:0", "OPTRAL_TUNNEL_LISTEN": "127.0.0.1:0"}
        command = [sys.executable, "-m", "optral", "server", "--data-dir", str(self.data), "--listen", f"127.0.0.1:{self.port}"]
        with (self.data.parent / "server.log").open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env=kept)

    async def printed(self, pattern: str) -> str:
        """The group of the pattern, once the running process has printed it."""
        async with asyncio.timeout(STARTS_IN_S):
            while (found := re.search(pattern, self._output())) is None:
                assert self.process is not None and self.process.returncode is None, self._output()
                await asyncio.sleep(0.1)
        return found[1]

    def _output(self) -> str:
        return (self.data.parent / "server.log").read_text()

    async def kill(self) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def killable(folder: Path) -> AsyncIterator[tuple[Server, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(folder / "data", free.getsockname()[1])
    await server.start()
    try:
        yield server, await server.printed(r"/setup#(\S+)\n")
    finally:
        await server.kill()


async def put_issue(server: Server, cluster_id: str) -> None:
    """An issue of that cluster, written while no server runs."""
    await server.kill()
    async with database.opened(load(data_dir=server.data), SystemClock()) as base:
        org = (await base.store.read(actors.system(), access.organisation_ids))[0]
        api = cast(Api, SimpleNamespace(store=base.store, clock=SystemClock(), org=org))
        await observe(api, cluster_id, finding("api", api=api))
    await server.start()
    await server.printed(r"(is ready)")


async def post(context: BrowserContext, server: Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"X-Optral-CSRF": "1", "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    answer = await context.request.post(server.url + path, data=json.dumps(body), headers=headers)
    assert answer.ok, await answer.text()
    return dict(await answer.json())


@dataclass
class Tabs:
    """Two tabs of one browser: in one of them a form is half filled in."""

    server: Server
    page: Page
    form: Page


@pytest.fixture(params=[True, False], ids=["code of all pages loaded", "code of new pages missing"])
async def tabs(chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Tabs]:
    async with killable(tmp_path) as (server, token):
        context = await chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", base_url=server.url)
        await post(context, server, "/v1/setup", {"token": token, "organisation": "Shop", "email": EMAIL, "password": PASSWORD})
        cluster = await post(context, server, "/v1/clusters", {"name": "production"})
        await put_issue(server, cluster["id"])
        if not request.param:
            await context.add_init_script(NO_PRELOAD)
        tabs = Tabs(server, await context.new_page(), await context.new_page())
        for page in (tabs.page, tabs.form):
            page.set_default_timeout(LONGEST_MS)
        await tabs.page.goto("/issues")
        await tabs.form.goto("/clusters/new")
        if request.param:
            await expect(tabs.page.locator("html[data-pages=loaded]")).to_be_attached()
        await expect(tabs.page.get_by_role("link", name="killed at its memory limit")).to_be_visible()
        yield tabs
        await context.close()


async def test_what_was_seen_stays_and_what_is_new_comes_when_the_server_returns(tabs: Tabs) -> None:
    page, form, main = tabs.page, tabs.form, tabs.page.get_by_role("main")
    await form.get_by_label("Name").fill("staging")
    await tabs.server.kill()
    await expect(page.get_by_role("status").filter(has_text=LOST)).to_be_visible(timeout=BACK_MS)

    await form.get_by_role("button", name="Continue").click()
    await expect(form.get_by_text("Cannot reach the server").first).to_be_visible()
    await expect(form.get_by_label("Name")).to_have_value("staging")

    await expect(page.get_by_role("link", name="killed at its memory limit")).to_be_visible()
    await page.get_by_role("link", name="killed at its memory limit").click()
    await expect(main.get_by_role("alert").first).to_contain_text("Could not load")
    await expect(page.get_by_role("table", name="Issues")).to_be_visible()
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Runbooks").click()
    await expect(main.get_by_role("alert").first).to_contain_text(RETRYING)
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Issues").click()
    await expect(page.get_by_role("link", name="killed at its memory limit")).to_be_visible()
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Runbooks").click()
    await expect(main.get_by_role("alert").first).to_contain_text(RETRYING)

    await tabs.server.start()
    await expect(main.get_by_role("link", name="Restart a workload")).to_be_visible(timeout=BACK_MS)
    await expect(page.get_by_text(LOST)).to_have_count(0)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=BACK_MS)

    await expect(form.get_by_label("Name")).to_have_value("staging")
    await form.get_by_role("button", name="Continue").click()
    await form.wait_for_url("**/connect*")


async def test_an_issue_that_was_opened_without_a_server_appears_by_itself(tabs: Tabs) -> None:
    page, main = tabs.page, tabs.page.get_by_role("main")
    await tabs.server.kill()
    await page.get_by_role("link", name="killed at its memory limit").click()
    await expect(main.get_by_role("alert").first).to_contain_text(RETRYING)
    await tabs.server.start()
    await expect(main.get_by_role("heading", name="Container app of api was killed at its memory limit")).to_be_visible(timeout=BACK_MS)
    await expect(main.get_by_role("alert")).to_have_count(0)
