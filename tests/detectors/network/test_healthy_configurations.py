"""Configurations as charts and operators write them: what is in them beside the addresses that a program calls is no mistake."""

from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import config, make, only
from tests.detectors.network.things import files, reader, service

ISTIO = """\
accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
  tracing:
    zipkin:
      address: zipkin.istio-system:9411
enableTracing: true
rootNamespace: istio-system
trustDomain: cluster.local
"""
ARGO = {
    "url": "https://argocd.example.com",
    "redis.server": "argocd-redis:6379",
    "repo.server": "argocd-repo-server:8081",
    "server.dex.server": "https://argocd-dex-server:5556",
    "otlp.address": "",
    "dex.config": "connectors:\n- type: github\n  config:\n    hostName: github.example.com\n    redirectURI: https://argocd.example.com/cb\n",
    "resource.exclusions": "- apiGroups: ['*']\n  kinds: [Endpoints]\n  clusters: ['https://10.0.0.1']\n",
}
PROMETHEUS = """\
global:
  external_labels: {cluster: eu-1}
alerting:
  alertmanagers:
  - static_configs:
    - targets: ['alertmanger:9093']
rule_files: [/etc/rules/*.yml]
scrape_configs:
- job_name: nodes
  relabel_configs:
  - target_label: __address__
    replacement: kubernetes.default.svc:443
  - regex: (.+):(\\d+)
    replacement: $1:9100
- job_name: blackbox
  static_configs:
  - targets: ['http://shop-web.shop/', 'store:6379']
"""
NGINX = """\
# proxy_pass http://apii:80;
worker_processes auto;
http {
  resolver kube-dns.kube-system.svc.cluster.local valid=10s;
  upstream apii {
    server api:80;
    keepalive 16;
  }
  server {
    listen 8080;
    server_name apii store.local;
    location / {
      proxy_set_header Host apii;
      proxy_pass http://apii;
    }
    location /v2 {
      set $upstream http://apii:80;
      proxy_pass $upstream;
    }
    return 301 https://$host$request_uri;
  }
}
"""
SPRING = """\
spring:
  application: {name: shop}
  profiles:
    active: ${PROFILE:dev}
  datasource:
    url: jdbc:postgresql://${DB_HOST:postgress}:5432/shop
  redis:
    host: redis
    port: 6379
server:
  address: 0.0.0.0
  port: 8080
management.server.port: 9090
eureka:
  client:
    enabled: false
    serviceUrl:
      defaultZone: http://rediss:8761/eureka
springdoc:
  swagger-ui:
    oauth2RedirectUrl: http://apii:80/swagger
cors:
  origins: ["http://apii:80"]
logging:
  level: {root: INFO, com.example.redis: DEBUG}
"""
KAFKA = """\
broker.id=0
listeners=PLAINTEXT://kafka-0.kafkaa:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://kafka-0.kafkaa.shop.svc.cluster.local:9092
controller.quorum.voters=0@kafka-0.kafka:9093,1@kafka-1.kafka:9093
log.dirs=/var/lib/kafka
"""
FLUENT = """\
[SERVICE]
    HTTP_Server On
    HTTP_Listen 0.0.0.0
    HTTP_Port 2020
[INPUT]
    Name tail
    Path /var/log/containers/*.log
[OUTPUT]
    Name es
    Host search.logging.svc
    Port 9200
    # Host rediss
"""
COREDNS = """\
.:53 {
    errors
    rewrite name redis.internal rediss.shop.svc.cluster.local
    kubernetes cluster.local in-addr.arpa ip6.arpa
    forward . /etc/resolv.conf
    prometheus :9153
}
"""
DASHBOARD = (
    '{"title": "Redis", "panels": [{"datasource": "prometheuss", "targets": [{"expr": "up{job=\\"rediss:6379\\"}"}], "url": "/d/1"}]}'
)
SERVICES = [
    service("api"),
    service("redis", {"port": 6379}),
    service("argocd-redis", {"port": 6379}),
    service("argocd-repo-server", {"port": 8081}),
    service("argocd-server", {"port": 443}),
    service("alertmanager", {"port": 9093}),
    service("store", {"port": 6379}),
    service("kafka", {"port": 9092}, clusterIP="None"),
    service("kubernetes", {"port": 443}, namespace="default"),
    service("istiod", {"port": 15012}, namespace="istio-system"),
    *(make("Namespace", name=name, namespace=None) for name in ("shop", "default", "istio-system", "kube-system", "logging")),
]


@pytest.mark.parametrize(
    "data",
    [
        {"mesh": ISTIO, "meshNetworks": "networks: {}"},
        ARGO,
        {"prometheus.yml": PROMETHEUS},
        {"nginx.conf": NGINX},
        {"application.yml": SPRING},
        {"server.properties": KAFKA},
        {"fluent-bit.conf": FLUENT},
        {"Corefile": COREDNS},
        {"dashboard.json": DASHBOARD},
    ],
    ids=["istio", "argo cd", "prometheus", "nginx", "spring", "kafka", "fluent bit", "coredns", "a dashboard"],
)
@pytest.mark.parametrize("box", [files(), {"envFrom": [{"configMapRef": {"name": "app"}}]}], ids=["mounted", "variables"])
def test_a_config_map_of_a_healthy_program(data: dict[str, str], box: dict[str, Any]) -> None:
    assert only("ServiceMissing", reader(**box), config(data), *SERVICES) == []


VARIABLES = {
    "KUBERNETES_URL": "https://kubernetes.default.svc",
    "REDIS_URL": "redis://redis:6379/0",
    "REDIS_SENTINELS": "redis-sentinel-0:26379,redis-sentinel-1:26379",
    "SENTRY_DSN": "https://public@sentry.example.com/1",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317",
    "OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,deployment.environment=prod",
    "S3_ENDPOINT": "https://s3.eu-central-1.example.com",
    "SMTP_HOST": "smtp.example.com",
    "DB_HOST": "orders.abc123.eu-west-1.rds.example.com",
    "DB_PORT": "5432",
    "NO_PROXY": "localhost,127.0.0.1,.svc,.cluster.local,apii,redis.shop.svc",
    "HTTP_PROXY": "http://proxy.example.com:3128",
    "ALLOWED_HOSTS": "apii,api.shop.svc",
    "CSRF_TRUSTED_ORIGINS": "http://apii:80",
    "COOKIE_DOMAIN": "shop.example",
    "LISTEN_ADDR": "0.0.0.0:8080",
    "BIND_HOST": "apii",
    "PUBLIC_URL": "http://apii:80",
    "VERSION": "1.2.3:4567",
    "IMAGE": "redis:7000",
    "TIME": "08:30",
    "JAVA_OPTS": "-Xmx1g -Dcom.sun.management.jmxremote.port=9010 -Djava.rmi.server.hostname=localhost",
    "POD_URL": "http://$(POD_NAME).apii.$(NAMESPACE).svc:80",
    "TEMPLATE": "http://{service}.apii:80",
}


def test_variables_of_a_healthy_program() -> None:
    env = [{"name": name, "value": value} for name, value in VARIABLES.items()]
    args = ["--bind-address=apii:80", "--advertise-address", "apii:80", "--cors-allowed-origins=http://apii:80", "--v=2"]
    objects: list[KubeObject] = [reader(env=env, args=args), *SERVICES]
    assert only("ServiceMissing", *objects) == []
