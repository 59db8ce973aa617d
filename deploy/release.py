"""`python -m deploy.release [--out DIR] [--without-images]`: everything of one release in one folder, with checksums.

Wheel, source archive, charts and images have the same bytes each time they are built from one commit (docs/decisions/images.md).
"""

import argparse
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import yaml

from deploy import charts, krew
from deploy.images import __main__ as images, python, recipe
from deploy.images.console import fail, run, say
from optral.store import migrations

SUMS = "SHA256SUMS"
URL = "https://downloads.example.com/optral"  # a place-holder: set --url before the manifest is published
NOTES = "RELEASE_NOTES.md"
COPIED = ("requirements/server.txt", "requirements/agent.txt", "deploy/compose.yaml", "deploy/systemd/optral.service", "LICENSE")
"""Files of the sources that an installation needs beside the wheel."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.release")
    parser.add_argument("--out", type=Path, help="default: dist/optral-VERSION")
    parser.add_argument("--url", default=URL, help="folder of the release on the web, which the manifest for krew names")
    parser.add_argument("--without-images", action="store_true", help="where images cannot be built: they need Debian 12")
    options = parser.parse_args()
    version = recipe.version()
    check_versions(version)
    check_dump(version)
    out = options.out or recipe.ROOT / "dist" / f"optral-{version}"
    build(out, version=version, has_images=not options.without_images, url=options.url)
    print(f"{out}: {(out / SUMS).read_text().count(chr(10))} files and {SUMS}")
    if options.url == URL:
        print(f"{krew.MANIFEST} names the place-holder {URL}; before you publish it, give --url, the folder of the release on the web")


def check_versions(version: str) -> None:
    """Refuse a release whose parts name different versions."""
    project = (recipe.ROOT / "pyproject.toml").read_text()
    named = {"pyproject.toml": re.findall(r'^version = "(.+)"', project, re.MULTILINE)[0]}
    for name in charts.CHARTS:
        chart = yaml.safe_load((recipe.ROOT / "charts" / name / "Chart.yaml").read_text())
        named |= {f"charts/{name}, version": chart["version"], f"charts/{name}, appVersion": chart["appVersion"]}
    if other := [f"{place} {value}" for place, value in named.items() if value != version]:
        fail(f"optral/__init__.py has version {version}, but {'; '.join(other)}")


def check_dump(version: str) -> None:
    """Refuse a release whose database is not kept: the migrations of later versions are tested from it."""
    dump = recipe.ROOT / f"tests/store/released/{version}.sql"
    if not dump.exists() or f"schema {migrations.HEAD};" not in dump.read_text().partition("\n")[0]:
        fail(f"{dump.relative_to(recipe.ROOT)} does not hold schema {migrations.HEAD}: run python -m lab.tools.freeze_schema")


def build(out: Path, *, version: str, has_images: bool, url: str = URL) -> None:
    """Write all files of the release into an empty `out`; on failure it does not exist."""
    if out.exists():
        fail(f"{out} exists; remove it first")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=out.parent) as folder:
        work = Path(folder) / "files"
        work.mkdir()
        say("building the wheel and the source archive")
        with tempfile.TemporaryDirectory() as other:
            wheel = Path(shutil.copy(python.build_wheel(Path(other)), work))
        source_archive(work)
        krew.package(wheel=wheel, version=version, url=url, out=work)
        charts.package(out=work)
        for name in COPIED:
            shutil.copy(recipe.ROOT / name, work)
        (work / NOTES).write_text(notes((recipe.ROOT / "CHANGELOG.md").read_text(), version))
        if has_images:
            images.build(list(recipe.IMAGES.values()), out=work)
        (work / SUMS).write_text(sums(work))
        work.rename(out)


def source_archive(out: Path) -> Path:
    """The sources as one archive; hatchling fixes times, owners and order."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0"}
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", out, cwd=recipe.ROOT, env=environment)
    (found,) = out.glob("*.tar.gz")
    return found


def notes(changelog: str, version: str) -> str:
    """The section of this version; of a version that has none yet, what is unreleased."""
    sections = dict(re.findall(r"^## (\S+).*?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL))
    text = sections.get(version, sections.get("Unreleased", "")).strip()
    if not text:
        fail(f"CHANGELOG.md has neither a section {version} nor Unreleased")
    return f"# Optral {version}\n\n{text}\n"


def sums(folder: Path) -> str:
    """Lines as `sha256sum --check` reads them."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


if __name__ == "__main__":
    main()
