"""One more revision after the newest, so that tests upgrade a database before there is a second release."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from optral.store import migrations
from optral.store.migrations import run

NEXT = "9998"
_FILE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {revision!r}, {before!r}, None, None


def upgrade() -> None:
    op.add_column("secret_checks", sa.Column("note", sa.Text(), nullable=True))
"""


def add(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Let the code have the revision `NEXT`; the one before it."""
    before, config = migrations.HEAD, run.config
    folder.mkdir()
    (folder / f"{NEXT}_next.py").write_text(_FILE.format(revision=NEXT, before=before))
    versions = Path(migrations.__file__).parent / "versions"

    def with_next(connection: sa.Connection) -> Config:
        found = config(connection)
        found.set_main_option("path_separator", "os")
        found.set_main_option("version_locations", os.pathsep.join((str(versions), str(folder))))
        return found

    monkeypatch.setattr(run, "config", with_next)
    monkeypatch.setattr(migrations, "REVISIONS", (*migrations.REVISIONS, NEXT))
    monkeypatch.setattr(migrations, "HEAD", NEXT)
    return before
