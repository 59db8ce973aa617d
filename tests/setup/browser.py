"""Chromium, Firefox and WebKit, for the dashboard's tests: the machine's own, else Debian's packages.

Without the last two, their journeys are skipped."""

from tests.setup import machine

NAMES = ("chromium-headless-shell", "chrome-headless-shell")
WHOLE = ("chromium", "chromium-browser", "google-chrome")
FIREFOX = ("firefox-esr", "firefox")
WEBKIT = ("WebKitWebDriver", "Xvfb")


def find() -> None:
    """Make sure that the browsers are in PATH."""
    if not any(machine.program(name) for name in NAMES):
        _install_chromium()
    if not machine.can_apt():
        return
    if not any(machine.program(name) for name in FIREFOX):
        _install_if_there("Firefox", "firefox-esr")
    if not all(machine.program(name) for name in WEBKIT):
        _install_if_there("WebKit", "webkit2gtk-driver", "xvfb")


def _install_if_there(name: str, *packages: str) -> None:
    try:
        machine.apt_install(list(packages))
    except machine.Missing as missing:
        machine.say(f"no {name}: {missing}")


def _install_chromium() -> None:
    """The headless shell, else the whole browser, which does the same with more CPU time."""
    has_whole = any(machine.program(name) for name in WHOLE)
    if not machine.can_apt():
        if not has_whole:
            raise machine.Missing("tests need Chromium: install it from your distribution (Debian: apt install chromium-headless-shell)")
        return
    try:
        machine.apt_install(["chromium-headless-shell"])
    except machine.Missing:
        if not has_whole:
            machine.apt_install(["chromium"])
