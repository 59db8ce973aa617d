"""What this machine is and how something is put on it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path.home() / ".cache/optral"
POLICY = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """Something cannot be had here; the text is the one line that says what to install."""


def say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


def program(name: str, *folders: Path) -> Path | None:
    """The program in PATH or in one of the folders."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(str(folder) for folder in folders))
    return Path(found) if found else None


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run quietly; return standard output. Raises `Missing` with the last line of what it said."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise Missing(f"{' '.join(str(word) for word in command[:3])}: {last}")
    return done.stdout


def can_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Iterable[str]) -> None:
    """Install Debian packages. Services that they bring along are not started: tests start their own."""
    wanted = sorted(set(packages))
    if not wanted:
        return
    say(f"apt-get install {' '.join(wanted)}")
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted, env={"DEBIAN_FRONTEND": "noninteractive"})
    finally:
        if ours:
            POLICY.unlink()


def wheel(name: str, *options: str) -> None:
    """Install one wheel of requirements/tools.txt, checked against its hashes; `options` go to the installer (such as --target)."""
    say(f"fetching the wheel {name}")
    CACHE.mkdir(parents=True, exist_ok=True)
    locked = CACHE / f"{name}.txt"
    locked.write_text(_locked(name))
    run(Path(sys.executable).with_name("uv"), "pip", "install", "-q", "--no-deps", "--require-hashes", *options, "-r", locked)


def _locked(name: str) -> str:
    text = (ROOT / "requirements/tools.txt").read_text()
    at = text.index(f"{name}==")
    lines = text[at:].splitlines(keepends=True)
    end = next((i for i, line in enumerate(lines) if i and not line.startswith(" ")), len(lines))
    return "".join(lines[:end])
