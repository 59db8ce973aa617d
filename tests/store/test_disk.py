"""Room on the disk: stop below 5 %, go on above 6 %, look every 5 s."""

from pathlib import Path

import pytest

from optral.store.disk import Disk, free_share
from optral.terms.errors import Unavailable
from tests.support.clock import FakeClock


def test_ingest_stops_below_five_percent_and_goes_on_above_six(clock: FakeClock, tmp_path: Path) -> None:
    free = [0.5]
    disk = Disk(tmp_path, clock, measure=lambda _path: free[0])
    seen = []
    for share in (0.5, 0.049, 0.055, 0.061, 0.051):
        free[0] = share
        clock.advance(5)
        seen.append(disk.full)
    assert seen == [False, True, True, False, False]


def test_the_disk_is_looked_at_every_five_seconds(clock: FakeClock, tmp_path: Path) -> None:
    looks: list[Path] = []

    def measure(path: Path) -> float:
        looks.append(path)
        return 0.01

    disk = Disk(tmp_path, clock, measure=measure)
    for _ in range(3):
        with pytest.raises(Unavailable) as refusal:
            disk.require_room()
    assert refusal.value.code == "disk_full"
    assert looks == [tmp_path]
    clock.advance(5)
    assert disk.full
    assert len(looks) == 2


def test_a_database_elsewhere_looks_after_its_own_disk(clock: FakeClock) -> None:
    assert not Disk(None, clock).full


def test_the_share_is_between_nothing_and_all(tmp_path: Path) -> None:
    assert 0 <= free_share(tmp_path) <= 1
