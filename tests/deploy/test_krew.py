"""The plugin for krew: a manifest that fits its archive, and a program that finds the package or runs the wheel beside it."""

import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from deploy import krew

VERSION = "1.2.3"
URL = "https://downloads.example.com/optral/1.2.3/"


@pytest.fixture
def packed(tmp_path: Path) -> tuple[Path, Path]:
    wheel = tmp_path / f"optral-{VERSION}-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    return krew.package(wheel=wheel, version=VERSION, url=URL, out=tmp_path)


@pytest.fixture
def plugin(packed: tuple[Path, Path], tmp_path: Path) -> Path:
    """The program as krew installs it: a link to the extracted archive."""
    store, links = tmp_path / "store", tmp_path / "krew"
    with tarfile.open(packed[0]) as archive:
        archive.extractall(store, filter="data")
    links.mkdir()
    link = links / "kubectl-optral"
    link.symlink_to(store / krew.PROGRAM)
    return link


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho {says} "$@"\n')
    path.chmod(0o755)
    return path


def run(plugin: Path, *folders: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.pathsep.join([str(plugin.parent), *map(str, folders), "/usr/bin", "/bin"])}
    return subprocess.run([plugin, "issues", "list"], env=environment, capture_output=True, text=True, check=False)


def test_the_manifest_names_the_archive_and_its_checksum(packed: tuple[Path, Path], tmp_path: Path) -> None:
    archive, manifest = packed
    found = yaml.safe_load(manifest.read_text())
    assert "&" not in manifest.read_text() and "*id" not in manifest.read_text()
    assert (found["kind"], found["metadata"]["name"], found["spec"]["version"]) == ("Plugin", "optral", "v1.2.3")
    assert found["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2"
    assert len(found["spec"]["shortDescription"]) <= 50 and "\n" not in found["spec"]["shortDescription"]
    platforms = found["spec"]["platforms"]
    assert {tuple(one["selector"]["matchLabels"].values()) for one in platforms} == set(krew.PLATFORMS)
    for one in platforms:
        assert one["uri"] == f"{URL}{archive.name}"
        assert one["selector"].keys() == {"matchLabels"} and one["selector"]["matchLabels"].keys() == {"os", "arch"}
        assert one["bin"] == krew.PROGRAM and all(row["from"] and row["to"] for row in one["files"])
        assert one["sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
        with tarfile.open(archive) as held:
            names = [Path(name) for name in held.getnames()]
            assert held.getmember(f"./{one['bin']}").mode == 0o755
        for row in one["files"]:
            assert any(name.match(row["from"]) for name in names), row


def test_the_archive_is_the_same_each_time(packed: tuple[Path, Path], tmp_path: Path) -> None:
    before = packed[0].read_bytes()
    again, _ = krew.package(wheel=tmp_path / f"optral-{VERSION}-py3-none-any.whl", version=VERSION, url=URL, out=tmp_path)
    assert again.read_bytes() == before


def test_an_installed_package_is_used_first(plugin: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin/optral", "optral")
    program(tmp_path / "bin/kubectl-optral", "installed")
    program(tmp_path / "uv/uvx", "uvx")
    assert run(plugin, tmp_path / "bin", tmp_path / "uv").stdout == "installed issues list\n"


def test_without_a_package_uv_runs_the_wheel(plugin: Path, tmp_path: Path) -> None:
    program(tmp_path / "uv/uvx", "uvx")
    said = run(plugin, tmp_path / "uv").stdout
    assert said == f"uvx --quiet --from {tmp_path}/store/optral-{VERSION}-py3-none-any.whl kubectl-optral issues list\n"


def test_without_either_it_says_what_to_install(plugin: Path) -> None:
    done = run(plugin)
    assert done.returncode == 2
    assert "pipx install optral" in done.stderr
