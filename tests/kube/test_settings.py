"""What the program of a container gets: which of several values a variable has, what a script runs, and what is not known."""

from typing import Any

import pytest

from optral.kube import calls, settings
from optral.kube.addresses import Address


def found(**container: Any) -> list[tuple[str, Address]]:
    read = calls.of_container(calls.decode_container({"name": "app", **container}))
    return [(call.setting.name, Address(call.host, call.port)) for call in read if call.is_certain]


def env(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def test_the_last_value_of_a_variable_counts_and_hides_the_others() -> None:
    container = calls.decode_container({"env": env(("STORE_HOST", "old"), ("A", "x"), ("STORE_HOST", "store"))})
    variable = settings.environment(container)["STORE_HOST"]
    assert (variable.text, [hidden.text for hidden in variable.shadowed]) == ("store", ["old"])
    assert settings.differ(variable, variable.shadowed[0])
    assert found(env=env(("STORE_HOST", "old"), ("STORE_HOST", "store"))) == [("STORE_HOST", Address("store", None))]


@pytest.mark.parametrize(
    ("pairs", "address"),
    [
        ([("S", "store"), ("STORE_URL", "http://$(S):80/x")], Address("store", 80)),
        ([("NS", "shop"), ("STORE_URL", "http://store.$(NS).svc:80")], Address("store.shop.svc", 80)),
        ([("STORE_URL", "http://store.$(NS).svc:80"), ("NS", "shop")], None),
        ([("NS", "[redacted:env:0a1b2c3d]"), ("STORE_URL", "http://store.$(NS):80")], None),
        ([("S", "store"), ("STORE_URL", "http://$$(S):80")], None),
    ],
    ids=["a name", "a part of one", "set later", "masked", "escaped"],
)
def test_replaces_references_to_variables(pairs: list[tuple[str, str]], address: Address | None) -> None:
    assert [found for _, found in found(env=env(*pairs))] == ([] if address is None else [address])


def test_a_variable_whose_value_is_not_known_hides_the_one_before_it() -> None:
    secret = {"name": "STORE_HOST", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    assert found(env=[*env(("STORE_HOST", "old")), secret]) == []


@pytest.mark.parametrize(
    ("script", "addresses"),
    [
        ("exec app --db-host=store --db-port=5432", [("db-host", Address("store", 5432))]),
        ("set -e\n# http://old:80\ncurl -f http://store:80/health && exec app", [("command", Address("store", 80))]),
        ("export STORE_URL=http://store:80; app", [("STORE_URL", Address("store", 80))]),
        ("S=store; app --store-url http://$S:80", [("store-url", Address("store", 80))]),
        ("app --store-url http://${STORE:-store}:80", [("store-url", Address("store", 80))]),
        ("app --store-url http://${STORE}:80", []),
        ("echo 'see http://manual:80'; printf http://help:80", []),
        ("redis-cli -h store -p 6379 ping", [("command", Address("store", 6379))]),
        ("wget -qO- http://store:80/health", [("command", Address("store", 80))]),
        ("psql 'host=store port=5432 dbname=shop'", [("command", Address("store", 5432))]),
        ("app 'no end http://store:80", [("command", Address("store", 80))]),
    ],
)
def test_reads_the_script_of_a_shell(script: str, addresses: list[tuple[str, Address]]) -> None:
    assert found(command=["/bin/sh", "-ec", script]) == addresses
    assert [address for _, address in found(command=["tini", "--", "bash", "-c"], args=[script])] == [one for _, one in addresses]
    assert [address for _, address in found(args=["-c", script])] == [one for _, one in addresses]


def test_the_c_option_of_a_program_is_not_that_of_a_shell() -> None:
    assert found(command=["app", "-c", "/etc/app.conf", "--store-url", "http://store:80"]) == [("store-url", Address("store", 80))]


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("host=db port=5432 user=app dbname=shop", [Address("db", 5432)]),
        ("host=db-0,db-1 port=5432", [Address("db-0", 5432), Address("db-1", 5432)]),
        ("Server=sql,1433;Database=shop", [Address("sql", 1433)]),
        ("Server=sql;Port=3306;Database=shop", [Address("sql", 3306)]),
        ("tcp(db:3306)", [Address("db", 3306)]),
        ("jdbc:oracle:thin:@db:1521", [Address("db", 1521)]),
        ("jdbc:postgresql://db:5432", [Address("db", 5432)]),
        ("kafka-0.kafka:9092,kafka-1.kafka:9092", [Address("kafka-0.kafka", 9092), Address("kafka-1.kafka", 9092)]),
        ("amqp://mq:5672", [Address("mq", 5672)]),
        ("Server=0.0.0.0:8080", []),
        ("http://store/?host=x", [Address("store", None)]),
    ],
)
def test_reads_connection_strings(value: str, addresses: list[Address]) -> None:
    assert [address for _, address in found(env=env(("DATABASE_DSN", value)))] == addresses


@pytest.mark.parametrize(
    "name",
    ["NO_PROXY", "CORS_ALLOWED_ORIGINS", "COOKIE_DOMAIN", "TLS_SANS", "NGINX_SERVER_NAME", "TRUSTED_HOSTS", "PUBLIC_URL", "EXAMPLE_URL"],
)
def test_hosts_that_are_not_called_do_not_count(name: str) -> None:
    assert found(env=env((name, "http://store:80,store.shop.svc"))) == []
    assert found(args=[f"--{name.lower().replace('_', '-')}=http://store:80"]) == []
