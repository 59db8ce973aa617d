"""`optral` as its users call it: words and environment in, exit code and what it printed out.

A process takes a second to start, so most tests run the command in a thread of this one, or in a fork of one that is
ready; `process` is the real thing.
"""

import functools
import gc
import io
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import TextIO
from unittest import mock

import structlog
import typer.main

from optral.cli import main
from optral.kit import lazy_log

Done = subprocess.CompletedProcess[str]
DEADLINE_S = 600
"""Ends a command that hangs. It is far beyond what any command takes, on a loaded machine too."""
_command = functools.cache(typer.main.get_command)  # building the tree of all commands takes longer than most commands do


class _Divided(io.TextIOBase):
    """What this thread prints is kept; what any other one does goes where it went before."""

    def __init__(self, usual: TextIO) -> None:
        self._owner, self._usual, self.kept = threading.get_ident(), usual, io.StringIO()

    def write(self, text: str) -> int:
        return (self.kept if threading.get_ident() == self._owner else self._usual).write(text)


def process(*words: str, url: str = "", key: str = "mht_x", home: Path | None = None) -> Done:
    command = [sys.executable, "-m", "optral", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, env=_environment(url, key, home), check=False)


def started(*words: str, url: str, key: str = "mht_x") -> subprocess.Popen[str]:
    """The same, while it runs."""
    command = [sys.executable, "-m", "optral", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(url, key, None))


def forked(*words: str, home: Path) -> Done:
    """The same without a server, in `home` and with its configuration, forked from a process that has read the modules already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.commandline", "optral.server.app", "optral.agent.main"])
    environment = {name: value for name, value in _environment("", "", home).items() if name != "OPTRAL_CONFIG"}
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder, name) for name in ("stdout", "stderr")]
        child = context.Process(target=_in_fork, args=(words, environment, home, outputs), daemon=True)
        child.start()
        child.join(DEADLINE_S)
        assert child.exitcode is not None, f"optral {' '.join(words)} did not end within {DEADLINE_S} s"
        return Done(words, child.exitcode, *(path.read_text() for path in outputs))


def _in_fork(words: tuple[str, ...], environment: dict[str, str], home: Path, outputs: list[Path]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(home)
    for stream, path in enumerate(outputs, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream)
    sys.argv = ["optral", *words]
    main.run()


def optral(*words: str, url: str = "", key: str = "mht_x", home: Path | None = None) -> Done:
    """The same in a thread; what a process would leave behind in itself is put back."""
    done: list[Done] = []
    logs, collects = structlog.get_config(), gc.isenabled()
    with (
        mock.patch.dict(os.environ, _environment(url, key, home), clear=True),
        mock.patch.object(sys, "argv", ["optral", *words]),
        mock.patch.object(typer.main, "get_command", _command),
        mock.patch.object(lazy_log, "_configure", []),
    ):
        thread = threading.Thread(target=lambda: done.append(_run(words)), name="optral", daemon=True)
        thread.start()
        thread.join(DEADLINE_S)
    structlog.configure(**logs)
    if collects:
        gc.enable()
    assert done, f"optral {' '.join(words)} did not end within {DEADLINE_S} s"
    return done[0]


def _run(words: tuple[str, ...]) -> Done:
    out, errors = _Divided(sys.stdout), _Divided(sys.stderr)
    with mock.patch.object(sys, "stdout", out), mock.patch.object(sys, "stderr", errors):
        try:
            main.run()
            code = 0
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
            code = 1
    return Done(words, code, out.kept.getvalue(), errors.kept.getvalue())


def _environment(url: str, key: str, home: Path | None) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPTRAL_") and name != "KUBECONFIG"}
    environment["OPTRAL_CONFIG"] = os.environ.get("OPTRAL_CONFIG", "/nonexistent/optral/config.yaml")  # never the user's own
    environment |= {"OPTRAL_URL": url} if url else {}
    environment |= {"OPTRAL_API_KEY": key} if key else {}
    return environment | ({"HOME": str(home)} if home else {})
