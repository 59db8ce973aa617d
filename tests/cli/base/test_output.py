"""What tables show people: ages as kubectl writes them, ids whole."""

import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from rich.console import Console

from optral.cli import issues
from optral.cli.base import output
from optral.cli.text.cells import affected

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (42, "42s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172_799, "47h"), (172_800, "2d"), (-5, "0s")],
)
def test_an_age_is_written_as_kubectl_does(seconds: int, shown: str) -> None:
    assert output.age((NOON - timedelta(seconds=seconds)).isoformat(), now=NOON) == shown


def test_what_is_no_time_is_shown_as_it_is() -> None:
    assert output.age("never") == "never"


def test_a_remark_moves_no_cursor_and_sets_no_title(capsys: pytest.CaptureFixture[str]) -> None:
    output.remark("About the issue: \x1b]0;owned\x07\x1b[2Jweb.\nAsk one of these:")
    assert capsys.readouterr().err == "About the issue:  ]0;owned  [2Jweb.\nAsk one of these:\n"


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


ISSUES = [
    output.Column("ID", "id", whole=True), output.Column("SEVERITY", "severity", whole=True), output.Column("STATUS", "status", whole=True),
    output.Column("CLUSTER", "cluster"), output.Column("TITLE", "title"),
]  # fmt: skip
RESOURCES = [
    output.Column("ID", "id", whole=True, spare=True), output.Column("KIND", "kind"), output.Column("CLUSTER", "cluster"),
    output.Column("NAMESPACE", "namespace"), output.Column("NAME", "name"), output.Column("AGE", "age"),
]  # fmt: skip
ROW = {
    "id": "iss_01h455vb4pex5vsknk084sn02q", "severity": "critical", "status": "acknowledged", "cluster": "production-eu", "age": "39d",
    "title": "Container catalog of Deployment shop/catalog ran out of memory and was killed", "kind": "PersistentVolumeClaim",
    "namespace": "shop", "name": "data-search-index-2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("width", "columns", "heads", "text"),
    [
        (200, ISSUES, ["ID", "SEVERITY", "STATUS", "CLUSTER", "TITLE"], "ran out of memory and was killed"),
        (80, ISSUES, ["ID", "SEVERITY", "TITLE"], "iss_01h455vb4pex5vsknk084sn02q  critical  Container catalog of Deployment shop/…"),
        (80, RESOURCES, ["KIND", "CLUSTER", "NAMESPACE", "NAME", "AGE"], "data-search-index-2  39d"),
        (30, RESOURCES, ["NAME", "AGE"], "data-search-index-2"),
    ],
)
def test_a_narrow_terminal_shows_a_few_columns_that_can_be_read(
    width: int,
    columns: list[output.Column],
    heads: list[str],
    text: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optral.cli.base.output.console", lambda **_: Console(width=width, highlight=False, markup=False))
    output.table(columns, [ROW])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == heads
    assert text in row
    assert max(len(head), len(row)) <= width


TRIAGE = [
    output.Column("SEVERITY", "severity", whole=True), output.Column("STATUS", "status", whole=True, usual="open"),
    output.Column("SINCE", "since", whole=True), output.Column("AFFECTS", "impact", whole=True, text=affected),
    output.Column("CLUSTER", "cluster", usual=output.SAME), output.Column("TITLE", "title", wraps=True),
    output.Column("CAUSE", "cause", below="TITLE"), output.STALE, output.Column("ID", "id", whole=True, spare=True),
]  # fmt: skip
OPEN = ROW | {
    "status": "open",
    "since": "26m",
    "cause": "The memory limit is too low for the workload",
    "impact": {"workloads": 5, "pods": 12},
}
ISSUE_LISTS = [
    pytest.param(
        80,
        [
            "SEVERITY  SINCE  TITLE",
            "critical  26m    Container catalog of Deployment shop/catalog ran out of memory",
            "                 and was killed",
            "                   cause: The memory limit is too low for the workload",
        ],
        id="80",
    ),
    pytest.param(
        140,
        [
            "SEVERITY  SINCE  AFFECTS               TITLE",
            "critical  26m    5 workloads, 12 pods  Container catalog of Deployment shop/catalog ran out of memory and was killed",
            "                                         cause: The memory limit is too low for the workload",
        ],
        id="140",
    ),
    pytest.param(
        200,
        [
            "SEVERITY  SINCE  AFFECTS               TITLE" + " " * 74 + "CAUSE" + " " * 41 + "ID",
            "critical  26m    5 workloads, 12 pods  Container catalog of Deployment shop/catalog ran out of memory and was killed"
            "  The memory limit is too low for the workload  iss_01h455vb4pex5vsknk084sn02q",
        ],
        id="200",
    ),
]


@pytest.mark.parametrize(("width", "lines"), ISSUE_LISTS)
def test_a_title_and_its_cause_are_whole_on_each_terminal(
    width: int, lines: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optral.cli.base.output.console", lambda **_: Console(width=width, highlight=False, markup=False))
    output.table(TRIAGE, [OPEN])
    shown = capsys.readouterr().out.splitlines()
    assert shown == lines
    assert max(map(len, shown)) <= width


def test_what_differs_between_rows_has_a_column(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optral.cli.base.output.console", lambda **_: Console(width=140, highlight=False, markup=False))
    output.table(TRIAGE, [OPEN, OPEN | {"status": "acknowledged", "cluster": "staging"}])
    assert capsys.readouterr().out.splitlines()[0].split() == ["SEVERITY", "STATUS", "SINCE", "AFFECTS", "CLUSTER", "TITLE"]


def test_a_narrow_terminal_shows_what_is_acknowledged_and_why_no_cause_is_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optral.cli.base.output.console", lambda **_: Console(width=80, highlight=False, markup=False))
    unknown = {"status": "acknowledged", "firstSeenAt": "26m", "causeUnknown": "Cause unknown; missing: log lines of container app"}
    output.table(issues.COLUMNS, [OPEN | {"cause": None, "firstSeenAt": "26m"}, ROW | unknown])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["SEVERITY", "STATUS", "SINCE", "TITLE"]
    assert "cause: unknown; missing: log lines" in "\n".join(lines)


def test_a_pipe_gets_each_column_that_has_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(TRIAGE, [OPEN])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["SEVERITY", "STATUS", "SINCE", "AFFECTS", "CLUSTER", "TITLE", "CAUSE", "ID"]
    assert OPEN["title"] in row and OPEN["cause"] in row and row.endswith(OPEN["id"])


@pytest.mark.parametrize(
    ("impact", "words"),
    [
        ({"workloads": 5, "pods": 12}, "5 workloads, 12 pods"),
        ({"workloads": 1, "pods": 2}, "2 pods"),
        ({"workloads": 1, "pods": 0}, "1 workload"),
        ({"workloads": 0, "pods": 0}, ""),
        (None, ""),
    ],
)
def test_what_an_issue_affects_in_a_few_words(impact: object, words: str) -> None:
    assert affected(impact) == words


def test_a_long_field_goes_on_below_its_beginning_and_what_is_copied_stays_whole(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [output.Column("REASON", "reason"), output.Column("KEY", "key"), output.Column("AGE", "createdAt", age=True)]
    with mock.patch.object(output, "console", lambda: Console(width=40, highlight=False, markup=False, soft_wrap=False)):
        reason = "the rollout breaks checkout for everybody in Europe"
        output.fields({"reason": reason, "key": "mht_" + "k" * 60, "createdAt": "2026-01-02T03:04:05Z"}, columns)
    assert capsys.readouterr().out.splitlines() == [
        "REASON   the rollout breaks checkout for",
        "         everybody in Europe",
        "KEY      mht_" + "k" * 60,
        "CREATED  2026-01-02T03:04:05Z",
    ]
