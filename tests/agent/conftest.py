"""Fixtures of the agent's tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml

from optral.agent.main import AgentOptions
from optral.kube.kinds import BY_ID
from tests.agent import controlplane, kubeworld
from tests.agent.controlplane import TOKEN, ControlPlane
from tests.support import faultapi, kubedouble
from tests.support.changes import furnish
from tests.support.faultapi import FaultApi
from tests.support.kubeapi import RealApi, real_api
from tests.support.kubedouble import KubeDouble

__all__ = ["real_api"]


@pytest.fixture
async def plane() -> AsyncIterator[ControlPlane]:
    async with controlplane.serving() as plane:
        yield plane


@pytest.fixture
async def api() -> AsyncIterator[FaultApi]:
    async with faultapi.serving() as api:
        yield api


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield


@pytest.fixture
def options(plane: ControlPlane, api: FaultApi, tmp_path: Path) -> AgentOptions:
    kubeconfig = tmp_path / "kubeconfig"
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": api.access.server}}],
        "contexts": [{"name": "c", "context": {"cluster": "c"}}],
    }
    kubeconfig.write_text(yaml.safe_dump(config))
    return AgentOptions(
        metrics=False,
        log_signs=False,
        server_url=plane.url,
        ca_pin=plane.pin,
        token=TOKEN,
        kubeconfig=kubeconfig,
        state_dir=tmp_path / "state",
        kinds=(BY_ID["Pod"],),
        discovers=False,  # the API server with faults counts its requests
    )


@pytest.fixture
async def world(real_api: RealApi) -> AsyncIterator[kubeworld.World]:
    async with kubeworld.opened(real_api) as made:
        yield made


@pytest.fixture
async def double() -> AsyncIterator[KubeDouble]:
    async with kubedouble.serving() as made:
        furnish(made)
        yield made
