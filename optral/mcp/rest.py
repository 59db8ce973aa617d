"""How tools ask the REST API, and what they say when it refuses."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Params = Mapping[str, str | int | None]


class Rest(Protocol):
    """One request as the caller. Raises `Refusal`."""

    async def __call__(self, method: str, path: str, *, params: Params | None = None, body: object = None) -> Any: ...


class Refusal(Exception):
    """Why a tool gives no answer: `say` is Optral's own text, `rows` and `detail` are data."""

    def __init__(self, code: str, *, say: str, rows: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.say, self.rows = code, say, tuple(rows)


def refused(code: str, detail: str) -> Refusal:
    """A refusal of the REST API. Its text can name objects, so that it is data."""
    return Refusal(code, say=f"Optral refused the request ({code}):", rows=[detail])
