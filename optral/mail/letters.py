"""A message laid out once and rendered twice: as plain text, and as HTML that old mail programs show (tables, inline styles, no images).

All text is escaped; addresses are those of this server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple, TypeAlias

from optral.kit.printable import one_line
from optral.mail.model import Content

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TEXT = "margin:0 0 16px;font-size:15px;line-height:22px;color:#1f2733"
_CELL = (
    "padding:8px 12px 8px 0;border-bottom:1px solid #e4e8ee;font-size:14px;line-height:20px;color:#1f2733;"
    "vertical-align:top;overflow-wrap:anywhere"
)
_HEAD = "padding:0 12px 6px 0;border-bottom:1px solid #c9d1dc;font-size:12px;line-height:16px;color:#5b6675;text-align:left;font-weight:600"
_BUTTON = "display:inline-block;padding:10px 18px;border-radius:6px;background:#1d5fd1;color:#ffffff;font-size:15px;text-decoration:none"


class Button(NamedTuple):
    label: str
    url: str


class Cell(NamedTuple):
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A part with a heading. `columns` are empty for one column without a name; `empty` is said instead of a table without rows."""

    heading: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    empty: str = ""


Block: TypeAlias = str | Button | Table


def content(subject: str, blocks: Sequence[Block], *, footer: str) -> Content:
    """`footer` says why the recipient gets this message."""
    subject = one_line(subject, most=200)
    text = "\n\n".join([*(_text(block) for block in blocks), f"-- \n{footer}"]) + "\n"
    return Content(subject=subject, text=text, html=_page(subject, "".join(_html(block) for block in blocks), footer))


def _text(block: Block) -> str:
    if isinstance(block, Button):
        return f"{block.label}:\n{block.url}"
    if isinstance(block, Table):
        return "\n".join([block.heading, "=" * len(block.heading), *([_row(block, row) for row in block.rows] or [block.empty])])
    return block


def _row(table: Table, row: Sequence[Cell]) -> str:
    first, *others = row
    named = [f"{name}: {cell.text}" for name, cell in zip(table.columns[1:], others, strict=bool(others)) if cell.text]
    return "\n  ".join([f"- {one_line(first.text)}", *([one_line("; ".join(named))] if named else []), *([first.url] if first.url else [])])


def _html(block: Block) -> str:
    if isinstance(block, Button):
        shown = f'<p style="margin:0 0 8px"><a href="{escape(block.url)}" style="{_BUTTON}">{escape(block.label)}</a></p>'
        return shown + f'<p style="margin:0 0 16px;font-size:12px;color:#5b6675;word-break:break-all">{escape(block.url)}</p>'
    if isinstance(block, Table):
        heading = f'<h2 style="margin:8px 0 12px;font-size:16px;line-height:22px;color:#1f2733">{escape(block.heading)}</h2>'
        return heading + (_table(block) if block.rows else f'<p style="{_TEXT}">{escape(block.empty)}</p>')
    return f'<p style="{_TEXT}">{escape(block)}</p>'


def _table(table: Table) -> str:
    named = "".join(f'<th style="{_HEAD}">{escape(name)}</th>' for name in table.columns)
    head = f"<tr>{named}</tr>" if named else ""
    rows = "".join("<tr>" + "".join(f'<td style="{_CELL}">{_linked(cell)}</td>' for cell in row) + "</tr>" for row in table.rows)
    opened = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 24px">'
    return f"{opened}{head}{rows}</table>"


def _linked(cell: Cell) -> str:
    text = escape(one_line(cell.text))
    return f'<a href="{escape(cell.url)}" style="color:#1d5fd1;text-decoration:none">{text}</a>' if cell.url else text


def _page(title: str, body: str, footer: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="margin:0;padding:24px 12px;background:#f2f4f7;{_FONT}">'
        '<table role="presentation" align="center" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px;background:#ffffff;'
        'border:1px solid #e4e8ee;border-radius:8px"><tr><td style="padding:28px 32px">'
        '<p style="margin:0 0 20px;font-size:13px;font-weight:700;color:#1d5fd1">Optral</p>'
        f'<h1 style="margin:0 0 16px;font-size:20px;line-height:28px;color:#1f2733">{escape(title)}</h1>{body}'
        f'<p style="margin:8px 0 0;font-size:12px;line-height:18px;color:#5b6675">{escape(footer)}</p>'
        "</td></tr></table></body></html>"
    )
