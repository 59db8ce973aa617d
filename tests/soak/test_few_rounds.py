"""The fault loops of the soak with a fixed seed and few rounds."""

from pathlib import Path

import pytest

from tests.soak import executions
from tests.soak.runs import Damage, kill_rounds

pytestmark = pytest.mark.slow


def test_a_server_killed_during_ingest_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "optral", rounds=3, seed=7) == [Damage(0, 0)] * 3


def test_an_execution_that_is_killed_changes_the_cluster_once(tmp_path: Path) -> None:
    outcomes = executions.rounds(tmp_path, count=3, seed=5)
    assert [one.fault for one in outcomes] == [""] * 3
