"""`optral doctor`: what is wrong with a server's set-up, and what to do about it."""

import msgspec
import typer

from optral.cli.base import options, output
from optral.cli.base.options import Format
from optral.cli.processes import DataDir


def doctor(out: options.Output = Format.TABLE, data_dir: DataDir = None) -> None:
    """Check settings, database, certificates, clock and addresses of a server; changes nothing.

    Run it with the server's settings, as its user, preferably while the server runs. Exit code 1: something is wrong.

    Example: OPTRAL_DATA_DIR=/var/lib/optral optral doctor
    """
    from optral.server import doctor as room, settings

    found = room.examine(settings.load(data_dir=data_dir))
    if out is Format.TABLE:
        for line in found:
            typer.echo(f"{line.level.value:8} {line.check:12} {output.clean(line.text)}")
            if line.remedy:
                typer.echo(f"{'':21} To do: {output.clean(line.remedy)}")
    else:
        rows = [{"check": line.check, "level": line.level.value, "text": line.text, "remedy": line.remedy} for line in found]
        output.as_data(msgspec.json.encode({"checks": rows}), out)
    raise typer.Exit(any(line.level is room.Level.ERROR for line in found))
