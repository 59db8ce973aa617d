"""Lists that have pages: how much of one a command prints, and the requests that read it.

A list never ends in silence. A terminal gets a page, and a line that says how much is left; a pipe and the formats for programs get every
row, unless `--limit` or `--page` says otherwise. `output.show` prints the line.
"""

import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

import typer
from typer.core import TyperOption

from optral.cli.base import command, output
from optral.cli.base.options import Format

PAGE_ROWS = 20
"""What a terminal gets at a time."""
REQUEST_ROWS = 100
WATCHED_ROWS = 500
"""With `--watch` the list is read again after each event."""
LONGEST_PAUSE_S = 90
"""A rate limit resets after a minute."""


class PageOptions(NamedTuple):
    """What the options say; 0 where one is not given."""

    page: int = 0
    page_size: int = 0
    limit: int = 0
    all: bool = False


_wanted: ContextVar[PageOptions] = ContextVar("wanted")


class Paged(command.Command):
    """A command that lists pages: with `--page`, `--page-size`, `--limit` and `--all`."""

    def __init__(self, *args: Any, params: list[Any] | None = None, **more: Any) -> None:
        super().__init__(*args, params=[*(params or []), *_options()], **more)

    def invoke(self, ctx: Any) -> Any:
        given: dict[str, Any] = {name: ctx.meta.get(f"optral.{name}") or 0 for name in PageOptions._fields}
        wanted = PageOptions(**given)
        if sum(map(bool, (wanted.page or wanted.page_size, wanted.limit, wanted.all))) > 1:
            raise typer.BadParameter("specify only one of --all, --limit and --page")
        _wanted.set(wanted)
        return super().invoke(ctx)


def paged(base: type[command.Command]) -> type[command.Command]:
    """The class of a command that is of this class and lists pages."""
    return type("PagedCommand", (Paged, base), {})


def _options() -> list[TyperOption]:
    rows: tuple[tuple[str, Any, str], ...] = (
        ("--page", _at_most(None), "Page to print, starting at 1."),
        ("--page-size", _at_most(REQUEST_ROWS), f"Rows per page, at most {REQUEST_ROWS}; 20 if omitted."),
        ("--limit", _at_most(None), "Print at most this many rows."),
    )
    numbers = [
        TyperOption(param_decls=[name], type=int, expose_value=False, callback=check, metavar="NUMBER", help=text)
        for name, check, text in rows
    ]
    text = "Print all rows: the default in a pipe, and with -o name, json, yaml and jsonpath."
    return [*numbers, TyperOption(param_decls=["--all"], is_flag=True, expose_value=False, callback=command.remember, help=text)]


def _at_most(most: int | None) -> Callable[[Any, Any, int | None], int | None]:
    def check(ctx: Any, param: Any, value: int | None) -> int | None:
        if value is not None and (value < 1 or (most is not None and value > most)):
            raise typer.BadParameter(f"{value} is not in the range {f'1 to {most}' if most else '1 and above'}")
        command.remember(ctx, param, value)
        return value

    return check


def read(fetch: Callable[..., Any], rows: str, out: Format) -> bytes:
    """The part of a list that the command line asks for, as one answer. `fetch` takes `page`, `page_size` and `cursor`.

    Raises `ClientError`, also where only a part of the list could be read: that is never printed as if it were all.
    """
    wanted = _wanted.get()
    if wanted.page or wanted.page_size:
        return bytes(fetch(page=wanted.page or 1, page_size=wanted.page_size or PAGE_ROWS).raw)
    return _gathered(fetch, rows, wanted.limit or _default(out, is_all=wanted.all))


def _default(out: Format, *, is_all: bool) -> int:
    if output.is_repeated():
        return WATCHED_ROWS
    is_read_by_a_person = out in (Format.TABLE, Format.WIDE) and _is_terminal()
    return PAGE_ROWS if is_read_by_a_person and not is_all else output.MOST_ROWS


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _gathered(fetch: Callable[..., Any], rows: str, most: int) -> bytes:
    """The first rows of a list, read by cursor, or by number where it has none."""
    import msgspec

    first = bytes(fetch(page=1, page_size=min(most, REQUEST_ROWS)).raw)
    answer = last = msgspec.json.decode(first)
    if not _next(answer, last, rows, most):
        return first
    with output.waiting("reading") as say:
        while at := _next(answer, last, rows, most):
            say(f"reading: {len(answer[rows]):,} of {answer['total']:,}{' or more' * bool(answer.get('totalCapped'))}")
            last = msgspec.json.decode(_patient(partial(fetch, **at), say).raw)
            _extend(answer, last, rows)
    answer[rows] = answer[rows][:most]
    if last.get("nextCursor"):
        answer["nextCursor"] = last["nextCursor"]
    elif len(answer[rows]) < most:
        answer.pop("nextCursor", None)
        answer.pop("totalCapped", None)
        answer["total"] = len(answer[rows])  # of rows that came and went meanwhile, too
    return msgspec.json.encode(answer | {"page": 1, "pageSize": max(1, len(answer[rows]))})


def _extend(answer: dict[str, Any], last: dict[str, Any], rows: str) -> None:
    """Add a page, with what its other lists have that is new, such as the columns of its kinds."""
    for name, value in last.items():
        if isinstance(value, list):
            answer[name] = answer.get(name, []) + (value if name == rows else [one for one in value if one not in answer.get(name, [])])


def _next(answer: dict[str, Any], last: dict[str, Any], rows: str, most: int) -> dict[str, Any] | None:
    """Where to read on; None at the end of the list, or of what is wanted."""
    have = len(answer[rows])
    if have >= most or not last[rows]:
        return None
    if cursor := last.get("nextCursor"):
        return {"cursor": cursor, "page_size": min(most - have, REQUEST_ROWS)}
    size = answer.get("pageSize", have)
    is_numbered = "nextCursor" not in answer and have < answer.get("total", 0)
    return {"page": have // size + 1, "page_size": size} if is_numbered else None


def _patient(fetch: Callable[[], Any], say: Callable[[str], object]) -> Any:
    """One page; a rate limit is waited for, since giving up would lose what is read."""
    from optral.client.errors import ClientError

    deadline = time.monotonic() + LONGEST_PAUSE_S
    while True:
        try:
            return fetch()
        except ClientError as error:
            if error.status != 429 or time.monotonic() > deadline:
                raise
            say("waiting for the rate limit")
            time.sleep(5)
