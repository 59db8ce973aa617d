"""The journal: what was written is there after a crash, half a line is no line, and old ends are forgotten."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from optral.agent.commands.journal import FILE, KEPT, Entry, Journal
from tests.support.clock import FakeClock

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def entry(number: int, state: str = "SUCCEEDED", at: datetime = NOON) -> Entry:
    return Entry(id=f"cmd_{number}", verb="restart", digest="d", state=state, at=at, result={"diff": [number]})


def test_an_entry_outlives_the_process_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    clock = FakeClock(NOON)
    journal = Journal(tmp_path / "state", clock)
    journal.begin()
    journal.write(entry(1, "received"))
    journal.write(entry(1, "running"))
    again = Journal(tmp_path / "state", clock).find("cmd_1")
    assert again == entry(1, "running")
    assert not again.is_final
    assert stat.S_IMODE((tmp_path / "state" / FILE).stat().st_mode) == 0o600


def test_half_a_line_is_no_line(tmp_path: Path) -> None:
    clock = FakeClock(NOON)
    journal = Journal(tmp_path, clock)
    journal.write(entry(1, "received"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"id":"cmd_2","verb":"restart","sta')
    again = Journal(tmp_path, clock)
    again.write(entry(3, "received"))
    last = Journal(tmp_path, clock)
    assert [last.find(f"cmd_{number}") is not None for number in (1, 2, 3)] == [True, False, True]


def test_the_last_ends_and_those_of_the_last_hour_are_kept_and_what_is_open_always(tmp_path: Path) -> None:
    clock = FakeClock(NOON)
    journal = Journal(tmp_path, clock)
    journal.write(entry(0, "running"))
    for number in range(1, KEPT + 40):
        journal.write(entry(number))
    assert Journal(tmp_path, clock).find("cmd_1") is not None, "younger than an hour"
    clock.advance(timedelta(hours=2).total_seconds())
    old = Journal(tmp_path, clock)
    assert [old.find(f"cmd_{number}") is not None for number in (0, 1, 39, 40, KEPT + 39)] == [True, False, False, True, True]


def test_a_foreign_file_is_no_memory(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a journal\n" * 3)
    journal = Journal(tmp_path, FakeClock(NOON))
    assert journal.find("cmd_1") is None
    journal.write(entry(1))
    assert Journal(tmp_path, FakeClock(NOON)).find("cmd_1") is not None
