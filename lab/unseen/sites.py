# fmt: off
# ruff: noqa: E501
"""The stacks of the blind faults: a freight insurer and a platform for devices and media. Both have failures of their own, for weeks."""

from lab.unseen.manifests import App, Json, ago
from lab.unseen.site import Site

NGINX = """server {
    listen 8080;
    resolver kube-dns.kube-system.svc.cluster.local valid=10s;

    location /quotes/ {
        proxy_pass http://quotes.core.svc.cluster.local:8080;
    }
    location /tariffs/ {
        set $tariffs tariffs.core.svc.cluster.local;
        proxy_pass http://$tariffs:8080;
    }
    location /files/ {
        proxy_pass http://documents.core.svc.cluster.local:9000;
    }
    location / {
        proxy_pass http://portal:8000;
    }
}
"""
TRAEFIK = """http:
  routers:
    claims:
      rule: "PathPrefix(`/claims`)"
      service: claims
    billing:
      rule: "PathPrefix(`/billing`)"
      service: billing
  services:
    claims:
      loadBalancer:
        servers:
          - url: "http://claims.core.svc.cluster.local:8080"
    billing:
      loadBalancer:
        servers:
          - url: "http://billing.core.svc.cluster.local:8085"
"""
ENVOY = """static_resources:
  listeners:
  - name: main
    address: {socket_address: {address: 0.0.0.0, port_value: 10000}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: main
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {prefix: "/auth"}
                route: {cluster: keycloak}
              - match: {prefix: "/track"}
                route: {cluster: tracking}
  clusters:
  - name: keycloak
    type: STRICT_DNS
    load_assignment:
      cluster_name: keycloak
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: keycloak, port_value: 8180}}}
  - name: tracking
    type: STRICT_DNS
    load_assignment:
      cluster_name: tracking
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: tracking.core, port_value: 8084}}}
"""
HAPROXY = """global
    log stdout format raw local0
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend public
    bind :8080
    acl is_catalog path_beg /api/catalog
    acl is_player path_beg /api/player
    use_backend be_catalog if is_catalog
    use_backend be_player if is_player
    default_backend be_site
backend be_catalog
    balance roundrobin
    server s1 catalog:8000 check
backend be_player
    balance roundrobin
    server s1 player-api:8090 check
backend be_site
    server s1 caddy:8088 check
"""
KONG = """_format_version: "3.0"
services:
- name: devices
  host: devices.fleet.svc.cluster.local
  port: 8080
  protocol: http
  routes:
  - name: devices
    paths: ["/devices"]
- name: player
  host: player-api.media.svc.cluster.local
  port: 8090
  protocol: http
  routes:
  - name: player
    paths: ["/player"]
"""
CADDY = """:8088 {
    log
    handle /thumbs/* {
        reverse_proxy thumbs:5000
    }
    handle /media/* {
        reverse_proxy minio:9000
    }
    handle {
        reverse_proxy player-api:8090
    }
}
"""
SPRING = """server:
  port: 8070
spring:
  cloud:
    gateway:
      routes:
        - id: devices
          uri: http://devices:8080
          predicates:
            - Path=/devices/**
        - id: rules
          uri: http://rules:8081
          predicates:
            - Path=/rules/**
"""
STACKS: dict[str, tuple[App, ...]] = {
    "freight": (
        App(name="edge-proxy", namespace="front", image="docker.io/library/nginx:1.27", port=8080, runtime="nginx", path="/healthz", config={"routes.conf": NGINX}, config_at="/etc/nginx/conf.d", memory="64Mi"),
        App(name="traefik", namespace="front", image="docker.io/library/traefik:v3.2", port=8000, runtime="go", path="/ping", config={"routes.yml": TRAEFIK}, config_at="/etc/traefik/dynamic", memory="128Mi"),
        App(name="portal", namespace="front", image="registry.acme.dev/freight/portal:8.4.1", port=8000, runtime="php", path="/up", calls={"QUOTES_URL": "http://quotes.core:8080"}, refs={"REDIS_URL": "portal-cache/url", "DATABASE_URL": "portal-db/url"}),
        App(name="quotes", namespace="core", image="registry.acme.dev/freight/quotes:8.4.1", port=8080, runtime="dotnet", path="/health", replicas=3, refs={"ConnectionStrings__Ledger": "quotes-db/connection", "Redis__Connection": "quotes-cache/connection"}, cpu="200m"),
        App(name="claims", namespace="core", image="registry.acme.dev/freight/claims:8.4.1", port=8080, runtime="dotnet", path="/health", refs={"ConnectionStrings__Ledger": "claims-db/connection"}, calls={"NATS_URL": "nats://nats.data:4222"}),
        App(name="billing", namespace="core", image="registry.acme.dev/freight/billing:8.3.9", port=8085, runtime="dotnet", path="/health", refs={"ConnectionStrings__Ledger": "billing-db/connection"}),
        App(name="tariffs", namespace="core", image="registry.acme.dev/freight/tariffs:3.11.0", port=8080, runtime="go", path="/readyz", refs={"DATABASE_URL": "tariffs-db/url"}),
        App(name="dispatch", namespace="core", image="registry.acme.dev/freight/dispatch:3.11.0", port=8083, runtime="go", path="/readyz", refs={"DATABASE_URL": "dispatch-db/url"}, calls={"NATS_URL": "nats://nats.data:4222"}),
        App(name="tracking", namespace="core", image="registry.acme.dev/freight/tracking:3.11.0", port=8084, runtime="go", path="/readyz", refs={"REDIS_URL": "tracking-cache/url"}, calls={"NATS_URL": "nats://nats.data:4222", "POOL_ADDR": "pgbouncer.data:6432"}),
        App(name="documents", namespace="core", image="registry.acme.dev/freight/documents:5.2.0", port=9000, runtime="php", path="/up", refs={"DATABASE_URL": "documents-db/url"}, replicas=1, storage="20Gi", mount="/var/www/html/storage"),
        App(name="notifier", namespace="core", image="registry.acme.dev/freight/notifier:1.9.4", port=8086, runtime="go", path="/readyz", calls={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector.observability:4317", "NATS_URL": "nats://nats.data:4222"}),
        App(name="pgbouncer", namespace="data", image="docker.io/bitnami/pgbouncer:1.23.1", port=6432, runtime="pgbouncer", port_name="pgbouncer", config={"pgbouncer.ini": "[databases]\n* = host=ledger port=5432\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 200\ndefault_pool_size = 20\n"}, config_at="/etc/pgbouncer", memory="64Mi"),
        App(name="ledger", namespace="data", image="docker.io/library/postgres:17.2", port=5432, kind="StatefulSet", replicas=1, runtime="postgres", port_name="pg", storage="60Gi", mount="/var/lib/postgresql/data", memory="4Gi", cpu="1", config={"postgresql.conf": "listen_addresses = '*'\nmax_connections = 300\nshared_buffers = 1GB\n"}, config_at="/etc/postgresql"),
        App(name="sessions", namespace="data", image="docker.io/library/redis:7.4", port=6379, kind="StatefulSet", replicas=1, runtime="redis", port_name="redis", config={"redis.conf": "maxmemory 200mb\nmaxmemory-policy noeviction\n"}, config_at="/usr/local/etc/redis"),
        App(name="nats", namespace="data", image="docker.io/library/nats:2.10.22", port=4222, kind="StatefulSet", replicas=3, runtime="nats", port_name="client", storage="10Gi", config={"nats.conf": "port: 4222\nmax_connections: 64\njetstream { store_dir: /data }\n"}, config_at="/etc/nats"),
        App(name="keycloak", namespace="platform", image="quay.io/keycloak/keycloak:26.0", port=8180, runtime="java", path="/health/ready", refs={"KC_DB_PASSWORD": "keycloak-db/password"}, calls={"KC_DB_URL_HOST": "ledger.data:5432"}, memory="1Gi"),
        App(name="envoy", namespace="platform", image="docker.io/envoyproxy/envoy:v1.32.1", port=10000, runtime="envoy", config={"envoy.yaml": ENVOY}, config_at="/etc/envoy", memory="128Mi"),
    ),
    "telemetry": (
        App(name="haproxy", namespace="media", image="docker.io/library/haproxy:3.0", port=8080, runtime="haproxy", config={"haproxy.cfg": HAPROXY}, config_at="/usr/local/etc/haproxy", memory="96Mi"),
        App(name="caddy", namespace="media", image="docker.io/library/caddy:2.8", port=8088, runtime="caddy", config={"Caddyfile": CADDY}, config_at="/etc/caddy", memory="96Mi"),
        App(name="kong", namespace="fleet", image="docker.io/library/kong:3.8", port=8000, runtime="nginx", config={"kong.yml": KONG}, config_at="/etc/kong", calls={"KONG_DECLARATIVE_CONFIG": "/etc/kong/kong.yml"}, memory="512Mi"),
        App(name="bff", namespace="fleet", image="harbor.corp.example/fleet/bff:2.6.0", port=8070, runtime="spring", path="/actuator/health", config={"application.yml": SPRING}, config_at="/config", memory="768Mi"),
        App(name="devices", namespace="fleet", image="harbor.corp.example/fleet/devices:4.2.0", port=8080, runtime="java", path="/q/health/ready", refs={"QUARKUS_DATASOURCE_JDBC_URL": "devices-credentials/jdbc-url"}, memory="512Mi"),
        App(name="rules", namespace="fleet", image="harbor.corp.example/fleet/rules:4.2.0", port=8081, runtime="java", path="/q/health/ready", refs={"QUARKUS_DATASOURCE_JDBC_URL": "rules-credentials/jdbc-url"}, memory="512Mi", replicas=3),
        App(name="ingestor", namespace="fleet", image="harbor.corp.example/fleet/ingestor:0.19.3", port=8082, runtime="rust", path="/health", refs={"MQTT_URL": "ingestor-broker/url"}, memory="64Mi", replicas=4),
        App(name="decoder", namespace="fleet", image="harbor.corp.example/fleet/decoder:0.19.3", port=8083, runtime="rust", path="/health", refs={"MQTT_URL": "decoder-broker/url"}, memory="64Mi"),
        App(name="mosquitto", namespace="fleet", image="docker.io/library/eclipse-mosquitto:2.0.20", port=1883, kind="StatefulSet", replicas=1, runtime="mosquitto", port_name="mqtt", storage="5Gi", mount="/mosquitto/data", config={"mosquitto.conf": "listener 1883\npersistence true\npersistence_location /mosquitto/data/\nallow_anonymous false\n"}, config_at="/mosquitto/config"),
        App(name="devices-db", namespace="fleet", image="docker.io/library/mysql:8.4", port=3306, kind="StatefulSet", replicas=1, runtime="mysql", port_name="mysql", storage="40Gi", mount="/var/lib/mysql", memory="2Gi", config={"my.cnf": "[mysqld]\nmax_connections=400\ninnodb_buffer_pool_size=1G\n"}, config_at="/etc/mysql/conf.d"),
        App(name="edge-agent", namespace="fleet", image="harbor.corp.example/fleet/edge-agent:1.4.7", port=9110, kind="DaemonSet", runtime="go", path="/healthz", calls={"DEVICES_URL": "http://devices.fleet:8080"}, memory="64Mi", port_name="metrics"),
        App(name="player-api", namespace="media", image="harbor.corp.example/media/player-api:6.0.2", port=8090, runtime="java", path="/q/health/ready", calls={"CATALOG_URL": "http://catalog:8000"}, refs={"MONGODB_URI": "player-credentials/uri"}, memory="512Mi"),
        App(name="catalog", namespace="media", image="harbor.corp.example/media/catalog:6.0.2", port=8000, runtime="python", path="/health", refs={"MONGODB_URI": "catalog-credentials/uri"}, config={"settings.yaml": "cache:\n  size: 512\n  ttl: 30\nsearch:\n  enabled: true\n"}, memory="384Mi"),
        App(name="thumbs", namespace="media", image="harbor.corp.example/media/thumbs:2.3.1", port=5000, runtime="python", path="/health", refs={"S3_SECRET_KEY": "thumbs-credentials/secret-key", "S3_ENDPOINT": "thumbs-credentials/endpoint"}, memory="384Mi"),
        App(name="transcoder", namespace="media", image="harbor.corp.example/media/transcoder:2.3.1", port=5001, runtime="python", path="/health", refs={"S3_SECRET_KEY": "transcoder-credentials/secret-key", "S3_ENDPOINT": "transcoder-credentials/endpoint"}, memory="1Gi", cpu="500m"),
        App(name="media-db", namespace="media", image="docker.io/library/mongo:8.0", port=27017, kind="StatefulSet", replicas=1, runtime="mongo", port_name="mongo", storage="80Gi", mount="/data/db", memory="2Gi"),
        App(name="minio", namespace="media", image="quay.io/minio/minio:RELEASE.2024-11-07T00-52-20Z", port=9000, kind="StatefulSet", replicas=1, runtime="minio", path="/minio/health/ready", storage="200Gi", memory="1Gi", secrets=("root-password",)),
        App(name="reporter", namespace="media", image="harbor.corp.example/media/reporter:1.1.0", port=8091, runtime="python", path="/health", calls={"STATSD_HOST": "statsd.observability:8125"}),
    ),
}


def build(name: str, seed: str) -> Site:
    """A stack that works, with its noise."""
    site = Site(STACKS[name][0].namespace, seed=seed, nodes=3 if name == "freight" else 4)
    for app in STACKS[name]:
        site.deploy(app)
    if name == "freight":
        _add_noise(site, service="legacy-rating", job="ledger-vacuum", grumbler="notifier", collector="otel-collector")
        site.complain("notifier", "traces export: exporter export timeout: rpc error: code = Unavailable desc = name resolver error: produced zero addresses", level="WARN")
        _restarted(site, "keycloak")
        about, reason = site.pods_of("notifier")[0], "DNSConfigForming"
        text = "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.0.0.2 10.0.0.3 10.0.0.4"
        site.event(about, reason, text, count=4311, first=9 * 24 * 60, last=2)
    else:
        _add_noise(site, service="beta-player", job="media-gc", grumbler="reporter", collector="statsd")
        site.complain("reporter", "metrics flush failed, 118 samples dropped: [Errno -2] Name or service not known", level="WARN")
        _restarted(site, "edge-agent")
        text = "policy require-limits/cpu-limits fail: validation error: CPU limits are required. rule cpu-limits failed at path /spec/template/spec/containers/0/resources/limits/cpu/"
        site.event(site.workload(site.apps["reporter"]), "PolicyViolation", text, count=1904, first=9 * 24 * 60, last=5, source="kyverno-scan")
    return site


def _add_noise(site: Site, *, service: str, job: str, grumbler: str, collector: str) -> None:
    """A Service without a workload, a CronJob one run of which failed, and a dependency that is optional and missing."""
    site.enter(site.apps[grumbler].namespace)
    site.noise |= {service, job, grumbler, collector}
    port = {"name": "http", "port": 8080, "protocol": "TCP", "targetPort": "http"}
    made = site._add_service(service, {"app.kubernetes.io/name": service}, [port])
    made["metadata"]["creationTimestamp"] = ago(64 * 24 * 60)
    container = {"name": job, "image": "registry.acme.dev/tools/maintenance:1.2", "args": [job], "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}}}
    template = {"metadata": {"labels": {"job": job}}, "spec": {"containers": [container], "restartPolicy": "Never"}}
    spec = {"schedule": "15 3 * * *", "suspend": False, "concurrencyPolicy": "Forbid", "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1, "jobTemplate": {"spec": {"backoffLimit": 0, "template": template}}}
    cron = site.add("CronJob", job, metadata={"generation": 1}, spec=spec, status={"lastScheduleTime": "2026-10-05T03:15:00Z", "lastSuccessfulTime": "2026-10-05T03:15:40Z"})
    for number, minutes, failed in ((29338755, 3 * 24 * 60 + 375, True), (29343075, 375, False)):
        _add_run(site, cron, f"{job}-{number}", minutes, failed=failed)


def _add_run(site: Site, cron: Json, name: str, minutes: float, *, failed: bool) -> None:
    end = ago(minutes - 1)
    types = (("FailureTarget", "Failed"), ("BackoffLimitExceeded", "Job has reached the specified backoff limit")) if failed else (("SuccessCriteriaMet", "Complete"), ("CompletionsReached", "Reached expected number of succeeded pods"))
    found = [{"type": one, "status": "True", "reason": types[1][0], "message": types[1][1], "lastTransitionTime": end, "lastProbeTime": end} for one in types[0]]
    status = {"startTime": ago(minutes), "conditions": found} | ({"failed": 1} if failed else {"succeeded": 1, "completionTime": end})
    template = cron["spec"]["jobTemplate"]["spec"]["template"]
    labels = {"job": cron["metadata"]["name"], "batch.kubernetes.io/job-name": name}
    job = site.add("Job", name, owner=cron, minutes=minutes, spec={"backoffLimit": 0, "completions": 1, "parallelism": 1, "template": template}, status=status)
    ended = {"exitCode": int(failed), "reason": "Error" if failed else "Completed", "startedAt": ago(minutes), "finishedAt": end}
    container = {"name": cron["metadata"]["name"], "image": "registry.acme.dev/tools/maintenance:1.2", "imageID": "", "ready": False, "restartCount": 0, "state": {"terminated": ended}, "lastState": {}}
    reason = {"reason": "PodFailed" if failed else "PodCompleted"}
    passed = [{"type": one, "status": "False" if "Ready" in one else "True", "lastTransitionTime": end} | (reason if "Ready" in one else {}) for one in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]
    site.add("Pod", f"{name}-{site.suffix()}", owner=job, minutes=minutes, metadata={"labels": labels}, spec=template["spec"] | {"nodeName": site.nodes[0]},
             status={"phase": "Failed" if failed else "Succeeded", "conditions": passed, "containerStatuses": [container], "startTime": ago(minutes)})


def _restarted(site: Site, name: str) -> None:
    """Its node was restarted days ago."""
    pod = site.pods_of(name)[0]
    days = 6 * 24 * 60
    ended = {"exitCode": 255, "reason": "Unknown", "startedAt": ago(9 * 24 * 60), "finishedAt": ago(days), "containerID": f"containerd://{site.rng.getrandbits(256):064x}"}
    pod["status"]["containerStatuses"][0] |= {"restartCount": 4, "lastState": {"terminated": ended}, "state": {"running": {"startedAt": ago(days - 1)}}}
    for condition in pod["status"]["conditions"]:
        if condition["type"] in ("Ready", "ContainersReady"):
            condition["lastTransitionTime"] = ago(days - 2)
