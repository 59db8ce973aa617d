"""Keycloak, to sign in with: fetched once by Maven into the cache, and prepared for a database in memory. It needs Java 17 or newer."""

import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from tests.setup import machine

VERSION = "26.5.6"
SHA256 = "490189d9dff05272432d51f71a069462eeca97f2920a694d539a1e6c26a5a347"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
HOME = machine.CACHE / f"keycloak-{VERSION}"
PROGRAM = HOME / "bin/kc.sh"
BUILD = ("--db=dev-mem", "--features-disabled=impersonation,kerberos,ciba,par,step-up-authentication,organization")
JAVA = 17


def find() -> Path:
    """The script that starts it."""
    ready = HOME / "ready"
    _needs_java(and_maven=not ready.exists())
    if not ready.exists():
        machine.say(f"fetching Keycloak {VERSION} (once, into {HOME})")
        machine.CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=machine.CACHE) as folder:
            _unpack(Path(folder))
        machine.run("bash", PROGRAM, "build", *BUILD)
        ready.touch()  # last: what was cut off is fetched again
    return PROGRAM


def _needs_java(*, and_maven: bool) -> None:
    lacking = [name for name in ("java", "mvn") if (name == "java" or and_maven) and machine.program(name) is None]
    if lacking and machine.can_apt():
        machine.apt_install({"java": "default-jre-headless", "mvn": "maven"}[name] for name in lacking)
    elif lacking:
        raise machine.Missing(f"Keycloak needs Java {JAVA} or newer, and Maven to be fetched: install {' and '.join(lacking)}")
    found = re.search(r'"?(\d+)', machine.run("java", "--version"))
    if found is None or int(found[1]) < JAVA:
        raise machine.Missing(f"Keycloak needs Java {JAVA} or newer")


def _unpack(folder: Path) -> None:
    machine.run("mvn", "-B", "-q", COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}", cwd=folder)
    (archive,) = folder.glob("*.zip")
    with archive.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != SHA256:
            raise machine.Missing(f"{archive.name} is not the file that was locked in tests/setup/keycloak.py")
    shutil.unpack_archive(archive, folder)
    shutil.rmtree(HOME, ignore_errors=True)
    (folder / f"keycloak-{VERSION}").rename(HOME)
