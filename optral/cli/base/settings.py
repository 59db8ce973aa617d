"""What people set, declared once for the commands that create and edit it: the option of each, its member in the request, its column."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import typer

from optral.cli.base.command import inserted
from optral.cli.base.output import Column
from optral.terms.errors import Misconfigured

Given = dict[str, Any]
"""The members of the request, by path (`filters.events`); options that were not used are left out."""

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]


class Setting(NamedTuple):
    """`create` and `edit` are the option or argument of each command (typer's); None where it has none.

    `parameter` is the Python name of the option. `is_required` and `default` are about the command that creates.
    """

    path: str
    parameter: str
    create: Any = None
    edit: Any = None
    type: Any = str
    is_required: bool = False
    default: Any = None
    column: Column | None = None


def both(path: str, parameter: str, option: Any, type_: Any = str) -> Setting:
    """A setting that has the same option in both commands, and no default."""
    return Setting(path, parameter, option, option, type_)


def columns(settings: Iterable[Setting]) -> tuple[Column, ...]:
    return tuple(setting.column for setting in settings if setting.column is not None)


def creates(settings: Sequence[Setting]) -> _Decorator:
    """For a command that creates: it gets as `given` what its options say."""
    return _takes({setting.path: _option(setting, setting.create, setting) for setting in settings if setting.create is not None})


def edits(settings: Sequence[Setting]) -> _Decorator:
    """For a command that edits: none of the options is required."""
    return _takes(
        {
            setting.path: _option(setting, setting.edit, Setting(setting.path, setting.parameter))
            for setting in settings
            if setting.edit is not None
        }
    )


def members(record: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, as they are."""
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def takes_record(record: type[Any]) -> _Decorator:
    """For a command with an option for each field of a dataclass, whose metadata is what typer's `Option` takes, and the option's `name`.
    The command gets the record as `settings`."""
    options = {field.name: _field_option(field) for field in dataclasses.fields(record)}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        return inserted(command, "settings", options, lambda values: record(**values))

    return decorate


def _field_option(one: "dataclasses.Field[Any]") -> inspect.Parameter:
    about = dict(one.metadata)
    names = [name] if (name := about.pop("name")) else []
    default = inspect.Parameter.empty if one.default is dataclasses.MISSING else one.default
    kind: Any = one.type
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, typer.Option(*names, **about)]
    )


def inner(given: Given, member: str) -> Given:
    """The members of one object of the request, such as `filters`, without the empty values of lists; they are taken out of `given`."""
    paths = [path for path in given if path.startswith(f"{member}.")]
    values = {path.removeprefix(f"{member}."): given.pop(path) for path in paths}
    return {name: [one for one in value if one] if isinstance(value, list) else value for name, value in values.items()}


def require_change(given: Given, example: str) -> None:
    """Raises `Misconfigured` if there is nothing to change."""
    if not given:
        raise Misconfigured("nothing_to_change", say=f"nothing to change; use an option such as {example} (see --help)")


def _option(one: Setting, option: Any, use: Setting) -> inspect.Parameter:
    default = inspect.Parameter.empty if use.is_required else use.default
    kind: Any = one.type if default is not None else one.type | None
    return inspect.Parameter(one.parameter, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _takes(options: Mapping[str, inspect.Parameter]) -> _Decorator:
    def given(values: Mapping[str, Any]) -> Given:
        return {path: value for path, option in options.items() if (value := values[option.name]) is not None}

    return lambda command: inserted(command, "given", {option.name: option for option in options.values()}, given)
