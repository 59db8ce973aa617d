"""`python -m deploy.images [--out DIR] [--lock] [--root NAME DIR] [IMAGE...]`: build images, or one image's root file system."""

import argparse
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deploy.images import debian, oci, python, recipe, sbom
from deploy.images.console import fail, say


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.images")
    parser.add_argument("images", nargs="*", choices=[*recipe.IMAGES, []], help="default: all")
    parser.add_argument("--out", type=Path, default=recipe.ROOT / "build/images")
    parser.add_argument("--lock", action="store_true", help="lock the Debian packages that are served now")
    parser.add_argument("--root", nargs=2, metavar=("IMAGE", "DIR"), help="only write the image's files, for deploy/Containerfile")
    options = parser.parse_args()
    if options.lock:
        debian.LOCK.unlink(missing_ok=True)
        debian.LOCK.write_text("# architecture, package, version and hash; written by make image-lock\n")
        debian.write_lock(debian.packages())
    elif options.root:
        name, folder = options.root
        if name not in recipe.IMAGES:
            fail(f"no image {name}; use one of {', '.join(recipe.IMAGES)}")
        write_root(recipe.IMAGES[name], Path(folder))
    else:
        for built in build([recipe.IMAGES[name] for name in options.images or recipe.IMAGES], out=options.out):
            print(f"{built.reference}  {built.digest}  {built.compressed_bytes / 1e6:.1f} MB  {built.archive}")


def build(images: list[recipe.Image], *, out: Path) -> list[oci.Built]:
    """Build the images into `out`, each with its SBOM."""
    version, created, revision = recipe.version(), _created(), _git("rev-parse", "HEAD")
    with tempfile.TemporaryDirectory(prefix="optral-image-") as folder:
        work = Path(folder)
        packages = debian.packages()
        _write_base(packages, work / "base")
        base = oci.layer(work / "base", "Debian packages: Python and its libraries")
        wheel = python.build_wheel(work)
        application = work / "optral"
        python.install_wheel(wheel, application)
        python.compile_all(application, recipe.SITE, work / "base")
        own = oci.layer(application, "Optral's wheel")
        found = []
        for image in images:
            say(f"building {image.name}")
            locked = work / image.name
            _write_locked(image, locked, work / "base")
            layers = [base, oci.layer(locked, f"Python packages of {image.requirements.name}", owner=_owner(image)), own]
            built = oci.write(image, layers, version=version, created=created, revision=revision, folder=out)
            sites = (locked / recipe.SITE, application / recipe.SITE)
            sbom.write(built, image, packages, sites, version=version, created=created)
            found.append(built)
        return found


def write_root(image: recipe.Image, target: Path) -> None:
    """The image's whole root file system below `target`."""
    if target.exists() and any(target.iterdir()):
        fail(f"{target} is not empty")
    with tempfile.TemporaryDirectory(prefix="optral-image-") as folder:
        work = Path(folder)
        _write_base(debian.packages(), work / "base")
        _write_locked(image, work / "locked", work / "base")
        python.install_wheel(python.build_wheel(work), work / "optral")
        python.compile_all(work / "optral", recipe.SITE, work / "base")
        for part in ("base", "locked", "optral"):
            shutil.copytree(work / part, target, symlinks=True, dirs_exist_ok=True)
    for name in image.writable:
        os.chown(target / name, recipe.UID, recipe.UID)
    (target / "tmp").chmod(0o1777)


def _write_base(packages: list[debian.Package], root: Path) -> None:
    root.mkdir()
    debian.unpack(packages, root)
    python.compile_all(root, recipe.STDLIB, root)


def _write_locked(image: recipe.Image, root: Path, base: Path) -> None:
    root.mkdir()
    python.install_locked(image.requirements, root)
    python.compile_all(root, recipe.SITE, base)
    for name in image.writable:
        (root / name).mkdir(parents=True)


def _owner(image: recipe.Image) -> Callable[[str], int]:
    return lambda name: recipe.UID if name in image.writable else 0


def _created() -> str:
    """The commit's time, so that one commit gives one digest; `SOURCE_DATE_EPOCH` wins."""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct") or 0)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _git(*words: str) -> str:
    """What git answers; empty outside a repository, or without git."""
    try:
        done = subprocess.run(["git", *words], cwd=recipe.ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    main()
