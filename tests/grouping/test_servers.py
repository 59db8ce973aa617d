"""Callers of one server that looks healthy: one root for one incident, and nothing is joined that only coincides."""

from collections.abc import Sequence
from typing import Any

import pytest

from optral.grouping import complaints
from optral.grouping.model import Failure
from optral.kube.objects import KubeObject
from tests.detectors import build
from tests.grouping.graphs import arranged, failing, roots

REFUSED = "dial tcp 10.20.0.4:5432: connect: connection refused"
FULL = "FATAL: sorry, too many clients already"
READ_ONLY = "ERROR: cannot execute INSERT in a read-only transaction"
HOST = "could not connect to server at db-1.eu.example.com:5432: Connection timed out"


def workload(name: str, *, env: Sequence[Any] = (), env_from: Sequence[Any] = ()) -> KubeObject:
    container = {"name": "app", "env": list(env), "envFrom": list(env_from)}
    spec = {"template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}}
    return build.deployment(name, spec=spec)


def by_secret(name: str, *, secret: str = "shop", key: str = "DATABASE_URL", variable: str = "DATABASE_URL") -> KubeObject:
    return workload(name, env=[{"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}])


def crashing(owner: KubeObject, *lines: str, ago: float = 300, type: str = "CrashLoopBackOff") -> Failure:
    pod = build.pod(build.status("app"), name=f"{owner.name}-1", owner=owner)
    return failing(type, owner, pod, part="app", ago=ago, log_lines=complaints.kept("\n".join(lines)), exitCode=1)


def victims(
    count: int, *lines: str, make: Any = by_secret, first: int = 0, ago: float = 300, apart: float = 1
) -> list[tuple[Any, Failure]]:
    owners = [make(f"app-{number:02}") for number in range(first, first + count)]
    return [(owner, crashing(owner, *lines, ago=ago - place * apart)) for place, owner in enumerate(owners)]


def apart(*found: list[tuple[Any, Failure]]) -> tuple[list[Failure], list[KubeObject]]:
    every = [one for group in found for one in group]
    return [failure for _, failure in every], [owner for owner, _ in every]


@pytest.mark.parametrize("line", [HOST, REFUSED, FULL, READ_ONLY, 'could not extend file "base/1/2": No space left on device'])
def test_fourteen_callers_of_one_broken_database_are_one_issue(line: str) -> None:
    failures, things = apart(victims(14, line))
    assert roots(failures, *things) == ["CrashLoopBackOff/app-00/app"]
    links = arranged(failures, *things).parent_of
    assert {link.relation for link in links.values()} == {"calls the same server as"}
    assert {link.key for link in links.values()} == {"CrashLoopBackOff/app-00/app"}


def test_one_server_that_fails_in_several_ways_is_one_incident() -> None:
    lines = (HOST, "FATAL: too many connections (db-1.eu.example.com:5432)", "lookup db-1.eu.example.com on 10.0.0.10:53: no such host")
    failures, things = apart(*(victims(3, line, first=3 * place) for place, line in enumerate(lines)))
    assert len(roots(failures, *things)) == 1


def test_a_password_that_changed_for_all_is_one_incident_and_two_users_are_two() -> None:
    def refused(user: str) -> str:
        return f'FATAL: password authentication failed for user "{user}"'

    failures, things = apart(victims(10, refused("shop")))
    assert len(roots(failures, *things)) == 1
    more, others = apart(victims(10, refused("shop")), victims(2, refused("billing"), first=20))
    assert len(roots(more, *things, *others)) == 2


def test_two_databases_with_the_same_error_stay_two() -> None:
    failures, things = apart(victims(5, HOST), victims(5, HOST.replace("db-1", "db-2"), first=10))
    assert roots(failures, *things) == ["CrashLoopBackOff/app-00/app", "CrashLoopBackOff/app-10/app"]
    unnamed, owners = apart(victims(5, FULL), victims(5, FULL, first=10, make=lambda name: by_secret(name, secret="billing")))
    assert len(roots(unnamed, *owners)) == 2, "each reads its address from another Secret"
    ports, owners = apart(victims(3, REFUSED), victims(3, REFUSED.replace("5432", "6379"), first=10))
    assert len(roots(ports, *owners)) == 2, "two servers of one host"


def test_a_log_that_names_two_servers_joins_no_two_incidents() -> None:
    other = HOST.replace("db-1", "db-2")
    failures, things = apart(victims(5, HOST), victims(5, other, first=10), victims(1, HOST, other, first=20))
    assert len(roots(failures, *things)) == 2


@pytest.mark.parametrize(
    ("line", "make"),
    [
        pytest.param("panic: runtime error: index out of range", by_secret, id="an error of their own"),
        pytest.param("dial tcp 127.0.0.1:5432: connect: connection refused", by_secret, id="their own pod"),
        pytest.param("write /data/x: no space left on device", by_secret, id="their own disks"),
        pytest.param(FULL, workload, id="no server in common"),
        pytest.param(FULL, lambda name: by_secret(name, secret=f"{name}-db"), id="each has its own Secret"),
        pytest.param(FULL, lambda name: by_secret(name, key="TOKEN", secret="jwt", variable="TOKEN"), id="a Secret of no server"),
        pytest.param("Caused by: HikariPool.java:128 ConnectException: Connection refused", workload, id="a line of code"),
        pytest.param("read tcp 10.1.2.3:43210->10.0.0.10:53: i/o timeout", workload, id="the address of the caller, and DNS"),
    ],
)
def test_workloads_that_crash_at_the_same_time_stay_apart(line: str, make: Any) -> None:
    failures, things = apart(victims(6, line, make=make))
    assert len(roots(failures, *things)) == 6


def test_a_line_without_a_port_means_the_usual_port_of_its_host() -> None:
    failures, things = apart(victims(5, HOST), victims(2, "lookup db-1.eu.example.com: no such host", first=10))
    assert len(roots(failures, *things)) == 1


def test_late_victims_join_and_a_failure_from_long_before_stays_apart() -> None:
    long_before, late = victims(1, HOST, first=50, ago=86400), victims(3, HOST, first=30, ago=200, apart=60)
    failures, things = apart(victims(6, HOST, ago=20000), late, long_before)
    assert roots(failures, *things) == ["CrashLoopBackOff/app-00/app", "CrashLoopBackOff/app-50/app"]


def test_when_the_first_victim_recovers_the_next_one_is_the_root() -> None:
    found = victims(10, HOST)
    failures, things = apart(found[1:])
    assert roots(failures, *things) == ["CrashLoopBackOff/app-01/app"]
    assert roots(failures[:1], *things) == ["CrashLoopBackOff/app-01/app"]


def to_service(name: str) -> KubeObject:
    return workload(name, env=[{"name": "DB_ADDR", "value": "db:5432"}])


@pytest.mark.parametrize(("count", "healthy", "expected"), [(2, 0, 1), (2, 1, 2), (3, 1, 1)])
def test_two_callers_stay_apart_while_another_caller_works(count: int, healthy: int, expected: int) -> None:
    service = build.make("Service", name="db", spec={"selector": {"app": "db"}, "clusterIP": "10.20.0.4"})
    working = [to_service(f"works-{number}") for number in range(healthy)]
    pods = [build.pod(build.status("app"), name=f"{one.name}-1", owner=one, conditions=[build.condition("Ready")]) for one in working]
    failures, things = apart(victims(count, REFUSED, make=to_service))
    assert len(roots(failures, service, *things, *working, *pods)) == expected


def test_an_external_name_and_the_host_behind_it_are_one_server() -> None:
    alias = build.make("Service", name="db", spec={"type": "ExternalName", "externalName": "db-1.eu.example.com"})
    failures, things = apart(victims(3, "connect ECONNREFUSED db:5432"), victims(3, HOST, first=10))
    assert len(roots(failures, alias, *things)) == 1


def test_a_caller_of_a_victim_hangs_under_the_same_root() -> None:
    service = build.make("Service", name="app-03", spec={"selector": {"app": "app-03"}})
    front = workload("front", env=[{"name": "CART", "value": "app-03:8080"}])
    failures, things = apart(victims(6, HOST))
    failures.append(crashing(front, "dial tcp: app-03:8080: connection refused", ago=100))
    assert roots(failures, service, front, *things) == ["CrashLoopBackOff/app-00/app"]


def test_a_log_keeps_refusals_beside_the_lines_that_name_no_answer() -> None:
    log = "\n".join([FULL, *(f"connect to db-{number}:5432: connection refused" for number in range(30)), FULL, READ_ONLY])
    kept = complaints.kept(log)
    assert kept[:2] == (READ_ONLY, FULL)
    assert len(kept) == 2 + complaints.MAX_KEPT
