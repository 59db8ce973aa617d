"""What operators of Optral watch: read at each scrape from the live objects, so nothing is counted twice or goes stale.

Labels are bounded by design: states and queue names, never clusters, keys or objects.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_asgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

Number = Callable[[], float]


@dataclass(slots=True)
class Gauges:
    """Where the numbers come from. Each function is called on the event loop at a scrape and must not wait."""

    queue_depths: dict[str, Number] = field(default_factory=dict)
    agents_by_state: Callable[[], Mapping[str, int]] = dict
    open_streams: Number = lambda: 0
    open_tunnels: Number = lambda: 0
    database_bytes: Number = lambda: 0
    ingest_lag_s: Number = lambda: 0
    loop_lag_s: Number = lambda: 0
    ingested_changes: Number = lambda: 0
    inventory_drifts: Number = lambda: 0
    detector_failures: Callable[[], Mapping[str, int]] = dict
    captures_dropped: Callable[[], Mapping[str, int]] = dict
    work_failures: Callable[[], Mapping[str, int]] = dict
    reads_dropped: Callable[[], Mapping[str, int]] = dict
    analyses: Number = lambda: 0
    model_answers: Callable[[], Mapping[str, int]] = dict
    model_spent: Callable[[], Mapping[str, int]] = dict
    unknown_messages: Number = lambda: 0
    retention_stopped: Number = lambda: 0
    tunnel_events: Callable[[], Mapping[str, int]] = dict
    notifications: Callable[[], Mapping[str, int]] = dict
    ca_expires_at: Number = lambda: 0
    ca_phase: Callable[[], Mapping[str, float]] = dict
    ca_waiting: Number = lambda: 0


class _Live(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        now = self._gauges
        yield _labelled("optral_queue_depth", "Work waiting, by queue", "queue", {name: read() for name, read in now.queue_depths.items()})
        yield _labelled("optral_agents", "Clusters by presence", "state", now.agents_by_state())
        yield _plain("optral_event_streams_open", "Clients that follow the event stream", now.open_streams())
        yield _plain("optral_tunnels_open", "Agents connected to this process", now.open_tunnels())
        yield _plain("optral_retention_stopped", "1 while nothing is deleted, since the clock cannot be trusted", now.retention_stopped())
        yield _plain("optral_database_bytes", "Size of the database", now.database_bytes())
        yield _plain("optral_ingest_lag_seconds", "Age of the oldest change not yet committed", now.ingest_lag_s())
        yield _plain("optral_loop_lag_seconds", "99th percentile of the event loop's lateness over the last minute", now.loop_lag_s())
        yield CounterMetricFamily("optral_ingested_changes", "Object changes committed since the start", value=now.ingested_changes())
        yield CounterMetricFamily(
            "optral_inventory_drifts", "Kinds of clusters whose rows were changed outside the server", value=now.inventory_drifts()
        )
        yield _plain("optral_ca_expiry_timestamp_seconds", "When the CA that signs now expires (Unix time)", now.ca_expires_at())
        yield _labelled("optral_ca_rotation_phase", "1 for the phase the CA rotation is in", "phase", now.ca_phase())
        yield _plain("optral_ca_rotation_waiting_clusters", "Clusters that the next phase of the CA rotation waits for", now.ca_waiting())
        failures = CounterMetricFamily("optral_detector_failures", "Detectors that raised, by type", labels=["type"])
        for name, count in now.detector_failures().items():
            failures.add_metric([name], count)
        yield failures
        dropped = CounterMetricFamily("optral_captures_dropped", "Container logs that were wanted and not fetched", labels=["reason"])
        for reason, count in now.captures_dropped().items():
            dropped.add_metric([reason], count)
        yield dropped
        failed = CounterMetricFamily("optral_work_failures", "Work that failed and is tried again, by loop", labels=["loop"])
        for loop, count in now.work_failures().items():
            failed.add_metric([loop], count)
        yield failed
        unread = CounterMetricFamily(
            "optral_reads_dropped",
            "Reads of the database that ended without a result, by reason: timeout, abandoned, busy",
            labels=["reason"],
        )
        for reason, count in now.reads_dropped().items():
            unread.add_metric([reason], count)
        yield unread
        yield CounterMetricFamily("optral_analyses", "Analyses finished since the start", value=now.analyses())
        answers = CounterMetricFamily(
            "optral_model_answers", "Analyses for which a language model was wanted, by outcome", labels=["outcome"]
        )
        for outcome, count in now.model_answers().items():
            answers.add_metric([outcome], count)
        yield answers
        spent = now.model_spent()
        yield CounterMetricFamily("optral_model_requests", "Requests to the language model", value=spent.get("requests", 0))
        tokens = CounterMetricFamily("optral_model_tokens", "Tokens of the language model", labels=["direction"])
        tokens.add_metric(["input"], spent.get("inputTokens", 0))
        tokens.add_metric(["output"], spent.get("outputTokens", 0))
        yield tokens
        cost = spent.get("costMicros", 0) / 1_000_000
        yield CounterMetricFamily("optral_model_cost_usd", "US dollars for the language model, at the prices of the settings", value=cost)
        told = CounterMetricFamily(
            "optral_notifications", "Notifications between the servers of one PostgreSQL database", labels=["direction"]
        )
        for direction, count in now.notifications().items():
            told.add_metric([direction], count)
        yield told
        yield CounterMetricFamily(
            "optral_tunnel_unknown_messages", "Messages of newer agents that were ignored", value=now.unknown_messages()
        )
        seen = CounterMetricFamily("optral_tunnel_events", "What happened to agents' sessions since the start, by event", labels=["event"])
        for event, count in now.tunnel_events().items():
            seen.add_metric([event], count)
        yield seen


def app(gauges: Gauges) -> Callable[..., object]:
    """The ASGI application of `/metrics`."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(_Live(gauges))
    return make_asgi_app(registry)


def document() -> str:
    """The page docs/metrics.md: every metric of our own, from what a server without agents reports."""
    families = sorted(_Live(Gauges()).collect(), key=lambda family: family.name)
    return _PAGE + "".join(f"{_line(family)}\n" for family in families)


def _line(family: Metric) -> str:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = ", ".join(f"`{label}`" for label in getattr(family, "_labelnames", ()))
    return f"| `{name}` | {family.type} | {labels or '-'} | {family.documentation}. |"


_PAGE = """# Metrics

With `OPTRAL_METRICS_LISTEN` set (`127.0.0.1:9090`), a server answers `GET /metrics` in the Prometheus text format. Each process reports its
own work; with several replicas, sum the counters. The usual `process_*` and `python_*` metrics of the Prometheus client are there too.

| Metric | Type | Labels | Meaning |
|---|---|---|---|
"""


def _plain(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
