"""Spans: what belongs to one request or one piece of work, across processes, in the form of OpenTelemetry.

Off until `kit/trace_export.py` installs a tracer: until then the library is not loaded. Spans start in few places: a request
(`api/http/traced.py`), a report of an agent (`agent/connection/session.py`, `gateway/session.py`) and a transaction (`store/traced.py`).
A trace that is not sampled still has its id, which joins the logs of all processes.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Literal, Protocol

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attributes = Mapping[str, str | int | float | bool]


class Span:
    """An open span, or one that is not recorded. Enter it to make it the current one; leaving ends it."""

    __slots__ = ("_token", "is_recorded", "trace_id", "traceparent")

    def __init__(self, trace_id: str = "", traceparent: str = "", *, is_recorded: bool = False) -> None:
        self.trace_id, self.traceparent, self.is_recorded = trace_id, traceparent, is_recorded
        self._token: Token[Span | None] | None = None

    def __enter__(self) -> "Span":
        self._token = _current.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._token is not None:
            _current.reset(self._token)
            self._token = None
        self.end(error)

    def end(self, error: BaseException | None = None) -> None:
        """End a span that is never the current one."""

    def rename(self, name: str) -> None: ...

    def set(self, name: str, value: str | int | float | bool) -> None: ...

    def note(self, event: str) -> None:
        """Record the time of something that happens within the span."""

    def fail(self, reason: str) -> None:
        """The work failed although nothing was raised; `reason` is a code, no text."""


class Tracer(Protocol):
    """What exports spans. No method blocks or raises."""

    def begin(self, name: str, kind: Kind, attributes: Attributes, parent: str, links: Sequence[str] = ()) -> Span: ...


_tracer: Tracer | None = None
_current: ContextVar[Span | None] = ContextVar("span", default=None)
_OFF: AbstractContextManager[Span] = nullcontext(Span())


def install(tracer: Tracer | None) -> None:
    """Start to trace; None stops it. Once in a process, before the work begins."""
    global _tracer
    _tracer = tracer


def is_on() -> bool:
    return _tracer is not None


def current() -> Span | None:
    """The span of the work that runs here."""
    return _current.get()


def trace_id() -> str:
    """Of the current span; empty without one."""
    return "" if (span := _current.get()) is None else span.trace_id


def begin(
    name: str, *, kind: Kind = "internal", attributes: Attributes | None = None, parent: str = "", links: Sequence[str] = ()
) -> AbstractContextManager[Span]:
    """A span that continues `parent` (a `traceparent`), or begins a trace. An invalid parent is none. `links`: those of other traces that
    this is the work of, too."""
    return _OFF if _tracer is None else _tracer.begin(name, kind, attributes or {}, parent, links)


def step(name: str, *, kind: Kind = "internal", attributes: Attributes | None = None) -> AbstractContextManager[Span]:
    """A span within the current one; nothing where there is none that is recorded."""
    if _tracer is None or (inside := _current.get()) is None or not inside.is_recorded:
        return _OFF
    return _tracer.begin(name, kind, attributes or {}, inside.traceparent)


class within:
    """Make a span that another thread or task has opened the current one here; it stays open."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> None:
        self._token = _current.set(self._span)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def add_trace_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: `trace_id` in each line that is logged within a span."""
    if (span := _current.get()) is not None and span.trace_id:
        event["trace_id"] = span.trace_id
    return event
