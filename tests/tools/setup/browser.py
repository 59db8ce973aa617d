"""Chromium and Firefox, for the dashboard's tests: the machine's own, else Debian's packages. Without Firefox its journey is skipped."""

from tests.tools.setup import machine

NAMES = ("chromium", "chromium-browser", "google-chrome")


FIREFOX = ("firefox-esr", "firefox")


def find() -> None:
    """Make sure that the browsers are in PATH."""
    if not any(machine.program(name) for name in NAMES):
        if not machine.can_apt():
            raise machine.Missing("tests need Chromium: install it from your distribution (Debian: apt install chromium)")
        machine.apt_install(["chromium"])
    if machine.can_apt() and not any(machine.program(name) for name in FIREFOX):
        try:
            machine.apt_install(["firefox-esr"])
        except machine.Missing as missing:
            machine.say(f"no Firefox: {missing}")
