"""`--watch` prints what changed, and only that."""

import json
import threading
from collections.abc import Iterator

import pytest

from optral.cli.base import options, output, watching
from optral.cli.base.output import Column
from optral.client.errors import ClientError
from tests.cli.base.test_refs import commands

COLUMNS = (Column("ID", "id"), Column("STATUS", "status"))
OPEN, RESOLVED = {"id": "iss_1", "status": "open"}, {"id": "iss_1", "status": "resolved"}
OTHER = {"id": "iss_2", "status": "open"}


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("table", "ID     STATUS  CHANGE\niss_1  open\niss_1  resolved  status open -> resolved\n"),
        ("name", "iss_1\niss_1\n"),
        ("jsonpath={.issues[*].status}", "open\nresolved\n"),
    ],
)
def test_what_changed_is_printed_and_the_head_once(capsys: pytest.CaptureFixture[str], out: str, expected: str) -> None:
    looks = iter([[OPEN], [OPEN], [RESOLVED], [RESOLVED]])
    with output.only_changes():
        for answer in looks:
            raw = json.dumps({"issues": answer, "total": 1}).encode()
            output.show(raw, options.read_format(out), columns=COLUMNS, rows="issues")
    assert capsys.readouterr().out == expected


def test_an_object_that_is_new_comes_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with output.only_changes():
        for rows in ([OPEN], [OTHER, OPEN]):
            output.show(json.dumps({"issues": rows, "total": 2}).encode(), options.NAMED["name"], columns=COLUMNS, rows="issues")
    assert capsys.readouterr().out == "iss_1\niss_2\n"


def test_a_row_says_what_changed_came_and_went(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("ID", "id"), Column("SEVERITY", "severity"), Column("AGE", "at", age=True), output.STALE)
    one, two = {"id": "iss_1", "severity": "medium", "count": 1}, {"id": "iss_2", "severity": "low"}
    looks = [
        [one],
        [one | {"count": 2}],  # shows in no column
        [one | {"severity": "high"}, two],
        [one | {"severity": "high"}],
        [one | {"severity": "high", "stale": True}, two | {"substatus": "regressed"}],
    ]
    with output.only_changes():
        for rows in looks:
            raw = json.dumps({"issues": rows, "total": len(rows)}).encode()
            output.show(raw, options.NAMED["table"], columns=columns, rows="issues")
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "ID SEVERITY AGE CHANGE",
        "iss_1 medium",
        "iss_1 high severity medium -> high",
        "iss_2 low new",
        "iss_2 low no longer listed",
        "iss_1 high out of date yes",
        "iss_2 low reopened",
    ]


def test_one_object_is_printed_again_when_it_differs(capsys: pytest.CaptureFixture[str]) -> None:
    with output.only_changes():
        for item in (OPEN, OPEN, RESOLVED):
            output.show_one(json.dumps(item).encode(), options.NAMED["table"], columns=COLUMNS)
    assert capsys.readouterr().out.split() == ["ID", "iss_1", "STATUS", "open", "ID", "iss_1", "STATUS", "resolved"]


def test_events_that_arrive_together_lead_to_one_look() -> None:
    looks: list[int] = []

    def until_all_have_arrived(_: float) -> None:
        for thread in threading.enumerate():
            if thread.name == "watch":
                thread.join()

    watching.run(lambda: looks.append(1), iter(range(1000)), sleep=until_all_have_arrived)
    assert 2 <= len(looks) <= 3, "at the start, after the events, and at the end"


def test_a_server_that_is_away_is_looked_at_again() -> None:
    answers = iter([None, ClientError("unreachable", say="away"), None, None, None, None])
    looks: list[object] = []

    def show() -> None:
        looks.append(answer := next(answers))
        if answer is not None:
            raise answer

    watching.run(show, iter([1]), sleep=lambda _: None)
    assert len(looks) >= 2


def test_a_stream_that_is_refused_ends_the_command() -> None:
    def events() -> Iterator[int]:
        yield 1
        raise ClientError("missing_scope", say="this API key lacks events:read", status=403)

    with pytest.raises(ClientError, match="events:read"):
        watching.run(lambda: None, events(), sleep=lambda _: None)


def test_lists_and_objects_with_events_can_be_watched() -> None:
    watched = {name for name, command in commands().items() if "--watch" in [flag for param in command.params for flag in param.opts]}
    assert watched == {f"{group} {verb}" for group in ("issues", "clusters", "executions") for verb in ("list", "get")} | {
        "triggers list",
        "triggers get",
        "triggers firings",
    }
