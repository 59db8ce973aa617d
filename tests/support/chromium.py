"""The Chromium of the tests: its headless shell where there is one, which takes two thirds of the CPU time of the whole browser."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

from tests.setup import browser as programs

FLAGS = ("--no-sandbox", "--disable-dev-shm-usage")


def needed(found: object, what: str) -> None:
    """Skip without it on a contributor's machine; in CI its absence is a failure, never a silent skip."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not here")
    pytest.skip(f"{what} is not here")


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser process of its own."""
    path = next(filter(None, map(shutil.which, (*programs.NAMES, *programs.WHOLE))), None)
    needed(path, "Chromium (Debian: apt install chromium-headless-shell)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()
