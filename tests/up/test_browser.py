"""Where the dashboard opens in a browser, and that the link to it is not among the arguments of a program."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import httpx2
import pytest

from optral.up import browser
from tests.support.waiting import until

LINK = "http://127.0.0.1:8080/setup#token"
DESKTOP = {"DISPLAY": ":0"}


@pytest.mark.parametrize(
    ("environment", "system", "release", "programs", "command"),
    [
        pytest.param(DESKTOP, "linux", "6.8.0", {"xdg-open"}, ["xdg-open"], id="a desktop"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "6.8.0", {"gio"}, ["gio", "open"], id="Wayland, GNOME alone"),
        pytest.param({}, "darwin", "24.1.0", {"open"}, ["open"], id="macOS"),
        pytest.param({}, "linux", "5.15.90.1-microsoft-standard-WSL2", {"explorer.exe"}, ["explorer.exe"], id="WSL"),
        pytest.param({}, "linux", "6.8.0", {"xdg-open", "w3m"}, [], id="a terminal without a desktop"),
        pytest.param(DESKTOP, "linux", "6.8.0", set(), [], id="no program that opens addresses"),
        pytest.param(DESKTOP | {"CI": "true"}, "linux", "6.8.0", {"xdg-open"}, [], id="CI"),
        pytest.param(DESKTOP | {"SSH_CONNECTION": "a b c d"}, "linux", "6.8.0", {"xdg-open"}, [], id="SSH with X forwarding"),
        pytest.param({"SSH_TTY": "/dev/ttys1"}, "darwin", "24.1.0", {"open"}, [], id="SSH to a Mac"),
        pytest.param(DESKTOP | {"OPTRAL_NO_BROWSER": "1"}, "linux", "6.8.0", {"xdg-open"}, [], id="switched off"),
    ],
)
def test_a_browser_opens_only_on_a_desktop(
    environment: dict[str, str], system: str, release: str, programs: set[str], command: list[str]
) -> None:
    found = browser.opener(environment, system=system, release=release, which=lambda name: name if name in programs else None)
    assert found == command


async def test_the_link_is_given_once_and_only_to_who_has_the_address() -> None:
    async with browser.redirect(LINK) as address, httpx2.AsyncClient() as client:
        assert "token" not in address
        assert (await client.get(f"{address}x")).status_code == 404
        first = await client.get(address)
        assert (first.status_code, first.headers["location"], first.headers["cache-control"]) == (302, LINK, "no-store")
        assert (await client.get(address)).status_code == 404


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose browser writes down what it is asked to open; gives the file."""
    opened, program = tmp_path / "opened", tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for name in ("CI", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "OPTRAL_NO_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("optral.up.browser.platform.release", lambda: "6.8.0")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    return opened


async def test_the_dashboard_opens_without_the_token_in_the_process_list(desktop: Path) -> None:
    async def has_opened() -> bool:
        return await asyncio.to_thread(desktop.exists)

    async with browser.opening(LINK, is_wanted=True) as is_opened:
        assert is_opened
        await until(has_opened, within_s=10, every_s=0.01)
        address = await asyncio.to_thread(desktop.read_text)
        assert address.startswith("http://127.0.0.1:") and "token" not in address


@pytest.mark.parametrize(
    ("link", "is_wanted", "is_terminal"),
    [
        pytest.param(None, True, True, id="somebody can sign in"),
        pytest.param(LINK, False, True, id="--no-browser"),
        pytest.param(LINK, True, False, id="no terminal"),
    ],
)
async def test_no_browser_opens(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, link: str | None, is_wanted: bool, is_terminal: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    async with browser.opening(link, is_wanted=is_wanted) as is_opened:
        assert not is_opened
    assert not await asyncio.to_thread(desktop.exists)
