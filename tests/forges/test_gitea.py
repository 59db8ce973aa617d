"""The contract of the APIs against a real Gitea: what the forge in memory stands in for is so."""

import gzip
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from optral.forges.api import Api, Commit, FileChange
from optral.forges.connect import api_of
from optral.forges.model import ForgeError
from optral.kit.outbound_http import HttpCaller
from tests.forges.fakes import REPOSITORY
from tests.forges.gitea import OWNER, Gitea
from tests.forges.values import forge_of
from tests.setup import gitea as program

pytestmark = pytest.mark.slow  # starts a server

PATH, BEFORE, AFTER = "overlays/prod/memory.yaml", "memory: 128Mi # of each pod\n", "memory: 256Mi # of each pod\n"
BRANCH = "optral/exe_1"


@pytest.fixture
async def gitea(tmp_path: Path) -> AsyncIterator[Gitea]:
    if not program.PROGRAM.exists():
        pytest.skip("Gitea is not here: python -m tests.setup gitea")
    one = Gitea(tmp_path / "gitea")
    try:
        await one.open()
        yield one
    finally:
        await one.close()


@pytest.fixture
async def caller() -> AsyncIterator[HttpCaller]:
    made = HttpCaller(private=[ipaddress.ip_network("127.0.0.0/8")])
    yield made
    await made.close()


async def _commit(api: Api, before: str = BEFORE) -> None:
    head = await api.head(REPOSITORY, "main")
    assert head is not None
    await api.commit(REPOSITORY, Commit("main", head, BRANCH, "Raise the memory limit", [FileChange(PATH, before, AFTER)]))


async def test_a_pull_request_is_opened_merged_and_found_in_what_was_synced(gitea: Gitea, caller: HttpCaller) -> None:
    api = api_of(forge_of(url=gitea.url), gitea.token, caller)
    assert await api.account() == OWNER
    assert await api.facts(REPOSITORY) == ("main", True, False)
    old = await gitea.write("main", {PATH: BEFORE})
    assert await api.head(REPOSITORY, "main") == old and await api.head(REPOSITORY, "release/1.2") is None
    assert PATH.encode() in gzip.decompress(await api.archive(REPOSITORY, old))
    assert await api.find(REPOSITORY, base="main", branch=BRANCH) is None

    with pytest.raises(ForgeError) as changed:
        await _commit(api, "memory: 64Mi\n")  # somebody else changed the file since it was read
    assert changed.value.code == "refused_by_forge" and await api.head(REPOSITORY, BRANCH) is None
    await _commit(api)
    with pytest.raises(ForgeError) as twice:
        await _commit(api)
    assert twice.value.code == "refused_by_forge"
    made = await api.open(REPOSITORY, base="main", branch=BRANCH, title="Raise the memory limit", body="because")
    assert made.is_open and made.url == f"{gitea.url}/{REPOSITORY}/pulls/{made.number}"
    assert await api.find(REPOSITORY, base="main", branch=BRANCH) == made

    await gitea.merge(made.number)
    merged = await api.look(REPOSITORY, made.number)
    assert merged.is_merged and not merged.is_open and merged.merge_commit == await api.head(REPOSITORY, "main")
    later = await gitea.write("main", {"README.txt": "more\n"})
    contained = [await api.contains(REPOSITORY, revision=one, commit=merged.merge_commit) for one in (merged.merge_commit, later, old)]
    assert contained == [True, True, False]
    assert not await api.contains(REPOSITORY, revision="f" * 40, commit=merged.merge_commit)
    assert await api.find(REPOSITORY, base="main", branch=BRANCH) == merged


async def test_a_pull_request_is_closed_and_a_bad_token_is_said_to_be_bad(gitea: Gitea, caller: HttpCaller) -> None:
    api = api_of(forge_of(url=gitea.url), gitea.token, caller)
    await gitea.write("main", {PATH: BEFORE})
    await _commit(api)
    made = await api.open(REPOSITORY, base="main", branch=BRANCH, title="Raise the memory limit", body="because")
    await api.close(REPOSITORY, made.number)
    closed = await api.find(REPOSITORY, base="main", branch=BRANCH)
    assert closed is not None and (closed.is_open, closed.is_merged, closed.merge_commit) == (False, False, "")
    with pytest.raises(ForgeError, match="does not accept the token"):
        await api_of(forge_of(url=gitea.url), "0" * 40, caller).account()
    with pytest.raises(ForgeError, match="does not show this"):
        await api.facts("shop/elsewhere")
