"""The copy of a SQLite file before its migration: complete, private, bounded in number, and refused when the disk is too small."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from optral.store import migrations, upgrade_copy
from optral.store.migrations import run
from optral.store.open import FILE, open_store
from optral.store.sqlite import write_engine
from optral.terms.errors import Misconfigured
from tests.store import next_revision
from tests.support.clock import FakeClock

pytestmark = pytest.mark.slow  # databases of earlier releases
OLD = migrations.HEAD


@pytest.fixture(autouse=True)
def has_next_revision(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    next_revision.add(monkeypatch, tmp_path_factory.mktemp("versions") / "next")


def migrated_to(revision: str, path: Path) -> Path:
    engine = write_engine(path)
    with engine.begin() as connection:
        command.upgrade(run.config(connection), revision)
        connection.exec_driver_sql("INSERT INTO secret_checks (name, value) VALUES ('kept', x'')")
    engine.dispose()
    return path


def copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.schema-*"))


def revision_of(path: Path) -> tuple[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num, name FROM alembic_version, secret_checks").fetchone()


async def test_a_database_is_copied_before_it_is_migrated(tmp_path: Path, clock: FakeClock) -> None:
    database = migrated_to(OLD, tmp_path / FILE)
    await (await open_store(database_url=None, data_dir=tmp_path, clock=clock)).close()
    copy = tmp_path / f"{FILE}.schema-{OLD}"
    assert revision_of(database) == (migrations.HEAD, "kept")
    assert revision_of(copy) == (OLD, "kept")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_a_current_or_new_database_is_not_copied(tmp_path: Path, clock: FakeClock) -> None:
    for _ in range(2):
        await (await open_store(database_url=None, data_dir=tmp_path, clock=clock)).close()
    assert copies(tmp_path) == []


def test_an_upgrade_that_is_tried_again_has_one_copy(tmp_path: Path) -> None:
    database = migrated_to(OLD, tmp_path / FILE)
    assert upgrade_copy.keep(database) == upgrade_copy.keep(database)
    assert len(copies(tmp_path)) == 1


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    for revision in ("0001", "0002", "0003"):
        upgrade_copy.path_for(tmp_path / FILE, revision).touch()
    copy = upgrade_copy.keep(migrated_to(OLD, tmp_path / FILE))
    assert copies(tmp_path) == [upgrade_copy.path_for(tmp_path / FILE, "0003"), copy]


async def test_a_disk_without_room_for_the_copy_refuses_the_start_and_changes_nothing(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = migrated_to(OLD, tmp_path / FILE)
    full = os.statvfs_result([4096, 4096, 1000, 50, 50, 0, 0, 0, 0, 255])
    monkeypatch.setattr(upgrade_copy.os, "statvfs", lambda _path: full)
    with pytest.raises(Misconfigured, match="free disk space") as refusal:
        await open_store(database_url=None, data_dir=tmp_path, clock=clock)
    assert (refusal.value.code, revision_of(database)) == ("no_room_for_copy", (OLD, "kept"))
    assert copies(tmp_path) == []
