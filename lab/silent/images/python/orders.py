"""Runs a statement in PostgreSQL again and again, as a worker that synchronizes orders does."""

import os
import time
from logging import getLogger
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from settings import EVERY

log = getLogger("orders")


def address() -> str:
    path = os.environ.get("DATABASE_PASSWORD_FILE")
    given = os.environ["DATABASE_URL"]
    return make_conninfo(given, password=Path(path).read_text().strip()) if path else given


def run(statement: str) -> str:
    with psycopg.connect(address(), connect_timeout=5) as connection:
        done = connection.execute(statement)
        return f"{done.fetchone()[0]} rows" if done.description else done.statusmessage


def main() -> None:
    statement = os.environ.get("STATEMENT", "SELECT count(*) FROM orders")
    while True:
        try:
            log.info("synchronized orders: %s", run(statement))
        except psycopg.errors.UniqueViolation as known:
            log.info("already there, skipped: %s", known.diag.message_primary)
        except psycopg.Error:
            log.exception("could not synchronize orders")
        time.sleep(EVERY)


main()
