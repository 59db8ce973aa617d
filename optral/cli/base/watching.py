"""`--watch`: a list or an object is read again when an event says that it may differ, and what differs is printed.

Events only say when to look. They are read by a thread of their own, and those that arrive together lead to one look.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from typer.core import TyperOption

from optral.cli.base import command, output, terminal
from optral.terms.errors import OptralError

if TYPE_CHECKING:
    from optral.client.client import Client

GATHER_S = 0.5
LONGEST_WAIT_S = 60.0
"""Without an event, look again after this time: an age or an event that was lost is never older."""


class WatchCommand(command.Command):
    """A command with `--watch`, which prints again what changed after events of `types`."""

    types = ""

    def __init__(self, *args: Any, params: list[Any] | None = None, **more: Any) -> None:
        flag = TyperOption(
            param_decls=["--watch", "-w"],
            is_flag=True,
            expose_value=False,
            callback=command.remember,
            help="Print what changes, until Ctrl-C.",
        )
        super().__init__(*args, params=[*(params or []), flag], **more)

    def invoke(self, ctx: Any) -> Any:
        if not ctx.meta.get("optral.watch"):
            return super().invoke(ctx)
        from optral.cli.base import session

        terminal.no_pager()
        ctx.params.update(command.resolved(ctx))
        with session.client(ctx.params["url"], ctx.params["api_key"]) as client:
            return run(lambda: super(WatchCommand, self).invoke(ctx), events(client, self.types))


def watched(types: str) -> type[WatchCommand]:
    """The class of a command that `--watch` prints again after events of these types."""
    return type("WatchedCommand", (WatchCommand,), {"types": types})


def run(show: Callable[[], Any], events: Iterable[object], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Show now and after each event, until Ctrl-C or until the events end. Raises what `show` and the events raise at first."""
    happened, ended = threading.Event(), threading.Event()
    failed: list[OptralError] = []

    def read() -> None:
        try:
            for _ in events:
                happened.set()
        except OptralError as error:
            failed.append(error)
        finally:
            ended.set()
            happened.set()

    with output.only_changes():
        show()
        threading.Thread(target=read, name="watch", daemon=True).start()
        while not ended.is_set():
            happened.wait(LONGEST_WAIT_S)
            sleep(GATHER_S)
            happened.clear()
            _look(show)
        _look(show)
    if failed:
        raise failed[0]


def events(client: "Client", types: str) -> Iterator[object]:
    """Events from now on; what happens before the stream is open comes as well."""
    newest = client.events.list(page_size=1).value.events
    return client.events.follow(types=types, after=str(newest[0].id) if newest else "")


def _look(show: Callable[[], Any]) -> None:
    """Show again; a server that is away for a moment is looked at with the next event."""
    try:
        show()
    except OptralError as error:
        if getattr(error, "status", 1) not in (0, 429) and getattr(error, "status", 1) < 500:
            raise
        output.note(f"{error.say}; still watching")
