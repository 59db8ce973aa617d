"""The shop of the demo, as data: which workloads run, where, how large, behind what. The names are plain words, not companies.

One line per workload; `world.py` creates its objects. The `env` values contain invented credentials on purpose: they show that the agent
redacts them before anything leaves the cluster.
"""

from dataclasses import dataclass, field

NODES = (
    # name, pool, cpu, memory GiB
    ("control-plane-1", "control-plane", 4, 16),
    ("worker-1", "general", 8, 32),
    ("worker-2", "general", 8, 32),
    ("worker-3", "general", 8, 32),
    ("worker-4", "general", 8, 32),
    ("worker-5", "batch", 16, 64),
    ("worker-6", "edge", 4, 8),
)
NAMESPACES = {
    "default": {},
    "kube-system": {},
    "kube-public": {},
    "kube-node-lease": {},
    "shop": {"team": "storefront", "environment": "production"},
    "payments": {"team": "payments", "environment": "production"},
    "search": {"team": "search", "environment": "production"},
    "reports": {"team": "data", "environment": "production"},
    "platform": {"team": "platform", "environment": "production"},
    "staging": {"team": "storefront", "environment": "staging"},
}
REGISTRY = "registry.shop.internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One workload. `kind` is Deployment, StatefulSet or DaemonSet; `tag` the image's version; `pool` pins it to a node pool."""

    namespace: str
    name: str
    kind: str = "Deployment"
    replicas: int = 2
    image: str = ""
    tag: str = "1.0.0"
    port: int | None = 8080
    cpu: str = "100m"
    memory: str = "128Mi"
    env: dict[str, str] = field(default_factory=dict)
    pool: str | None = None
    storage: str | None = None
    ingress: str | None = None
    scales_to: int | None = None
    guarded: bool = False

    @property
    def full_image(self) -> str:
        return f"{self.image or REGISTRY + '/' + self.namespace + '/' + self.name}:{self.tag}"


def _app(namespace: str, name: str, replicas: int = 2, **more: object) -> Spec:
    return Spec(namespace=namespace, name=name, replicas=replicas, **more)  # type: ignore[arg-type]


def _database(namespace: str, name: str, replicas: int, image: str, tag: str, port: int, size: str) -> Spec:
    return Spec(
        namespace=namespace, name=name, kind="StatefulSet", replicas=replicas, image=image, tag=tag, port=port, storage=size, memory="2Gi",
        cpu="500m", guarded=True,
    )  # fmt: skip


_DSN = {"DATABASE_URL": "postgresql://app:demo-password@orders-db.shop.svc:5432/shop", "LOG_LEVEL": "info"}
_QUEUE = {"QUEUE_URL": "amqp://worker:demo-password@queue.platform.svc:5672", "LOG_LEVEL": "info"}

WORKLOADS: tuple[Spec, ...] = (
    _app("shop", "storefront", 3, tag="5.12.0", ingress="shop.example.com", scales_to=8, guarded=True, memory="256Mi"),
    _app("shop", "catalog", 3, tag="3.4.1", env=_DSN, memory="192Mi", guarded=True),
    _app("shop", "cart", 3, tag="2.9.0", env={"CACHE_HOST": "session-cache.shop.svc"}),
    _app("shop", "checkout", 2, tag="4.1.3", env=_DSN, memory="256Mi", guarded=True),
    _app("shop", "orders", 3, tag="2.2.0", env=_DSN),
    _app("shop", "reviews", 2, tag="1.7.2", env=_DSN),
    _app("shop", "recommendations", 2, tag="0.14.0", memory="512Mi"),
    _app("shop", "inventory", 2, tag="2.0.5", env=_DSN),
    _app("shop", "images", 2, tag="1.3.0", memory="384Mi"),
    _app("shop", "mailer", 1, tag="1.1.8", env=_QUEUE, port=None),
    _app("shop", "accounts", 2, tag="3.0.2", env=_DSN, ingress="accounts.example.com"),
    _app("shop", "coupons", 1, tag="0.9.4"),
    _database("shop", "orders-db", 2, "postgres", "16.10", 5432, "50Gi"),
    _database("shop", "session-cache", 3, "valkey/valkey", "8.1.3", 6379, "8Gi"),
    _app(
        "payments", "gateway", 3, tag="7.0.1", ingress="pay.example.com", guarded=True, env={"VAULT_ADDR": "http://vault.platform.svc:8200"}
    ),
    _app("payments", "ledger", 2, tag="4.4.0", env=_QUEUE),
    _app("payments", "fraud-check", 3, tag="2.6.0", memory="512Mi"),
    _app("payments", "webhooks", 2, tag="1.8.1", env=_QUEUE),
    _app("payments", "refunds", 1, tag="1.2.0", env=_QUEUE),
    _app("payments", "invoices", 2, tag="2.3.3"),
    _database("payments", "ledger-db", 2, "postgres", "16.10", 5432, "100Gi"),
    _app("search", "query", 3, tag="6.2.0", scales_to=10, guarded=True),
    _app("search", "query-parser", 2, tag="1.5.1"),
    _app("search", "ranking", 2, tag="3.8.0", memory="1Gi", cpu="500m"),
    _app("search", "suggest", 2, tag="1.0.9"),
    _app("search", "indexer", 1, tag="2.4.4", env=_QUEUE, port=None),
    _database("search", "search-index", 2, "opensearchproject/opensearch", "2.19.3", 9200, "80Gi"),
    _app("reports", "dashboard", 1, tag="1.9.0", ingress="reports.example.com"),
    _app("reports", "renderer", 2, tag="0.8.2", memory="512Mi", cpu="500m"),
    _app("reports", "exporter", 1, tag="1.4.0", env=_DSN),
    _app("reports", "warehouse-loader", 1, tag="3.3.1", env=_QUEUE, port=None),
    _app("platform", "ingress-controller", 2, tag="1.13.2", port=8443, guarded=True),
    _app("platform", "metrics-server", 1, tag="0.8.0", port=4443),
    _app("platform", "queue", 3, kind="StatefulSet", image="rabbitmq", tag="4.1.4", port=5672, storage="20Gi", memory="1Gi"),
    _app("platform", "vault", 1, tag="1.20.2", port=8200),
    _app("platform", "log-shipper", 0, kind="DaemonSet", tag="3.2.10", port=None, memory="96Mi"),
    _app("platform", "node-metrics", 0, kind="DaemonSet", image="quay.io/prometheus/node-exporter", tag="v1.9.1", port=9100, memory="64Mi"),
    _app("platform", "edge-proxy", 1, tag="1.35.0", pool="edge", port=8080),
    _app("kube-system", "coredns", 2, image="registry.k8s.io/coredns/coredns", tag="v1.12.1", port=8053, memory="170Mi"),
    _app("kube-system", "network-agent", 0, kind="DaemonSet", image="registry.k8s.io/network-agent", tag="v1.4.2", port=None),
    _app("staging", "storefront", 1, tag="5.13.0-rc.2"),
    _app("staging", "catalog", 1, tag="3.5.0-rc.1"),
)

CRON_JOBS = (
    # namespace, name, schedule, period in seconds, run time in seconds
    ("shop", "cart-sweeper", "* * * * *", 60, 8),
    ("payments", "reconcile", "*/2 * * * *", 120, 25),
    ("search", "refresh-synonyms", "*/5 * * * *", 300, 40),
    ("platform", "certificate-check", "*/10 * * * *", 600, 5),
)
STORAGE_CLASSES = (("standard", "block.csi.example.com", True), ("archive", "object.csi.example.com", False))
