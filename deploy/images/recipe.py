"""What is in the images. `deploy/Containerfile` says the same for builders with a daemon; tests/deploy compares the two."""

import platform
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
UID = 65532
"""A user without a name on any node; the same in the charts and in the install manifest."""
DATA_DIR = "/var/lib/optral"
ENTRYPOINT = ("/usr/bin/python3.11", "-I", "-m", "optral")
"""`-I`: neither PYTHON* variables nor the working directory decide what is imported."""
ENV = {"PATH": "/usr/bin"}
COMMAND = "usr/bin/optral"
"""For people: `kubectl exec … -- optral doctor`."""
PYTHON = "3.11"
SITE = f"usr/local/lib/python{PYTHON}/dist-packages"
STDLIB = f"usr/lib/python{PYTHON}"

DEBIAN_PACKAGES = (
    "base-files",
    "ca-certificates",
    "gcc-12-base",
    "libbz2-1.0",
    "libc6",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libsqlite3-0",
    "libssl3",
    "libstdc++6",
    "libuuid1",
    "media-types",
    "python3.11-minimal",
    "tzdata",
    "zlib1g",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image; `ports` are those of the charts."""

    name: str
    requirements: Path
    command: tuple[str, ...]
    title: str
    env: tuple[tuple[str, str], ...] = ()
    ports: tuple[int, ...] = ()
    writable: tuple[str, ...] = ()
    """Directories that belong to the image's user, for volumes."""


AGENT = Image(
    name="optral-agent",
    requirements=ROOT / "requirements/agent.txt",
    command=("agent",),
    title="Optral agent: watches one Kubernetes cluster and reports to the Optral server",
)
SERVER = Image(
    name="optral-server",
    requirements=ROOT / "requirements/server.txt",
    command=("server",),
    title="Optral server: REST API, dashboard and agent tunnel",
    env=(("OPTRAL_DATA_DIR", DATA_DIR),),
    ports=(8080, 8443, 8444),
    writable=(DATA_DIR.strip("/"),),
)
IMAGES = {image.name: image for image in (AGENT, SERVER)}


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor architecture, as each party calls it."""

    debian: str
    oci: str
    triplet: str
    loader: str
    wheels: str


_MACHINES = {
    "x86_64": Machine("amd64", "amd64", "x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "x86_64-manylinux_2_36"),
    "aarch64": Machine("arm64", "arm64", "aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "aarch64-manylinux_2_36"),
}


def machine() -> Machine:
    """This machine; images are built for the architecture that builds them. Raises `SystemExit` for one without locked wheels."""
    if (found := _MACHINES.get(platform.machine())) is None:
        raise SystemExit(f"images: no image for {platform.machine()}; use one of {', '.join(_MACHINES)}")
    return found


def version() -> str:
    """The version that every image and chart carries."""
    found = re.search(r'^__version__ = "([^"]+)"', (ROOT / "optral/__init__.py").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("images: optral/__init__.py names no version")
    return found[1]
