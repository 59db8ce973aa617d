"""The fault loops of the soak with a fixed seed and few rounds."""

import asyncio
from pathlib import Path

import pytest

from lab.soak import ages, crowd, executions, frozen, proposals, replicas, rotation, scale
from lab.soak.runs import Damage, kill_rounds

pytestmark = pytest.mark.slow


def test_a_server_killed_during_ingest_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill_rounds(tmp_path / "optral", rounds=3, seed=7) == [Damage(0, 0)] * 3


def test_a_rotation_goes_on_after_the_server_was_killed_in_each_phase(tmp_path: Path) -> None:
    (outcome,) = rotation.rounds(tmp_path / "optral", agents=2, walks=["rotation"], kills=[True])
    assert outcome.is_good, outcome


def test_an_execution_that_is_killed_changes_the_cluster_once(tmp_path: Path) -> None:
    found = list(executions.rounds(tmp_path, victims=executions.KILLED, seed=5))
    assert [(one.execution, one.fault) for outcomes in found for one in outcomes if one.fault] == []
    assert any(one.status == "succeeded" for outcomes in found for one in outcomes)


def test_a_server_killed_while_it_opens_a_pull_request_opens_it_once(tmp_path: Path) -> None:
    found = list(proposals.rounds(tmp_path / "optral", kills=2, seed=3))
    assert [one.fault for one in found] == [""] * len(found)


def test_a_frozen_server_makes_no_other_refuse_and_tells_the_truth() -> None:
    with frozen.database() as url:
        found = asyncio.run(frozen.freezes(url, rounds=1))
    assert [(one.refused, one.fault) for one in found] == [(0, "")]


def test_two_servers_see_what_the_other_did(tmp_path: Path) -> None:
    with frozen.database() as url:
        found = replicas.delays(tmp_path / "pair", url, rounds=3)
    assert all(vars(found).values())


def test_a_crowd_of_strangers_shuts_nobody_out(tmp_path: Path) -> None:
    few = {"OPTRAL_CONNECTIONS_PER_ADDRESS": "16", "OPTRAL_AGENT_CONNECTIONS_PER_ADDRESS": "16"}
    found = list(crowd.crowds(tmp_path, count=60, kinds=("half",), hold_s=1, looks=20, settings=few))
    assert [(one.listener, one.fault) for one in found] == [("api", ""), ("api", ""), ("enroll", ""), ("tunnel", "")]


def test_heads_without_end_leave_the_memory_as_it_was(tmp_path: Path) -> None:
    found = list(crowd.heads(tmp_path, mib=(24, 24, 24)))
    assert [one.what for one in found if one.grew_mib > crowd.MOST_GROWTH_MIB] == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_each_list_is_measured_on_a_young_and_on_an_old_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    monkeypatch.setattr(ages, "YOUNG", 5000)
    found = ages.compare(tmp_path, engine, rows=10_000, requests=1)
    assert [(len(one.young), len(one.old)) for one in found] == [(1, 1)] * (len(ages.PATHS) + len(ages.REPLAYS))


def test_every_cluster_of_many_becomes_live_and_has_its_issues(tmp_path: Path) -> None:
    found = scale.fill(tmp_path / "optral", clusters=4, pods=300, failing_every=50)
    assert found.issues > 0
    assert found.list_p99_ms > 0


def test_every_agent_returns_after_the_server_was_killed(tmp_path: Path) -> None:
    found = scale.come_back(tmp_path / "optral", agents=12)
    assert found.most_dials <= scale.MOST_DIALS
