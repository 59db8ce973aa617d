"""The kinds of errors a package may raise. Only the edges know status numbers; everything here is said in the caller's words.

`code` is stable and documented in docs/errors.md; `say` tells the caller what happened, to what, and what to do next;
`log` is inner detail for the log alone.
"""

from typing import Any


class OptralError(Exception):
    """Base of the errors that a caller can answer."""

    default_code = "error"

    def __init__(self, code: str = "", *, say: str = "", log: str = "", **detail: Any) -> None:
        super().__init__(say or code or self.default_code)
        self.code = code or self.default_code
        self.say = say
        self.log = log
        self.detail = detail


class NotFound(OptralError):
    """The organization has nothing with this id; what belongs to another organization looks the same."""

    default_code = "not_found"


class Invalid(OptralError):
    """The request cannot mean anything; `errors` lists {field, code, message}."""

    default_code = "invalid_request"

    def __init__(self, code: str = "", *, say: str = "", log: str = "", errors: list[dict[str, str]] | None = None, **detail: Any) -> None:
        super().__init__(code, say=say, log=log, **detail)
        self.errors = errors or []


class Refused(OptralError):
    """The request is understood but the present state does not allow it (a conflict)."""

    default_code = "conflict"


class Stale(OptralError):
    """The caller's version of the thing is not the present one."""

    default_code = "stale_version"


class Unauthenticated(OptralError):
    """Nobody, or nobody we know: one answer for every bad key."""

    default_code = "unauthenticated"


class Forbidden(OptralError):
    """Known, but not allowed; says which scope is missing."""

    default_code = "forbidden"


class TooMany(OptralError):
    """A limit was reached; try again after `retry_after_s` seconds."""

    default_code = "rate_limited"

    def __init__(self, code: str = "", *, retry_after_s: float, say: str = "", log: str = "", **detail: Any) -> None:
        super().__init__(code, say=say, log=log, **detail)
        self.retry_after_s = retry_after_s


class Unavailable(OptralError):
    """A part we need does not answer now; nothing was done. Try again after `retry_after_s` seconds."""

    default_code = "unavailable"

    def __init__(self, code: str = "", *, retry_after_s: float = 1, say: str = "", log: str = "", **detail: Any) -> None:
        super().__init__(code, say=say, log=log, **detail)
        self.retry_after_s = retry_after_s


class Misconfigured(OptralError):
    """A setting, file or environment is wrong: the start stops with one line that names it (exit 2)."""

    default_code = "misconfigured"
