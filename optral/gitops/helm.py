"""`helm template` on a chart that others wrote: in a folder of its own, without a cluster, plugins or network, within limits.

Templates cannot reach a cluster (`lookup` finds nothing), resolve names, run programs or read files outside of their chart. What is left,
endless loops and huge output, the limits of the process end. Source: Helm documentation, `helm template` and "Chart Template Guide".
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import yaml

from optral.gitops import manifest
from optral.gitops.model import CannotEdit, Target
from optral.kit import yamls

PROGRAM = "helm"
RENDER_S = 10.0
MAX_OUTPUT_BYTES = 4 * 1024 * 1024
MAX_MESSAGE = 300
_LIMITS = (
    (resource.RLIMIT_CPU, 20),
    (resource.RLIMIT_AS, 4 * 1024**3),  # Go reserves far more than it uses
    (resource.RLIMIT_FSIZE, MAX_OUTPUT_BYTES),
    (resource.RLIMIT_NOFILE, 256),
    (resource.RLIMIT_CORE, 0),
)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_VERSION = re.compile(r"v?[0-9A-Za-z.+-]{1,64}")
_API = re.compile(r"[A-Za-z0-9./-]{1,253}")
Objects = Mapping[Target, Mapping[str, Any]]


class Release(NamedTuple):
    """What templates see of a release besides its values. `kube_version` empty: that of Helm."""

    name: str
    namespace: str
    kube_version: str = ""
    api_versions: Sequence[str] = ()


class Values(NamedTuple):
    """Texts of values files, the last one wins, and then single values as `--set` and `--set-string` take them."""

    files: Sequence[str]
    set: Sequence[str] = ()
    set_string: Sequence[str] = ()


def find() -> str:
    """The program. Raises `CannotEdit` when it is not there."""
    if (found := shutil.which(PROGRAM)) is None:
        raise CannotEdit(
            "The object comes from a Helm chart, and Helm is not installed here. Install helm on the PATH and try again, "
            "or change the values of the release by hand"
        )
    return found


class Chart:
    """Renders one chart; a context manager, which owns a temporary folder. `files`: those of the chart, by path from its folder."""

    def __init__(self, files: Mapping[str, bytes], release: Release, *, program: str) -> None:
        _check(release)
        self._files, self._release, self._program = files, release, program
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="optral-helm-")))
        try:
            for path, content in self._files.items():
                self._write(f"chart/{path}", content)
        except (OSError, ValueError):
            self._stack.close()
            raise CannotEdit("The files of the chart cannot be laid out in a folder") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def render(self, values: Values, *, defaults: str | None = None) -> Objects:
        """The objects that the chart makes of these values. `defaults`: its `values.yaml` from now on.

        Raises `CannotEdit` with the message of Helm, or when a limit ends it.
        """
        if defaults is not None:
            self._write("chart/values.yaml", defaults.encode())
        for number, text in enumerate(values.files):
            self._write(f"values-{number}.yaml", text.encode())
        return _objects(self._run(self._words(values)), self._release.namespace)

    def _write(self, path: str, content: bytes) -> None:
        target = self._home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def _words(self, values: Values) -> list[str]:
        """The command; every option with its value in one word, and names behind `--`, so that no text becomes an option."""
        release = self._release
        words = [self._program, "template", f"--namespace={release.namespace}"]
        words += [f"--kube-version={release.kube_version}"] if release.kube_version else []
        words += [f"--api-versions={version}" for version in release.api_versions]
        words += [f"--values=values-{number}.yaml" for number in range(len(values.files))]
        words += [f"--set={one}" for one in values.set] + [f"--set-string={one}" for one in values.set_string]
        return [*words, "--", release.name, "./chart"]

    def _run(self, words: Sequence[str]) -> str:
        home = str(self._home)
        environment = {"HOME": home, "PATH": os.defpath, "KUBECONFIG": os.devnull, "GOMAXPROCS": "1", "GOMEMLIMIT": "512MiB"}
        with (self._home / "out").open("w+b") as out, (self._home / "err").open("w+b") as err:
            process = subprocess.Popen(  # noqa: S603 - our own words; the chart is data
                words, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
            try:
                _limit(process.pid)
                code = process.wait(RENDER_S)
            except subprocess.TimeoutExpired:
                raise CannotEdit(f"Helm did not render the chart within {RENDER_S:.0f} seconds") from None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if code < 0:
                raise CannotEdit("Helm was ended while it rendered the chart: it needs more time, memory or output than is allowed")
            if code != 0:
                raise CannotEdit(f"Helm cannot render the chart: {_message(_content(err))}")
            if (self._home / "out").stat().st_size >= MAX_OUTPUT_BYTES:  # the rest is cut off without an error
                raise CannotEdit(f"The chart renders more than {MAX_OUTPUT_BYTES // 2**20} MiB")
            return _content(out)


def _check(release: Release) -> None:
    if not _NAME.fullmatch(release.name) or not _NAME.fullmatch(release.namespace):
        raise CannotEdit(f"{release.name[:60]!r} in {release.namespace[:60]!r} is no name of a Helm release and its namespace")
    if release.kube_version and not _VERSION.fullmatch(release.kube_version):
        raise CannotEdit(f"{release.kube_version[:60]!r} is no version of Kubernetes")
    if wrong := [version for version in release.api_versions if not _API.fullmatch(version)]:
        raise CannotEdit(f"{wrong[0][:60]!r} is no API version")


def _limit(pid: int) -> None:
    """Limits for a process that has just started; Helm needs longer than this to read its options."""
    if hasattr(resource, "prlimit"):  # Linux
        with suppress(ProcessLookupError):
            for what, most in _LIMITS:
                resource.prlimit(pid, what, (most, most))


def _content(file: Any) -> str:
    file.seek(0)
    raw: bytes = file.read(MAX_OUTPUT_BYTES)
    return raw.decode(errors="replace")


def _message(text: str) -> str:
    """The line that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = next((line for line in lines if line.startswith("Error:")), lines[-1] if lines else "no message")
    return found.removeprefix("Error:").strip()[:MAX_MESSAGE]


def _objects(text: str, namespace: str) -> Objects:
    try:
        manifest.check_size(yaml.compose_all(text, Loader=yamls.LOADER))
        read = list(yaml.load_all(text, Loader=yamls.LOADER))
    except (yaml.YAMLError, RecursionError, ValueError):
        raise CannotEdit("The chart renders what is no YAML") from None
    found: dict[Target, Mapping[str, Any]] = {}
    for one in read:
        metadata = one.get("metadata") if isinstance(one, dict) else None
        if isinstance(metadata, dict):
            target = Target(str(one.get("kind", "")), str(metadata.get("namespace") or namespace), str(metadata.get("name", "")))
            found[target] = one
    return found
