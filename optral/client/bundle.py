"""Everything that the API tells about an issue, as files for a ticket or for a person without access to the server.

Each file is what the API returned to the caller. The agent redacts objects and logs in the cluster, before they reach the server.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec

import optral
from optral.client.client import Client
from optral.client.errors import ClientError
from optral.client.http import Answer

MAX_OBJECTS = 25
MAX_BYTES = 64 * 1024 * 1024
"""Of all files together, before they are compressed."""
_PASSED_ON = frozenset({0, 401, 429})
"""Without a server or a valid key, nothing can be read. A limit ends at some time, so an incomplete bundle would mislead."""


class File(NamedTuple):
    """One file of the bundle; without content, `missing` says why."""

    name: str
    content: bytes
    missing: str = ""


def collect(client: Client, issue_id: str) -> tuple[bytes, list[File]]:
    """A zip archive, and its files without the README. Raises `ClientError` if the issue itself cannot be read."""
    found: list[File] = []
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in _files(client, issue_id):
            kept = one if sum(len(file.content) for file in found) + len(one.content) <= MAX_BYTES else _left_out(one)
            found.append(kept)
            if not kept.missing:
                archive.writestr(kept.name, kept.content)
        archive.writestr("README.md", _read_me(issue_id, found))
    return target.getvalue(), found


def _left_out(one: File) -> File:
    return File(one.name, b"", f"left out: the bundle is limited to {MAX_BYTES // 2**20} MiB")


def _files(client: Client, issue_id: str) -> Iterator[File]:
    issue = client.issues.get(issue_id).raw
    yield File("issue.json", _readable(issue))
    id_ = msgspec.json.decode(issue)["id"]
    yield _file("analyses.json", lambda: client.issues.analyses(id_))
    yield _file("activity.json", lambda: client.issues.activity(id_))
    yield _file("captured.json", lambda: client.issues.captured(id_))
    yield _file("similar.json", lambda: client.issues.similar(id_))
    yield _file("executions.json", lambda: client.executions.list(issue=id_))
    topology = _file("topology.json", lambda: client.issues.topology(id_))
    yield topology
    if not topology.missing:
        yield from _objects(client, msgspec.json.decode(topology.content).get("nodes") or [])


def _objects(client: Client, nodes: list[dict[str, Any]]) -> Iterator[File]:
    known = [node for node in nodes if node.get("resourceId")]
    for number, node in enumerate(known[:MAX_OBJECTS], 1):
        folder, id_ = f"objects/{number:02d}-{_plain(node['kind'])}-{_plain(node['name'])}", node["resourceId"]
        for name, read in (("object", client.resources.get), ("events", client.resources.events), ("history", client.resources.history)):
            yield _file(f"{folder}/{name}.json", partial(read, id_))
    if len(known) > MAX_OBJECTS:
        yield File("objects", b"", f"{len(known) - MAX_OBJECTS} more objects are left out; a bundle has at most {MAX_OBJECTS}")


def _plain(name: str) -> str:
    """A part of a file name: what Kubernetes allows in names, and nothing that leads out of a folder."""
    return "".join(one if one.isascii() and (one.isalnum() or one == "-") else "_" for one in name)[:100]


def _file(name: str, read: Callable[[], Answer[Any]]) -> File:
    try:
        return File(name, _readable(read().raw))
    except ClientError as error:
        if error.status in _PASSED_ON:
            raise
        return File(name, b"", error.say)


def _readable(raw: bytes) -> bytes:
    return msgspec.json.format(raw, indent=2) + b"\n"


def _read_me(issue_id: str, found: list[File]) -> str:
    lines = [
        f"# Issue {issue_id}",
        "",
        f"Written by Optral {optral.__version__}. Each file is a response of the API to the person or key that wrote this bundle.",
        "Secrets are not in it: the agent redacts objects and logs before they leave the cluster. Check the content before you share it.",
        "",
        "| File | Content |",
        "|---|---|",
        *(f"| {one.name} | {one.missing or f'{len(one.content):,} bytes'} |" for one in found),
    ]
    return "\n".join(lines) + "\n"
