"""The track record: what counts as verified, and what is honest with few runs."""

import pytest

from optral.runbooks import track
from optral.runbooks.model import ExecutionStatus
from optral.runbooks.track import Attempt, Record


def _ran(status: ExecutionStatus, verdict: str | None, *, seconds: float = 60, cause: str | None = None) -> Attempt:
    return Attempt("rbk_1", cause, status, verdict, seconds)


@pytest.mark.parametrize(
    ("one", "counts_as"),
    [
        pytest.param(_ran(ExecutionStatus.SUCCEEDED, "passed"), Record(runs=1, verified=1, median_s=60), id="verified"),
        pytest.param(_ran(ExecutionStatus.SUCCEEDED, "inconclusive"), Record(runs=1, inconclusive=1), id="inconclusive"),
        pytest.param(_ran(ExecutionStatus.SUCCEEDED, None), Record(runs=1, inconclusive=1), id="nothing to check"),
        pytest.param(_ran(ExecutionStatus.FAILED, "failed"), Record(runs=1, failed=1), id="did not help"),
        pytest.param(_ran(ExecutionStatus.FAILED, None), Record(runs=1, failed=1), id="a later step failed"),
        pytest.param(_ran(ExecutionStatus.LOST, None), Record(runs=1, inconclusive=1), id="unknown outcome"),
        pytest.param(_ran(ExecutionStatus.CANCELED, None), Record(runs=1, inconclusive=1), id="canceled after a change"),
    ],
)
def test_every_end_counts_once(one: Attempt, counts_as: Record) -> None:
    assert track.of([one])["rbk_1"].total == counts_as


def test_four_of_five_with_the_median_of_the_verified_ones() -> None:
    runs = [_ran(ExecutionStatus.SUCCEEDED, "passed", seconds=seconds) for seconds in (60, 120, 240, 600)]
    found = track.of([*runs, _ran(ExecutionStatus.FAILED, "failed", seconds=7200)])["rbk_1"].total
    assert (found.verified, found.runs, found.median_s) == (4, 5, 180)


def test_each_cause_has_its_own_record() -> None:
    runs = [
        _ran(ExecutionStatus.SUCCEEDED, "passed", cause="leak"),
        _ran(ExecutionStatus.FAILED, "failed", cause="limit"),
        _ran(ExecutionStatus.SUCCEEDED, "passed"),
    ]
    found = track.of(runs)["rbk_1"]
    assert found.total.runs == 3  # one of an issue without an explanation
    assert {cause: (one.verified, one.runs) for cause, one in found.by_cause.items()} == {"leak": (1, 1), "limit": (0, 1)}


def test_a_runbook_that_was_not_run_has_no_record() -> None:
    assert track.of([]) == {}
