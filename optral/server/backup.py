"""Backs up a database with its two secrets into one file while servers use it, and restores such a file into an empty place.

A backup of SQLite can be restored into PostgreSQL and the other way round, and one of an older schema into this version. Restoring is one
transaction: it is complete, and nothing that was in progress is done again (`flows/restoration.py`), or nothing has changed.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import exc

from optral import __version__
from optral.flows import restoration
from optral.flows.restoration import RestoreOutcome
from optral.kit.clock import SystemClock
from optral.server import archive, schema, secrets
from optral.server.settings import Settings
from optral.store import copying, migrations
from optral.store.copying import Rows
from optral.store.open import locate, make_folder
from optral.store.postgres import check_server, engine_for
from optral.store.sqlite import FileLock, write_engine
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Misconfigured

LEFT_OUT = {
    "sessions": "people sign in again: a session may have been ended since",
    "invites": "an invitation may have been used or withdrawn since",
    "mail_messages": "what waited was sent since, or contains a link that may have been used since",
    "password_resets": "a link may have been used since",
    "setup_links": "a first-run link may have been used since",
    "device_logins": "a login of a command line waits at most 10 minutes",
    "enrollment_tokens": "a token may have been used or revoked since",
    "rate_windows": "the windows of rate limits last a minute",
    "ca_replicas": "which servers are running; each of them writes it again",
}
"""The tables that a backup does not contain, with the reason."""
T = TypeVar("T")
FORMAT = 1
HEAD, END = "backup.json", "end.json"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first member: what the backup was made of. `taken_at` is RFC 3339."""

    format: int
    version: str
    schema: str
    engine: str
    taken_at: datetime


class End(msgspec.Struct, frozen=True):
    """The last member: how many rows of each table there are, and the SHA-256 of all members before (`archive.Writer.digest`).

    A backup without it is not complete.
    """

    rows: dict[str, int]
    sha256: str


class _Part(msgspec.Struct, frozen=True):
    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back, and what it ended."""

    head: Head
    rows: int
    settled: RestoreOutcome


def backup(settings: Settings, path: Path, *, passphrase: str | None = None) -> int:
    """Write the database and the secrets to a new file (mode 0600) or to `archive.STREAM`; returns how many rows there are.

    Every row is as of one moment, and everything acknowledged before that is in it. Raises `Misconfigured`.
    """
    kept = {name: secrets.locate(settings, name) for name in secrets.NAMES}
    engine = copying.source_engine(database_url=settings.database_url, data_dir=settings.data_dir)
    counts: dict[str, int] = {}
    try:
        with engine.begin() as connection, archive.writing(path, passphrase) as to:
            copying.begin(connection)
            head = Head(
                format=FORMAT,
                version=__version__,
                schema=copying.revision(connection),
                engine=connection.dialect.name,
                taken_at=datetime.now(UTC),
            )
            to.add(HEAD, msgspec.json.encode(head))
            for name, secret in kept.items():
                to.add(f"secrets/{name}", secrets.read(secret.path, secret.setting).hex().encode())
            for number, part in enumerate(copying.read(connection, without=LEFT_OUT)):
                counts[part.table] = counts.get(part.table, 0) + len(part.rows)
                to.add(f"tables/{number:06}.msgpack", msgspec.msgpack.encode(_Part(*part)))
            to.add(END, msgspec.json.encode(End(counts, to.digest)))
    except exc.DBAPIError as error:
        raise Misconfigured("database_refused", say=f"cannot read the database: {_reason(error)}") from error
    finally:
        engine.dispose()
    return sum(counts.values())


def restore(settings: Settings, path: Path, *, passphrase: str | None = None, keeps_keys: bool = False) -> Restored:
    """Restore a backup into an empty database and data folder. Raises `Misconfigured`; then nothing has changed, and nothing is left."""
    with archive.stored(path, beside=settings.data_dir.absolute().parent) as file:
        return _restore_file(settings, file, passphrase, keeps_keys=keeps_keys)


def _restore_file(settings: Settings, path: Path, passphrase: str | None, *, keeps_keys: bool) -> Restored:
    schema.gather()
    _verify(path, passphrase)
    with archive.reading(path, passphrase) as members:
        head = _head(members.next(), path)
        found = {name: _secret(_named(members.next(), f"secrets/{name}", path), path) for name in secrets.NAMES}
        _check_secrets(settings, found)
        with _nothing_left(settings), _target(settings) as engine:
            try:
                with engine.begin() as connection:
                    restored = _restore(connection, members, head, path, keeps_keys=keeps_keys)
                    for name, secret in found.items():
                        place = secrets.locate(settings, name)
                        if not place.path.exists():
                            secrets.write_once(place.path, secret)
            except exc.DBAPIError as error:
                raise Misconfigured("database_refused", say=f"cannot write the database: {_reason(error)}; nothing was restored") from error
            except exc.StatementError as error:
                raise _tampered(path, f"has a value that its column cannot hold ({_first_line(error.orig)})") from error
    return restored


def _remove_new(folder: Path, before: set[Path]) -> None:
    for path in {*folder.iterdir()} - before:
        path.unlink()


@contextmanager
def _nothing_left(settings: Settings) -> Iterator[None]:
    """The data folder, there for the block. Removes what the block created in it if the block fails."""
    folder = settings.data_dir
    created = [] if folder.exists() else [folder]
    make_folder(folder)
    before = set(folder.iterdir())
    with ExitStack() as undo:
        for path in created:
            undo.callback(path.rmdir)
        undo.callback(_remove_new, folder, before)
        yield
        undo.pop_all()


def _verify(path: Path, passphrase: str | None) -> None:
    """Read the whole file once before anything is written: what is in a damaged one must not reach a database.

    The digest shows damage; whoever changed the file on purpose can compute it again, so the tables and columns are checked as well.
    """
    with archive.reading(path, passphrase) as members:
        tables = _columns(_head(members.next(), path).schema)
        while (member := members.next()) is not None:
            if member.name == END:
                if _decoded(member, End, path).sha256 != members.digest:
                    raise archive.damaged(path)
                return
            if not member.name.startswith("secrets/"):
                _check_part(_decoded(member, _Part, path), tables, path)
        raise archive.damaged(path)


def _columns(revision: str) -> dict[str, set[str]]:
    """The columns of each table that a backup of this schema may have."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        copying.upgrade_to(connection, revision)
        found = {name: {column["name"] for column in columns} for (_, name), columns in sa.inspect(connection).get_multi_columns().items()}
    engine.dispose()
    return {name: columns for name, columns in found.items() if name != copying.VERSIONS and name not in LEFT_OUT}


def _check_part(part: "_Part", tables: dict[str, set[str]], path: Path) -> None:
    """Raises `Misconfigured` for rows that this schema has no place for."""
    known = tables.get(part.table)
    if known is None:
        raise _tampered(path, f"has rows of a table {part.table[:64]!r}, which its schema does not have or no backup contains")
    if unknown := sorted(set(part.columns) - known):
        raise _tampered(path, f"has a column {unknown[0][:64]!r} of {part.table}, which its schema does not have")
    if any(len(row) != len(part.columns) for row in part.rows):
        raise _tampered(path, f"has a row of {part.table} with another number of values than columns")


def _decoded(member: archive.Member, kind: type[T], path: Path) -> T:
    decode = msgspec.json.decode if kind is End else msgspec.msgpack.decode
    try:
        return decode(member.content, type=kind)
    except (msgspec.MsgspecError, ValueError):  # a text that is not UTF-8
        raise archive.damaged(path) from None


def _tampered(path: Path, what: str) -> Misconfigured:
    return Misconfigured("backup_damaged", say=f"{path} {what}; nothing was restored")


def _restore(connection: sa.Connection, members: archive.Reader, head: Head, path: Path, *, keeps_keys: bool) -> Restored:
    copying.begin(connection)
    if migrations.stored_revision(connection) is None:
        copying.upgrade_to(connection, head.schema)
    elif (found := copying.revision(connection)) != head.schema:
        say = f"the database has schema {found} and the backup {head.schema}; restore into a new data folder or a new database"
        raise Misconfigured("target_not_empty", say=say)
    copying.check_empty(connection)
    counts: dict[str, int] = {}
    copying.write(connection, _parts(members, counts, path))
    copying.upgrade_to(connection, migrations.HEAD)
    tx = Transaction(connection, actor.system(), SystemClock().now())
    settled = restoration.settle(tx, taken_at=head.taken_at, keeps_keys=keeps_keys)
    return Restored(head, sum(counts.values()), settled)


def _parts(members: archive.Reader, counts: dict[str, int], path: Path) -> Iterator[Rows]:
    while (member := members.next()) is not None:
        if member.name == END:
            if _decoded(member, End, path) != End(counts, members.digest):
                raise archive.damaged(path)
            return
        part = _decoded(member, _Part, path)
        counts[part.table] = counts.get(part.table, 0) + len(part.rows)
        yield Rows(part.table, part.columns, part.rows)
    raise archive.damaged(path)


def _head(member: archive.Member | None, path: Path) -> Head:
    try:
        head = msgspec.json.decode(_named(member, HEAD, path), type=Head)
    except msgspec.MsgspecError:
        raise archive.damaged(path) from None
    if head.schema < migrations.REVISIONS[0]:
        say = f"{path} was made before the first release of Optral (schema {head.schema}); no version can restore it"
        raise Misconfigured("backup_unreleased", say=say)
    if head.format != FORMAT or head.schema not in migrations.REVISIONS:
        say = f"{path} was made by Optral {head.version} (schema {head.schema}); restore it with that version or a newer one"
        raise Misconfigured("backup_too_new", say=say)
    return head


def _named(member: archive.Member | None, name: str, path: Path) -> bytes:
    if member is None or member.name != name:
        raise archive.damaged(path)
    return member.content


def _secret(content: bytes, path: Path) -> bytes:
    try:
        return bytes.fromhex(content.decode())
    except ValueError:
        raise archive.damaged(path) from None


def _check_secrets(settings: Settings, found: dict[str, bytes]) -> None:
    """A secret that is here already, or that a setting names, must be the one of the backup."""
    for name, secret in found.items():
        place = secrets.locate(settings, name)
        if place.path.exists() and secrets.read(place.path, place.setting) != secret:
            raise Misconfigured(f"{name}_mismatch", say=f"{place.path} is not the secret of this backup; remove it or restore elsewhere")
        if not place.path.exists() and not place.is_ours:
            say = f"{place.setting} names {place.path}, which does not exist; create it with the secret of the backup, or unset the setting"
            raise Misconfigured(f"{name}_missing", say=say)


@contextmanager
def _target(settings: Settings) -> Iterator[sa.Engine]:
    """The engine of the database to restore into; no server may use it meanwhile (SQLite: locked)."""
    path = locate(database_url=settings.database_url, data_dir=settings.data_dir)
    with ExitStack() as stack:
        if isinstance(path, Path):
            stack.callback(FileLock.take(path.with_name(path.name + ".lock")).release)
            engine = write_engine(path)
            stack.callback(engine.dispose)
        else:
            engine = engine_for(path)
            stack.callback(engine.dispose)
            check_server(engine)
        yield engine


def _reason(error: exc.DBAPIError) -> str:
    return _first_line(error.orig)


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
