"""How long the same runbook waits before it changes the same object again."""

from datetime import timedelta

import pytest

from optral.runbooks import model
from tests.support.clock import NOON


@pytest.mark.parametrize(
    ("finished_s_ago", "waits_s"),
    [
        pytest.param(0, 600, id="just now"),
        pytest.param(590, 10, id="nearly over"),
        pytest.param(600, 0, id="over"),
        pytest.param(-30, 630, id="another replica's clock is a little ahead"),
        pytest.param(-3600, 0, id="written before the clock was set back: nobody waits an hour"),
        pytest.param(None, 0, id="never ran"),
    ],
)
def test_a_cooldown_ends(finished_s_ago: float | None, waits_s: float) -> None:
    finished_at = None if finished_s_ago is None else NOON - timedelta(seconds=finished_s_ago)
    assert model.due_cooldown(finished_at, 600, NOON) == waits_s
