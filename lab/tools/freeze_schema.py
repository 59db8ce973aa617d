"""`python -m lab.tools.freeze_schema`: keep the database of this version, with rows, as the "before" of the next release's migrations.

The dump is SQL of SQLite in `tests/store/released/VERSION.sql`. It holds no private keys: the rows of the certificate authorities stay out.
"""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import optral
from optral.server import settings
from optral.store import migrations
from tests.support.clock import FakeClock
from tests.support.filled import filled

FOLDER = Path(__file__).parents[2] / "tests/store/released"
_WITHOUT_ROWS = ("authorities",)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(filled(settings.load(data_dir=Path(folder)), FakeClock()))
        with closing(sqlite3.connect(Path(folder) / "optral.db")) as database:
            for table in _WITHOUT_ROWS:
                database.execute(f"DELETE FROM {table}")
            lines = [*database.iterdump()]
    target = FOLDER / f"{optral.__version__}.sql"
    target.parent.mkdir(exist_ok=True)
    target.write_text(
        f"-- Optral {optral.__version__}, schema {migrations.HEAD}; written by python -m lab.tools.freeze_schema\n" + "\n".join(lines)
    )
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
