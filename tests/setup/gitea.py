"""Gitea, to open real pull requests: built once through the Go module proxy into the cache, with the templates that it reads as it runs.

Its SQLite driver is C, so a C compiler is needed. The sources are built in place, for a program within another module would lose the
replacements that Gitea's own module names.
"""

import json
import shutil
import tempfile
from pathlib import Path

from tests.setup import golang, machine

VERSION = "1.26.0"  # the newest of which all modules are on the proxy
MODULE = f"code.gitea.io/gitea@v{VERSION}"
HOME = machine.CACHE / f"gitea-{VERSION}"
PROGRAM = HOME / "gitea"
STATIC = ("options", "templates", "public")  # what Gitea reads at run time


def find() -> Path:
    """The program; its static files are beside it."""
    if not PROGRAM.exists():
        if machine.program("gcc") is None:
            raise machine.Missing("a C compiler is needed to build Gitea (Debian: apt install gcc libc6-dev)")
        HOME.mkdir(parents=True, exist_ok=True)
        machine.say(f"building Gitea {VERSION} (once, into {HOME})")
        with tempfile.TemporaryDirectory() as folder:
            _build(Path(folder))
    return PROGRAM


def _build(folder: Path) -> None:
    environment = golang.ENVIRONMENT | {"CGO_ENABLED": "1"}
    go = golang.find()
    (folder / "go.mod").write_text("module optral.test/tool\n\ngo 1.26\n")
    fetched = json.loads(machine.run(go, "mod", "download", "-json", MODULE, cwd=folder, env=environment))
    sources = folder / "gitea"
    shutil.copytree(fetched["Dir"], sources)
    for path in (sources, *sources.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)  # the cache of modules is read-only
    unfinished = PROGRAM.with_suffix(".part")
    flags = f"-s -w -X main.Version={VERSION}"
    machine.run(go, "build", "-tags", "sqlite sqlite_unlock_notify", "-ldflags", flags, "-o", unfinished, ".", cwd=sources, env=environment)
    for name in STATIC:
        shutil.copytree(sources / name, HOME / name, dirs_exist_ok=True)
    unfinished.rename(PROGRAM)  # a build that was cut off leaves nothing that looks finished
