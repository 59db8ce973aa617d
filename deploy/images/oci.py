"""Layers, configuration and manifest of an image, and one archive that containerd, Docker, Podman and registry tools read.

The archive is an OCI image layout, with Docker's `manifest.json` beside it. Source: OCI image specification 1.1.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.images.recipe import ENTRYPOINT, ENV, UID, Image, machine

_OCI = "application/vnd.oci.image"


@dataclass(frozen=True, slots=True)
class Layer:
    """A compressed layer; `diff_id` is the digest of what it unpacks to."""

    blob: bytes
    diff_id: str
    comment: str


@dataclass(frozen=True, slots=True)
class Built:
    """One image as it lies in `archive`; `digest` is that of its manifest, by which registries know it."""

    reference: str
    digest: str
    compressed_bytes: int
    archive: Path


def layer(root: Path, comment: str, *, owner: Callable[[str], int] = lambda _name: 0) -> Layer:
    """The files below `root` in a fixed order, without times, names of owners or odd modes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).parts):
            name = str(path.relative_to(root))
            info = tarfile.TarInfo(name)
            info.uid = info.gid = owner(name)
            info.mtime = 0
            if path.is_symlink():
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
                tar.addfile(info)
            elif path.is_dir():
                info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
                tar.addfile(info)
            else:
                content = path.read_bytes()
                info.size, info.mode = len(content), 0o755 if path.stat().st_mode & 0o100 else 0o644
                tar.addfile(info, io.BytesIO(content))
    plain = out.getvalue()
    return Layer(gzip.compress(plain, 6, mtime=0), _digest(plain), comment)


def write(image: Image, layers: list[Layer], *, version: str, created: str, revision: str, folder: Path) -> Built:
    """Write the archive of an image."""
    config = _json(_config(image, layers, version=version, created=created, revision=revision))
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_OCI}.manifest.v1+json",
            "config": _descriptor(f"{_OCI}.config.v1+json", config),
            "layers": [_descriptor(f"{_OCI}.layer.v1.tar+gzip", one.blob) for one in layers],
        }
    )
    reference = f"{image.name}:{version}"
    entry = _descriptor(f"{_OCI}.manifest.v1+json", manifest)
    entry["platform"] = {"architecture": machine().oci, "os": "linux"}
    # The name that nodes make of a reference without a registry.
    entry["annotations"] = {"io.containerd.image.name": f"docker.io/library/{reference}", "org.opencontainers.image.ref.name": version}
    blobs = {_digest(blob).partition(":")[2]: blob for blob in (config, manifest, *(one.blob for one in layers))}
    docker = [
        {
            "Config": _blob_path(config),
            "RepoTags": [reference],
            "Layers": [_blob_path(one.blob) for one in layers],
        }
    ]
    files = {
        **{f"blobs/sha256/{name}": blob for name, blob in sorted(blobs.items())},
        "index.json": _json({"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": [entry]}),
        "manifest.json": _json(docker),
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
    }
    archive = folder / f"{image.name}-{version}-{machine().oci}.tar"
    _write_archive(archive, files)
    return Built(reference, _digest(manifest), len(config) + len(manifest) + sum(len(one.blob) for one in layers), archive)


def _config(image: Image, layers: list[Layer], *, version: str, created: str, revision: str) -> dict[str, Any]:
    labels = {
        "org.opencontainers.image.title": image.title,
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "Apache-2.0",
        **({"org.opencontainers.image.revision": revision} if revision else {}),
    }
    env = {**ENV, **dict(image.env)}
    config: dict[str, Any] = {
        "User": f"{UID}:{UID}",
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Entrypoint": list(ENTRYPOINT),
        "Cmd": list(image.command),
        "WorkingDir": "/",
        "Labels": labels,
        "StopSignal": "SIGTERM",
    }
    if image.ports:
        config["ExposedPorts"] = {f"{port}/tcp": {} for port in image.ports}
    return {
        "created": created,
        "architecture": machine().oci,
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in layers]},
        "history": [{"created": created, "created_by": "make image", "comment": one.comment} for one in layers],
    }


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _blob_path(blob: bytes) -> str:
    return "blobs/" + _digest(blob).replace(":", "/")


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("blobs", "blobs/sha256"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    unfinished.rename(path)
