"""The images as they are built: the same bytes twice, small, without a shell, without root, and complete."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.images import recipe
from tests.support import images as shared

ROOT = Path(__file__).parents[2]
MB = 1_000_000
LIMIT = {"optral-agent": 90 * MB, "optral-server": 140 * MB}


@dataclass(frozen=True)
class Image:
    """An archive, read as a registry and as a node read it."""

    archive: Path
    digest: str
    compressed: int
    config: dict[str, Any]
    layers: list[bytes]

    def members(self) -> dict[str, tarfile.TarInfo]:
        found: dict[str, tarfile.TarInfo] = {}
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                found |= {member.name: member for member in tar}
        return found

    def unpack(self, target: Path) -> Path:
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                tar.extractall(target, filter="fully_trusted")
        return target


def read(archive: Path) -> Image:
    with tarfile.open(archive) as tar:

        def member(name: str) -> bytes:
            file = tar.extractfile(name)
            assert file is not None
            return file.read()

        def blob(digest: str) -> bytes:
            return member("blobs/" + digest.replace(":", "/"))

        (entry,) = json.loads(member("index.json"))["manifests"]
        manifest = json.loads(blob(entry["digest"]))
        (docker,) = json.loads(member("manifest.json"))
        assert docker["Layers"] == ["blobs/" + layer["digest"].replace(":", "/") for layer in manifest["layers"]]
        config = json.loads(blob(manifest["config"]["digest"]))
        layers = [gzip.decompress(blob(layer["digest"])) for layer in manifest["layers"]]
        return Image(archive, entry["digest"], sum(layer["size"] for layer in manifest["layers"]), config, layers)


def build(out: Path, **environment: str) -> dict[str, Image]:
    command = [sys.executable, "-m", "deploy.images", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True)
    return load(out)


def load(out: Path) -> dict[str, Image]:
    return {name: read(next(out.glob(f"{name}-*.tar"))) for name in recipe.IMAGES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not Path("/etc/debian_version").exists():
        pytest.skip("images without a daemon are built on Debian")
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def images(folder: Path) -> dict[str, Image]:
    return load(shared.built())


pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", recipe.IMAGES)
def test_the_image_is_small_and_starts_as_nobody(images: dict[str, Image], name: str) -> None:
    image = images[name]
    assert image.compressed <= LIMIT[name]
    config = image.config["config"]
    assert config["User"] == f"{recipe.UID}:{recipe.UID}"
    assert config["Entrypoint"] == list(recipe.ENTRYPOINT)
    assert config["Labels"]["org.opencontainers.image.version"] == recipe.version()


@pytest.mark.parametrize("name", recipe.IMAGES)
def test_the_image_has_python_and_optral_and_no_way_to_become_root(images: dict[str, Image], name: str) -> None:
    members = images[name].members()
    programs = {path for path in members if re.match(r"(usr/)?(local/)?s?bin/", path)}
    assert programs == {"usr/bin/python3.11", recipe.COMMAND}
    assert [path for path, member in members.items() if member.mode & 0o6000] == []
    writable = {path for path, member in members.items() if member.uid != 0 or (member.mode & 0o022 and not member.issym())}
    assert writable == {"tmp", *recipe.IMAGES[name].writable}
    assert [path for path in members if path.endswith((".h", ".a", ".pyi")) or "/gcc/" in path] == []


@pytest.mark.parametrize("name", recipe.IMAGES)
def test_everything_in_the_image_is_listed(images: dict[str, Image], name: str) -> None:
    document = json.loads(images[name].archive.with_suffix(".cdx.json").read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    listed = {part["purl"] for part in document["components"]}
    members = images[name].members()
    wheels = {match[1] for path in members if (match := re.search(r"dist-packages/([^/]+)\.dist-info/METADATA$", path))}
    assert len(wheels) == len([purl for purl in listed if purl.startswith("pkg:pypi/")]) > 20
    assert f"pkg:pypi/optral@{recipe.version()}" in listed
    debian = {Path(path).name for path in members if "dpkg/status.d/" in path}
    assert debian == {purl.removeprefix("pkg:deb/debian/").partition("@")[0].replace("%2B", "+") for purl in listed if ":deb/" in purl}
    assert document["metadata"]["component"]["hashes"][0]["content"] == images[name].digest.partition(":")[2]


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("optral-server", None, f"optral {recipe.version()}"),
        ("optral-agent", "import optral.cli.main, optral.agent.main, uvloop, ssl, zoneinfo; zoneinfo.ZoneInfo('Europe/Berlin')", ""),
        ("optral-agent", "import ssl; print(len(ssl.create_default_context().get_ca_certs()) > 100)", "True"),
        ("optral-agent", "import importlib.util as u; print([n for n in ('sqlalchemy', 'fastapi', 'pip') if u.find_spec(n)])", "[]"),
        ("optral-server", "import optral.server.app, optral.up.organisation, psycopg, pydantic_ai, argon2, uvicorn", ""),
    ],
)
def test_the_image_is_complete(images: dict[str, Image], folder: Path, name: str, code: str | None, expected: str) -> None:
    """`code` is run by the image's Python; without it, the command in its PATH shows its version."""
    if os.geteuid() != 0:
        pytest.skip("needs root to change the root directory")
    root = folder / name
    if not root.exists():
        images[name].unpack(root)
    command = [
        shutil.which("chroot") or "/usr/sbin/chroot",
        "--userspec",
        f"{recipe.UID}:{recipe.UID}",
        str(root),
        *(("optral", "--version") if code is None else (*recipe.ENTRYPOINT[:2], "-c", code)),
    ]
    done = subprocess.run(command, env=dict(recipe.ENV), capture_output=True, text=True, check=False)  # nothing of this machine
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, expected, "")


def test_the_bytecode_is_there_and_is_the_one_that_python_takes(images: dict[str, Image]) -> None:
    members = images["optral-agent"].members()
    modules = {path for path in members if path.startswith(recipe.SITE) and path.endswith(".py")}
    compiled = {re.sub(r"/__pycache__/([^/.]+)\.cpython-311\.pyc$", r"/\1.py", path) for path in members if path.endswith(".pyc")}
    assert len(modules) > 500
    assert len(modules - compiled) < 5  # templates that are no modules


def test_two_builds_have_the_same_digest(images: dict[str, Image], folder: Path) -> None:
    again = build(folder / "second", TZ="Asia/Tokyo", LANG="C", PYTHONHASHSEED="7", TMPDIR=str(folder))
    assert {name: image.digest for name, image in again.items()} == {name: image.digest for name, image in images.items()}
    for name in recipe.IMAGES:
        assert (folder / "second" / images[name].archive.name).read_bytes() == images[name].archive.read_bytes()
