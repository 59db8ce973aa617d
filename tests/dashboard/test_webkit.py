"""The main journey in WebKit, the engine of Safari, over WebDriver: its event stream, storage and layout are its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe
from tests.dashboard.conftest import EMAIL, PASSWORD, first_link
from tests.support.kubeapi import free_port

pytestmark = pytest.mark.slow
LONGEST_S = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element in WebDriver
PAGES = {
    "/": "Overview",
    "/clusters": "production",
    "/resources": "Workloads",
    "/runbooks": "Restart a workload",
    "/activity": "Activity",
    "/settings": "Organization",
}


_UNTIL_SEEN = """const [texts, done] = [[...arguments].slice(0, -1), arguments[arguments.length - 1]];
const look = () => texts.every(text => document.body.textContent.includes(text)) ? done(true) : setTimeout(look, 50);
look();"""


def browser() -> str | None:
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found and shutil.which("WebKitWebDriver") and shutil.which("Xvfb") else None


class Window:
    """A window of the browser, by the commands of WebDriver."""

    def __init__(self, client: httpx2.AsyncClient, session: str) -> None:
        self.client, self.session = client, session

    async def ask(self, path: str, **body: Any) -> Any:
        answer = await self.client.post(f"/session/{self.session}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.ask("execute/sync", script=script, args=list(arguments))

    async def sees(self, *texts: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                await self.ask("execute/async", script=_UNTIL_SEEN, args=list(texts))
        except TimeoutError:
            pytest.fail(f"not seen: {texts}, but {await self.run('return document.body.innerText')}")

    async def type(self, selector: str, text: str) -> None:
        element = await self.ask("element", using="css selector", value=selector)
        await self.ask(f"element/{element[ELEMENT]}/value", text=text)

    async def press(self, *keys: str) -> None:
        moves = [{"type": move, "value": key} for key in keys for move in ("keyDown", "keyUp")]
        await self.ask("actions", actions=[{"type": "key", "id": "keyboard", "actions": moves}])


@asynccontextmanager
async def program(*command: str, **environment: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), timeout=15)


@asynccontextmanager
async def webkit() -> AsyncIterator[Window]:
    binary = browser()
    if binary is None:
        pytest.skip("WebKit is not here (Debian: apt install webkit2gtk-driver xvfb)")
    port, screen = free_port(), f":{os.getpid() % 10_000 + 1_000}"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(program("Xvfb", screen, "-screen", "0", "1280x900x24", "-nolisten", "tcp"))
        await stack.enter_async_context(program("WebKitWebDriver", f"--port={port}", DISPLAY=screen))
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=LONGEST_S))
        options = {"webkitgtk:browserOptions": {"binary": binary, "args": ["--automation"]}}
        session = await _begun(client, {"capabilities": {"alwaysMatch": options}})
        window = Window(client, session)
        yield window
        await client.delete(f"/session/{session}")


async def _begun(client: httpx2.AsyncClient, wanted: dict[str, Any]) -> str:
    """The id of a session, as soon as the driver listens."""
    async with asyncio.timeout(LONGEST_S):
        while True:
            try:
                answer = await client.post("/session", json=wanted)
            except httpx2.ConnectError:
                await asyncio.sleep(0.1)
                continue
            assert answer.is_success, answer.text
            return str(answer.json()["value"]["sessionId"])


async def test_from_the_account_to_an_issue_that_appears_by_itself(edge: Api) -> None:
    cluster = await edge.new_cluster("production")
    await observe(edge, cluster, finding("web", severity=Severity.CRITICAL, api=edge))
    async with webkit() as window:
        await window.ask("url", url=edge.url + await first_link(edge))
        await window.sees("Create account")
        await window.type("form input", EMAIL)
        await window.type("input[type=password]", PASSWORD + "\ue007")
        await window.sees("Setup complete")
        await window.ask("url", url=edge.url + "/issues")
        await window.sees("Live", "app of web")
        await window.press("j", "\ue007")
        await window.sees("Acknowledge", "Timeline")
        await window.press("a")
        await window.sees("Acknowledged")
        await observe(edge, cluster, finding("pay", severity=Severity.HIGH, api=edge))
        await window.sees("1 new")
        for path, text in PAGES.items():
            await window.ask("url", url=edge.url + path)
            await window.sees(text)
