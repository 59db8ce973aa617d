"""The demo cluster as a whole: what it writes works from wherever it was started."""

from pathlib import Path

import pytest

from optral.demo import cluster
from optral.kubeapi import credentials

pytestmark = pytest.mark.slow  # a whole demo


async def test_a_relative_folder_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kubeconfig names its certificate, and such a name counts from the kubeconfig's own folder."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    async with cluster.running(Path("data")) as demo:
        assert credentials.load(demo.kubeconfig, environment={}).server == demo.url
        assert credentials.load(Path("data/kubeconfig.yaml"), environment={}).server == demo.url
