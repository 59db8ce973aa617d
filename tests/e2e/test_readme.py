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
README = (ROOT / "README.md").read_text()


def _clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTRAL_", "KUBE"))}
    return kept | {"HOME": str(home), "COLUMNS": "200"}


def test_the_first_screen_leads_to_an_issue(tmp_path: Path) -> None:
    """`make test` runs this test, so it is not run here."""
    first, then = (block.splitlines() for block in re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[:2])
    (demo, checks), then = ([line.partition("#")[0].strip() for line in block] for block in (first, then))
    assert (demo, checks) == ("make demo", "make test")
    newcomer = Reader(tmp_path, at=ROOT)
    try:
        newcomer.read([demo, *then])
    finally:
        newcomer.close()
    assert "iss_" in newcomer.shown[".venv/bin/optral issues list"]


def test_continuous_integration_runs_the_second_command() -> None:
    assert re.search(r"^test:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "\n      - run: make test\n" in (ROOT / ".github/workflows/check.yml").read_text()


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
