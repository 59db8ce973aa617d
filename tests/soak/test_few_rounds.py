"""The fault loops of the soak with a fixed seed and few rounds."""

import asyncio
from pathlib import Path

import pytest

from tests.soak import executions, frozen, replicas
from tests.soak.runs import Damage, kill_rounds

pytestmark = pytest.mark.slow


def test_a_server_killed_during_ingest_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "optral", rounds=3, seed=7) == [Damage(0, 0)] * 3


def test_an_execution_that_is_killed_changes_the_cluster_once(tmp_path: Path) -> None:
    outcomes = executions.rounds(tmp_path, count=3, seed=5)
    assert [one.fault for one in outcomes] == [""] * 3


def test_a_frozen_server_makes_no_other_refuse_and_tells_the_truth() -> None:
    with frozen.database() as url:
        found = asyncio.run(frozen.freezes(url, rounds=1))
    assert [(one.refused, one.fault) for one in found] == [(0, "")]


def test_two_servers_see_what_the_other_did(tmp_path: Path) -> None:
    with frozen.database() as url:
        found = replicas.delays(tmp_path / "pair", url, rounds=3)
    assert all(vars(found).values())
