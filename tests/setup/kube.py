"""Kubernetes' own programs, built once into the cache: kube-apiserver and etcd for tests, all of them for tests/cluster.

Helm is built in the same module, so that both compile the libraries of Kubernetes once: HELM_VERSION is the newest whose `go.mod` asks for
the minor version of those libraries that KUBE_VERSION has.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.setup import golang, machine

VERSION = (machine.ROOT / "tests/cluster/KUBE_VERSION").read_text().strip()
ETCD_VERSION = "3.6.5"
KWOK_VERSION = "0.8.0"
HELM_VERSION = "4.2.4"
ASSETS = Path(os.environ.get("KUBE_ASSETS") or machine.CACHE / f"kube-{VERSION}")
CLUSTER_PARTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
PACKAGES = {part: f"k8s.io/kubernetes/cmd/{part}" for part in CLUSTER_PARTS} | {"helm": "helm.sh/helm/v4/cmd/helm"}
IMAGES = {"busybox": ("docker.io/library/busybox:1.36", "sh"), "pause": ("optral.test/pause:1", "sleep", "2147483647")}
# program: the Debian package that brings it
CLUSTER_PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "socat": "socat",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "busybox": "busybox-static",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "curl": "curl",
    "ps": "procps",
}
SYSTEM = (Path("/usr/sbin"), Path("/sbin"), Path("/usr/lib/cni"), Path("/opt/cni/bin"))


def api_server() -> dict[str, Path]:
    """Where etcd and kube-apiserver are; KUBEBUILDER_ASSETS wins, else both are found or built."""
    if given := os.environ.get("KUBEBUILDER_ASSETS"):
        parts = {name: Path(given) / name for name in ("etcd", "kube-apiserver")}
        if missing := [str(path) for path in parts.values() if not path.exists()]:
            raise machine.Missing(f"KUBEBUILDER_ASSETS is set, but there is no {missing[0]}")
        return parts
    build(["kube-apiserver"])
    return {"etcd": etcd(), "kube-apiserver": ASSETS / "kube-apiserver"}


def etcd() -> Path:
    """The machine's etcd, or our own build of it."""
    if own := machine.program("etcd", ASSETS):
        return own
    build_module(f"go.etcd.io/etcd/server/v3@v{ETCD_VERSION}", "go.etcd.io/etcd/server/v3", ASSETS / "etcd")
    return ASSETS / "etcd"


def cluster() -> None:
    """Everything that tests/cluster/up.sh needs."""
    if os.geteuid() != 0:
        raise machine.Missing("the test cluster needs root on Linux")
    lacking = {name: package for name, package in CLUSTER_PROGRAMS.items() if machine.program(name, *SYSTEM) is None}
    if machine.program("ptp", *SYSTEM) is None:
        lacking["ptp"] = "containernetworking-plugins"
    if lacking and not machine.can_apt():
        raise machine.Missing(f"the test cluster needs {', '.join(sorted(lacking))}: install {' '.join(sorted(set(lacking.values())))}")
    machine.apt_install(lacking.values())
    build(CLUSTER_PARTS)
    etcd()
    _images()


def kwok() -> None:
    """Fake nodes for --kwok, with the stages that kwok itself recommends."""
    if (ASSETS / "kwok").exists() and (ASSETS / "kwok-stages.yaml").exists():
        return
    tree = build_module(f"sigs.k8s.io/kwok@v{KWOK_VERSION}", "sigs.k8s.io/kwok/cmd/kwok", ASSETS / "kwok")
    stages = [
        path
        for part in ("node/fast", "node/heartbeat-with-lease", "pod/fast")
        for path in sorted((tree / "kustomize/stage" / part).glob("*-*.yaml"))
    ]
    (ASSETS / "kwok-stages.yaml").write_text("".join(f"---\n{path.read_text()}\n" for path in stages))


def build(parts: Iterable[str]) -> None:
    """Build those of `PACKAGES` that the cache lacks, in one run of the compiler: linking one program overlaps with compiling the next."""
    missing = [part for part in parts if not (ASSETS / part).exists()]
    if not missing:
        return
    go = golang.find()
    ASSETS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _write_module(go, work)
        (work / "tools.go").write_text(
            "//go:build tools\n\npackage tools\n\n" + "".join(f'import _ "{package}"\n' for package in PACKAGES.values())
        )
        machine.say(f"fetching the sources of Kubernetes {VERSION} and Helm {HELM_VERSION}")
        machine.run(go, "mod", "tidy", cwd=work, env=golang.ENVIRONMENT)
        machine.say(f"building {', '.join(missing)} (once, into {ASSETS})")
        _build(go, [PACKAGES[part] for part in missing], [ASSETS / part for part in missing], work)


def _write_module(go: Path, work: Path) -> None:
    """Kubernetes keeps its libraries in its own tree; from outside each of them is the published module of the same release."""
    module = work / "go.mod"
    module.write_text("module optral.test/kube\n\ngo 1.26\n")
    tree = json.loads(machine.run(go, "mod", "download", "-json", f"k8s.io/kubernetes@v{VERSION}", cwd=work, env=golang.ENVIRONMENT))["Dir"]
    theirs = (Path(tree) / "go.mod").read_text()
    needs = re.search(r"^go (\S+)", theirs, re.MULTILINE)
    libraries = sorted(set(re.findall(r"(k8s\.io/[a-z0-9-]+) => \./staging", theirs)))
    replaced = "".join(f"\t{library} => {library} v0.{VERSION.split('.', 1)[1]}\n" for library in libraries)
    module.write_text(
        f"module optral.test/kube\n\ngo {needs[1] if needs else '1.26'}\n\n"
        f"require (\n\tk8s.io/kubernetes v{VERSION}\n\thelm.sh/helm/v4 v{HELM_VERSION}\n)\n\nreplace (\n{replaced})\n"
    )


def build_module(module: str, package: str, target: Path) -> Path:
    """Build one program of a published module; returns the module's sources."""
    go = golang.find()
    ASSETS.mkdir(parents=True, exist_ok=True)
    machine.say(f"building {target.name} (once, into {ASSETS})")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "go.mod").write_text("module optral.test/tool\n\ngo 1.26\n")
        machine.run(go, "get", f"{package}@{module.rpartition('@')[2]}", cwd=work, env=golang.ENVIRONMENT)
        _build(go, [package], [target], work)
        return Path(machine.run(go, "list", "-m", "-f", "{{.Dir}}", module.partition("@")[0], cwd=work, env=golang.ENVIRONMENT).strip())


def _build(go: Path, packages: list[str], targets: list[Path], work: Path) -> None:
    major, minor = VERSION.split(".")[:2]
    prefix = "k8s.io/component-base/version."
    flags = f"-s -w -X {prefix}gitVersion=v{VERSION} -X {prefix}gitMajor={major} -X {prefix}gitMinor={minor}"
    built = [target.with_suffix(".part") for target in targets]
    output = f"{work}/" if len(packages) > 1 else built[0]
    machine.run(go, "build", "-trimpath", "-ldflags", flags, "-o", output, *packages, cwd=work, env=golang.ENVIRONMENT)
    for target, unfinished in zip(targets, built, strict=True):
        if len(packages) > 1:
            shutil.move(work / target.name, unfinished)
        unfinished.rename(target)  # a build or a copy that was cut off leaves nothing that looks finished


def _images() -> None:
    folder = ASSETS / "images"
    folder.mkdir(exist_ok=True)
    for name, (reference, *command) in IMAGES.items():
        if not (folder / f"{name}.tar").exists():
            machine.run(sys.executable, machine.ROOT / "tests/cluster/image.py", reference, folder / f"{name}.tar", *command)
