"""The first commands of the README, as a newcomer types them: they end with the cause of a real issue."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.reader import Reader
from tests.support.platform import BIN

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def _clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTRAL_", "KUBE"))}
    return kept | {"HOME": str(home), "COLUMNS": "200"}


def test_the_first_screen_leads_to_an_issue(tmp_path: Path) -> None:
    first, then = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)[:2]
    assert first.startswith("uvx optral demo ")
    newcomer = Reader(tmp_path)
    try:
        newcomer.read([line.removeprefix("uvx ") for line in ("optral demo", *then.splitlines())])  # the package is in PATH here
    finally:
        newcomer.close()
    assert "iss_" in newcomer.shown["optral issues list"]


def test_once_ends_with_at_least_eight_issues_of_six_types(tmp_path: Path) -> None:
    done = subprocess.run(
        [BIN / "optral", "demo", "--once"],
        cwd=tmp_path,
        env=_clean_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary = json.loads(done.stdout)
    assert set(summary) >= {"issues", "clusters", "apiUrl", "seconds"}
    assert len(summary["issues"]) >= 8
    assert len({issue["type"] for issue in summary["issues"]}) >= 6
