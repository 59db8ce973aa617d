"""Lines for people, and commands whose failure is one line."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


def say(text: str) -> None:
    print(f"images: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    raise SystemExit(f"images: {text}")


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Standard output; the build ends with the command's last line when it fails. `env` replaces the environment."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        fail(f"{words[0]} is missing: images are built on Debian 12; elsewhere use docker build -f deploy/Containerfile")
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        fail(f"{' '.join(words[:3])}: {lines[-1]}")
    return done.stdout
