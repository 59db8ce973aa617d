"""A context for as long as `optral demo` or `optral up` runs, so that other terminals need no exports.

It never takes the name of a context of the user, and becomes the current one only if there is none. One that is left over, because the
machine lost power, is marked as temporary, and the next run replaces it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from optral.terms.errors import Misconfigured

if TYPE_CHECKING:
    from optral.cli.base.contexts_file import Contexts

MAX_NUMBER = 20


@contextmanager
def held(name: str, url: str, api_key: str) -> Iterator[str]:
    """Add a context of this name, or of one with a number; yields the arguments that choose it: none while it is the current one.

    If standard output is not a terminal, or the file cannot be written, nothing is written and "-" is yielded.
    """
    chosen = _added(name, url, api_key) if sys.stdout.isatty() else ""
    if not chosen:
        yield "-"
        return
    from optral.cli.base import contexts_file

    try:
        yield "" if contexts_file.read().current == chosen else f" --context {chosen}"
    finally:
        _remove(chosen, api_key)


def _added(name: str, url: str, api_key: str) -> str:
    """The name of the context; empty where it cannot be stored."""
    from optral.cli.base import contexts_file
    from optral.cli.base.contexts_file import Context

    try:
        contexts = contexts_file.read()
        if not (chosen := _free(contexts, name)):
            return ""
        made = Context(name=chosen, url=url, key=api_key, is_temporary=True)
        contexts_file.write(contexts.with_one(made, is_current=contexts.current in ("", chosen)))
    except Misconfigured:
        return ""
    return chosen


def _free(contexts: "Contexts", name: str) -> str:
    """The first of `demo`, `demo-2`, … that is no context of the user; empty if all are."""
    names = [name, *(f"{name}-{number}" for number in range(2, MAX_NUMBER))]
    return next((one for one in names if one not in contexts.known or contexts.known[one].is_temporary), "")


def _remove(name: str, api_key: str) -> None:
    """Remove the context if it is still the one that was added."""
    from optral.cli.base import contexts_file

    try:
        contexts = contexts_file.read()
        found = contexts.known.get(name)
        if found is not None and found.is_temporary and found.key == api_key:
            contexts_file.write(contexts.without(name))
    except Misconfigured:
        return
