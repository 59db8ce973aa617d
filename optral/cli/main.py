"""The `optral` command: which commands there are, and how errors and exit codes leave it.

Exit codes: 0 ok, 1 a finding or a refusal, 2 misuse (a wrong option, setting or environment).
"""

import sys

import typer

from optral.cli import (
    ai,
    ca,
    clusters,
    detectors,
    eval as evaluation,
    events,
    executions,
    keys,
    members,
    mute_rules,
    options,
    output,
    processes,
    resources,
    runbooks,
    scan,
    session,
    triage,
    webhooks,
)
from optral.cli.options import DEFAULT_URL, Format
from optral.terms.errors import Misconfigured, OptralError

app = typer.Typer(
    name="optral",
    help="Optral shows what is broken in your Kubernetes clusters, why, and how to fix it.\n\nFirst steps: optral demo",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)
for command in (processes.demo, processes.up, processes.server, processes.agent, processes.setup, scan.scan):
    app.command()(command)
app.command("eval")(evaluation.evaluate)
for name, group in (
    ("clusters", clusters.app),
    ("issues", triage.app),
    ("mute-rules", mute_rules.app),
    ("detectors", detectors.app),
    ("ai", ai.app),
    ("resources", resources.app),
    ("runbooks", runbooks.app),
    ("executions", executions.app),
    ("events", events.app),
    ("keys", keys.app),
    ("members", members.app),
    ("webhooks", webhooks.app),
    ("ca", ca.app),
):
    app.add_typer(group, name=name)


@app.command()
def me(out: options.Output = Format.TABLE, url: options.Url = DEFAULT_URL, api_key: options.Key = "") -> None:
    """Show the identity and the permissions of the API key.

    Example: optral me
    """
    with session.client(url, api_key) as client:
        output.show_all(client.me().raw, out)


@app.command()
def version(out: options.Output = Format.TABLE) -> None:
    """Print the version.

    Example: optral version -o json
    """
    from optral import __version__

    if out is Format.TABLE:
        typer.echo(f"optral {__version__}")
    else:
        output.as_data(f'{{"version":"{__version__}"}}'.encode(), out)


def run() -> None:
    """Run the command line; the process ends with the exit code."""
    try:
        app()
    except OptralError as error:
        output.error(error.say or error.code)
        sys.exit(2 if isinstance(error, Misconfigured) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `optral issues list | head`
        sys.stderr.close()
        sys.exit(0)
