"""`optral backup` and `optral restore`: one file with the database and its secrets."""

from pathlib import Path
from typing import Annotated

import typer

from optral.cli import output
from optral.cli.processes import DataDir
from optral.terms.errors import Misconfigured

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="File to write, or - for standard output.", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", help="File to read, or - for standard input.", show_default=False)]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="OPTRAL_BACKUP_PASSPHRASE_FILE", help="File whose first line is the passphrase of the backup."),
]


def backup(file: NewFile, passphrase_file: PassphraseFile = None, data_dir: DataDir = None) -> None:
    """Write the database and its secrets to a new file (mode 0600), also while servers use the database.

    Example: optral backup /backups/optral.tar.zst --data-dir /var/lib/optral
    """
    from optral.server import archive, backup as room, settings

    loaded = settings.load(data_dir=data_dir)
    rows = room.backup(loaded, file, passphrase=_passphrase(passphrase_file))
    size = "" if file == archive.STREAM else f", {file.stat().st_size / 1e6:,.1f} MB"
    output.note(f"{file}: {rows:,} rows{size}")
    if passphrase_file is None:
        output.note("the file contains the server's secrets and is not encrypted; use --passphrase-file to encrypt it")


def restore(
    file: File,
    passphrase_file: PassphraseFile = None,
    keep_keys: Annotated[
        bool, typer.Option("--keep-keys", help="Keep the API keys of the backup valid, including any that were revoked after it was made.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Restore a backup into an empty data folder or an empty database; no server may be running on it.

    Ends every session, revokes all API keys unless --keep-keys is given, and never executes again what was in progress.

    Example: optral restore /backups/optral.tar.zst --data-dir /var/lib/optral
    """
    from optral.server import backup as room, settings

    loaded = settings.load(data_dir=data_dir)
    restored = room.restore(loaded, file, passphrase=_passphrase(passphrase_file), keeps_keys=keep_keys)
    taken_at = restored.head.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    output.note(f"restored {restored.rows:,} rows of {taken_at} (Optral {restored.head.version}, {restored.head.engine})")
    settled = restored.settled
    output.note(f"ended {settled.executions} executions and {settled.commands} commands that were in progress")
    output.note("API keys are valid as they were in the backup" if keep_keys else f"revoked {settled.keys} API keys; create new ones")


def _passphrase(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        passphrase = path.read_text().partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file"
        raise Misconfigured("passphrase_unreadable", say=f"cannot read --passphrase-file {path}: {reason}") from None
    if not passphrase:
        raise Misconfigured("passphrase_unreadable", say=f"--passphrase-file {path} is empty")
    return passphrase
