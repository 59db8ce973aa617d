"""Servers that many workloads share and whose address nobody can read: which one it is, and when it is not the cause."""

from typing import Any

import pytest

from optral.analysis.reading.case import Case, Container
from optral.analysis.rules import likely_servers
from optral.analysis.rules.likely_servers import LikelyServer
from optral.kube import config_files
from tests.analysis.cases.shared import (
    BAKERY,
    CLIENTS,
    CNPG,
    FLEET,
    FROZEN,
    MAY_NOT_WRITE,
    STOPPING,
    TOO_MANY,
    Stack,
    bakery,
    best,
    by_keys,
    by_secret,
    fleet,
    server,
)
from tests.analysis.cluster import Json, obj


@pytest.mark.parametrize(
    ("stack", "line", "cause", "subject"),
    [
        pytest.param(bakery, TOO_MANY, "dependency_connections_exhausted", "stock", id="no connections on MariaDB"),
        pytest.param(bakery, FROZEN, "dependency_read_only", "stock", id="MariaDB is read-only"),
        pytest.param(
            bakery, "Error 1114 (HY000): The table 'sales' is full", "dependency_disk_full", "stock", id="the disk of MariaDB is full"
        ),
        pytest.param(fleet, CLIENTS, "dependency_connections_exhausted", "fleet-pg", id="no connections on PostgreSQL"),
        pytest.param(fleet, MAY_NOT_WRITE, "dependency_read_only", "fleet-pg", id="PostgreSQL is read-only"),
        pytest.param(fleet, STOPPING, "dependency_unavailable", "fleet-pg", id="PostgreSQL stops"),
    ],
)
def test_names_the_only_server_of_the_kind_that_the_driver_means(stack: type[Stack], line: str, cause: str, subject: str) -> None:
    made = stack()
    made.failing = dict.fromkeys(made.clients, line)
    found = made.ask(next(iter(made.clients)))
    assert best(found)[:2] == (cause, subject)
    assert found.confidence >= 0.8
    assert "other workloads whose logs were read report the same" in found.root_cause["explanation"]  # type: ignore[index]


def _two(**more: object) -> list[object]:
    return [*server("ledger-db", "postgres:17", 5432), *server("archive-db", "postgres:15", 5432)]


def test_of_several_servers_the_settings_name_one() -> None:
    clients = {f"booking-{number}": by_keys("ledger-db-login", "DB", "host", "password") for number in range(3)}
    found = Stack(_two(), clients, dict.fromkeys(clients, CLIENTS)).ask("booking-0")  # type: ignore[arg-type]
    assert best(found)[:2] == ("dependency_connections_exhausted", "ledger-db")
    assert "`2` PostgreSQL servers" in found.root_cause["explanation"]  # type: ignore[index]


def test_of_several_servers_an_earlier_line_of_the_log_names_one() -> None:
    clients = {f"booking-{number}": by_secret("db-login") for number in range(3)}
    lines = dict.fromkeys(clients, f"migrating archive-db:5432/bookings\n{CLIENTS}")
    assert best(Stack(_two(), clients, lines).ask("booking-0"))[:2] == ("dependency_connections_exhausted", "archive-db")  # type: ignore[arg-type]


def test_of_several_servers_that_comes_first_which_reports_it_itself() -> None:
    clients = {f"booking-{number}": by_secret("db-login") for number in range(3)}
    world = Stack(_two(), clients, dict.fromkeys(clients, CLIENTS)).world()  # type: ignore[arg-type]
    world.present[("archive-db-0", "archive-db")] = f"2026-03-01 11:59:00 UTC [81] {CLIENTS}\n" * 4
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == name) for name in ("booking-0", "booking-0-x"))
    found = world.ask("CrashLoopBackOff", failing, owner=owner, container="booking-0")
    assert best(found)[:2] == ("dependency_connections_exhausted", "archive-db")
    assert "Its own log reports it" in found.root_cause["explanation"]  # type: ignore[index]


def test_of_several_servers_that_nothing_tells_apart_each_is_named_at_a_low_level() -> None:
    clients = {f"booking-{number}": by_secret("db-login") for number in range(3)}
    found = Stack(_two(), clients, dict.fromkeys(clients, CLIENTS)).ask("booking-0")  # type: ignore[arg-type]
    assert found.confidence < 0.5
    assert {one["subject"]["name"] for one in found.body["hypotheses"]} >= {"ledger-db", "archive-db"}
    assert "no readable setting says which" in found.root_cause["explanation"]  # type: ignore[index]


def config_map(key: str, text: str) -> Json:
    """As the agent sends it: masked, with its notes."""
    return obj("v1", "ConfigMap", "stock-conf", data={key: "[redacted:configmap-90:0a1b2c3d]"}, **config_files.notes({key: text}))


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({"args": ["--max-connections=50", "--super-read-only"]}, id="an argument"),
        pytest.param({"volumes": "my.cnf"}, id="a ConfigMap"),
    ],
)
def test_says_which_setting_makes_a_server_read_only(made: dict[str, object]) -> None:
    stack = bakery(failing=dict.fromkeys(BAKERY[:1], FROZEN))
    config = config_map("my.cnf", "[mysqld]\nmax_connections = 500\nsuper_read_only = ON\n")
    of = stack.servers[0]["spec"]["template"]["spec"] if "args" in made else None
    for one in (stack.servers[0]["spec"]["template"]["spec"], stack.servers[1]["spec"]):
        if of is not None:
            one["containers"][0]["args"] = made["args"]
        else:
            one["volumes"] = [{"name": "conf", "configMap": {"name": "stock-conf"}}]
            one["containers"][0]["volumeMounts"] = [{"name": "conf", "mountPath": "/etc/mysql/conf.d"}]
    stack.extra = [config]
    found = stack.ask("flour")
    assert best(found)[:2] == ("dependency_read_only", "stock")
    assert "makes it read-only" in found.root_cause["explanation"]  # type: ignore[index]
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    ("pod", "text", "says", "remedy"),
    [
        pytest.param(
            {"args": ["--max-connections=50"]}, "", "`max-connections` limits its connections to `50`.", "max-connections", id="args"
        ),
        pytest.param({"args": ["--max-connections", "9"]}, "", "connections to `9`.", "max-connections", id="two words"),
        pytest.param({"args": ["--max-connections", "--verbose"]}, "", "", "", id="no number"),
        pytest.param(
            {"args": ["-c", "max_connections=7"]}, "", "`max_connections` limits its connections to `7`.", "max_connections", id="-c"
        ),
        pytest.param(
            {},
            "[mysqld]\nport = 3306\nmax_connections = 20\n",
            "`max_connections` limits its connections to `20` in line `3` of key `my.cnf` in ConfigMap `stock-conf`.",
            "max_connections (ConfigMap stock-conf, key my.cnf, line 3)",
            id="a file",
        ),
        pytest.param({}, "[mysqld]\nmax_allowed_packet = 64M\n# max_connections = 3\n", "", "", id="nothing of connections"),
        pytest.param(
            {"args": ["--max-connections=50"]}, "[mysqld]\nmax_connections = 20\n", "`50`", "max-connections", id="args replace files"
        ),
    ],
)
def test_says_which_setting_limits_the_connections_of_a_server(pod: Json, text: str, says: str, remedy: str) -> None:
    stack = bakery(failing=dict.fromkeys(BAKERY[:3], TOO_MANY))
    for one in (stack.servers[0]["spec"]["template"]["spec"], stack.servers[1]["spec"]):
        one["containers"][0] |= pod | {"volumeMounts": [{"name": "conf", "mountPath": "/etc/mysql/conf.d"}]}
        one["volumes"] = [{"name": "conf", "configMap": {"name": "stock-conf"}}]
    stack.extra = [config_map("my.cnf", text)] if text else []
    found = stack.ask(BAKERY[0])
    assert best(found)[:2] == ("dependency_connections_exhausted", "stock")
    assert says in found.root_cause["explanation"]  # type: ignore[index]
    assert ("limits its connections" in found.root_cause["explanation"]) is bool(says)  # type: ignore[index]
    assert any(one["title"].endswith(f": {remedy}") for one in found.body["recommendedActions"]) is bool(remedy)


@pytest.mark.parametrize(
    "off",
    [
        "read_only = OFF",
        "read_only=0",
        "# read-only replicas are elsewhere",
        "innodb_read_only_compressed=OFF",
        "transaction_read_only = 0",
    ],
)
def test_a_setting_that_is_off_or_in_a_comment_makes_no_server_read_only(off: str) -> None:
    stack = bakery(failing=dict.fromkeys(BAKERY[:1], FROZEN))
    for one in (stack.servers[0]["spec"]["template"]["spec"], stack.servers[1]["spec"]):
        one["volumes"] = [{"name": "conf", "configMap": {"name": "stock-conf"}}]
        one["containers"][0]["volumeMounts"] = [{"name": "conf", "mountPath": "/etc/mysql/conf.d"}]
    stack.extra = [config_map("my.cnf", f"[mysqld]\n{off}\n")]
    assert "makes it read-only" not in str(stack.ask("flour").body)


@pytest.mark.parametrize(
    ("servers", "line"),
    [
        pytest.param([*server("fleet-cache", "valkey/valkey:8", 6379)], CLIENTS, id="a server of another kind"),
        pytest.param([*server("pg-exporter", "quay.io/x/postgres-exporter:0.15", 9187)], CLIENTS, id="an exporter"),
        pytest.param([*server("pgadmin", "dpage/pgadmin4:8", 80)], CLIENTS, id="a client"),
        pytest.param([*server("postgres-api", "ghcr.io/acme/api:2", 8080)], CLIENTS, id="a name alone"),
    ],
)
def test_what_is_no_server_of_this_kind_is_not_named(servers: list[object], line: str) -> None:
    stack = fleet(failing=dict.fromkeys(FLEET, line))
    stack.servers = servers  # type: ignore[assignment]
    assert best(stack.ask("routes"))[1] in ("routes", "routes-pg-app")


def test_a_server_whose_address_is_readable_comes_before_one_of_the_kind() -> None:
    stack = Stack(_two(), {"booking": {"env": [{"name": "DB_HOST", "value": "ledger-db"}]}}, {"booking": CLIENTS})  # type: ignore[arg-type]
    assert best(stack.ask("booking"))[:2] == ("dependency_connections_exhausted", "ledger-db")


def test_an_application_that_is_called_by_an_address_is_not_named_for_a_database() -> None:
    stack = bakery(failing={"flour": TOO_MANY}, extra=[*server("pricing", "ghcr.io/acme/pricing:1", 8080)])
    stack.clients["flour"] |= {"env": [{"name": "PRICING_URL", "value": "http://pricing:8080"}]}
    assert best(stack.ask("flour"))[:2] == ("dependency_connections_exhausted", "stock")


def _elsewhere(*names: str) -> list[Json]:
    """The Services of servers in another namespace, whose pods are not read."""
    return [obj("v1", "Namespace", "data", namespace=None)] + [
        obj("v1", "Service", name, namespace="data", spec={"ports": [{"port": 5432}], "selector": {"app": name}}) for name in names
    ]


def test_names_the_only_server_of_its_kind_in_another_namespace() -> None:
    """The address of the broker, which can be read, is of another kind."""
    broker = {"env": [{"name": "NATS_URL", "value": "nats://nats.data:4222"}]}
    clients = {f"booking-{number}": by_secret("db-login") | broker for number in range(3)}
    found = Stack(_elsewhere("ledger"), clients, dict.fromkeys(clients, CLIENTS)).ask("booking-0")
    assert best(found)[:2] == ("dependency_connections_exhausted", "ledger")
    assert "the only one found elsewhere is `ledger` in `data`" in found.root_cause["explanation"]  # type: ignore[index]
    assert found.confidence < 0.7


def test_of_several_servers_in_other_namespaces_that_the_settings_do_not_name_none_is_named() -> None:
    clients = {f"booking-{number}": by_secret("db-login") for number in range(3)}
    found = Stack(_elsewhere("ledger", "archive"), clients, dict.fromkeys(clients, CLIENTS)).ask("booking-0")
    assert found.root_cause is None or found.root_cause["subject"]["name"] not in ("ledger", "archive")


def test_many_lines_of_a_log_mean_the_same_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """To find it for each line of each log took a minute of CPU for 60 logs."""
    asked = []

    def find(case: Case, container: Container, *rest: Any, **more: Any) -> list[LikelyServer]:
        asked.append(container.name)
        return found(case, container, *rest, **more)

    found = likely_servers.find
    monkeypatch.setattr(likely_servers, "find", find)
    names = ("flour", "oven", "till")
    servers = [one for name in ("ash", "birch") for one in server(name, "mariadb:11.4", 3306)]
    clients = {name: by_secret("ash-db" if name == "flour" else "birch-db") for name in names}
    lines = {name: "\n".join(f"request {number}: {TOO_MANY}" for number in range(50)) for name in names}
    answer = bakery(servers=servers, clients=clients, failing=lines).ask("flour")
    assert best(answer)[:2] == ("dependency_connections_exhausted", "ash")
    assert asked.count("oven") < 10


def test_a_server_in_another_namespace_is_likelier_where_the_settings_name_it() -> None:
    clients = {f"booking-{number}": by_secret("ledger-login") for number in range(3)}
    found = Stack(_elsewhere("ledger"), clients, dict.fromkeys(clients, CLIENTS)).ask("booking-0")
    assert best(found)[1] == "ledger"
    assert "the only one found elsewhere is `ledger` in `data`" in found.root_cause["explanation"]  # type: ignore[index]
    assert 0.7 < found.confidence < 0.9


def _alias(of: str, name: str = "orders-db") -> Json:
    return obj("v1", "Service", name, spec={"type": "ExternalName", "externalName": of})


@pytest.mark.parametrize(("name", "of"), [("orders-db", "db.example.com"), ("main", "main.postgres.database.example.com")])
def test_an_alias_may_be_the_server_beside_one_in_the_cluster(name: str, of: str) -> None:
    stack = Stack([*server("sso-pg", CNPG, 5432), _alias(of, name)], {"booking": by_secret("login")}, {"booking": CLIENTS})
    found = stack.ask("booking")
    assert "only PostgreSQL server" not in str(found.body)
    assert found.confidence < 0.5


def test_the_only_server_is_an_alias_of_one_outside_of_the_cluster() -> None:
    found = Stack([_alias("db.example.com")], {"booking": by_secret("login")}, {"booking": CLIENTS}).ask("booking")
    assert best(found)[:2] == ("dependency_connections_exhausted", "orders-db")
    assert "`orders-db` is an alias for `db.example.com`, outside of the cluster" in found.root_cause["explanation"]  # type: ignore[index]


def test_an_alias_of_a_service_of_the_cluster_is_not_outside_of_it() -> None:
    stack = Stack([*server("ledger-pg", CNPG, 5432), _alias("ledger-pg.orders.svc.cluster.local")], {"booking": by_secret("login")})
    stack.failing = {"booking": "FATAL: sorry, too many clients already (orders-db:5432)"}
    found = stack.ask("booking")
    assert best(found)[:2] == ("dependency_connections_exhausted", "ledger-pg")
    assert "outside of the cluster" not in str(found.body)
