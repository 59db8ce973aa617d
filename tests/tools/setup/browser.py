"""Chromium, for the dashboard's tests: the machine's own, else Debian's package."""

from tests.tools.setup import machine

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> None:
    """Make sure that a browser is in PATH."""
    if any(machine.program(name) for name in NAMES):
        return
    if not machine.can_apt():
        raise machine.Missing("tests need Chromium: install it from your distribution (Debian: apt install chromium)")
    machine.apt_install(["chromium"])
