"""Alertmanager and Prometheus: the machine's own, else the packages of Debian."""

from pathlib import Path

from tests.setup import machine

PACKAGES = {"prometheus-alertmanager": "alertmanager", "prometheus": "prometheus"}
"""Debian's packages, and the name of the program where it is not that of the package."""


def find() -> None:
    """Make sure that tests/api/alerts/alertmanager.py finds both programs."""
    if any(programs(name) is None for name in PACKAGES) and machine.can_apt():
        machine.apt_install(list(PACKAGES))
    for name in PACKAGES:
        if programs(name) is None:
            raise machine.Missing(f"tests of alerts need {name}: install it from your distribution")


def programs(package: str) -> Path | None:
    """The program of a package; None if it is not there."""
    return machine.program(package) or machine.program(PACKAGES[package])
