"""`optral ca`: rotate the certificate authorities of this server. Works on the data folder or database, beside a running server."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from optral.cli.base import options, output
from optral.cli.base.options import Format
from optral.cli.base.output import Column
from optral.cli.processes import run

app = options.group("Rotate the certificate authority that agents and this server trust.")
DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="DIR", help="The server's state directory. [env: OPTRAL_DATA_DIR]")]
STATE = (
    Column("PHASE", "phase"),
    Column("MEANING", "meaning"),
    Column("AUTOMATIC", "automatic"),
    Column("SINCE", "since"),
    Column("NEXT", "next"),
)
AUTHORITIES = (
    Column("CA", "generation"),
    Column("SIGNS", "signs"),
    Column("PIN", "pin", whole=True),
    Column("EXPIRES", "expiresAt", whole=True),
    Column("TRUSTED BY", "trustedBy"),
    Column("CERTIFICATES", "certificates"),
    Column("CLUSTERS", "clusters"),
)
CLUSTERS = (
    Column("CLUSTER", "name", whole=True),
    Column("STATUS", "status"),
    Column("LAST SEEN", "lastSeenAt"),
    Column("REASON", "why"),
    Column("ID", "id", whole=True, spare=True),
)


@app.command()
def status(data_dir: DataDir = None, out: options.Output = Format.TABLE) -> None:
    """Show the CA, the phase of its rotation and what blocks the next phase.

    Example: optral ca status
    """
    from optral.up import authorities

    _show(authorities.status(_settings(data_dir)), out)


@app.command()
def rotate(
    automatic: Annotated[bool, typer.Option("--automatic", help="Let the server advance the rotation automatically.")] = False,
    data_dir: DataDir = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Create a new CA and start distributing it to agents; it does not sign certificates yet.

    Example: optral ca rotate --automatic
    """
    from optral.up import authorities

    _show(authorities.rotate(_settings(data_dir), is_automatic=automatic), out)


@app.command()
def advance(
    force: Annotated[bool, typer.Option("--force", help="Do not wait for clusters; prints those that lose their connection.")] = False,
    data_dir: DataDir = None,
    out: options.Output = Format.TABLE,
) -> None:
    """Start the next phase; refused, with the reason, if agents would lose their connection.

    Example: optral ca advance
    """
    from optral.up import authorities

    _show(authorities.advance(_settings(data_dir), force=force), out)


@app.command()
def rollback(data_dir: DataDir = None, out: options.Output = Format.TABLE) -> None:
    """Return to the old CA, in any phase that still has it.

    Example: optral ca rollback
    """
    from optral.up import authorities

    _show(authorities.roll_back(_settings(data_dir)), out)


def _settings(data_dir: Path | None) -> Any:
    from optral.server import settings

    return settings.load(data_dir=data_dir)


def _show(work: Coroutine[Any, Any, dict[str, Any]], out: Format) -> None:
    import msgspec

    state = run(work)
    if out is not Format.TABLE:
        return output.as_data(msgspec.json.encode(state), out)
    output.fields(state, STATE)
    typer.echo()
    output.table(AUTHORITIES, state["authorities"])
    _table(
        "Waiting for these servers to load the phase:",
        [{"name": server} for server in state["waitingFor"]["servers"]],
        (Column("SERVER", "name", whole=True),),
    )
    _table("Waiting for these clusters:", state["waitingFor"]["clusters"], CLUSTERS)
    _table("These clusters lose their connection and need a new enrollment token and install command:", state.get("cutOff", []), CLUSTERS)
    return None


def _table(title: str, rows: list[dict[str, Any]], columns: tuple[Column, ...]) -> None:
    if rows:
        typer.echo(f"\n{title}")
        output.table(columns, rows)
