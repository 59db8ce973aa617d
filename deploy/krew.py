"""The kubectl plugin for krew: an archive with the wheel and a program that runs it, and the manifest with the archive's checksum.

The archive is one for all platforms, because the wheel is.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from deploy.images import recipe
from optral.kit import tarballs

MANIFEST = "optral.yaml"
PROGRAM = "kubectl-optral"
DESCRIPTION = "Lists and explains issues that an Optral server found, and runs runbooks.\nLog in with: kubectl optral login URL\n"
PLATFORMS = (("linux", "amd64"), ("linux", "arm64"), ("darwin", "amd64"), ("darwin", "arm64"))


def archive_name(version: str) -> str:
    return f"kubectl-optral-{version}.tar.gz"


def package(*, wheel: Path, version: str, url: str, out: Path) -> tuple[Path, Path]:
    """Write the archive and the manifest into `out`. `url` is the folder where the archive will be downloaded from."""
    archive, manifest = out / archive_name(version), out / MANIFEST
    with tempfile.TemporaryDirectory() as folder:
        for path in (recipe.ROOT / "deploy/krew" / PROGRAM, wheel, recipe.ROOT / "LICENSE"):
            shutil.copy(path, folder)
        archive.write_bytes(tarballs.pack(Path(folder), root=".", programs=frozenset({PROGRAM})))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    manifest.write_text(yaml.safe_dump(tree(version=version, uri=f"{url.rstrip('/')}/{archive.name}", sha256=digest), sort_keys=False))
    return archive, manifest


def tree(*, version: str, uri: str, sha256: str) -> dict[str, Any]:
    """The manifest."""
    labels = [{"selector": {"matchLabels": {"os": system, "arch": machine}}} for system, machine in PLATFORMS]
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": "optral"},
        "spec": {
            "version": f"v{version}",
            "shortDescription": "Show what is broken, why, and how to fix it",
            "description": DESCRIPTION,
            "caveats": "Needs uv, or an installed package optral (pipx install optral), with Python 3.11 or newer.\n",
            "platforms": [{**label, "uri": uri, "sha256": sha256, "bin": PROGRAM, "files": _files()} for label in labels],
        },
    }


def _files() -> list[dict[str, str]]:
    """Of each platform its own list: one that is shared would be written as an alias, which not every reader of a manifest follows."""
    return [{"from": name, "to": "."} for name in (PROGRAM, "optral-*.whl", "LICENSE")]
