"""What tables show people: ages as kubectl writes them, ids whole."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from optral.cli import output

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (42, "42s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_799, "47h"), (172_800, "2d"), (-5, "0s")],
)
def test_an_age_is_written_as_kubectl_does(seconds: int, shown: str) -> None:
    assert output.age((NOON - timedelta(seconds=seconds)).isoformat(), now=NOON) == shown


def test_what_is_no_time_is_shown_as_it_is() -> None:
    assert output.age("never") == "never"


CURRENT, OLD = {"id": "res_1", "stale": False}, {"id": "res_2", "stale": True}


@pytest.mark.parametrize(
    ("format", "rows", "heads"),
    [
        (output.Format.TABLE, [CURRENT, CURRENT], ["ID"]),
        (output.Format.TABLE, [CURRENT, OLD], ["ID", "STALE"]),
        (output.Format.WIDE, [CURRENT], ["ID", "STALE"]),
    ],
)
def test_the_column_of_old_data_is_left_out_while_all_rows_are_current(
    format: output.Format, rows: list[dict[str, object]], heads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    output.show(json.dumps({"items": rows}).encode(), format, columns=[output.Column("ID", "id"), output.STALE], rows="items")
    assert capsys.readouterr().out.splitlines()[0].split() == heads
