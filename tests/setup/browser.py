"""Chromium and Firefox, for the dashboard's tests: the machine's own, else Debian's packages. Without Firefox its journey is skipped."""

from tests.setup import machine

NAMES = ("chromium-headless-shell", "chrome-headless-shell")
WHOLE = ("chromium", "chromium-browser", "google-chrome")
FIREFOX = ("firefox-esr", "firefox")


def find() -> None:
    """Make sure that the browsers are in PATH."""
    if not any(machine.program(name) for name in NAMES):
        _install_chromium()
    if machine.can_apt() and not any(machine.program(name) for name in FIREFOX):
        try:
            machine.apt_install(["firefox-esr"])
        except machine.Missing as missing:
            machine.say(f"no Firefox: {missing}")


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
