"""The three commands of the README, as a newcomer types them: they end with a real issue in view."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platform import BIN, kill, until

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def _clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTRAL_", "KUBE"))}
    return kept | {"HOME": str(home), "COLUMNS": "200"}


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Path]:
    """What a running `optral demo` has written so far."""
    shown = tmp_path / "screen"
    with shown.open("wb") as out:
        process = subprocess.Popen(
            [BIN / "optral", "demo"], cwd=tmp_path, env=_clean_environment(tmp_path), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            until(lambda: "mht_" in shown.read_text(), within_s=60, what="the first screen", alive=process, log=shown)
            yield shown
        finally:
            kill(process, signal.SIGTERM)


def test_the_first_screen_leads_to_an_issue(screen: Path, tmp_path: Path) -> None:
    commands = re.search(r"```sh\n(make demo.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert commands is not None
    assert len(commands[1].strip().splitlines()) == 3
    text = screen.read_text()
    key, url = re.search(r"mht_\w{46}", text), re.search(r"http://127\.0\.0\.1:\d+", text)
    assert key is not None
    assert url is not None
    environment = _clean_environment(tmp_path) | {"OPTRAL_API_KEY": key[0], "OPTRAL_URL": url[0]}

    def issues() -> list[object]:
        done = subprocess.run(
            [BIN / "optral", "issues", "list", "-o", "json"], env=environment, capture_output=True, text=True, timeout=30, check=True
        )
        return list(json.loads(done.stdout)["issues"])

    assert until(issues, within_s=90, every_s=1, what="an issue", log=screen)


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
