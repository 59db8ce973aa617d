"""What is committed is what the sources give: the built files, the types of the API, and their place in the wheel."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT, STATIC, needed

pytestmark = pytest.mark.slow
DASHBOARD = ROOT / "dashboard"


@pytest.fixture(scope="module")
def node_modules() -> None:
    """The locked packages, installed without running anything of theirs."""
    needed(shutil.which("npm"), "npm (Node 20)")
    if not (DASHBOARD / "node_modules").is_dir():
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def run(*command: str, **environment: str) -> None:
    done = subprocess.run(
        command,
        cwd=DASHBOARD,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def test_the_committed_files_are_those_of_a_fresh_build(node_modules: None, tmp_path: Path) -> None:
    run("npm", "run", "build", "--", "--logLevel", "warn", OPTRAL_DASHBOARD_OUT=str(tmp_path / "out"))
    fresh, kept = contents(tmp_path / "out"), contents(STATIC)
    assert sorted(fresh) == sorted(kept), "run make dashboard and commit"
    assert [name for name in fresh if fresh[name] != kept[name]] == [], "run make dashboard and commit"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_types_are_those_of_the_contract(node_modules: None) -> None:
    run("npm", "run", "types", "--", "--check")


def test_the_sources_are_typed_and_their_tests_pass(node_modules: None) -> None:
    run("npm", "run", "check")
    run("npm", "run", "test")


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (DASHBOARD / "package-lock.json").read_text()


def test_the_wheel_carries_the_built_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {f"optral/api/static/{name}" for name in contents(STATIC)} <= names
    assert not [name for name in names if "node_modules" in name]
