"""Both images, built once for each state of the sources: tests of the images and of installations share them."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build/test-images"
_SOURCES = ("optral", "requirements", "deploy", "charts/optral-agent", "pyproject.toml", "README.md", "LICENSE")


def built() -> Path:
    """The folder with the two archives and their SBOMs; built if the sources changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
        target = FOLDER / _state()
        if not target.exists():
            for old in FOLDER.glob("[0-9a-f]*"):
                shutil.rmtree(old)
            unfinished = FOLDER / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            command = [sys.executable, "-m", "deploy.images", "--out", str(unfinished)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            unfinished.rename(target)
        return target


def _state() -> str:
    """A hash of all files that an image is made of, and of the commit, which it names."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=False).stdout
    digest = hashlib.sha256(head)
    for name in _SOURCES:
        files = [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*"))
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
