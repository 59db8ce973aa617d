"""Flame graphs of the server under ingest: `make profile`, or `make profile ARGS=SQLite`.

py-spy samples the server from outside while an agent sends changes as fast as they are taken; only samples that hold the interpreter count.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from lab.bench.rows import open_platform, open_source

ENGINES = ("SQLite", "PostgreSQL")
FOLDER = Path("build/profile")
RATE = 200  # samples a second


def main() -> int:
    parser = argparse.ArgumentParser(prog="make profile", description=__doc__)
    parser.add_argument("engines", nargs="*", metavar="ENGINE", help=f"{', '.join(ENGINES)}; both by default")
    parser.add_argument("--seconds", type=int, default=30)
    given = parser.parse_args()
    if unknown := set(given.engines) - set(ENGINES):
        parser.error(f"no engine {', '.join(sorted(unknown))}; choose from {', '.join(ENGINES)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for engine in given.engines or ENGINES:
        path = FOLDER / f"ingest-{engine.lower()}.svg"
        _record(engine, given.seconds, path)
        print(f"{engine}: {path}")
    return 0


def _record(engine: str, seconds: int, path: Path) -> None:
    with open_platform(engine) as platform, open_source(platform, "--seconds", str(seconds + 5)) as source:
        source.next()
        assert source.next()["phase"] == "live"
        assert platform.server is not None
        py_spy = str(Path(sys.executable).with_name("py-spy"))
        options = ["--gil", "--rate", str(RATE), "--duration", str(seconds), "--nonblocking", "--output", str(path)]
        subprocess.run([py_spy, "record", *options, "--pid", str(platform.server.pid)], check=True, stdout=subprocess.DEVNULL)
        source.next()


if __name__ == "__main__":
    sys.exit(main())
