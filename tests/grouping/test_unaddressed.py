"""Callers whose server no address tells are one issue if their drivers can mean only one server."""

import pytest

from optral.grouping.model import Failure
from optral.kube.objects import KubeObject
from tests.detectors import build
from tests.grouping.graphs import arranged, failing, roots
from tests.grouping.test_servers import apart, by_secret, victims, workload

TOO_MANY = "Error 1040: Too many connections"
CLIENTS = "FATAL: sorry, too many clients already"
STOPPING = "FATAL: the database system is shutting down"
FAILED = "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure"


def own_secret(name: str) -> KubeObject:
    """Each program has a Secret of its own."""
    return by_secret(name, secret=f"{name}-mysql", key="host", variable="MYSQL_HOST")


def server(name: str, image: str, port: int, *services: str) -> list[KubeObject]:
    of = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": name, "image": image}]}}
    owner = build.make("StatefulSet.apps", name=name, spec={"template": of})
    running = build.status(name, state=build.running(), ready=True)
    one = build.pod(running, name=f"{name}-0", owner=owner, labels={"app": name}, containers=[{"name": name, "image": image}])
    ports = [{"port": port}]
    return [
        owner,
        one,
        *(build.make("Service", name=each, spec={"selector": {"app": name}, "ports": ports}) for each in services or (name,)),
    ]


MYSQL = server("stock", "percona:8.0", 3306, "stock", "stock-leader", "stock-follower")
POSTGRES = server("fleet", "ghcr.io/cloudnative-pg/postgresql:16", 5432, "fleet-rw", "fleet-ro")


@pytest.mark.parametrize(
    ("line", "objects"),
    [
        pytest.param(TOO_MANY, MYSQL, id="MySQL with three Services"),
        pytest.param(CLIENTS, POSTGRES, id="PostgreSQL"),
        pytest.param(STOPPING, POSTGRES, id="PostgreSQL that stops"),
        pytest.param(CLIENTS, [*MYSQL, *POSTGRES], id="beside a server of another kind"),
        pytest.param(FAILED, MYSQL, id="nobody reaches it"),
    ],
)
def test_fourteen_callers_with_a_secret_each_are_one_issue(line: str, objects: list[KubeObject]) -> None:
    failures, owners = apart(victims(14, line, make=own_secret))
    assert roots(failures, *owners, *objects) == ["CrashLoopBackOff/app-00/app"]


@pytest.mark.parametrize(
    ("line", "objects"),
    [
        pytest.param(TOO_MANY, POSTGRES, id="a server of another kind"),
        pytest.param(TOO_MANY, [*MYSQL, *server("archive", "mysql:8", 3306)], id="one of two servers"),
        pytest.param("panic: index out of range", MYSQL, id="an error of their own"),
        pytest.param("Access denied for user 'a'@'10.0.0.1' (using password: YES)", MYSQL, id="a refused user"),
    ],
)
def test_callers_that_may_mean_several_servers_or_none_stay_apart(line: str, objects: list[KubeObject]) -> None:
    failures, owners = apart(victims(6, line, make=own_secret))
    assert len(roots(failures, *owners, *objects)) == 6


def test_connections_that_fail_for_some_while_another_client_works_are_no_issue_of_the_server() -> None:
    failures, owners = apart(victims(3, FAILED, make=own_secret))
    works = own_secret("app-50")
    between = build.replica_set(works)
    ready = build.pod(name="app-50-1", owner=between, conditions=[build.condition("Ready")])
    assert len(roots(failures, *owners, *MYSQL, works, between, ready)) == 3


def of_server(objects: list[KubeObject], line: str, type_: str) -> Failure:
    return failing(type_, objects[0], objects[1], part=objects[0].name, log_lines=(line,), ago=290)


@pytest.mark.parametrize("type_", ["DependencyOverloaded", "ContainerExhausted"])
def test_the_issue_of_the_server_itself_is_the_root(type_: str) -> None:
    failures, owners = apart(victims(3, CLIENTS, make=own_secret))
    own = of_server(POSTGRES, f"[81] {CLIENTS}", type_)
    assert roots([*failures, own], *owners, *POSTGRES) == [own.key]
    assert {link.relation for link in arranged([*failures, own], *owners, *POSTGRES).parent_of.values()} == {"calls"}


def test_another_issue_of_the_server_explains_no_refusal() -> None:
    failures, owners = apart(victims(3, CLIENTS, make=own_secret))
    own = of_server(POSTGRES, "could not open /etc/tls.crt: permission denied", "ContainerMisconfigured")
    assert len(roots([*failures, own], *owners, *POSTGRES)) == 2


def test_without_any_server_setting_the_words_of_the_driver_are_enough() -> None:
    failures, owners = apart(victims(4, CLIENTS, make=workload))
    assert len(roots(failures, *owners, *POSTGRES)) == 1
