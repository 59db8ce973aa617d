"""Options that many commands share, so that they are called the same everywhere."""

from typing import Annotated, ClassVar

import typer

from optral.cli.base import command
from optral.cli.base.command import Typer


class Format:
    """What `-o` chose. `template` is the one of `jsonpath`. There is one object for each word of `NAMED`: compare with `is`."""

    TABLE: ClassVar["Format"]
    WIDE: ClassVar["Format"]
    NAME: ClassVar["Format"]
    JSON: ClassVar["Format"]
    YAML: ClassVar["Format"]

    def __init__(self, value: str, template: str = "") -> None:
        self.value, self.template = value, template

    def __str__(self) -> str:
        return self.value

    @property
    def is_data(self) -> bool:
        """Whether programs read it: the answer as the server sent it, and no table."""
        return self not in (Format.TABLE, Format.WIDE, Format.NAME)


Format.TABLE, Format.WIDE, Format.NAME, Format.JSON, Format.YAML = map(Format, ("table", "wide", "name", "json", "yaml"))
View = Format
NAMED = {one.value: one for one in (Format.TABLE, Format.WIDE, Format.NAME, Format.JSON, Format.YAML)}
_JSONPATH = "jsonpath="
_SHAPES = "table|wide|name|json|yaml|jsonpath=…"


def read_format(given: "str | Format") -> Format:
    """The format of a list. Raises `typer.BadParameter`, `Misconfigured` for a bad template."""
    if isinstance(given, Format):
        return given
    if given.startswith(_JSONPATH):
        from optral.cli.base import jsonpath

        jsonpath.template(given.removeprefix(_JSONPATH))
        return Format("jsonpath", given.removeprefix(_JSONPATH))
    if given not in NAMED:
        raise typer.BadParameter(f"{given!r} is not one of {_SHAPES.replace('|', ', ')}")
    return NAMED[given]


def read_one_format(given: "str | Format") -> Format:
    """The format of one object: it has no wide table."""
    found = read_format(given)
    return Format.TABLE if found is Format.WIDE else found


def _formats() -> list[str]:
    return [*NAMED, _JSONPATH]


Output = Annotated[
    Format,
    typer.Option("--output", "-o", parser=read_one_format, metavar=_SHAPES, autocompletion=_formats, help="Output format."),
]
ListOutput = Annotated[
    Format,
    typer.Option(
        "--output", "-o", parser=read_format, metavar=_SHAPES, autocompletion=_formats,
        help="Output format; wide is a table with more columns, name prints one id per line.",
    ),
]  # fmt: skip
Url = command.Url
Key = command.Key
DEFAULT_URL = command.DEFAULT_URL
As = Annotated[
    str,
    typer.Option("--as", envvar="OPTRAL_EMAIL", metavar="EMAIL", help="Email address to sign in with.", show_default=False),
]
Cluster = Annotated[str | None, typer.Option("--cluster", "-c", help="Cluster id or name; separate several with commas.")]
Team = Annotated[str | None, typer.Option(help="Team that owns what fails, or none.")]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Namespace; separate several with commas.")]

BreakGlass = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Run during a freeze, for this reason (at least 10 characters); recorded in the audit log."),
]


def group(help_: str) -> typer.Typer:
    """A group of commands: plain help text, and help when nothing is asked."""
    return Typer(help=help_, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def pairs(given: list[str] | None) -> dict[str, str]:
    """Options of the form NAME=VALUE as names and values. Raises `typer.BadParameter`."""
    found = {}
    for one in given or []:
        name, sign, value = one.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"{one!r} is not NAME=VALUE")
        found[name] = value
    return found
