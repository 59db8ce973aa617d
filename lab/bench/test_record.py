"""The recorded figures: what is compared, and that the page is what they say."""

import json
from pathlib import Path

import pytest

from lab.bench import record
from lab.bench.rows import Row


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "FIGURES", tmp_path / "figures.json")
    monkeypatch.setattr(record, "PAGE", tmp_path / "performance.md")
    record.save([row("cost", 100, ratio=2.0), row("rate", 1000, unit="/s"), row("time", 10)], busy=0.0, runs=3)


def row(what: str, figure: float, *, unit: str = "us", ratio: float | None = None) -> Row:
    return Row(what, figure, unit, "-", None, ratio=ratio)


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("now", "is_loss"),
    [
        pytest.param(row("cost", 300, ratio=2.1), False, id="a slower machine with the same ratio"),
        pytest.param(row("cost", 100, ratio=2.4), True, id="a higher ratio"),
        pytest.param(row("rate", 900, unit="/s"), False, id="a rate within 15 per cent"),
        pytest.param(row("rate", 800, unit="/s"), True, id="a lower rate"),
        pytest.param(row("rate", 2000, unit="/s"), False, id="a higher rate"),
        pytest.param(row("time", 12), True, id="a longer time without a baseline"),
        pytest.param(row("new", 12), False, id="a figure that was never recorded"),
    ],
)
def test_a_figure_that_is_worse_is_a_loss(now: Row, is_loss: bool) -> None:
    assert bool(record.losses([now])) is is_loss


@pytest.mark.usefixtures("recorded")
def test_figures_of_another_machine_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "machine", lambda: {"cpu": "another"})
    assert record.losses([row("cost", 100, ratio=20.0)]) == []


@pytest.mark.usefixtures("recorded")
def test_a_run_of_some_rows_keeps_the_others() -> None:
    record.save([row("time", 11)], busy=0.0, runs=3)
    assert {one["what"]: one["figure"] for one in record.read()["rows"]} == {"cost": 100, "rate": 1000, "time": 11}


def test_the_page_is_made_from_the_recorded_figures() -> None:
    if record.FIGURES.exists():
        assert record.PAGE.read_text() == record.document()
        assert json.loads(record.FIGURES.read_text())["rows"]
