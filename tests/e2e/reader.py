"""A reader who types what a page says: the `sh` blocks of its sections, in order, in two terminals."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.platform import BIN, kill, until

ROOT = Path(__file__).parents[2]
OPENED_WITHIN_S = 150  # a deadline for a machine under load; it takes seconds
CHANGED_WITHIN_S = 90
SERVES = ("make demo", "optral demo", "optral up")  # commands that run until they are stopped
EXECUTION = re.compile(r"exe_\w{26}")


def commands(page: str) -> dict[str, list[str]]:
    """The commands below each heading of a page of the repository."""
    parts = re.split(r"^## (.+)$", (ROOT / page).read_text(), flags=re.MULTILINE)
    return {
        title: [line for block in _blocks(text) for line in block.splitlines()]
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def _blocks(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


class Reader:
    """Two terminals: what serves runs in the first one, everything else in the second."""

    def __init__(self, folder: Path, *, at: Path | None = None, **environment: str) -> None:
        """`folder` is the home; commands run in `at`, or there."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPTRAL_", "KUBE"))}
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        self.environment = kept | {"HOME": str(folder), "COLUMNS": "200", "PATH": path} | environment
        self.folder, self.screen = at or folder, folder / "screen"
        self.shown: dict[str, str] = {}
        self._serving: list[subprocess.Popen[bytes]] = []
        self._execution = ""

    def read(self, lines: list[str]) -> None:
        for line in lines:
            self.type(line)

    def type(self, line: str) -> None:
        """Do one line as a reader would; `shown` then has what it printed."""
        if line.startswith(SERVES):
            self._serve(line)
        elif line.startswith("export "):
            self._export()
        elif line.endswith("--follow"):
            self.shown[line] = self._follow(line)
        else:
            if named := re.match(r"\S*optral issues (?:list|explain (\S+/\S+))", line):
                self._wait_for_issue(named[1] or "")
            self.shown[line] = self._run(line)

    def close(self) -> None:
        for process in self._serving:
            kill(process, signal.SIGTERM)

    def _serve(self, line: str) -> None:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            line.split(), cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._serving.append(process)
        threading.Thread(target=self._watch, args=(ours,), daemon=True).start()
        until(lambda: "Issues as they appear" in self._seen(), within_s=60, what="the first screen", alive=process, log=self.screen)

    def _watch(self, terminal: int) -> None:
        """Keep what the terminal shows, until the command has ended."""
        with self.screen.open("wb") as out, contextlib.suppress(OSError):
            while text := os.read(terminal, 65_536):
                out.write(text)
                out.flush()
        os.close(terminal)

    def _seen(self) -> str:
        return self.screen.read_text() if self.screen.exists() else ""

    def _export(self) -> None:
        """The line that the first terminal shows, not the one on the page: ports and keys differ."""
        printed = re.search(r"export (OPTRAL_URL=\S+) (OPTRAL_API_KEY=\S+)", self._seen())
        assert printed is not None
        self.environment |= dict(one.split("=", 1) for one in printed.groups())

    def _wait_for_issue(self, name: str) -> None:
        opened = re.compile(rf"opened .*{re.escape(name)}")
        until(lambda: opened.search(self._seen()), within_s=OPENED_WITHIN_S, what=f"an issue of {name}", log=self.screen)

    def _run(self, line: str) -> str:
        typed = line.replace("exe_…", self._execution)
        done = subprocess.run(
            typed,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{typed}: {done.stdout}{done.stderr}"
        if found := EXECUTION.search(done.stdout):
            self._execution = found[0]
        return done.stdout

    def _follow(self, line: str) -> str:
        """Until the change is made. What the page says of the minute after that is tested with runbooks."""
        typed = line.replace("exe_…", self._execution).removesuffix(" --follow")
        made = "Verifying the fix"
        return until(lambda: out if made in (out := self._run(typed)) else "", within_s=CHANGED_WITHIN_S, every_s=0.5, what="the change")


def reader(folder: Path, **environment: str) -> Iterator[Reader]:
    found = Reader(folder, **environment)
    try:
        yield found
    finally:
        found.close()
