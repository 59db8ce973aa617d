"""Printing: tables for people, JSON and YAML for programs, errors in one line on stderr.

Everything shown may come from a cluster, so control characters (which could move the cursor, change colors or reverse text) never reach
a terminal. When stdout is no terminal, tables are not cut to a width, so that `grep` finds what is there.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from optral.cli.base import terminal
from optral.cli.base.options import Format
from optral.kit import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from optral.client.stream import Event

_FRACTION = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z$")  # of a second: noise for people
_NOT_A_TERMINAL_WIDTH = 10_000
MOST_ROWS = 100_000
"""Of a list, so that each command ends; what is beyond is said."""
_seen: dict[str, dict[str, Any]] | None = None
"""What `only_changes` printed, by id; None outside of it."""
_STYLES = {
    "critical": "bold red", "high": "red", "medium": "yellow", "low": "dim", "open": "red", "acknowledged": "yellow", "resolved": "green",
    "online": "green", "degraded": "yellow", "offline": "red", "pending": "dim",
}  # fmt: skip


class Column(NamedTuple):
    """A column of a table: its head and the path of its value in the JSON (`owner.name`).

    `whole`: never cut, since it is there to be read exactly or copied. `age`: a time, shown as how long ago it was. `stale`: the path of
    the object with `stale` and `staleSince` ("" for the row itself), shown as how old the data is, and empty while current. The column
    is left out while all rows are current, except with `-o wide`. `wide`: shown with `-o wide` only. `spare`: left out on a terminal
    where it would cut other texts, such as an id where names serve as well. `usual`: left out on a terminal while each row has this value,
    or with `SAME` while all rows have the same one. `below`: the head of the column below whose text it goes where it has no room.
    `text`: how the value is written. `wraps`: broken into lines and not cut.
    """

    head: str
    path: str
    whole: bool = False
    age: bool = False
    stale: bool = False
    wide: bool = False
    spare: bool = False
    usual: str | None = None
    below: str = ""
    text: Callable[[Any], str] | None = None
    wraps: bool = False


SAME = "*"
CUT_TO = 32
"""A longer text is cut to this before a column is left out."""
WHOLE_TO = 80
"""A text of this length is not cut while a spare column is there."""
MIN_ROOM = 20
"""In less than this, a text is not broken into lines."""
WRAPPED_FROM, WRAPPED_TO = 120, 48
"""A text that wraps is not broken before the first width while a spare column is there, and not to less than the second before others are
left out."""
_NO_VALUE = ("", "None")
_NEVER_LEFT_OUT = frozenset({"NAME", "TITLE", "SLUG", "EMAIL", "RUNBOOK"})
_LEFT_OUT_LATE = ({"KIND", "NAMESPACE"}, {"AGE", "CREATED", "SINCE"}, {"STATUS", "SEVERITY"})
STALE = Column("STALE", "", whole=True, stale=True)
CHANGE = Column("CHANGE", "_change", whole=True, below="TITLE")
"""What is new of a row that is printed again."""


def clean(text: object) -> str:
    """One line that is safe on a terminal: control and direction characters become spaces."""
    return printable.one_line(text)


def moment(text: object) -> str:
    """As `clean`; of a time, without the fraction of a second."""
    return _FRACTION.sub(r"\1Z", clean(text))


def time_of_day(moment: str) -> str:
    """`21:49 UTC`, of an RFC 3339 time."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%H:%M} UTC"


def clean_text(text: str) -> str:
    """Several lines that are safe on a terminal; line breaks and tabs stay."""
    return printable.lines(text)


def show(raw: bytes, output: Format, *, columns: Sequence[Column], rows: str | None = None) -> None:
    """Print an answer of the API. `rows` names the list in it; without it the answer itself is the one row."""
    import msgspec

    answer = msgspec.json.decode(raw)
    items = answer.get(rows, []) if rows else [answer]
    shown, is_again = len(items), bool(_seen)
    if output.is_data:
        as_data(raw, output)
    elif output is Format.NAME:
        items = items if _seen is None else _changed(items)
        sys.stdout.writelines(f"{name_of(item)}\n" for item in items)
    else:
        _show_table(items, output, columns, is_whole=bool(rows) and answer.get("total", shown) <= shown)
    if rows and not is_again:
        if not items and not output.is_data:
            _say_nothing_found(answer.get("coverage"))
        _say_what_is_left(answer, shown)


def _say_nothing_found(record: dict[str, Any] | None) -> None:
    """An empty list that covers less than everything says what it covers, to scripts too."""
    if record is None or record["complete"]:
        note("nothing found")
    else:
        remark(f"nothing found in what could be read, which does not mean that nothing is wrong. {clean(record['summary'])}")


def _show_table(items: list[dict[str, Any]], output: Format, columns: Sequence[Column], *, is_whole: bool) -> None:
    is_wide, is_again = output is Format.WIDE, bool(_seen)
    if _seen is not None:
        items, columns = _differing(items, columns, is_whole=is_whole), (*columns, CHANGE)
        if is_again and not items:
            return
    table(columns, items, has_head=not is_again, is_wide=is_wide)


def _say_what_is_left(answer: dict[str, Any], shown: int) -> None:
    """A list that goes on says so, also to scripts: on stderr."""
    total, first = answer.get("total", shown), (answer.get("page", 1) - 1) * answer.get("pageSize", shown) + 1
    if total <= shown:
        return
    rows = f"rows {first:,} to {first + shown - 1:,} of" if first > 1 and shown else f"{shown:,} of"
    total_in_words = f"{total:,}{' or more' * bool(answer.get('totalCapped'))}"
    is_last = first + shown > total and not answer.get("totalCapped")
    can_ask = _seen is None and shown < MOST_ROWS
    more = "" if is_last else "; --all prints all" if can_ask else "; narrow the list to see others"
    remark(f"{rows} {total_in_words}{more}")


def is_repeated() -> bool:
    """Whether a list is printed again and again, with `--watch`."""
    return _seen is not None


def _narrowed(columns: Sequence[Column], items: list[dict[str, Any]]) -> list[Column]:
    """The columns without those for `-o wide`, and without those that have no value in any row."""
    has_changes = _seen is not None  # rows that are printed later stand below the same heads; they say what is out of date
    if has_changes or not items:
        return [column for column in columns if not column.wide and not column.stale]
    columns = [column for column in columns if not column.wide]
    return [one for one in columns if one.head in _NEVER_LEFT_OUT or any(_cell(item, one) not in _NO_VALUE for item in items)] or columns


def show_one(raw: bytes, output: Format, *, columns: Sequence[Column]) -> None:
    """Print one object: a line per field, or JSON, or YAML."""
    if output is not Format.TABLE:
        return as_data(raw, output)
    import msgspec

    item = msgspec.json.decode(raw)
    if _seen is None or _changed([item]):
        fields(item, columns)
    return None


def show_all(raw: bytes, output: Format) -> None:
    """Print an object with the names of its members."""
    if output is not Format.TABLE:
        return as_data(raw, output)
    import msgspec

    item = msgspec.json.decode(raw)
    paths = [f"{name}.{inner}" for name, value in item.items() if isinstance(value, dict) for inner in value]
    paths = [name for name, value in item.items() if not isinstance(value, dict)] + paths
    fields(item, [Column(path, path) for path in paths])
    return None


def event(happened: "Event", output: Format, *, line: str) -> None:
    """Print one event of a stream at once: a line for people, a JSON line, or a YAML document."""
    if output is Format.TABLE:
        text = clean(line).rstrip()
    else:
        data = happened.data if isinstance(happened.data, dict) else {}
        text = document(data if output is Format.NAME else {"id": happened.id, "type": happened.type, "data": happened.data}, output)
    sys.stdout.write(printable.escaped(text) + "\n")
    sys.stdout.flush()


def document(item: dict[str, Any], output: Format) -> str:
    """One of many objects that are printed one after another: a line of JSON, a YAML document, the name, or what a template gives."""
    import msgspec

    if output is Format.NAME:
        return name_of(item)
    text = msgspec.json.encode(item).decode()
    if output.template:
        return _filled(msgspec.json.decode(text), output)
    if output is not Format.YAML:
        return text
    from optral.kit import yamls

    return "---\n" + yamls.dumped(msgspec.json.decode(text)).rstrip()


def summary(data: object) -> str:
    """The plain values of an event's data, in one line."""
    items = data.items() if isinstance(data, dict) else ()
    return " ".join(f"{name}={value}" for name, value in items if isinstance(value, str | int) and value != "")[:200]


def name_of(item: dict[str, Any]) -> str:
    """What `-o name` prints of an object: its id, or the name where it has no id."""
    return clean(next((item[member] for member in ("id", "name", "type") if item.get(member)), ""))


def _filled(tree: Any, output: Format) -> str:
    from optral.cli.base import jsonpath

    return jsonpath.template(output.template).render(tree)


def _names(tree: Any) -> str:
    """The names of the objects in an answer: of its first list of objects, or of the answer itself."""
    lists = [value for value in tree.values() if isinstance(value, list)] if isinstance(tree, dict) else [tree]
    rows = next((rows for rows in lists if rows and isinstance(rows[0], dict)), [])
    own = isinstance(tree, dict) and tree.get("id")
    return "".join(f"{name_of(item)}\n" for item in ([tree] if own or not rows else rows) if isinstance(item, dict) and name_of(item))


def done(raw: bytes, output: Format, text: str) -> None:
    """The answer for programs; for people the text that says what was done."""
    if output is not Format.TABLE:
        as_data(raw, output)
    else:
        typer.echo(text)


def as_data(raw: bytes, output: Format) -> None:
    """JSON as the server sent it, indented; the same as YAML; its names, or what a template gives."""
    import msgspec

    if _seen is not None and not _changed([{"id": "", "raw": raw}]):
        return
    if output is Format.NAME:
        text = _names(msgspec.json.decode(raw or b"null"))
    elif output.template:
        text = _filled(msgspec.json.decode(raw or b"null"), output)
        text += "" if text.endswith("\n") else "\n"
    elif output is Format.YAML:
        from optral.kit import yamls

        text = yamls.dumped(msgspec.json.decode(raw))
    else:
        text = msgspec.json.format(raw or b"null", indent=2).decode() + "\n"
    terminal.write(printable.escaped(text))


@contextmanager
def only_changes() -> Iterator[None]:
    """Print each object again only when it differs from what was printed, and the head of a table once."""
    global _seen
    _seen = {}
    try:
        yield
    finally:
        _seen = None


def _changed(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects that differ from what was printed."""
    assert _seen is not None
    changed = [item for item in items if _seen.get(str(item.get("id", ""))) != item]
    _seen.update({str(item.get("id", "")): item for item in items})
    return changed


def _differing(items: Sequence[dict[str, Any]], columns: Sequence[Column], *, is_whole: bool) -> list[dict[str, Any]]:
    """The rows that show a difference, each with what it is. `is_whole`: rows that are not there any more left the list."""
    assert _seen is not None
    before, now = dict(_seen), {str(item.get("id", "")): item for item in items}
    changed = [{**item, "_change": "" if not before else _change(before.get(id_), item, columns)} for id_, item in now.items()]
    changed = [item for item in changed if not before or item["_change"]]
    gone = [id_ for id_ in before if id_ not in now] if is_whole else []
    changed += [{**_seen.pop(id_), "_change": "no longer listed"} for id_ in gone]
    _seen.update(now)
    return changed


def _change(before: dict[str, Any] | None, item: dict[str, Any], columns: Sequence[Column]) -> str:
    """`new`, or the cells that differ: `severity medium -> high`; "" if none does."""
    if before is None:
        return "reopened" if item.get("substatus") == "regressed" else "new"
    cells = [(column, _cell(before, column), _cell(item, column)) for column in columns if not column.age]
    return ", ".join(
        (f"out of date {new}" if new else "up to date") if column.stale else f"{column.head.lower()} {old or 'none'} -> {new or 'none'}"
        for column, old, new in cells
        if (bool(old) != bool(new) if column.stale else old != new)
    )


def table(columns: Sequence[Column], items: Iterable[dict[str, Any]], *, has_head: bool = True, is_wide: bool = False) -> None:
    """A plain table: heads in capitals, two spaces between columns. `is_wide`: nothing is cut or left out, the terminal wraps the lines."""
    from rich.table import Table

    target, items = console(is_wide=is_wide), list(items)
    columns = columns if is_wide else _narrowed(columns, items)
    rows = [[_cell(item, column) for column in columns] for item in items]
    left_out = _saying_nothing(columns, rows) if target.width < _NOT_A_TERMINAL_WIDTH else set[int]()
    longest = [max(len(column.head), *(len(row[at]) for row in rows), 0) for at, column in enumerate(columns)]
    below = _folded(columns, longest, target.width, but=left_out)
    for at, main in below.items():
        longest[main] = max(longest[main], longest[at] + len(columns[at].head) + 4)
    widths = _fitting(columns, longest, target.width, but=left_out | set(below))
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=has_head)
    for at, width in widths.items():
        shown.add_column(columns[at].head, no_wrap=not columns[at].wraps, overflow="ellipsis", width=width)
    for row in rows:
        shown.add_row(*(_styled(row, at, columns, [other for other, main in below.items() if main == at]) for at in widths))
    with target.capture() as captured:
        target.print(shown)
    terminal.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def _styled(row: Sequence[str], at: int, columns: Sequence[Column], below: Iterable[int]) -> "Text":
    """A cell, with the cells that go below it."""
    from rich.text import Text

    cell = Text(row[at], style=_STYLES.get(row[at], ""))
    for other in below:
        if row[other]:
            cell.append(f"\n  {columns[other].head.lower()}: {row[other]}", style="dim")
    return cell


def _saying_nothing(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> set[int]:
    """The columns with the usual value, or with the same one, in each row."""
    if _seen is not None or not rows:
        return set()
    values = {at: {row[at] for row in rows} for at, column in enumerate(columns) if column.usual is not None}
    return {at for at, found in values.items() if len(found) == 1 and (columns[at].usual == SAME or found == {columns[at].usual})}


def _folded(columns: Sequence[Column], longest: Sequence[int], room: int, *, but: set[int]) -> dict[int, int]:
    """The columns that go below another one, by index, since all of them as long as they are do not fit; with `--watch` always."""
    heads = {column.head: at for at, column in enumerate(columns) if at not in but}
    below = {at: heads[column.below] for at, column in enumerate(columns) if at not in but and column.below in heads}
    wished = {at: longest[at] for at, column in enumerate(columns) if at not in but and not column.spare}
    is_bounded = room < _NOT_A_TERMINAL_WIDTH
    return below if is_bounded and (_seen is not None or _left(wished, room) < 0) else {}


def _fitting(columns: Sequence[Column], longest: Sequence[int], room: int, *, but: Collection[int]) -> dict[int, int]:
    """The columns that a terminal of this width has room for, with their widths: a few that can be read, not all of them cut to letters."""
    kept = [at for at in range(len(columns)) if at not in but]
    is_tight = _left({at: _narrow(columns[at], longest[at], WRAPPED_FROM, WHOLE_TO) for at in kept}, room) < 0
    widths = {at: _narrow(columns[at], longest[at], WRAPPED_TO, CUT_TO) for at in kept if not (is_tight and columns[at].spare)}
    for at in sorted(widths, key=lambda at: (_value(columns[at]), -at)):
        if _left(widths, room) >= 0:
            break
        if at > 0 and columns[at].head not in _NEVER_LEFT_OUT:
            del widths[at]
    for at, width in widths.items():
        widths[at] = max(min(longest[at], width + _left(widths, room)), min(width, CUT_TO))
    return widths


def _narrow(column: Column, longest: int, wrapped_to: int, cut_to: int) -> int:
    return longest if column.whole else min(longest, wrapped_to if column.wraps else cut_to)


def _left(widths: Mapping[int, int], room: int) -> int:
    return room - sum(width + 2 for width in widths.values()) + 2


def _value(column: Column) -> int:
    """How late a column is left out."""
    return next((at for at, heads in enumerate(_LEFT_OUT_LATE, 1) if column.head in heads), 0)


def staleness(shown: object) -> str:
    """How old the data of an answer is ("5m"; "yes" when no agent ever connected); "" while it is current."""
    if not isinstance(shown, dict) or not shown.get("stale"):
        return ""
    return age(shown["staleSince"]) if shown.get("staleSince") else "yes"


def stale_notice(answer: dict[str, Any]) -> str:
    """A sentence for people about an answer that is out of date; "" while it is current."""
    if not answer.get("stale"):
        return ""
    since = answer.get("staleSince")
    at = moment(since)
    as_of = f"last update {age(since)} ago ({at})" if since else "no agent has connected"
    return f"out of date: the agent of {clean(answer.get('cluster', 'the cluster'))} is not connected; {as_of}"


def _cell(item: dict[str, Any], column: Column) -> str:
    if column.stale:
        return staleness(_at(item, column.path) if column.path else item)
    if column.text is not None:
        return clean(column.text(_at(item, column.path) if column.path else item))
    value = _shown(item, column.path)
    return age(value) if column.age and value else moment(value)


def age(moment: object, *, now: datetime | None = None) -> str:
    """How long ago an RFC 3339 time was, as kubectl writes it: `42s`, `5m`, `3h`, `12d`; the text itself when it is no time."""
    try:
        seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(str(moment))).total_seconds()
    except ValueError:
        return clean(moment)
    for unit, size in (("d", 86400 * 2), ("h", 3600 * 2), ("m", 120)):
        if seconds >= size:
            return f"{int(seconds // (size / 2))}{unit}"
    return f"{max(0, int(seconds))}s"


def fields(item: dict[str, Any], columns: Sequence[Column]) -> None:
    """One object, a line per field; fields without a value are left out. A long text goes on below its beginning.

    Times are whole: where a table has AGE, the field is named by its time, such as CREATED. A value without
    spaces is never broken, since it is there to be copied.
    """
    from rich.text import Text

    columns = [one._replace(head=one.path.removesuffix("At").upper()) if one.head == "AGE" else one for one in columns]
    target, width = console(), max(len(column.head) for column in columns) + 2
    for column in columns:
        value = _cell(item, column) if column.stale or column.text else moment(_shown(item, column.path))
        if value not in _NO_VALUE:
            text = _hanging(value, width, target.width - width)
            target.print(Text.assemble((column.head.ljust(width), "dim"), (text, _STYLES.get(value, ""))), soft_wrap=True)


def _hanging(value: str, indent: int, room: int) -> str:
    """The text with its further lines below the first one, if there is room for that."""
    if len(value) <= room or room < MIN_ROOM:
        return value
    lines = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * indent}".join(lines)


def remark(text: str) -> None:
    """What everyone must know who reads the output, scripts too: stderr."""
    typer.secho(clean_text(text), err=True, dim=True, color=terminal.has_colors())


def note(text: str) -> None:
    """A remark for people: stderr, and only on a terminal."""
    if sys.stderr.isatty():
        remark(text)


@contextmanager
def waiting(text: str) -> Iterator[Callable[[str], object]]:
    """Show a spinner on a terminal; what this gives changes its text."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:
        yield status.update


def error(text: str) -> None:
    """An error with its remedy, in one line."""
    sys.stderr.write(f"optral: {clean(text)}\n")


def console(*, is_wide: bool = False) -> "Console":
    """Where tables go: as wide as the terminal, or without bounds."""
    from rich.console import Console

    return Console(
        width=None if sys.stdout.isatty() and not is_wide else _NOT_A_TERMINAL_WIDTH, highlight=False, markup=False, soft_wrap=False,
        no_color=not terminal.has_colors(), force_terminal=True if terminal.forces_colors() else None,
    )  # fmt: skip


def _at(item: dict[str, Any], path: str) -> Any:
    value: Any = item
    for name in path.split("."):
        if isinstance(value, list):  # of each of its items
            value = [one.get(name) for one in value if isinstance(one, dict)]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _shown(item: dict[str, Any], path: str) -> Any:
    value = _at(item, path)
    return words(value) if isinstance(value, dict | list | bool) else value


def words(value: object) -> str:
    """A value of an answer as people read it: `a=1, b=2` for members, a comma between items, and "none" for nothing inside them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name}={words(inner) or 'none'}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(words(one) for one in value)
    return "" if value is None else str(value)
