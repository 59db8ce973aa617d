"""A release: its parts agree, are the same bytes each time, and run on a machine that has Python and nothing else."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import optral
from deploy import krew, release
from deploy.images import recipe

ROOT = Path(__file__).parents[2]
WHEEL = f"optral-{optral.__version__}-py3-none-any.whl"
SOURCES = f"optral-{optral.__version__}.tar.gz"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release without images; those are tested in test_images.py."""
    out = tmp_path_factory.mktemp("release") / "files"
    release.build(out, version=optral.__version__, has_images=False)
    return out


def test_the_parts_of_this_commit_agree() -> None:
    release.check_versions(recipe.version())


def test_a_release_whose_parts_have_other_versions_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"has version 9\.9\.9, but pyproject\.toml"):
        release.check_versions("9.9.9")


def test_a_release_whose_database_is_not_kept_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"9\.9\.9\.sql does not hold schema \d{4}: run python -m lab\.tools\.freeze_schema"):
        release.check_dump("9.9.9")


@pytest.mark.slow  # builds the release
def test_the_folder_holds_what_an_installation_needs_and_its_checksums(built: Path) -> None:
    version = optral.__version__
    expected = {WHEEL, SOURCES, f"optral-{version}.tgz", f"optral-agent-{version}.tgz", release.NOTES, release.SUMS}
    expected |= {krew.archive_name(version), krew.MANIFEST}
    assert {path.name for path in built.iterdir()} == expected | {Path(name).name for name in release.COPIED}
    lines = dict(reversed(line.split("  ")) for line in (built / release.SUMS).read_text().splitlines())
    assert lines == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in built.iterdir() if path.name != release.SUMS}


@pytest.mark.slow  # builds the release
def test_the_wheel_is_rebuilt_bit_for_bit_from_the_source_archive(built: Path, tmp_path: Path) -> None:
    with tarfile.open(built / SOURCES) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / SOURCES.removesuffix(".tar.gz")
    for path in folder.rglob("*"):  # another machine: other times, and files that only their owner reads
        if path.is_file():
            path.chmod(0o600)
            os.utime(path, (1_000_000_000, 1_000_000_000))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheel")]
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    assert (tmp_path / "wheel" / WHEEL).read_bytes() == (built / WHEEL).read_bytes()


@pytest.mark.slow  # builds the release
def test_the_source_archive_is_the_same_each_time(built: Path, tmp_path: Path) -> None:
    assert release.source_archive(tmp_path).read_bytes() == (built / SOURCES).read_bytes()


@pytest.mark.parametrize(
    ("changelog", "text"),
    [
        pytest.param(
            "# Changes\n\n## Unreleased\n\n- new\n\n## 0.1.0 (2026-12-01)\n\n- first\n\n## 0.0.1\n\n- old\n", "- first", id="its own"
        ),
        pytest.param("# Changes\n\n## Unreleased\n\n- new\n", "- new", id="not named yet"),
    ],
)
def test_the_notes_are_the_section_of_the_version(changelog: str, text: str) -> None:
    assert release.notes(changelog, "0.1.0") == f"# Optral 0.1.0\n\n{text}\n"


@pytest.mark.slow
def test_the_demo_runs_from_the_wheel_and_its_locked_packages_alone(built: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    place = tmp_path / "venv"

    def run(*words: str | Path) -> str:
        is_installer = words[0] == uv
        environment = dict(os.environ) if is_installer else {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        done = subprocess.run([str(word) for word in words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(uv, "venv", "-q", "--python", sys.executable, place)
    install = (uv, "pip", "install", "-q", "--python", place / "bin/python")
    run(*install, "--require-hashes", "--only-binary", ":all:", "-r", built / "server.txt")
    run(*install, "--no-deps", "--offline", built / WHEEL)
    program = place / "bin/optral"
    assert run(program, "version") == f"optral {optral.__version__}\n"
    found = json.loads(run(program, "demo", "--once"))
    assert found["issues"], found
    assert run(place / "bin/python", "-c", "import optral; print(optral.__file__)").startswith(str(place))
