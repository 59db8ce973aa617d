"""Kinds of servers: by messages, images, ports and names, each beside what only looks like one."""

import pytest

from optral.kube import server_kinds
from tests.detectors import build


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("FATAL:  sorry, too many clients already", {"PostgreSQL"}),
        ('FATAL:  too many connections for role "app"', {"PostgreSQL"}),
        ("Error 1040: Too many connections", {"MySQL"}),
        ("MongoServerError: not primary", {"MongoDB"}),
        ("READONLY You can't write against a read only replica.", {"Redis"}),
        ("pika.exceptions.ConnectionClosedByBroker: (403) 'ACCESS_REFUSED'", {"RabbitMQ"}),
        ("org.apache.kafka.common.errors.NotLeaderOrFollowerException", {"Kafka"}),
        ("cluster_block_exception: index [logs] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]", {"Elasticsearch"}),
        ("ORA-12520: TNS:listener could not find available handler", {"Oracle"}),
        ("Microsoft.Data.SqlClient.SqlException: Login failed for user 'app'.", {"SQL Server"}),
        ("connection refused", set()),
        ("too many open files", set()),
    ],
)
def test_a_line_tells_the_kind_of_server(line: str, kinds: set[str]) -> None:
    assert server_kinds.in_text(line) == kinds


@pytest.mark.parametrize(
    ("image", "kinds"),
    [
        ("docker.io/bitnami/postgresql:16", {"PostgreSQL"}),
        ("mcr.microsoft.com/mssql/server:2022-latest", {"SQL Server"}),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", {"Elasticsearch"}),
        ("quay.io/strimzi/kafka:0.44.0-kafka-3.8.0", {"Kafka"}),
        ("quay.io/prometheuscommunity/postgres-exporter:v0.15.0", set()),
        ("dpage/pgadmin4:8", set()),
        ("registry.test/team/redis-sync:1", set()),
        ("registry.test/team/orders:1", set()),
    ],
)
def test_an_image_is_a_server_of_a_kind(image: str, kinds: set[str]) -> None:
    assert server_kinds.of_image(image) == kinds


def test_services_that_lead_to_the_same_pods_are_one_server() -> None:
    pod = build.pod(name="pg-0", labels={"app": "pg"}, containers=[{"name": "pg", "image": "postgres:17"}])
    spec = {"selector": {"app": "pg"}, "ports": [{"port": 5432}]}
    view = build.view_of(pod, *(build.make("Service", name=name, spec=spec) for name in ("pg-rw", "pg-ro", "pg-r")))
    (found,) = server_kinds.in_namespace(view, "shop")
    assert [service.name for service in found.services] == ["pg-r", "pg-ro", "pg-rw"]
    assert found.kinds == {"PostgreSQL"}


@pytest.mark.parametrize(
    ("name", "port", "image"),
    [
        pytest.param("search", 80, "registry.test/team/search:1", id="a word that many names have"),
        pytest.param("postgres-api", 8080, "registry.test/team/api:1", id="a name alone"),
        pytest.param("redis-metrics", 9121, "oliver006/redis_exporter:v1.62", id="an exporter"),
    ],
)
def test_what_only_has_the_name_of_a_server_is_none(name: str, port: int, image: str) -> None:
    pod = build.pod(name=f"{name}-0", labels={"app": name}, containers=[{"name": "main", "image": image}])
    service = build.make("Service", name=name, spec={"selector": {"app": name}, "ports": [{"port": port}]})
    assert server_kinds.in_namespace(build.view_of(pod, service), "shop") == []


def test_the_name_that_shares_a_word_with_the_settings_is_the_closest() -> None:
    pods = [
        build.pod(name=f"{name}-0", labels={"app": name}, containers=[{"name": "x", "image": "mysql:8"}])
        for name in ("orders-db", "crm-db")
    ]
    spec = {"ports": [{"port": 3306}]}
    services = [build.make("Service", name=name, spec=spec | {"selector": {"app": name}}) for name in ("orders-db", "crm-db")]
    servers = server_kinds.in_namespace(build.view_of(*pods, *services), "shop")
    assert [one.services[0].name for one in server_kinds.closest(servers, ["ORDERS_DB_HOST"])] == ["orders-db"]
    assert len(server_kinds.closest(servers, ["DB_HOST", "db-credentials"])) == 2
