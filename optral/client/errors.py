"""Errors of the API: the problem that the server returned, or that it cannot be reached."""

from collections.abc import Sequence

import msgspec

from optral.terms.errors import OptralError


class ClientError(OptralError):
    """The request was refused, or the server cannot be reached (`status` 0). `request_id` identifies the request in the server's log.

    `fields`: the fields of the request that were wrong, each with its message.
    """

    default_code = "request_failed"

    def __init__(self, code: str, *, say: str, status: int = 0, request_id: str = "", fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(code, say=say)
        self.status, self.request_id, self.fields = status, request_id, tuple(fields)


class _Problem(msgspec.Struct, rename="camel"):
    title: str = ""
    detail: str = ""
    code: str = ""
    request_id: str = ""
    errors: list[dict[str, object]] = []


def from_answer(status: int, body: bytes, *, request_id: str = "") -> ClientError:
    """Read problem+json; of another response (a proxy's page) only the status is reported."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        return ClientError(
            "unexpected_answer", say=f"the server returned status {status} without details", status=status, request_id=request_id
        )
    say = problem.detail or problem.title or f"the server returned status {status}"
    more = [error for error in problem.errors[:5] if str(error.get("message", "")) not in say]
    details = "; ".join(f"{error.get('field', '')}: {error.get('message', '')}".strip(": ") for error in more)
    return ClientError(
        problem.code or "unexpected_answer",
        say=f"{say} ({details})" if details else say,
        status=status,
        request_id=problem.request_id or request_id,
        fields=[(str(error.get("field", "")), str(error.get("message", ""))) for error in problem.errors[:5]],
    )
