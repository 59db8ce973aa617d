"""`-o` is the same everywhere; long output goes through a pager, and colors are the terminal's business."""

import fcntl
import os
import pty
import struct
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from optral.cli.base import options, output, terminal
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from tests.cli.base.test_refs import commands

LIST = b'{"issues": [{"id": "iss_1", "severity": "low"}, {"id": "iss_2", "severity": "high"}], "total": 2}'
COLUMNS = (Column("ID", "id"), Column("SEVERITY", "severity", wide=True))
OTHERS = {"scan"}
"""`-o markdown` is for a report."""


@pytest.mark.parametrize(("name", "command"), [pytest.param(name, command, id=name) for name, command in commands().items()])
def test_every_command_with_a_format_takes_all_of_them(name: str, command: Any) -> None:
    found = [param for param in command.params if "--output" in param.opts]
    for param in [] if name in OTHERS else found:
        assert param.metavar == "table|wide|name|json|yaml|jsonpath=…"
        assert "--no-pager" in [flag for one in command.params for flag in one.opts]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("table", "ID\niss_1\niss_2\n"),
        ("wide", "ID     SEVERITY\niss_1  low\niss_2  high\n"),
        ("name", "iss_1\niss_2\n"),
        ("jsonpath={.issues[*].severity}", "low high\n"),
        ('jsonpath={range .issues[*]}{.id}{"\\n"}{end}', "iss_1\niss_2\n"),
    ],
)
def test_a_list_in_each_format(capsys: pytest.CaptureFixture[str], given: str, expected: str) -> None:
    output.show(LIST, options.read_format(given), columns=COLUMNS, rows="issues")
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(
    ("given", "expected"), [("wide", "ID  iss_1\n"), ("name", "iss_1\n"), ("jsonpath=.id", "iss_1\n"), ("json", '{\n  "id": "iss_1"\n}\n')]
)
def test_one_object_in_each_format(capsys: pytest.CaptureFixture[str], given: str, expected: str) -> None:
    output.show_one(b'{"id": "iss_1"}', options.read_one_format(given), columns=COLUMNS[:1])
    assert capsys.readouterr().out == expected


def test_what_a_template_takes_from_a_cluster_cannot_touch_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.as_data(b'{"title": "a\\u001b[2Jb"}', options.read_format("jsonpath={.title}"))
    assert capsys.readouterr().out == "a\\u001b[2Jb\n"


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write so many lines on a terminal of ten; returns what the pager got, None if it was not called."""
    paged = tmp_path / "paged"
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\ncat > "{paged}"\n')
    pager.chmod(0o700)
    monkeypatch.setattr(terminal, "_is_paging", True)
    for name in ("OPTRAL_PAGER", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAGER", str(pager))

    def write(number: int) -> str | None:
        primary, secondary = pty.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 80, 0, 0))
        with os.fdopen(secondary, "w") as screen, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", screen)
            patched.setattr(sys, "__stdout__", screen)
            terminal.write("x\n" * number)
        os.close(primary)
        return paged.read_text() if paged.exists() else None

    return write


def test_what_fits_is_not_paged(lines: Any) -> None:
    assert lines(9) is None


def test_what_is_longer_goes_through_the_pager(lines: Any) -> None:
    assert lines(10) == "x\n" * 10


@pytest.mark.parametrize("pager", ["", "cat", "no-such-program", "'"])
def test_a_pager_can_be_switched_off(lines: Any, monkeypatch: pytest.MonkeyPatch, pager: str) -> None:
    monkeypatch.setenv("OPTRAL_PAGER", pager)
    assert lines(20) is None


def test_no_pager_switches_it_off(lines: Any) -> None:
    terminal.no_pager()
    assert lines(20) is None


@pytest.mark.parametrize(
    ("environment", "is_terminal", "has_colors"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"CLICOLOR": "0"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_when_there_are_colors(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_terminal: bool, has_colors: bool) -> None:
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    assert terminal.has_colors() is has_colors
    output.table([Column("S", "s")], [{"s": "critical"}])


def test_a_word_is_a_format_and_only_one() -> None:
    assert all(options.read_format(word) is one for word, one in options.NAMED.items())
    assert options.read_one_format("wide") is Format.TABLE
