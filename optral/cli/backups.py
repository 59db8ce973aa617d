"""`optral backup` and `optral restore`: one file with the database and its secrets."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optral.cli.base import output
from optral.cli.processes import DataDir
from optral.kit.words import counted
from optral.terms.errors import Misconfigured

NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="File to write, or - for standard output.", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", help="File to read, or - for standard input.", show_default=False)]

if TYPE_CHECKING:
    from optral.flows.restoration import RestoreOutcome

PassphraseFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", envvar="OPTRAL_BACKUP_PASSPHRASE_FILE", help="File whose first line is the passphrase of the backup."),
]


def backup(file: NewFile, passphrase_file: PassphraseFile = None, data_dir: DataDir = None) -> None:
    """Write the database and its secrets to a new file (mode 0600), even while servers use the database.

    Example: optral backup /backups/optral.tar.zst --data-dir /var/lib/optral
    """
    from optral.server import archive, backup as room, settings

    loaded = settings.load(data_dir=data_dir)
    rows = room.backup(loaded, file, passphrase=_passphrase(passphrase_file))
    size = "" if file == archive.STREAM else f", {file.stat().st_size / 1e6:,.1f} MB"
    typer.echo(f"wrote {file}: {rows:,} rows and the server's secrets{size}", err=file == archive.STREAM)
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

    Ends every session, revokes fleet tokens and all API keys unless --keep-keys is given, blocks signed triggers until their secrets are
    rolled, and does not resume executions that were in progress. Prints the access that is restored.

    Example: optral restore /backups/optral.tar.zst --data-dir /var/lib/optral
    """
    from optral.server import backup as room, settings

    loaded = settings.load(data_dir=data_dir)
    restored = room.restore(loaded, file, passphrase=_passphrase(passphrase_file), keeps_keys=keep_keys)
    taken_at = restored.head.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    where = "the database of OPTRAL_DATABASE_URL" if loaded.database_url else loaded.data_dir
    typer.echo(f"restored {restored.rows:,} rows of {taken_at} (Optral {restored.head.version}, {restored.head.engine}) into {where}")
    for line in _settled(restored.settled, keep_keys=keep_keys):
        typer.echo(line)


def _settled(settled: "RestoreOutcome", *, keep_keys: bool) -> Iterator[str]:
    """What was ended, and what came back that may have been ended after the backup."""
    yield f"ended {counted(settled.executions, 'execution')} and {counted(settled.commands, 'command')} that were in progress"
    yield "API keys are valid as they were in the backup" if keep_keys else f"revoked {counted(settled.keys, 'API key')}; create new ones"
    if settled.fleet_tokens:
        yield f"revoked {counted(settled.fleet_tokens, 'fleet token')}; create new ones where agents are still to be installed"
    if settled.scim_tokens:
        yield f"ended {counted(settled.scim_tokens, 'SCIM token')}; give the providers new ones: optral identity scim rotate PROVIDER"
    if settled.triggers:
        yield f"blocked {counted(settled.triggers, 'signed trigger')} until you roll their secrets: optral triggers roll TRIGGER"
    if settled.clusters:
        yield (
            f"{counted(settled.clusters, 'cluster')} restored with the certificates of their agents; if you deleted a cluster or "
            "revoked credentials after the backup, do it again: optral clusters delete, optral clusters revoke-credentials"
        )
    for one in settled.returned:
        yield f"{output.clean(one.organisation)}: access that you removed after the backup is restored; check it, and remove it again:"
        yield from _listed("members, with their passwords at the time of the backup", one.members, "optral members remove")
        yield from _listed("bindings", one.bindings, "optral members unbind")
        yield from _listed("delegations", one.delegations, "optral safeguards undelegate")


def _listed(what: str, found: Sequence[str], command: str) -> Iterator[str]:
    if found:
        yield f"  {what} ({command}):"
        yield from (f"    {output.clean(one)}" for one in found)


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
