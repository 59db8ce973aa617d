"""The lowest layer: Debian's Python and the libraries that it and the wheels need, unpacked without dpkg.

`deploy/debian.lock` names versions and hashes. Debian's mirrors keep only the newest version of a package: when a security update has
replaced a locked one, the build takes the update and says so, because an old library is worse than another digest.
"""

import hashlib
import io
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.images import recipe
from deploy.images.console import fail, run, say

LOCK = recipe.ROOT / "deploy/debian.lock"
CACHE = Path(os.environ.get("OPTRAL_CACHE") or Path.home() / ".cache/optral") / "debs"

_MERGED = ("bin", "lib", "lib64", "sbin")
_KEEP = re.compile(
    r"^usr/(bin/python3\.11$|lib/|share/(zoneinfo|ca-certificates|common-licenses)(/|$)|share/doc/[^/]+(/copyright)?$)"
    r"|^etc/(mime\.types|os-release|debian_version)$"
)
_DROP = re.compile(
    r"/(gconv|valgrind|locale|audit|test|tests|idlelib|lib2to3|pydoc_data|ensurepip|turtledemo|__pycache__|sysconfig\.d)(/|$)"
    r"|/zoneinfo/(right|posix)(/|$)|\.pyc$|/lib/ssl/misc(/|$)|/config-3\.11-[^/]*(/|$)|(^|/)lib/(tmpfiles\.d|binfmt\.d|systemd|mime)(/|$)"
)
_UNLINKED = ("_crypt", "_curses", "_curses_panel", "_dbm", "nis", "readline", "_tkinter", "_ctypes_test", "_testcapi", "_lsprof")
"""Extension modules whose libraries are left out, or that only tests of Python use."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of Debian, with the control paragraph that scanners read."""

    name: str
    version: str
    sha256: str
    path: Path
    control: str


def packages() -> list[Package]:
    """Every package of the recipe, downloaded and checked. Without Debian's tools the build ends with one line."""
    locked = read_lock(recipe.machine().debian)
    CACHE.mkdir(parents=True, exist_ok=True)
    exact = {name: f"{name}={locked[name][0]}" if name in locked else name for name in recipe.DEBIAN_PACKAGES}
    missing = [name for name in exact if name not in locked or _cached(locked[name][1]) is None]
    fetched = _download(missing, exact)
    return [_package(name, fetched.get(name) or CACHE / f"{locked[name][1]}.deb", locked.get(name)) for name in recipe.DEBIAN_PACKAGES]


def _package(name: str, path: Path, locked: tuple[str, str] | None) -> Package:
    architecture = recipe.machine().debian
    control = run("dpkg-deb", "--field", path)
    fields = dict(re.findall(r"^(Version|Architecture): (\S+)", control, re.MULTILINE))
    if fields.get("Architecture") not in (architecture, "all"):
        fail(f"{name} is no package for {architecture}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if locked and fields["Version"] == locked[0] and digest != locked[1]:
        fail(f"{name} {locked[0]} has another hash than in deploy/debian.lock")
    if locked and fields["Version"] != locked[0]:
        say(f"{name} {locked[0]} is no longer served, so {fields['Version']} is used; make image-lock writes the new lock")
    return Package(name, fields["Version"], digest, path, control)


def read_lock(architecture: str) -> dict[str, tuple[str, str]]:
    """(version, hash) by package of one architecture."""
    rows = [line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return {name: (version, digest) for arch, name, version, digest in rows if arch == architecture}


def write_lock(found: list[Package]) -> None:
    """Lock what was found for this architecture; lines of others stay."""
    architecture = recipe.machine().debian
    others = [line for line in LOCK.read_text().splitlines() if not line.startswith(f"{architecture} ")] if LOCK.exists() else []
    rows = [f"{architecture} {package.name} {package.version} {package.sha256}" for package in found]
    LOCK.write_text("\n".join([*others, *rows]) + "\n")


def _cached(digest: str) -> Path | None:
    path = CACHE / f"{digest}.deb"
    return path if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest else None


def _download(names: list[str], exact: Mapping[str, str]) -> dict[str, Path]:
    """Fetch packages into the cache: the locked versions, or where one of them is gone, those that are served now."""
    if not names:
        return {}
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        error = _apt_get([exact[name] for name in names], Path(folder))
        if error and os.geteuid() == 0:  # a new machine has no lists of packages, or old ones
            say("apt-get update")
            run("apt-get", "update", "-qq")
            error = _apt_get([exact[name] for name in names], Path(folder))
        if error:
            for name in names:
                if _apt_get([exact[name]], Path(folder)) and (error := _apt_get([name], Path(folder))):
                    fail(f"cannot fetch the Debian package {name}: run apt-get update on Debian 12 ({error})")
        found = {}
        for name in names:
            deb = next(Path(folder).glob(f"{name}_*.deb"))
            found[name] = deb.rename(CACHE / f"{hashlib.sha256(deb.read_bytes()).hexdigest()}.deb")
        return found


def _apt_get(what: list[str], folder: Path) -> str:
    """Download into the folder; the last line of the error, empty when all came."""
    try:
        done = subprocess.run(["apt-get", "download", *what], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        fail("needs apt-get and dpkg-deb of Debian 12; on other systems use docker build -f deploy/Containerfile")
    return "" if done.returncode == 0 else (done.stderr.strip() or "apt-get failed").splitlines()[-1]


def unpack(found: list[Package], root: Path) -> None:
    """Write the layer's files below `root`."""
    for package in found:
        archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package.path)], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                _extract(tar, member, root)
        status = root / f"var/lib/dpkg/status.d/{package.name}"
        status.parent.mkdir(parents=True, exist_ok=True)
        status.write_text(package.control)
    for name in _MERGED:
        if (root / "usr" / name).is_dir() or name in ("bin", "lib"):
            (root / name).symlink_to(f"usr/{name}")
    for module in _UNLINKED:
        for path in (root / recipe.STDLIB / "lib-dynload").glob(f"{module}.*.so"):
            path.unlink()
    _loader(root)
    _accounts(root)
    _authorities(root)
    _prune_empty(root)
    (root / "tmp").mkdir(mode=0o1777, exist_ok=True)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    name = _merged(member.name)
    if not name or (not _KEEP.search(name) and not _DROP.search(name) and name != "etc"):
        return
    if _DROP.search(name):
        return
    target = root / name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
    elif member.issym():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(member.linkname)
    elif member.islnk():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((root / _merged(member.linkname)).read_bytes())
    elif (content := tar.extractfile(member)) is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.read())
        target.chmod(0o755 if member.mode & 0o111 else 0o644)


def _merged(name: str) -> str:
    """The path with /lib and its like below /usr, as Debian installs it."""
    path = PurePosixPath(name.removeprefix("./"))
    parts = path.parts
    return "" if not parts else str(PurePosixPath("usr", *parts)) if parts[0] in _MERGED else str(path)


def _loader(root: Path) -> None:
    """The dynamic loader's fixed address, which Debian ships as a link out of /lib64."""
    machine = recipe.machine()
    if machine.debian == "amd64":
        link = root / "usr/lib64/ld-linux-x86-64.so.2"
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(f"../lib/{machine.triplet}/{Path(machine.loader).name}")
        if not (root / "lib64").is_symlink():
            (root / "lib64").symlink_to("usr/lib64")


def _accounts(root: Path) -> None:
    etc = root / "etc"
    etc.mkdir(exist_ok=True)
    (etc / "passwd").write_text(
        f"root:x:0:0:root:/:/sbin/nologin\noptral:x:{recipe.UID}:{recipe.UID}:optral:{recipe.DATA_DIR}:/sbin/nologin\n"
    )
    (etc / "group").write_text(f"root:x:0:\noptral:x:{recipe.UID}:\n")
    (etc / "nsswitch.conf").write_text("hosts: files dns\n")


def _authorities(root: Path) -> None:
    """One bundle of Mozilla's authorities, where OpenSSL and Python look for it."""
    certificates = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(f"{path.read_text().strip()}\n" for path in certificates))
    for path in certificates:
        path.unlink()
    default = root / "usr/lib/ssl/cert.pem"
    default.parent.mkdir(parents=True, exist_ok=True)
    default.unlink(missing_ok=True)
    default.symlink_to("/etc/ssl/certs/ca-certificates.crt")


def _prune_empty(root: Path) -> None:
    for path in _deepest_first(root):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()


def _deepest_first(root: Path) -> Iterator[Path]:
    yield from sorted(root.rglob("*"), key=lambda path: len(path.parts), reverse=True)
