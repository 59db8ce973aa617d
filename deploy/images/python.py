"""The two upper layers: the locked wheels, and Optral's own.

The image's own Python compiles all modules, because a pod with a read-only root file system cannot keep bytecode.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from deploy.images import recipe
from deploy.images.console import fail, run

_LEFT_OUT = re.compile(r"\.(pyi|pyx|pxd|c|h|hash|typed)$|/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json)$")
"""What no program reads at run time, or what would tell where and when it was built."""
_UNUSED = ("bin", "greenlet/tests", "greenlet/platform", "grpc_tools", "kubernetes_asyncio/test")


def build_wheel(work: Path) -> Path:
    """Optral's wheel; hatchling fixes its times and order."""
    folder = work / "wheel"
    run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        folder,
        cwd=recipe.ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "0"},
    )
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        fail(f"hatchling built {len(wheels)} wheels")
    return wheels[0]


def install_locked(requirements: Path, root: Path) -> None:
    """The wheels of a lock, checked against its hashes; nothing is built from sources."""
    _install(root, "--require-hashes", "--only-binary", ":all:", "-r", requirements)


def install_wheel(wheel: Path, root: Path) -> None:
    """Optral with its command, which is what the entry point runs."""
    _install(root, wheel)
    command = root / recipe.COMMAND
    command.parent.mkdir(parents=True)
    python, isolated, _, module = recipe.ENTRYPOINT
    command.write_text(f"#!{python} {isolated}\nimport runpy\n\nrunpy.run_module({module!r}, run_name='__main__', alter_sys=True)\n")
    command.chmod(0o755)


def _install(root: Path, *what: str | Path) -> None:
    target = root / recipe.SITE
    target.mkdir(parents=True)
    run(
        *(Path(sys.executable).with_name("uv"), "pip", "install", "-q", "--no-deps", "--no-compile-bytecode", "--link-mode", "copy"),
        *("--target", target, "--python-version", recipe.PYTHON, "--python-platform", recipe.machine().wheels),
        *what,
    )
    for name in _UNUSED:
        shutil.rmtree(target / name, ignore_errors=True)
    for path in sorted(target.rglob("*")):
        if path.is_file() and (_LEFT_OUT.search(str(path)) or path.name == ".lock"):
            path.unlink()


def compile_all(root: Path, folder: str, base: Path) -> None:
    """Compile the modules below `folder` with the image's own Python, run through the image's own loader and libraries."""
    machine = recipe.machine()
    run(
        base / machine.loader,
        *("--library-path", base / "usr/lib" / machine.triplet),
        *(base / "usr/bin/python3.11", "-s", "-S", "-B", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
        *("-s", root, "-p", "/", root / folder),
        env={"PYTHONHOME": str(base / "usr"), "PYTHONHASHSEED": "0"},
    )
