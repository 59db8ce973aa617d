"""All that the API tells about an issue, in one zip file."""

import asyncio
import json
import zipfile
from pathlib import Path

import httpx2
import pytest

from optral.client import bundle
from optral.client.client import Client
from optral.client.errors import ClientError
from optral.store.store import Store
from tests.api.conftest import running
from tests.api.issues import test_captured
from tests.cli.test_commands import optral
from tests.support.clock import FakeClock

ISSUE = "iss_01h455vb4pex5vsknk084sn02q"


async def test_a_bundle_has_what_the_server_tells_about_an_issue(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    async with running(store, clock) as api:
        issue_id, _ = await test_captured.captured(api)
        target = tmp_path / "oom.zip"
        words = ("issues", "bundle", issue_id, "--file", str(target))
        done = await asyncio.to_thread(optral, *words, url=api.url, key=api.key)
        assert done.returncode == 0, done.stderr
        again = await asyncio.to_thread(optral, *words, url=api.url, key=api.key)
        assert again.returncode == 2 and "exists; name a new file" in again.stderr
    with zipfile.ZipFile(target) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"README.md", "issue.json", "analyses.json", "activity.json", "captured.json", "similar.json", "executions.json"} <= set(files)
    assert json.loads(files["issue.json"])["id"] == issue_id
    assert "OutOfMemoryError" in files["captured.json"]
    assert target.stat().st_mode & 0o077 == 0, "only its owner reads it"


def client(nodes: list[dict[str, str]], *, refused: str = "", status: int = 403) -> Client:
    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if refused and refused in path:
            return httpx2.Response(status, json={"code": "scope_missing", "detail": "this key lacks the scope logs:read"})
        whole = {"id": ISSUE, "type": "OOMKilled", "severity": "high", "status": "open", "cluster": "demo", "resource": "web-1"}
        whole |= {"kind": "Pod", "name": "web-1"}
        return httpx2.Response(200, json=whole | ({"nodes": nodes} if path.endswith("/topology") else {}))

    return Client("http://127.0.0.1", "mht_key", transport=httpx2.MockTransport(answer))


def node(number: int, name: str = "web") -> dict[str, str]:
    return {"kind": "Pod", "name": name, "resourceId": f"res_{number}"}


def test_what_may_not_be_read_is_listed_with_the_reason() -> None:
    with client([], refused="/captured") as made:
        _, found = bundle.collect(made, ISSUE)
    assert {one.name: one.missing for one in found if one.missing} == {"captured.json": "this key lacks the scope logs:read"}


@pytest.mark.parametrize("status", [401, 429])
def test_a_bundle_that_would_be_empty_or_incomplete_is_not_written(status: int) -> None:
    with client([], refused="/activity", status=status) as made, pytest.raises(ClientError):
        bundle.collect(made, ISSUE)


def test_names_from_a_cluster_stay_in_their_folder_and_objects_are_limited() -> None:
    with client([node(number, "../../etc/passwd\n") for number in range(bundle.MAX_OBJECTS + 3)]) as made:
        _, found = bundle.collect(made, ISSUE)
    assert all(".." not in one.name and "\n" not in one.name for one in found)
    assert found[-1].missing == f"3 more objects are left out; a bundle has at most {bundle.MAX_OBJECTS}"


def test_a_bundle_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 300)
    with client([]) as made:
        _, found = bundle.collect(made, ISSUE)
    assert any("limited" in one.missing for one in found)
