"""Exports spans by OTLP over gRPC, as the environment variables of the OpenTelemetry specification say.

Exporting never holds up or fails the work that is traced. Spans that have ended wait in a queue of `OTEL_BSP_MAX_QUEUE_SIZE`, from which a
thread of the library sends them; an attempt ends after `OTEL_EXPORTER_OTLP_TIMEOUT`. What finds no space, or is not sent, is counted in
`dropped`. The library's global provider stays unset: libraries that trace by themselves, such as clients of language models, would
otherwise export what they were asked.

Whether a trace is recorded is decided here, before the library is asked: it takes as long for a span that is not recorded as the rest of
what traces cost a request.
"""

import asyncio
import logging
import os
import random
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import structlog

from optral import __version__
from optral.kit import tracing
from optral.kit.contain import contain
from optral.kit.keyed_rate_limit import KeyedRateLimit

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
SAMPLERS = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
)
STOP_S = 5.0
"""How long a stop waits for the last spans to be sent."""
LOG_EVERY_S = 60.0
_log = structlog.get_logger(__name__)
_TRACEPARENT = re.compile(r"((?!ff)[0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED, _RANDOM = 1, 2  # flags


class Variable(NamedTuple):
    """An environment variable of the specification that Optral reads."""

    name: str
    default: str
    text: str


VARIABLES = (
    Variable(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "unset",
        "Where a collector takes OTLP over gRPC, such as http://collector:4317, with https:// over TLS; traces are off when unset.",
    ),
    Variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "unset", "The same for traces alone; it wins."),
    Variable("OTEL_EXPORTER_OTLP_PROTOCOL", "`grpc`", "Only `grpc` is supported."),
    Variable("OTEL_EXPORTER_OTLP_HEADERS", "unset", "Headers of each export, such as `authorization=Bearer%20…`."),
    Variable("OTEL_EXPORTER_OTLP_CERTIFICATE", "unset", "File with the CA (PEM) of the collector."),
    Variable("OTEL_EXPORTER_OTLP_TIMEOUT", "`10`", "Seconds that an export may take."),
    Variable("OTEL_TRACES_SAMPLER", "`parentbased_always_on`", f"Which traces are recorded: {', '.join(f'`{one}`' for one in SAMPLERS)}."),
    Variable("OTEL_TRACES_SAMPLER_ARG", "`1.0`", "The share of traces that a ratio sampler records, from 0 to 1."),
    Variable("OTEL_BSP_MAX_QUEUE_SIZE", "`2048`", "Spans that wait to be exported; beyond that the oldest are dropped and counted."),
    Variable("OTEL_SERVICE_NAME", "`optral-server`, `optral-agent`", "Name of the service in the traces."),
    Variable("OTEL_RESOURCE_ATTRIBUTES", "unset", "Further attributes of the process, such as `deployment.environment.name=production`."),
    Variable("OTEL_SDK_DISABLED", "`false`", "`true` switches traces off whatever the other variables say."),
)


class BadVariable(ValueError):
    """A variable has a value that cannot be used; the text names it."""


def is_wanted() -> bool:
    """Whether the environment asks for traces."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    return any(os.environ.get(name) for name in ENDPOINTS)


def check() -> None:
    """Raises `BadVariable`: the library would replace a wrong value by a default."""
    for name in ENDPOINTS:
        if (endpoint := os.environ.get(name)) and not endpoint.startswith(("http://", "https://")):
            raise BadVariable(f"{name} must be http:// or https:// with a host and a port, such as http://collector:4317")
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if (protocol := os.environ.get(name, "grpc")) != "grpc":
            raise BadVariable(f"{name}: {protocol!r} is not supported; set grpc, and the gRPC port of the collector (4317)")
    sampler = os.environ.get("OTEL_TRACES_SAMPLER", SAMPLERS[3])
    if sampler not in SAMPLERS:
        raise BadVariable(f"OTEL_TRACES_SAMPLER: {sampler!r} is unknown; set one of {', '.join(SAMPLERS)}")
    if sampler.endswith("traceidratio") and not _is_share(os.environ.get("OTEL_TRACES_SAMPLER_ARG", "1")):
        raise BadVariable("OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1")
    for name in ("OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"):
        if (number := os.environ.get(name, "1")) and (not number.isdecimal() or int(number) < 1):
            raise BadVariable(f"{name} must be a whole number above 0")
    if not _is_number(os.environ.get("OTEL_EXPORTER_OTLP_TIMEOUT", "10")):
        raise BadVariable("OTEL_EXPORTER_OTLP_TIMEOUT must be a number of seconds")


class TraceContext(NamedTuple):
    """Of a caller: the ids of its trace and span, and its flags."""

    trace_id: str
    span_id: str
    flags: int

    @classmethod
    def of(cls, traceparent: str) -> Self | None:
        """None for an invalid one (W3C Trace Context). Later versions may have more at the end."""
        parts = _TRACEPARENT.fullmatch(traceparent)
        if parts is None or not int(parts[2], 16) or not int(parts[3], 16) or (parts[1] == "00" and parts[5] is not None):
            return None
        return cls(parts[2], parts[3], int(parts[4], 16))


class Sampling(NamedTuple):
    """Which traces are recorded: of those that begin here, ids whose lower half is below `bound`; of those of a caller too, unless it
    decides."""

    bound: int
    is_by_parent: bool

    @classmethod
    def of_environment(cls) -> Self:
        name = os.environ.get("OTEL_TRACES_SAMPLER", SAMPLERS[3])
        kind = name.removeprefix("parentbased_")
        share = float(os.environ.get("OTEL_TRACES_SAMPLER_ARG") or 1) if kind == "traceidratio" else float(kind == "always_on")
        return cls(round(share * 2**64), kind != name)

    def includes(self, caller: TraceContext | None, trace_id: str) -> bool:
        return int(trace_id[16:], 16) < self.bound if caller is None or not self.is_by_parent else bool(caller.flags & _SAMPLED)


class Export:
    """What became of the spans since the start."""

    def __init__(self) -> None:
        self.exported = 0
        self.dropped: Counter[str] = Counter({"queue_full": 0, "export_failed": 0})


@asynccontextmanager
async def running(service: str) -> AsyncIterator[Export | None]:
    """Trace while the context is open, if the environment asks for it; None otherwise. Raises `BadVariable`."""
    if not is_wanted():
        yield None
        return
    check()
    if find_spec("opentelemetry.exporter") is None or find_spec("opentelemetry.sdk") is None:
        _log.warning("traces are off: OTEL_EXPORTER_OTLP_ENDPOINT is set, and pip install 'optral[traces]' is needed")
        yield None
        return
    export = Export()
    stop = await asyncio.to_thread(_start, service, export)
    try:
        yield export
    finally:
        tracing.install(None)
        await asyncio.to_thread(stop)


def _start(service: str, export: Export) -> Callable[[], None]:
    """Install a tracer; returns what sends the rest, within `STOP_S`, and ends it."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it logs each failure; `dropped` and one line a minute say it here
    failures = KeyedRateLimit(LOG_EVERY_S)

    class Counted(SpanExporter):
        """Counts what is sent and what is lost."""

        def __init__(self, inner: SpanExporter) -> None:
            self.inner, self.taken = inner, 0

        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            self.taken += len(spans)
            result, errors = SpanExportResult.FAILURE, list[Exception]()
            with contain(errors.append):
                result = self.inner.export(spans)
            if result is SpanExportResult.SUCCESS:
                export.exported += len(spans)
                return result
            export.dropped["export_failed"] += len(spans)
            if (left_out := failures.take("export")) is not None:
                _log.warning("traces.export_failed", say="spans were dropped; check the collector", spans=len(spans), left_out=left_out)
            return result

        def shutdown(self) -> None:
            self.inner.shutdown()

    class Bounded(BatchSpanProcessor):
        """Counts the spans for which the queue has no space: it drops its oldest."""

        def __init__(self, exporter: Counted, size: int) -> None:
            super().__init__(exporter, max_queue_size=size, max_export_batch_size=min(size, _number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)))
            self._exporter, self._size, self._waiting = exporter, size, 0

        def on_end(self, span: "ReadableSpan") -> None:
            if self._waiting - self._exporter.taken >= self._size:
                export.dropped["queue_full"] += 1
            else:
                self._waiting += 1
            super().on_end(span)

    sampling = Sampling.of_environment()
    exporter, provider = Counted(OTLPSpanExporter()), _provider(service, sampling)
    provider.add_span_processor(Bounded(exporter, _number("OTEL_BSP_MAX_QUEUE_SIZE", 2048)))
    tracing.install(_tracer(provider.get_tracer("optral", __version__), sampling))

    def stop() -> None:
        ending = threading.Thread(target=provider.shutdown, name="traces-stop", daemon=True)
        ending.start()
        ending.join(STOP_S)
        exporter.shutdown()  # aborts an export that still waits

    return stop


def _provider(service: str, sampling: Sampling) -> "TracerProvider":
    """Of spans that are all recorded."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    class SampledIds(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            return random.getrandbits(64) << 64 | random.randrange(sampling.bound)  # noqa: S311 - no secret

    names = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": service}
    resource = Resource.create({"service.version": __version__, **names})
    return TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=SampledIds())


def _tracer(library: Any, sampling: Sampling) -> tracing.Tracer:
    from opentelemetry import trace
    from opentelemetry.trace import SpanKind

    kinds = {kind.name.lower(): kind for kind in SpanKind}
    failed = trace.StatusCode.ERROR

    class Recorded(tracing.Span):
        __slots__ = ("_span",)

        def __init__(self, span: Any, trace_id: str, traceparent: str) -> None:
            super().__init__(trace_id, traceparent, is_recorded=True)
            self._span = span

        def end(self, error: BaseException | None = None) -> None:
            if error is not None:
                self.fail(str(getattr(error, "code", "")) or type(error).__qualname__)
            self._span.end()

        def rename(self, name: str) -> None:
            self._span.update_name(name)

        def set(self, name: str, value: str | int | float | bool) -> None:
            self._span.set_attribute(name, value)

        def note(self, event: str) -> None:
            self._span.add_event(event)

        def fail(self, reason: str) -> None:
            self._span.set_attribute("error.type", reason)
            self._span.set_status(failed)

    def remote(caller: TraceContext) -> Any:
        ids = int(caller.trace_id, 16), int(caller.span_id, 16)
        return trace.SpanContext(*ids, is_remote=True, trace_flags=trace.TraceFlags(caller.flags))

    class Otlp:
        def begin(
            self, name: str, kind: tracing.Kind, attributes: tracing.Attributes, parent: str, links: Sequence[str] = ()
        ) -> tracing.Span:
            caller = TraceContext.of(parent) if parent else None
            trace_id, flags = (f"{random.getrandbits(128):032x}", _RANDOM) if caller is None else (caller.trace_id, caller.flags & _RANDOM)
            if not sampling.includes(caller, trace_id):
                return tracing.Span(trace_id, f"00-{trace_id}-{random.getrandbits(64):016x}-{flags:02x}")
            context = None if caller is None else trace.set_span_in_context(trace.NonRecordingSpan(remote(caller)))
            linked = [trace.Link(remote(one)) for one in map(TraceContext.of, links) if one is not None]
            span = library.start_span(name, context, kinds[kind], attributes, linked)
            of = span.get_span_context()
            trace_id = f"{of.trace_id:032x}"
            return Recorded(span, trace_id, f"00-{trace_id}-{of.span_id:016x}-{of.trace_flags:02x}")

    return Otlp()


def document() -> str:
    """The rows of docs/settings.md."""
    return "".join(f"| `{one.name}` | {one.default} | {one.text} |\n" for one in VARIABLES)


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def _is_share(text: str) -> bool:
    return _is_number(text) and 0 <= float(text) <= 1


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
