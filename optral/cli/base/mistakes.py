"""Errors of the API in the words of the command line: a wrong field is named by the option that was typed."""

import re
from collections.abc import Sequence

from optral.terms.errors import OptralError

_OTHER_NAMES = {"q": "query"}
_SHORT = {"cluster": "-c", "namespace": "-n", "query": "-q"}
_PYDANTIC = re.compile("^Input should be ")


def text_of(error: OptralError, typed: Sequence[str]) -> str:
    """The text of an error. `typed`: the words of the command."""
    fields: Sequence[tuple[str, str]] = getattr(error, "fields", ())
    named = [(_option(field, typed), message) for field, message in fields]
    if named and all(option for option, _ in named):
        return "; ".join(f"{option}: {_PYDANTIC.sub('must be ', message)}" for option, message in named)
    request = getattr(error, "request_id", "") if getattr(error, "status", 0) >= 500 else ""  # the server's log says more
    return f"{error.say or error.code} (request id {request})" if request else error.say or error.code


def _option(field: str, typed: Sequence[str]) -> str | None:
    """The option for a field such as `severity.0` or `pageSize`; None if it was not typed."""
    name = field.partition(".")[0]
    name = re.sub("([A-Z])", r"-\1", _OTHER_NAMES.get(name, name)).lower()
    words = {word.partition("=")[0] for word in typed}
    return next((option for option in (f"--{name}", _SHORT.get(name)) if option in words), None)
