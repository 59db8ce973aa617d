"""An OpenTelemetry collector: takes OTLP over gRPC with the classes of the specification, and keeps the spans."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb, trace_service_pb2_grpc as rpc

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


class Span(NamedTuple):
    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    events: list[str]
    links: list[str]
    is_error: bool


class Collector(rpc.TraceServiceServicer):
    """`spans` as they came. With `refuse` set, each export is refused; while `gate` is closed, it waits."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []
        self.refuse = False
        self.gate = threading.Event()
        self.gate.set()
        self._came = threading.Condition()

    def Export(self, request: pb.ExportTraceServiceRequest, context: grpc.ServicerContext) -> pb.ExportTraceServiceResponse:
        self.gate.wait(30)
        if self.refuse:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "refused")
        with self._came:
            for of in request.resource_spans:
                service = _values(of.resource.attributes)["service.name"]
                self.spans += [_span(service, one) for scope in of.scope_spans for one in scope.spans]
            self._came.notify_all()
        return pb.ExportTraceServiceResponse()

    def wait(self, holds: Callable[[list[Span]], Any], timeout_s: float = 30) -> list[Span]:
        """The spans, once they are as wanted."""
        with self._came:
            if not self._came.wait_for(lambda: holds(self.spans), timeout_s):
                raise AssertionError(f"no such spans came, only: {[(one.service, one.name) for one in self.spans]}")
            return list(self.spans)


def tree(spans: list[Span], trace_id: str) -> list[str]:
    """The spans of a trace, indented below their parents."""
    mine = [one for one in spans if one.trace_id == trace_id]
    ids = {one.span_id for one in mine}

    def below(parent: str, depth: int) -> Iterator[str]:
        for one in mine:
            if one.parent_id == parent or (depth == 0 and one.parent_id not in ids):
                yield "  " * depth + f"{one.service}: {one.name}"
                yield from below(one.span_id, depth + 1)

    return list(below("", 0))


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on loopback."""
    collector, pool = Collector(), ThreadPoolExecutor(4)
    server = grpc.server(pool)
    rpc.add_TraceServiceServicer_to_server(collector, server)
    collector.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        collector.gate.set()
        server.stop(0).wait()
        pool.shutdown()


def _span(service: str, one: Any) -> Span:
    return Span(
        service,
        one.name,
        KINDS[one.kind],
        one.trace_id.hex(),
        one.span_id.hex(),
        one.parent_span_id.hex(),
        _values(one.attributes),
        [event.name for event in one.events],
        [link.trace_id.hex() for link in one.links],
        one.status.code == 2,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
