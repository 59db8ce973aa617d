"""What operators of Optral watch: read at each scrape from the live objects, so nothing is counted twice or goes stale.

Labels are bounded by design: states and queue names, never clusters, keys or objects.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

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
    mail: Callable[[], Mapping[str, int]] = dict
    spans_exported: Number = lambda: 0
    spans_dropped: Callable[[], Mapping[str, int]] = dict


class _Metric(NamedTuple):
    name: str
    text: str
    read: Callable[[Gauges], float | Mapping[str, float]]
    """A number; or one for each value of `label`."""
    family: type[GaugeMetricFamily] | type[CounterMetricFamily] = GaugeMetricFamily
    label: str = ""


_COUNTER = CounterMetricFamily
METRICS = (
    _Metric(
        "optral_queue_depth", "Work waiting, by queue", lambda now: {name: read() for name, read in now.queue_depths.items()}, label="queue"
    ),
    _Metric("optral_agents", "Clusters by presence", lambda now: now.agents_by_state(), label="state"),
    _Metric("optral_event_streams_open", "Clients that follow the event stream", lambda now: now.open_streams()),
    _Metric("optral_tunnels_open", "Agents connected to this process", lambda now: now.open_tunnels()),
    _Metric(
        "optral_retention_stopped", "1 while nothing is deleted, since the clock cannot be trusted", lambda now: now.retention_stopped()
    ),
    _Metric("optral_database_bytes", "Size of the database", lambda now: now.database_bytes()),
    _Metric("optral_ingest_lag_seconds", "Age of the oldest change not yet committed", lambda now: now.ingest_lag_s()),
    _Metric("optral_loop_lag_seconds", "99th percentile of the event loop's lateness over the last minute", lambda now: now.loop_lag_s()),
    _Metric("optral_ingested_changes", "Object changes committed since the start", lambda now: now.ingested_changes(), _COUNTER),
    _Metric(
        "optral_inventory_drifts",
        "Kinds of clusters whose rows were changed outside the server",
        lambda now: now.inventory_drifts(),
        _COUNTER,
    ),
    _Metric("optral_ca_expiry_timestamp_seconds", "When the CA that signs now expires (Unix time)", lambda now: now.ca_expires_at()),
    _Metric("optral_ca_rotation_phase", "1 for the phase the CA rotation is in", lambda now: now.ca_phase(), label="phase"),
    _Metric(
        "optral_ca_rotation_waiting_clusters", "Clusters that the next phase of the CA rotation waits for", lambda now: now.ca_waiting()
    ),
    _Metric("optral_detector_failures", "Detectors that raised, by type", lambda now: now.detector_failures(), _COUNTER, "type"),
    _Metric(
        "optral_captures_dropped", "Container logs that were wanted and not fetched", lambda now: now.captures_dropped(), _COUNTER, "reason"
    ),
    _Metric("optral_work_failures", "Work that failed and is tried again, by loop", lambda now: now.work_failures(), _COUNTER, "loop"),
    _Metric(
        "optral_reads_dropped",
        "Reads of the database that ended without a result, by reason: timeout, abandoned, busy",
        lambda now: now.reads_dropped(),
        _COUNTER,
        "reason",
    ),
    _Metric("optral_analyses", "Analyses finished since the start", lambda now: now.analyses(), _COUNTER),
    _Metric(
        "optral_model_answers",
        "Analyses for which a language model was wanted, by outcome",
        lambda now: now.model_answers(),
        _COUNTER,
        "outcome",
    ),
    _Metric("optral_model_requests", "Requests to the language model", lambda now: now.model_spent().get("requests", 0), _COUNTER),
    _Metric("optral_model_tokens", "Tokens of the language model", lambda now: _tokens(now.model_spent()), _COUNTER, "direction"),
    _Metric(
        "optral_model_cost_usd",
        "US dollars for the language model, at the prices of the settings",
        lambda now: now.model_spent().get("costMicros", 0) / 1_000_000,
        _COUNTER,
    ),
    _Metric(
        "optral_notifications",
        "Notifications between the servers of one PostgreSQL database",
        lambda now: now.notifications(),
        _COUNTER,
        "direction",
    ),
    _Metric("optral_mail", "Attempts to send an e-mail, by outcome: sent, retried, failed", lambda now: now.mail(), _COUNTER, "outcome"),
    _Metric("optral_tunnel_unknown_messages", "Messages of newer agents that were ignored", lambda now: now.unknown_messages(), _COUNTER),
    _Metric(
        "optral_tunnel_events",
        "What happened to agents' sessions since the start, by event",
        lambda now: now.tunnel_events(),
        _COUNTER,
        "event",
    ),
    _Metric("optral_spans_exported", "Spans of traces that the collector has accepted", lambda now: now.spans_exported(), _COUNTER),
    _Metric(
        "optral_spans_dropped",
        "Spans of traces that were lost, by reason: queue_full, export_failed",
        lambda now: now.spans_dropped(),
        _COUNTER,
        "reason",
    ),
)


def _tokens(spent: Mapping[str, int]) -> dict[str, int]:
    return {"input": spent.get("inputTokens", 0), "output": spent.get("outputTokens", 0)}


class _Live(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for metric in METRICS:
            value = metric.read(self._gauges)
            if isinstance(value, Mapping):
                family = metric.family(metric.name, metric.text, labels=[metric.label])
                for word, number in value.items():
                    family.add_metric([word], number)
                yield family
            else:
                yield metric.family(metric.name, metric.text, value=value)


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
own work; with several replicas, sum the counters. `charts/optral/files` has alert rules for Prometheus
and a dashboard for Grafana, which the chart installs with `metrics.prometheusRule.enabled` and `metrics.dashboard.enabled`.
The usual `process_*` and `python_*` metrics of the Prometheus client are there too.

| Metric | Type | Labels | Meaning |
|---|---|---|---|
"""
