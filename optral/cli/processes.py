"""`optral server`, `agent`, `setup`, `demo`, `up`: the commands that start processes. Each imports its package only when it runs."""

import time
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from optral.agent.settings import AgentSettings
from optral.cli.base import output
from optral.cli.base.settings import members, takes_record
from optral.kit import startup
from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.demo.network import DemoNetwork
    from optral.up.screen import HeldContext

Listen = Annotated[
    str | None, typer.Option("--listen", metavar="HOST:PORT", help="Address for the API and the dashboard. [env: OPTRAL_LISTEN]")
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", metavar="DIR", help="Directory for state. [env: OPTRAL_DATA_DIR]")]


def server(
    listen: Listen = None,
    enroll_listen: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Address where agents enroll. [env: OPTRAL_ENROLL_LISTEN]")
    ] = None,
    tunnel_listen: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Address where enrolled agents connect. [env: OPTRAL_TUNNEL_LISTEN]")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate for --listen (PEM). [env: OPTRAL_TLS_CERT]")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key for --tls-cert (PEM). [env: OPTRAL_TLS_KEY]")] = None,
    insecure_http: Annotated[bool, typer.Option("--insecure-http", help="Allow plain HTTP on addresses other than loopback.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Run the server until SIGTERM or Ctrl-C.

    Example: OPTRAL_DATA_DIR=/var/lib/optral optral server --listen 127.0.0.1:8080
    """
    startup.begin()
    from optral.server import app, settings

    loaded = settings.load(
        listen=listen,
        enroll_listen=enroll_listen,
        tunnel_listen=tunnel_listen,
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure_http=insecure_http or None,
        data_dir=data_dir,
    )
    run(app.serve(loaded))


@takes_record(AgentSettings)
def agent(
    settings: AgentSettings,
    stop_with_parent: Annotated[bool, typer.Option("--stop-with-parent", hidden=True)] = False,
    demo_network: Annotated[bool, typer.Option("--demo-network", hidden=True)] = False,
) -> None:
    """Watch one cluster and report to the server until SIGTERM or Ctrl-C. Exit code 78: refused permanently; do not restart.

    Example: OPTRAL_AGENT_TOKEN=mhe_… optral agent --server https://optral.example.com --ca-pin sha256:… --kubeconfig ~/.kube/config
    """
    if stop_with_parent:
        die_with_parent()
    if settings.token_file is not None:
        settings = replace(settings, token=read_token(settings.token_file))
    startup.begin()
    from optral.agent import main

    startup.end()
    log_to_stderr()
    network = _network_of_demo() if demo_network else None
    raise typer.Exit(run(main.run_traced(main.AgentOptions(**members(settings), network=network, exit_when_stuck=True))))


def _network_of_demo() -> "type[DemoNetwork]":
    from optral.demo.network import DemoNetwork

    return DemoNetwork


def setup(
    org: Annotated[str, typer.Option("--org", metavar="NAME", help="Name of the organization.")],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Email address of the owner.")],
    plan: Annotated[str, typer.Option(help="Plan: free, team or enterprise.")] = "enterprise",
    add: Annotated[bool, typer.Option("--add", help="Add an organization to a database that already has one.")] = False,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing if there is an organization already, for scripts that run at each start.")
    ] = False,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the key to this file (mode 0600) instead of printing it.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Create the first organization, its owner and an admin API key; prints the key once.

    Example: optral setup --org Shop --email owner@example.com --key-file admin.key
    """
    from optral.server import settings
    from optral.up import organisation

    loaded = settings.load(data_dir=data_dir)
    if if_empty and run(organisation.exists(loaded)):
        return output.note("an organization already exists; nothing to do")
    with new_private_file(key_file) as file:  # before anything is made: the key exists nowhere else
        key = run(organisation.create(loaded, name=org, email=email, plan=plan, add=add))
        file.write(key + "\n")
    return output.note(f"key written to {key_file}" if key_file else "store the key, for example as OPTRAL_API_KEY; it is not shown again")


Browser = Annotated[
    bool,
    typer.Option(
        "--browser/--no-browser",
        help="Open the dashboard in the browser, on a desktop and while nobody can sign in yet. OPTRAL_NO_BROWSER=1 has the same effect "
        "as --no-browser.",
    ),
]
Once = Annotated[bool, typer.Option("--once", help="Wait until issues are found, print a JSON summary and exit.")]


def demo(
    once: Once = False,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Directory for state; defaults to a temporary directory.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives another demo cluster.", hidden=True)] = 20,
    browser: Browser = True,
) -> None:
    """Run the server, an agent and an embedded demo cluster on loopback; issues appear live. Nothing else is needed.

    Example: optral demo
    """
    began = time.monotonic()
    startup.begin()
    from optral.up import demo as room

    held = _context("demo")
    raise typer.Exit(run(room.run(once=once, data_dir=data_dir, seed=seed, began=began, context=held, has_browser=browser)))


def up(
    once: Once = False,
    kubeconfig: Annotated[Path | None, typer.Option(help="Path of the kubeconfig; defaults to KUBECONFIG or ~/.kube/config.")] = None,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig; defaults to the current context.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", envvar="OPTRAL_DATA_DIR", help="Directory for state, kept between runs.")
    ] = None,
    listen: Listen = None,
    allow_writes: Annotated[bool, typer.Option("--allow-writes", help="Allow runbooks to change objects in --namespaces.")] = False,
    namespaces: Annotated[str | None, typer.Option(metavar="A,B", help="Namespaces in which runbooks may change objects.")] = None,
    browser: Browser = True,
) -> None:
    """Run the server and an agent for the current kubeconfig context. Installs nothing in the cluster; read-only by default.

    Example: optral up --context staging --allow-writes --namespaces shop,payments
    """
    named = [name.strip() for name in (namespaces or "").split(",") if name.strip()]
    if allow_writes != bool(named):
        raise Misconfigured("namespaces", say="--allow-writes requires --namespaces A,B, and --namespaces requires --allow-writes")
    began = time.monotonic()
    startup.begin()
    from optral.up import kubeconfig as kubeconfigs

    target = kubeconfigs.find(kubeconfig, context)  # before the server is loaded, which takes a second
    from optral.up import local

    held = _context("local")
    places: dict[str, Any] = {"data_dir": data_dir, "listen": listen, "namespaces": named}
    raise typer.Exit(run(local.run(target, once=once, began=began, context=held, has_browser=browser, **places)))


def _context(name: str) -> "HeldContext":
    from functools import partial

    from optral.cli.base import temporary_context

    return partial(temporary_context.held, name)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on uvloop; SIGTERM stops like Ctrl-C does, by canceling, so that everything closes in order."""
    import uvloop

    return uvloop.run(_cancelled_by_sigterm(work))


async def _cancelled_by_sigterm(work: Coroutine[Any, Any, Any]) -> Any:
    import asyncio
    import signal

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if stopped:
            return 0
        raise


def log_to_stderr() -> None:
    """Lines for people on a terminal, JSON for a collector."""
    import logging
    import sys

    import structlog

    from optral.kit import tracing

    is_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            tracing.add_trace_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if is_terminal else (structlog.processors.format_exc_info,)),
            console() if is_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def console() -> Any:
    """Renders lines for a terminal, with plain tracebacks: the default prints local variables, and with them keys and tokens."""
    import structlog

    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def read_token(path: Path) -> str:
    """Raises `Misconfigured` when the file cannot be read."""
    try:
        return path.read_text().strip()
    except OSError as error:
        raise Misconfigured("token_file_unreadable", say=f"cannot read --token-file {path}: {error.strerror}") from None
    except UnicodeError:
        raise Misconfigured("token_file_unreadable", say=f"cannot read --token-file {path}: not a text file") from None


@contextmanager
def new_private_file(path: Path | None) -> Iterator[TextIO]:
    """A new file that only its owner reads, gone again when the work fails; stdout without a path.

    Raises `Misconfigured` when it exists or cannot be written.
    """
    import os
    import sys

    if path is None:
        yield sys.stdout
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured("key_file_unwritable", say=f"cannot write --key-file {path}: {error.strerror}") from None
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        with os.fdopen(descriptor, "w") as file:
            yield file
        undo.pop_all()


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends, however it ends, so that no agent of `demo` or `up` is left behind (Linux)."""
    import ctypes
    import os
    import signal

    parent = os.getppid()
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the kernel knew
        raise SystemExit(0)
