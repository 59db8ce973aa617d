"""The agent's Helm chart, as this server hands it out: clusters without access to the internet install from here.

The wheel holds the chart's files (`optral/charts`); a checkout has them in `charts/`.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

import optral
from optral.kit import tarballs

NAME = "optral-agent"
FOLDER = "/charts"


@dataclass(frozen=True, slots=True)
class Archive:
    """One chart as Helm downloads it; `sha256` is in hexadecimal digits."""

    name: str
    content: bytes
    sha256: str
    chart: dict[str, Any]


def url(public_url: str) -> str:
    """Where Helm downloads the chart of this version."""
    return f"{public_url.rstrip('/')}{FOLDER}/{file_name()}"


def file_name() -> str:
    return f"{NAME}-{optral.__version__}.tgz"


@cache
def archive() -> Archive:
    """The chart of this version, packed once for each process."""
    folder = source()
    content = tarballs.pack(folder, root=NAME)
    chart = yaml.safe_load((folder / "Chart.yaml").read_text())
    return Archive(file_name(), content, hashlib.sha256(content).hexdigest(), chart)


def index() -> bytes:
    """`index.yaml` of a Helm repository with this one chart, for Argo CD, Flux and `helm repo add`."""
    packed = archive()
    entry = {**packed.chart, "urls": [packed.name], "digest": packed.sha256}
    return yaml.safe_dump({"apiVersion": "v1", "entries": {NAME: [entry]}}, sort_keys=False).encode()


def source() -> Traversable:
    """The folder of the chart's files."""
    packaged = files("optral") / "charts" / NAME
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "charts" / NAME
