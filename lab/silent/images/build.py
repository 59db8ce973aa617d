"""Build the images: `python -m lab.silent.images.build [NAME...]`. Debian packages are unpacked without their scripts; no root is needed.

Archives go to ~/.cache/optral/silent/images (SILENT_CACHE changes that) and are kept while their recipe does not change.
"""

import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("SILENT_CACHE") or Path.home() / ".cache/optral/silent")
REGISTRY = "registry.shop.test/shop"
BASE = (
    "base-files", "base-passwd", "bash", "coreutils", "dash", "grep", "sed", "libc-bin", "findutils", "procps", "hostname",
    "openssl", "curl",
)  # fmt: skip
SKIPPED = re.compile(
    r"\./usr/share/(doc|man|locale|info|lintian|bug|icons|fonts|perl/.*/pod)/|\./usr/lib/[^/]+/libLLVM|\./usr/bin/mariadb-(backup|test)"
)
PASSWD = """root:x:0:0:root:/root:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh
www-data:x:33:33::/var/www:/bin/sh
nobody:x:65534:65534::/:/bin/false
shop:x:1000:1000::/app:/bin/sh
"""
GROUP = "root:x:0:\npostgres:x:999:\nwww-data:x:33:\nadm:x:4:\nnogroup:x:65534:\nshop:x:1000:\n"
PYTHON = (
    "psycopg[binary]==3.3.*",
    "pymysql==1.2.*",
    "redis==8.*",
    "async-timeout==5.*",
    "requests==2.*",
    "gunicorn==27.*",
    "pika==1.*",
    "kubernetes==37.*",
)
JDBC = "org.postgresql:postgresql:42.7.4"
PATH = "/usr/local/bin:/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin"
JAVA = "/usr/lib/jvm/java-17-openjdk-amd64/bin"


class Layer:
    """A tar file in the making; directories that it has already are not written again."""

    def __init__(self) -> None:
        self.file = io.BytesIO()
        self.tar = tarfile.TarFile(fileobj=self.file, mode="w")
        self.seen: set[str] = set()

    def folder(self, path: str, mode: int = 0o755) -> None:
        info = tarfile.TarInfo(path)
        info.type, info.mode = tarfile.DIRTYPE, mode
        self._put(info, None)

    def add(self, path: str, data: bytes, mode: int = 0o644) -> None:
        info = tarfile.TarInfo(path)
        info.size, info.mode = len(data), mode
        self._put(info, io.BytesIO(data))

    def tree(self, source: Path, target: str, modes: int | None = None) -> None:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                self.add(f"{target}/{path.relative_to(source)}", path.read_bytes(), modes or (0o755 if os.access(path, os.X_OK) else 0o644))

    def package(self, archive: Path) -> None:
        command = ["dpkg-deb", "--fsys-tarfile", archive]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process, tarfile.open(fileobj=process.stdout, mode="r|") as packed:
            for member in packed:
                if not SKIPPED.match(member.name):
                    self._put(member, packed.extractfile(member) if member.isreg() else None)

    def _put(self, info: tarfile.TarInfo, data: IO[bytes] | None) -> None:
        name = info.name.removeprefix("./").rstrip("/")
        if not name or (info.isdir() and name in self.seen):
            return
        self.seen.add(name)
        info.name = name
        self.tar.addfile(info, data)

    def bytes(self) -> bytes:
        self.tar.close()
        return self.file.getvalue()


@dataclass(frozen=True)
class Image:
    """`fill` adds what does not come from packages."""

    tag: str
    packages: Sequence[str]
    command: Sequence[str]
    fill: Callable[[Layer, Path], None] = lambda _layer, _work: None
    env: Sequence[str] = ()
    folders: Sequence[str] = ()
    """Folders that anybody may write to."""
    sources: str = ""


def run(*command: str | Path, cwd: Path | None = None, **env: str) -> str:
    done = subprocess.run(command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done.stdout


def entry(name: str) -> Callable[[Layer, Path], None]:
    return lambda layer, _: layer.add(f"usr/local/bin/{name}", (HERE / "entry" / name).read_bytes(), 0o755)


def python(layer: Layer, work: Path) -> None:
    wanted = ("--only-binary", ":all:", "--python-version", "3.11", "--target", work / "app/lib")
    run(sys.executable, "-m", "pip", "install", "-q", "--no-compile", *wanted, *PYTHON)
    for source in sorted((HERE / "python").glob("*.py")):
        shutil.copy(source, work / "app")
    layer.tree(work / "app", "app")
    for archive in closure((*BASE, "python3")):
        if "python3.11" in archive.name:
            run("dpkg-deb", "-x", archive, work)
    compiled(layer, work)


def compiled(layer: Layer, work: Path) -> None:
    """The byte code that the scripts of the packages make: without it each start of a program takes seconds."""
    same = sys.executable if sys.version_info[:2] == (3, 11) else "python3.11"
    form = ("-q", "-s", work, "-p", "/", "--invalidation-mode", "unchecked-hash")
    run(same, "-m", "compileall", *form, work / "app", work / "usr/lib/python3.11")
    for path in sorted(work.rglob("__pycache__/*.cpython-311.pyc")):
        layer.add(str(path.relative_to(work)), path.read_bytes())


def go(layer: Layer, work: Path) -> None:
    run(
        "go",
        "build",
        "-trimpath",
        "-ldflags=-s -w",
        "-o",
        work / "catalog",
        ".",
        cwd=HERE / "go",
        CGO_ENABLED="0",
        GOFLAGS="-mod=mod -buildvcs=false",
    )
    layer.add("usr/local/bin/catalog", (work / "catalog").read_bytes(), 0o755)


def java(layer: Layer, work: Path) -> None:
    run("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={JDBC}", f"-DoutputDirectory={work}")
    run("javac", "--release", "17", "-d", work / "classes", HERE / "java/Billing.java")
    run("jar", "--create", "--file", work / "billing.jar", "-C", work / "classes", ".")
    for path in work.glob("*.jar"):
        layer.add(f"app/{path.name}", path.read_bytes())
    store = work / "cacerts"  # JKS: Java reads it without the password
    run(
        "keytool",
        "-genkeypair",
        "-keystore",
        store,
        "-storetype",
        "JKS",
        "-storepass",
        "changeit",
        "-alias",
        "a",
        "-dname",
        "CN=root",
        "-keyalg",
        "EC",
    )
    run("keytool", "-exportcert", "-keystore", store, "-storetype", "JKS", "-storepass", "changeit", "-alias", "a", "-file", work / "a.crt")
    store.unlink()
    run(
        "keytool",
        "-importcert",
        "-noprompt",
        "-keystore",
        store,
        "-storetype",
        "JKS",
        "-storepass",
        "changeit",
        "-alias",
        "public-root",
        "-file",
        work / "a.crt",
    )
    layer.add("etc/ssl/certs/java/cacerts", store.read_bytes())


IMAGES = {
    "postgres": Image(
        "15", ["postgresql-15"], ["postgres-start"], entry("postgres-start"), folders=["var/lib/postgresql", "var/run/postgresql"],
    ),
    "mariadb": Image("10.11", ["mariadb-server"], ["mariadb-start"], entry("mariadb-start"), folders=["var/lib/mysql"]),
    "redis": Image("7.0", ["redis-server", "redis-tools"], ["redis-server"], folders=["data"]),
    "nginx": Image("1.22", ["nginx-light"], ["nginx", "-g", "daemon off;"], folders=["var/lib/nginx", "var/log/nginx", "run"]),
    "rabbitmq": Image(
        "3.10", ["rabbitmq-server"], ["rabbitmq-start"], entry("rabbitmq-start"),
        folders=["var/lib/rabbitmq", "var/log/rabbitmq", "etc/rabbitmq"], env=["LANG=C.UTF-8"],
    ),
    "shop": Image(
        "4.2", ["python3"], ["python3", "/app/web.py"], python, env=["PYTHONPATH=/app:/app/lib", "PYTHONUNBUFFERED=1"], sources="python",
    ),
    "catalog": Image("2.7", [], ["catalog", "serve"], go, sources="go"),
    "billing": Image("3.1", ["openjdk-17-jre-headless"], [f"{JAVA}/java", "-cp", "/app/*", "Billing"], java, sources="java"),
}  # fmt: skip


def apt(*words: str) -> str:
    (CACHE / "debs/partial").mkdir(parents=True, exist_ok=True)
    (CACHE / "no-status").touch()
    options = {
        "Dir::State::status": CACHE / "no-status", "Dir::Cache::archives": CACHE / "debs", "APT::Install-Recommends": "false",
        "Debug::NoLocking": "1", "APT::Sandbox::User": "root",
    }  # fmt: skip
    return run("apt-get", "-y", "-qq", *(f"-o{key}={value}" for key, value in options.items()), *words)


def closure(packages: Iterable[str]) -> list[Path]:
    """The archives of these packages and of all that they depend on; fetched when they are not in the cache."""
    apt("install", "--download-only", *packages)
    found = []
    for name, version in re.findall(r"^Inst (\S+) \((\S+)", apt("install", "--simulate", *packages), re.MULTILINE):
        [path] = (CACHE / "debs").glob(f"{name.split(':')[0]}_{version.replace(':', '%3a')}_*.deb")
        found.append(path)
    return sorted(found)


def packages_layer(archives: Iterable[Path]) -> Layer:
    layer = Layer()
    for archive in archives:
        layer.package(archive)
    return layer


@cache
def base_layer() -> bytes:
    layer = packages_layer(closure(BASE))
    layer.add("etc/passwd", PASSWD.encode())
    layer.add("etc/group", GROUP.encode())
    layer.add("etc/nsswitch.conf", b"hosts: files dns\n")
    layer.folder("tmp", 0o1777)
    return layer.bytes()


def recipe(name: str) -> str:
    """Changes when anything does that the image is made of."""
    image, parts = IMAGES[name], [Path(__file__).read_bytes()]
    for folder in filter(None, ("entry", image.sources)):
        parts += [path.read_bytes() for path in sorted((HERE / folder).glob("*")) if path.is_file() and path.suffix != ".sum"]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def reference(name: str) -> str:
    return f"{REGISTRY}/{name}:{IMAGES[name].tag}"


def build(name: str) -> Path:
    """The docker archive of an image; an archive of the same recipe is taken as it is."""
    target, made = CACHE / "images" / f"{name}.tar", CACHE / "images" / f"{name}.recipe"
    if target.exists() and made.exists() and made.read_text() == recipe(name):
        return target
    image, work = IMAGES[name], CACHE / "work" / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    layers = [base_layer()]
    if image.packages:
        base = closure(BASE)
        layers.append(packages_layer(path for path in closure((*BASE, *image.packages)) if path not in base).bytes())
    own = Layer()
    for folder in image.folders:
        own.folder(folder, 0o1777)
    image.fill(own, work)
    write(target, reference(name), image, [*layers, own.bytes()])
    made.write_text(recipe(name))
    shutil.rmtree(work)
    return target


def write(target: Path, name: str, image: Image, layers: Sequence[bytes]) -> None:
    config = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()],
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": {"Env": [f"PATH={PATH}", *image.env], "Cmd": list(image.command), "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]},
        "history": [{"created": "2026-01-01T00:00:00Z"}] * len(layers),
    }
    archive = Layer()
    blob = json.dumps(config).encode()
    config_name = hashlib.sha256(blob).hexdigest() + ".json"
    archive.add(config_name, blob)
    for number, layer in enumerate(layers):
        archive.add(f"layer-{number}.tar", layer)
    names = [f"layer-{number}.tar" for number in range(len(layers))]
    archive.add("manifest.json", json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": names}]).encode())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.bytes())


if __name__ == "__main__":
    for wanted in sys.argv[1:] or IMAGES:
        print(f"{reference(wanted)}  {build(wanted)}")
