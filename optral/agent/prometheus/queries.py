"""Every query that the agent sends to Prometheus. There are no others: a caller names one of them and Kubernetes names, never PromQL.

Sources of the names of metrics and labels:
- Istio: istio.io/latest/docs/reference/config/metrics (`reporter` is `destination` where the server's proxy counted)
- Linkerd: linkerd.io/2/reference/proxy-metrics (`direction`, `classification`; the time to the first byte of the response)
- OpenTelemetry: opentelemetry.io/docs/specs/semconv/http/migration-guide (`http.server.duration` in ms became
  `http.server.request.duration` in s, `http.status_code` became `http.response.status_code`)
- ingress-nginx: kubernetes/ingress-nginx, docs/user-guide/monitoring.md (`response_duration` is nginx's `upstream_response_time`)
- kube-state-metrics: docs/metrics/workload/pod-metrics.md (`kube_pod_info` with `uid`)
- node-exporter: its collector `netstat`, which is /proc/net/snmp and /proc/net/netstat
- cAdvisor: docs/storage/prometheus.md (`container_network_*`)
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

WINDOW_S = 300  # of every rate: five readings of the usual scrape interval, so that one that is missed does not matter
BEFORE_S = 3600
CLUSTER_LABELS = ("cluster", "cluster_id", "cluster_name", "k8s_cluster", "k8s_cluster_name")
"""Labels by which people tell clusters apart in one Prometheus; OpenTelemetry's `k8s.cluster.name` is one of them."""
MAX_VALUE = 253
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\Z")
_UID = re.compile(r"[A-Za-z0-9-]{1,64}\Z")


class InvalidParameter(ValueError):
    """A parameter that is no Kubernetes name; nothing was sent."""


class Source(NamedTuple):
    """One way in which requests are counted. `buckets` is a histogram of durations in `unit_ms` milliseconds.

    `namespace`, `pod` and `uid` are the labels that name the pod, the first that is not empty counts. `service` is set where the pod
    is that of a proxy: its requests are those of the Service that these labels name, in the namespace of `of_namespace`.
    """

    name: str
    buckets: str
    unit_ms: float
    errors: str
    only: str = ""
    namespace: tuple[str, ...] = ("namespace",)
    pod: tuple[str, ...] = ("pod",)
    uid: tuple[str, ...] = ("pod_uid", "uid")
    service: tuple[str, ...] = ()
    of_namespace: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """What every answer is grouped by."""
        named = (*self.namespace, *self.pod, *self.uid, *self.service, *self.of_namespace, *CLUSTER_LABELS)
        return tuple(dict.fromkeys(named))

    @property
    def presence(self) -> str:
        """The metric whose presence says that this is counted here: one series per histogram."""
        return self.buckets.removesuffix("_bucket") + "_count"


_OTEL_NAMESPACE, _OTEL_POD, _OTEL_UID = ("k8s_namespace_name", "namespace"), ("k8s_pod_name", "pod"), ("k8s_pod_uid", "pod_uid", "uid")
SOURCES = (
    Source(
        "istio",
        "istio_request_duration_milliseconds_bucket",
        1,
        'istio_requests_total{reporter="destination",response_code=~"5.."%s}',
        only='reporter="destination"',
    ),
    Source(
        "linkerd",
        "response_latency_ms_bucket",
        1,
        'response_total{direction="inbound",classification="failure"%s}',
        only='direction="inbound"',
    ),
    Source(
        "opentelemetry",
        "http_server_request_duration_seconds_bucket",
        1000,
        'http_server_request_duration_seconds_count{http_response_status_code=~"5.."%s}',
        namespace=_OTEL_NAMESPACE,
        pod=_OTEL_POD,
        uid=_OTEL_UID,
    ),
    Source(
        "opentelemetry-old",
        "http_server_duration_milliseconds_bucket",
        1,
        'http_server_duration_milliseconds_count{http_status_code=~"5.."%s}',
        namespace=_OTEL_NAMESPACE,
        pod=_OTEL_POD,
        uid=_OTEL_UID,
    ),
    Source(
        "ingress-nginx",
        "nginx_ingress_controller_response_duration_seconds_bucket",
        1000,
        'nginx_ingress_controller_requests{status=~"5.."%s}',
        namespace=("controller_namespace",),
        pod=("controller_pod",),
        uid=(),
        service=("exported_service", "service"),
        of_namespace=("exported_namespace", "namespace"),
    ),
)
"""The closest to the server first: of a workload that several of them count, the first is used."""
BY_NAME = {source.name: source for source in SOURCES}
_POD_LABELS = ("namespace", "pod", *CLUSTER_LABELS)


class Scope(NamedTuple):
    """What a query is narrowed to: the labels of this cluster, and a namespace with some of its pods."""

    cluster: tuple[tuple[str, str], ...] = ()
    namespace: str = ""
    pods: tuple[str, ...] = ()

    def matchers(self, namespace: str, pod: str) -> str:
        """As the end of a list of matchers: each begins with a comma. Raises `InvalidParameter`."""
        found = [f'{label}="{_escaped(value)}"' for label, value in self.cluster]
        found += [f'{namespace}="{name(self.namespace)}"'] if self.namespace else []
        found += [f'{pod}=~"{_any_of(self.pods)}"'] if self.pods and pod else []
        return "".join(f",{one}" for one in found)


def name(text: str) -> str:
    """A Kubernetes name, which needs no escaping between quotes. Raises `InvalidParameter`."""
    if not _NAME.match(text):
        raise InvalidParameter(f"not a Kubernetes name: {text[:80]!r}")
    return text


def _any_of(names: Iterable[str]) -> str:
    """Names as alternatives of a regular expression inside a quoted string, where a dot needs a backslash, which needs another."""
    return "|".join(name(one).replace(".", "\\\\.") for one in names)


def _escaped(value: str) -> str:
    """A label's value that came from Prometheus itself. Raises `InvalidParameter`."""
    if len(value) > MAX_VALUE or not value.isprintable():
        raise InvalidParameter("the label of this cluster cannot be used")
    return value.replace("\\", "\\\\").replace('"', '\\"')


def present() -> str:
    """Which sources there are: one series per metric."""
    return f'count by (__name__) ({{__name__=~"{"|".join(source.presence for source in SOURCES)}"}})'


def cluster_of(uids: Sequence[str]) -> str:
    """The labels of the cluster in which these pods are: a uid exists only once. Raises `InvalidParameter`."""
    if not uids or not all(_UID.match(uid) for uid in uids):
        raise InvalidParameter("not a uid")
    return f'count by ({", ".join(CLUSTER_LABELS)}) (kube_pod_info{{uid=~"{"|".join(uids)}"}})'


def shared_names(scope: Scope) -> str:
    """The pods whose namespace and name belong to several uids: of several clusters, or one after the other."""
    matchers = scope.matchers("namespace", "pod").removeprefix(",")
    return f"count by (namespace, pod) (count by (namespace, pod, uid) (kube_pod_info{{{matchers}}})) > 1"


def durations(source: Source, scope: Scope) -> str:
    """Requests per second by pod and bucket; the bucket without a bound counts all of them. Empty buckets, most of them, are left out."""
    selector = f"{source.buckets}{{{source.only}%s}}"
    return f"sum by ({', '.join((*source.labels, 'le'))}) ({_rates(selector, source, scope)}) > 0"


def errors(source: Source, scope: Scope) -> str:
    """Requests per second by pod that the server failed to answer."""
    return f"sum by ({', '.join(source.labels)}) ({_rates(source.errors, source, scope)}) > 0"


def _rates(selector: str, source: Source, scope: Scope) -> str:
    """The rate of a counter; narrowed to a namespace, of whichever pair of labels names it."""
    pairs = [(label, "") for label in source.of_namespace] or list(zip(source.namespace, source.pod, strict=True))
    found = []
    for namespace, pod in pairs if scope.namespace else pairs[:1]:
        matchers = scope.matchers(namespace, pod)
        found.append(f"rate({selector % matchers}[{WINDOW_S}s])".replace("{,", "{"))
    return " or ".join(found)


def retransmits(scope: Scope) -> str:
    """The share of TCP segments that nodes sent again, by the pod of their node-exporter."""
    again, sent = (_by_pod(f"node_netstat_Tcp_{what}", scope) for what in ("RetransSegs", "OutSegs"))
    return f"{again} / {sent}"


def losses(scope: Scope) -> str:
    """Received packets per second that were dropped or broken, by pod."""
    dropped, broken = (_by_pod(f"container_network_receive_{what}_total", scope) for what in ("packets_dropped", "errors"))
    return f"{dropped} + {broken} > 0"


def packets(scope: Scope, *, before: bool = False) -> str:
    """Packets per second that pods send, now or an hour ago."""
    return _by_pod("container_network_transmit_packets_total", scope, offset=f" offset {BEFORE_S}s" if before else "")


def _by_pod(counter: str, scope: Scope, *, offset: str = "") -> str:
    matchers = scope.matchers("namespace", "pod").removeprefix(",")
    return f"sum by ({', '.join(_POD_LABELS)}) (rate({counter}{{{matchers}}}[{WINDOW_S}s]{offset}))"
