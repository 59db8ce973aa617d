"""One client fails at a server that works for all others: its own Secret is named, and only where the comparison holds."""

from dataclasses import replace
from typing import Any

import pytest

from tests.analysis.cases.log_signs import keeps_logging
from tests.analysis.cases.shared import (
    BAKERY,
    FLEET,
    NO_DSN,
    UNLINKED,
    Stack,
    bakery,
    best,
    by_keys,
    by_secret,
    changed_secret,
    fleet,
    server,
)
from tests.analysis.cluster import at

WRONG = {"wrong_address_in_secret", "wrong_setting_in_secret"}


def causes(stack: Stack, name: str) -> set[str]:
    return {one["id"] for one in stack.ask(name).body["hypotheses"]}


def test_names_the_secret_its_keys_and_what_works() -> None:
    found = fleet(failing={"routes": NO_DSN}).ask("routes")
    assert found.root_cause is not None
    said = found.root_cause["explanation"]
    assert "the keys `host`, `port`, `user`, `password`, `dbname` of Secret `routes-pg-app`" in said
    assert "`fleet-pg-rw`" in said
    assert "`3` of `3` other workloads" in said
    assert found.confidence >= 0.8


def test_without_a_log_the_answer_is_of_a_low_level_and_says_what_is_missing() -> None:
    found = bakery(failing={"flour": ""}).ask("flour")
    assert best(found)[:2] == ("wrong_setting_in_secret", "flour")
    assert found.confidence < 0.5
    assert "`flour-mariadb`" in found.root_cause["explanation"]  # type: ignore[index]
    assert "log lines of container flour" in found.body["missingEvidence"]


@pytest.mark.parametrize(
    ("minutes", "words"), [pytest.param(13, "started after that", id="before it"), pytest.param(5, "has the old values", id="after it")]
)
def test_says_whether_the_pod_started_before_or_after_the_secret_was_changed(minutes: float, words: str) -> None:
    found = bakery(failing={"flour": UNLINKED}, extra=[changed_secret("flour-mariadb", minutes=minutes)]).ask("flour")
    assert words in found.root_cause["explanation"]  # type: ignore[index]
    assert found.confidence > 0.9


def _restarted() -> list[Any]:
    return server("stock", "docker.io/bitnami/mariadb:11.4", 3306, minutes=2)


def _unready() -> list[Any]:
    return server("stock", "docker.io/bitnami/mariadb:11.4", 3306, ready=False)


def _fourth_is_unready() -> list[Any]:
    """Four servers, none of which the names of the settings tell from the others."""
    return [one for name in ("ash", "birch", "cedar", "elm") for one in server(name, "mariadb:11.4", 3306, ready=name != "elm")]


SHARED = {"flour": by_secret("stock-mariadb"), "oven": by_secret("stock-mariadb"), "till": by_secret("stock-mariadb")}
OTHERS = {"flour": by_secret("flour-mariadb"), "oven": by_keys("oven-redis", "REDIS", "host"), "till": by_keys("till", "TILL", "token")}


@pytest.mark.parametrize(
    ("stack", "name"),
    [
        pytest.param(bakery(failing={"flour": "panic: index out of range"}), "flour", id="an error of its own"),
        pytest.param(bakery(failing=dict.fromkeys(BAKERY, UNLINKED)), "flour", id="all clients fail"),
        pytest.param(bakery(failing=dict.fromkeys(BAKERY, "")), "flour", id="all clients fail without a log"),
        pytest.param(bakery(failing={"flour": UNLINKED}, servers=_unready()), "flour", id="the server is not ready"),
        pytest.param(bakery(failing={"flour": UNLINKED}, servers=_fourth_is_unready()), "flour", id="one of many servers is not ready"),
        pytest.param(bakery(failing={"flour": UNLINKED}, servers=_restarted()), "flour", id="the server has just started"),
        pytest.param(bakery(failing={"flour": ""}, servers=[]), "flour", id="no server of this kind, no log"),
        pytest.param(bakery(failing={"flour": ""}, code=137), "flour", id="it was killed"),
        pytest.param(bakery(failing={"flour": ""}, code=127), "flour", id="its program does not exist"),
        pytest.param(bakery(failing={"flour": ""}, clients=SHARED), "flour", id="the same Secret works for others"),
        pytest.param(bakery(failing={"flour": UNLINKED}, clients=OTHERS), "flour", id="nobody else has such settings"),
        pytest.param(bakery(failing={"flour": UNLINKED}, specs={"flour": {"dnsPolicy": "Default"}}), "flour", id="its DNS settings differ"),
        pytest.param(fleet(failing={"routes": 'FATAL: password authentication failed for user "r"'}), "routes", id="a refused user"),
        pytest.param(fleet(failing=dict.fromkeys(FLEET[:2], NO_DSN)), "routes", id="half of them fail"),
        pytest.param(fleet(failing={"routes": 'relation "orders" does not exist'}), "routes", id="a missing table"),
    ],
)
def test_no_secret_is_named_where_the_comparison_does_not_hold(stack: Stack, name: str) -> None:
    assert not WRONG & causes(stack, name)


def test_a_new_revision_that_leaves_no_log_is_not_explained_by_its_secret() -> None:
    world = bakery(failing={"flour": ""}).world()
    owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == name) for name in ("flour", "flour-x"))
    before = {
        "metadata": {"labels": {"app": "flour"}},
        "spec": {"containers": [{"name": "flour", "image": "registry.test/team/flour:3.0"}]},
    }
    newest = next(one for one in world.objects if one["metadata"]["name"] == "flour-1")
    newest["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    older = {**newest, "metadata": {**newest["metadata"], "name": "flour-0", "uid": "older", "creationTimestamp": at(6000)}}
    older["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    world.objects.append({**older, "spec": {"replicas": 0, "template": before}})
    found = world.ask("CrashLoopBackOff", failing, owner=owner, container="flour")
    assert not WRONG & {one["id"] for one in found.body["hypotheses"]}


@pytest.mark.parametrize(
    "line",
    [
        'pq: duplicate key value violates unique constraint "trips_pkey"',
        'org.postgresql.util.PSQLException: ERROR: syntax error at or near "form"',
        'psycopg2.errors.NotNullViolation: null value in column "name" violates not-null constraint',
        "ERROR: deadlock detected (SQLSTATE 40P01)",
        "pgx: SQLSTATE 22003",
    ],
)
def test_a_client_whose_statement_the_server_answered_has_no_wrong_secret(line: str) -> None:
    assert not WRONG & {one["id"] for one in fleet(failing={"routes": line}).ask("routes").body["hypotheses"]}


def test_a_workload_that_runs_and_keeps_failing_at_its_server_is_one_client_too() -> None:
    stack = replace(bakery(failing={"flour": UNLINKED}))
    assert best(stack.ask("flour"))[0] == "wrong_address_in_secret"


def _running(*names: str) -> Any:
    """Programs that stay ready and keep logging that their driver fails; what is asked of the first."""
    world = bakery().world()
    for name in names:
        one = next(one for one in world.objects if one["metadata"]["name"] == f"{name}-x")
        one["metadata"]["creationTimestamp"] = at(120)
        world.objects += keeps_logging(one, UNLINKED)
    owner, runs = (next(one for one in world.objects if one["metadata"]["name"] == which) for which in (names[0], f"{names[0]}-x"))
    return world.ask("DependencyUnreachable", runs, owner=owner, container=names[0])


def test_a_client_that_runs_and_keeps_failing_alone_is_explained_by_its_secret() -> None:
    assert best(_running("flour"))[:2] == ("wrong_address_in_secret", "flour")


def test_clients_that_are_ready_and_all_log_it_have_no_wrong_secret() -> None:
    assert not WRONG & {one["id"] for one in _running(*BAKERY).body["hypotheses"]}


@pytest.mark.parametrize(
    ("line", "said", "unsaid"),
    [
        pytest.param("redis: NOAUTH Authentication required.", "CACHE_REDIS_PASSWORD", "STORE_PG_PASSWORD", id="the cache"),
        pytest.param('FATAL: password authentication failed for user "r"', "STORE_PG_PASSWORD", "CACHE_REDIS_PASSWORD", id="the database"),
    ],
)
def test_rejected_credentials_are_those_of_the_server_that_the_line_is_about(line: str, said: str, unsaid: str) -> None:
    names = (("store-pg", "STORE_PG"), ("cache-redis", "CACHE_REDIS"))
    both = {"env": [one for secret, prefix in names for one in by_keys(secret, prefix, "host", "password")["env"]]}
    found = fleet(clients={"routes": both}, failing={"routes": line}).ask("routes")
    assert best(found)[0] == "bad_credentials"
    assert said in str(found.body)
    assert unsaid not in str(found.body)
