"""What a process that runs for long loads at its start."""

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("room", ["optral.agent.main", "optral.server.app"])
def test_logging_does_not_load_the_tables_of_the_command_line(room: str) -> None:
    code = f"""
import sys
from optral.kit import startup
startup.begin()
import {room}, structlog
print(sorted(name for name in sys.modules if name.split(".")[0] in ("rich", "pygments")))
import rich.table
structlog.get_logger().error("a line", exc_info=ValueError("why"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "[]"
    assert "ValueError: why" in done.stdout
