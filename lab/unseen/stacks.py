# ruff: noqa: E501
"""The example stacks, each healthy: what people run, with names, ports and images of our own."""

from collections.abc import Callable

from lab.unseen.cluster import Cluster
from lab.unseen.manifests import App, Json

Build = Callable[[str], Cluster]
STACKS: dict[str, tuple[App, ...]] = {
    "shop": (
        App(name="storefront", image="ghcr.io/acme/storefront:2.14.0", port=3000, runtime="node", path="/healthz", calls={"CATALOG_URL": "http://catalog:8080", "CART_ADDR": "cart:7070"}, settings={"FEATURE_FLAGS": "on", "CURRENCY": "EUR"}),
        App(name="catalog", image="ghcr.io/acme/catalog:1.9.3", port=8080, runtime="go", path="/ready", calls={"POSTGRES_HOST": "postgres:5432"}, secrets=("db-password",), config={"catalog.yaml": "listen: :8080\ncache: 5m\n"}),
        App(name="cart", image="ghcr.io/acme/cart:0.31.2", port=7070, runtime="go", path="/ready", calls={"REDIS_ADDR": "redis:6379"}, port_name="grpc"),
        App(name="checkout", image="ghcr.io/acme/checkout:5.0.1", port=5000, runtime="python", path="/health", calls={"REDIS_ADDR": "redis:6379", "DATABASE_HOST": "postgres:5432"}, secrets=("db-password",), memory="512Mi"),
        App(name="postgres", image="docker.io/library/postgres:16.4", port=5432, kind="StatefulSet", replicas=1, runtime="postgres", port_name="pg", storage="20Gi", mount="/var/lib/postgresql/data", memory="1Gi", secrets=("password",)),
        App(name="redis", image="docker.io/library/redis:7.4", port=6379, replicas=1, runtime="redis", port_name="redis", config={"redis.conf": "maxmemory 200mb\nappendonly no\n"}),
    ),
    "pipeline": (
        App(name="kafka", image="docker.io/apache/kafka:3.9.0", port=9092, kind="StatefulSet", replicas=3, runtime="java", port_name="broker", storage="50Gi", mount="/var/lib/kafka", memory="2Gi", cpu="500m"),
        App(name="schema-registry", image="docker.io/confluentinc/cp-schema-registry:7.8.0", port=8081, runtime="java", path="/subjects", calls={"SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS": "kafka:9092"}, memory="768Mi"),
        App(name="ingest", image="registry.acme.dev/data/ingest:2026.9", port=8088, runtime="go", path="/livez", calls={"KAFKA_BROKERS": "kafka:9092", "REGISTRY_URL": "http://schema-registry:8081"}, replicas=3),
        App(name="enricher", image="registry.acme.dev/data/enricher:1.22.0", port=8000, runtime="python", path="/ping", calls={"KAFKA_BOOTSTRAP": "kafka:9092", "CLICKHOUSE_HOST": "clickhouse:8123"}, config={"rules.json": "{\"version\": 3}"}, memory="640Mi"),
        App(name="sink", image="registry.acme.dev/data/sink:4.7.1", port=8083, runtime="java", path="/actuator/health", calls={"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "CLICKHOUSE_URL": "http://clickhouse:8123"}, secrets=("clickhouse-password",), memory="1Gi"),
        App(name="clickhouse", image="docker.io/clickhouse/clickhouse-server:24.8", port=8123, kind="StatefulSet", replicas=1, runtime="clickhouse", storage="100Gi", mount="/var/lib/clickhouse", memory="4Gi", cpu="1"),
    ),
    "clinic": (
        App(name="discovery", image="docker.io/springcommunity/discovery-server:3.2.4", port=8761, replicas=1, runtime="java", path="/actuator/health", memory="640Mi"),
        App(name="config-server", image="docker.io/springcommunity/config-server:3.2.4", port=8888, replicas=1, runtime="java", path="/actuator/health", memory="640Mi", config={"application.yml": "server:\n  port: 8888\n"}),
        App(name="gateway", image="docker.io/springcommunity/api-gateway:3.2.4", port=8080, runtime="java", path="/actuator/health", calls={"EUREKA_URL": "http://discovery:8761", "CONFIG_URL": "http://config-server:8888"}, memory="768Mi"),
        App(name="customers", image="docker.io/springcommunity/customers:3.2.4", port=8091, runtime="java", path="/actuator/health", calls={"EUREKA_URL": "http://discovery:8761", "MYSQL_HOST": "mysql:3306"}, secrets=("mysql-password",), memory="768Mi"),
        App(name="visits", image="docker.io/springcommunity/visits:3.2.4", port=8092, runtime="java", path="/actuator/health", calls={"EUREKA_URL": "http://discovery:8761", "MYSQL_HOST": "mysql:3306"}, secrets=("mysql-password",), memory="768Mi"),
        App(name="mysql", image="docker.io/library/mysql:8.4", port=3306, kind="StatefulSet", replicas=1, runtime="mysql", port_name="mysql", storage="30Gi", mount="/var/lib/mysql", memory="2Gi", secrets=("root-password",)),
    ),
    "blog": (
        App(name="wordpress", image="docker.io/library/wordpress:6.6-php8.3", port=80, runtime="php", path="/wp-login.php", calls={"WORDPRESS_DB_HOST": "mariadb:3306", "MEMCACHED_HOST": "memcached:11211"}, secrets=("db-password",), storage="10Gi", mount="/var/www/html", replicas=1, memory="512Mi"),
        App(name="mariadb", image="docker.io/library/mariadb:11.4", port=3306, kind="StatefulSet", replicas=1, runtime="mysql", port_name="mysql", storage="8Gi", mount="/var/lib/mysql", memory="1Gi", secrets=("root-password",), config={"my.cnf": "[mysqld]\nmax_connections=200\n"}),
        App(name="memcached", image="docker.io/library/memcached:1.6", port=11211, runtime="memcached", port_name="memcache", memory="96Mi"),
        App(name="mailer", image="ghcr.io/acme/mailer:1.4.0", port=8025, runtime="python", path="/health", calls={"DB_HOST": "mariadb:3306"}, secrets=("smtp-password",)),
    ),
    "monitoring": (
        App(name="prometheus", image="quay.io/prometheus/prometheus:v3.1.0", port=9090, kind="StatefulSet", replicas=2, runtime="go", path="/-/ready", storage="80Gi", mount="/prometheus", memory="3Gi", config={"prometheus.yml": "global:\n  scrape_interval: 30s\n"}, calls={"ALERTMANAGER": "http://alertmanager:9093"}),
        App(name="alertmanager", image="quay.io/prometheus/alertmanager:v0.28.0", port=9093, kind="StatefulSet", replicas=3, runtime="go", path="/-/ready", storage="2Gi", config={"alertmanager.yml": "route:\n  receiver: team\n"}),
        App(name="grafana", image="docker.io/grafana/grafana:11.4.0", port=3000, runtime="go", replicas=1, path="/api/health", calls={"GF_DATABASE_HOST": "grafana-db:5432", "PROMETHEUS_URL": "http://prometheus:9090"}, secrets=("admin-password",)),
        App(name="grafana-db", image="docker.io/library/postgres:17.2", port=5432, kind="StatefulSet", replicas=1, runtime="postgres", port_name="pg", storage="5Gi", mount="/var/lib/postgresql/data", memory="512Mi"),
        App(name="node-exporter", image="quay.io/prometheus/node-exporter:v1.8.2", port=9100, kind="DaemonSet", runtime="go", memory="64Mi", port_name="metrics"),
        App(name="log-shipper", image="docker.io/fluent/fluent-bit:3.2", port=2020, kind="DaemonSet", runtime="fluentbit", path="/api/v1/health", calls={"LOKI_HOST": "loki:3100"}, config={"fluent-bit.conf": "[SERVICE]\n    Flush 1\n"}, memory="128Mi"),
        App(name="loki", image="docker.io/grafana/loki:3.3.1", port=3100, kind="StatefulSet", replicas=1, runtime="go", path="/ready", storage="60Gi", mount="/loki", memory="1Gi", config={"loki.yaml": "auth_enabled: false\n"}),
    ),
    "batch": (
        App(name="rabbitmq", image="docker.io/library/rabbitmq:4.0", port=5672, kind="StatefulSet", replicas=1, runtime="rabbitmq", port_name="amqp", storage="8Gi", mount="/var/lib/rabbitmq", memory="768Mi"),
        App(name="scheduler-api", image="eu.gcr.io/acme-prod/scheduler-api:7.3.0", port=8089, runtime="ruby", path="/up", calls={"AMQP_HOST": "rabbitmq:5672", "DB_HOST": "ledger-db:5432"}, secrets=("db-password",)),
        App(name="render-worker", image="eu.gcr.io/acme-prod/render-worker:7.3.0", port=9400, runtime="python", calls={"BROKER_HOST": "rabbitmq:5672"}, memory="1Gi", cpu="500m", replicas=3),
        App(name="invoice-worker", image="eu.gcr.io/acme-prod/invoice-worker:7.3.0", port=9401, runtime="node", path="/health", calls={"BROKER_HOST": "rabbitmq:5672", "DB_HOST": "ledger-db:5432"}, secrets=("db-password",), settings={"INVOICE_LOCALE": "de", "VAT_RATE": "19"}),
        App(name="ledger-db", image="docker.io/library/postgres:15.8", port=5432, kind="StatefulSet", replicas=1, runtime="postgres", port_name="pg", storage="40Gi", mount="/var/lib/postgresql/data", memory="2Gi"),
    ),
    "search": (
        App(name="opensearch", image="docker.io/opensearchproject/opensearch:2.18.0", port=9200, kind="StatefulSet", replicas=3, runtime="java", storage="120Gi", mount="/usr/share/opensearch/data", memory="4Gi", cpu="1", config={"opensearch.yml": "cluster.name: docs\n"}),
        App(name="dashboards", image="docker.io/opensearchproject/opensearch-dashboards:2.18.0", port=5601, runtime="node", path="/api/status", calls={"OPENSEARCH_HOSTS": "http://opensearch:9200"}, replicas=1, memory="768Mi"),
        App(name="indexer", image="harbor.corp.example/search/indexer:3.8.2", port=8181, runtime="java", path="/q/health", calls={"OPENSEARCH_URL": "http://opensearch:9200"}, secrets=("index-password",), memory="1Gi"),
        App(name="query-api", image="harbor.corp.example/search/query-api:3.8.2", port=4567, runtime="ruby", path="/status", calls={"OPENSEARCH_URL": "http://opensearch:9200", "SUGGEST_URL": "http://suggester:7700"}, replicas=3),
        App(name="suggester", image="harbor.corp.example/search/suggester:1.1.5", port=7700, runtime="rust", path="/health", calls={"OPENSEARCH_URL": "http://opensearch:9200"}, config={"suggester.toml": "[server]\nport = 7700\n"}),
    ),
    "edge": (
        App(name="frontend", image="europe-docker.pkg.dev/acme/web/frontend:5.2.0", port=8080, runtime="nginx", path="/", replicas=3, calls={"API_UPSTREAM": "http://orders-api:8085"}, config={"nginx.conf": "events {}\nhttp {}\n"}, memory="128Mi", service_port=80),
        App(name="orders-api", image="europe-docker.pkg.dev/acme/web/orders-api:5.2.0", port=8085, runtime="dotnet", path="/health/ready", replicas=3, calls={"MONGO_HOST": "mongo:27017", "AUTH_URL": "http://auth:9000"}, secrets=("mongo-password",), memory="512Mi", cpu="250m"),
        App(name="auth", image="europe-docker.pkg.dev/acme/web/auth:2.0.7", port=9000, runtime="rust", path="/healthz", calls={"MONGO_HOST": "mongo:27017"}, secrets=("signing-key",), memory="128Mi"),
        App(name="mongo", image="docker.io/library/mongo:8.0", port=27017, kind="StatefulSet", replicas=1, runtime="mongo", port_name="mongo", storage="25Gi", mount="/data/db", memory="2Gi"),
    ),
}  # fmt: skip
_FRONTS = {
    "shop": "storefront",
    "blog": "wordpress",
    "clinic": "gateway",
    "monitoring": "grafana",
    "search": "query-api",
    "edge": "frontend",
}
_SCALED = {"shop": "catalog", "pipeline": "ingest", "search": "query-api", "edge": "orders-api"}


def build(name: str, seed: str) -> Cluster:
    """A healthy stack; the seed chooses generated names, addresses and whether an edited workload is new."""
    cluster = Cluster(name, seed=seed)
    for app in STACKS[name]:
        cluster.deploy(app)
    if name in _FRONTS:
        app = cluster.apps[_FRONTS[name]]
        _add_ingress(cluster, app)
    if name in _SCALED:
        _add_scaling(cluster, cluster.apps[_SCALED[name]])
    if name == "batch":
        for job, schedule in (("nightly-report", "30 2 * * *"), ("cleanup", "*/30 * * * *")):
            add_cron_job(cluster, job, schedule)
    return cluster


def _add_ingress(cluster: Cluster, app: App) -> None:
    host = f"{cluster.namespace}.acme.example"
    backend = {"service": {"name": app.name, "port": {"number": app.front}}}
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    cluster.add("Secret", f"{cluster.namespace}-tls", type="kubernetes.io/tls", data={"tls.crt": "", "tls.key": ""})
    cluster.add("Ingress", f"{cluster.namespace}-public", status={"loadBalancer": {"ingress": [{"ip": "203.0.113.20"}]}}, spec={
        "ingressClassName": "nginx", "tls": [{"hosts": [host], "secretName": f"{cluster.namespace}-tls"}], "rules": [rule]})  # fmt: skip


def _add_scaling(cluster: Cluster, app: App) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": app.name}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 75}}}
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 41, "averageValue": "41m"}}}
    conditions = [
        {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale", "message": "recommended size matches current size"},
        {"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", "message": "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"},
        {"type": "ScalingLimited", "status": "False", "reason": "DesiredWithinRange", "message": "the desired count is within the acceptable range"},
    ]  # fmt: skip
    for condition in conditions:
        condition["lastTransitionTime"] = cluster.workload(app)["metadata"]["creationTimestamp"]
    cluster.add("HorizontalPodAutoscaler", app.name, spec={"scaleTargetRef": target, "minReplicas": app.replicas, "maxReplicas": 8, "metrics": [metric]},
                status={"currentReplicas": app.replicas, "desiredReplicas": app.replicas, "currentMetrics": [current], "conditions": conditions})  # fmt: skip
    labels = {"app.kubernetes.io/name": app.name}
    cluster.add("PodDisruptionBudget", app.name, metadata={"generation": 1}, spec={"minAvailable": 1, "selector": {"matchLabels": labels}}, status={
        "currentHealthy": app.replicas, "desiredHealthy": 1, "expectedPods": app.replicas, "disruptionsAllowed": app.replicas - 1, "observedGeneration": 1})  # fmt: skip


def add_cron_job(cluster: Cluster, name: str, schedule: str) -> Json:
    """A CronJob that has run on time."""
    container = {
        "name": name,
        "image": "eu.gcr.io/acme-prod/jobs:7.3.0",
        "args": [name],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    }
    template = {
        "metadata": {"labels": {"job": name}},
        "spec": {"containers": [container], "restartPolicy": "Never", "serviceAccountName": "default"},
    }
    spec = {"schedule": schedule, "suspend": False, "concurrencyPolicy": "Forbid", "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
            "jobTemplate": {"spec": {"backoffLimit": 3, "template": template}}}  # fmt: skip
    last = "2026-10-05T02:30:00Z" if schedule.startswith("30 2") else "2026-10-05T09:30:00Z"
    return cluster.add(
        "CronJob", name, metadata={"generation": 1}, spec=spec, status={"lastScheduleTime": last, "lastSuccessfulTime": last}
    )
