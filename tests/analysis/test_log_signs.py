"""Containers that run and keep logging a failure: only what lasts counts, and an answer needs no log at hand."""

from collections import Counter
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from optral import detectors
from optral.analysis.engine import engine, weaker
from optral.analysis.model import Explanation, Status
from optral.analysis.reading.snapshot import LogKey
from optral.kube.log_reports import SIGNS_OF
from optral.kube.log_table import SIGNS, Sign
from tests.analysis import injections
from tests.analysis.cases import CASES
from tests.analysis.cases.log_signs import (
    NO_HOST,
    NO_PASSWORD,
    NO_TABLE,
    caller,
    env,
    keeps_logging,
    logs,
    of_secret,
    server,
    unready,
)
from tests.analysis.cluster import NAMESPACE, NOON, World, at, container, node, obj, state, waiting
from tests.analysis.test_root_is_subject import _view

BOOK = {name: ask()[0] for name, (*_, ask) in CASES.items()}
OF_RUNNING = {name: (world.asked.type, world) for name, world in BOOK.items() if world.asked is not None and world.asked.type in SIGNS_OF}


def test_each_type_has_two_cases_or_more() -> None:
    counts = Counter(type_ for type_, _ in OF_RUNNING.values())
    assert counts.keys() == SIGNS_OF.keys()
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("name", sorted(OF_RUNNING))
def test_a_case_is_an_issue_of_its_type(name: str) -> None:
    type_, world = OF_RUNNING[name]
    findings = detectors.examine_all(_view(world), now=NOON).findings
    assert world.asked is not None
    assert type_ in {one.type for one in findings if one.subject.name == world.asked.owner.name}


@pytest.mark.parametrize("sign", [one for one in SIGNS if any(one.name in names for names in SIGNS_OF.values())], ids=lambda one: one.name)
def test_an_issue_of_each_sign_has_a_cause(sign: Sign) -> None:
    type_ = next(type_ for type_, names in SIGNS_OF.items() if sign.name in names)
    _, found = logs(type_, sign.example)
    assert found.root_cause is not None, found.summary
    assert found.body["warnings"] == []


def ask(world: World, type_: str = "DependencyUnreachable") -> Explanation:
    owner, about = world.objects[:2]
    return world.ask(type_, about, owner=owner, container="api")


def runs(*, present: str = "", report: dict[str, Any] | None = None, spec: Any = None) -> World:
    """A ready pod that calls the Service `store`, which does not exist; `stores` does."""
    own, about, *others = caller("api", spec=spec or env(STORE_URL="http://store.orders.svc:8080"))
    reports = [] if report is None else keeps_logging(about, NO_HOST, **report)
    objects = [own, about, *others, *server("stores", port=8080), node(), *reports]
    return World(objects, present={("api-1-x", "api"): present} if present else {})


@pytest.mark.parametrize(
    ("report", "is_named"),
    [
        pytest.param({}, True, id="it lasts"),
        pytest.param({"ended": 10.0}, False, id="it has ended"),
        pytest.param({"minutes": 179.0, "ended": 178.5}, False, id="it came at the start alone"),
        pytest.param({"minutes": 0.5, "ended": 0.2}, False, id="it came twice"),
    ],
)
def test_only_a_sign_that_lasts_is_evidence(report: dict[str, float], is_named: bool) -> None:
    found = ask(runs(report=report))
    assert (found.cause_id == "wrong_dependency_address") is is_named
    assert is_named or (found.status, found.body["recommendedActions"]) == (Status.INCONCLUSIVE, [])


def test_a_retry_that_succeeded_is_no_evidence() -> None:
    assert keeps_logging(caller("api")[1], NO_HOST, "INFO reconnected to the store") == []


def test_the_report_of_an_earlier_pod_is_no_evidence() -> None:
    world = runs(report={})
    world.objects[-1]["metadata"]["ownerReferences"][0]["uid"] = "another"
    assert ask(world).status is Status.INCONCLUSIVE


def test_a_line_about_another_host_is_not_explained_by_a_setting() -> None:
    line = "ERROR dial tcp: lookup api.partner.test on 10.96.0.10:53: no such host"
    _, found = logs("DependencyUnreachable", line, *server("stores", port=8080), spec=env(STORE_URL="http://store.orders.svc:8080"))
    assert found.cause_id == "dependency_unavailable"
    assert "api.partner.test" in found.summary


def test_another_pod_of_the_workload_tells_when_the_first_one_no_longer_logs_it() -> None:
    world = runs(report={"ended": 10.0})
    other = deepcopy(world.objects[1])
    other["metadata"] |= {"name": "api-1-y", "uid": "Pod-api-1-y"}
    world.objects += [other, *keeps_logging(other, NO_HOST)]
    assert ask(world).cause_id == "wrong_dependency_address"


def stamped(line: str, *, minutes: float, times: int, every_s: float = 15) -> str:
    return "".join(f"{at(minutes - number * every_s / 60)} {line}\n" for number in range(times))


@pytest.mark.parametrize(
    ("present", "is_named"),
    [
        pytest.param(f"{NO_HOST}\n" * 5, True, id="the newest lines"),
        pytest.param(f"{NO_HOST}\n" * 2, False, id="twice"),
        pytest.param(f"{NO_HOST}\n" * 5 + "INFO GET /healthz 200\n" * 60, False, id="long before the newest lines"),
        pytest.param(f"{NO_HOST}\n" * 5 + "INFO connected to store\n", False, id="a retry succeeded"),
        pytest.param(stamped(NO_HOST, minutes=5, times=18), True, id="until now, by their times"),
        pytest.param(stamped(NO_HOST, minutes=25, times=18), False, id="until twenty minutes ago, by their times"),
        pytest.param(stamped(NO_HOST, minutes=179.9, times=4), False, id="while it started, by their times"),
    ],
)
def test_without_a_report_the_newest_lines_of_the_log_count(present: str, is_named: bool) -> None:
    found = ask(runs(present=present))
    assert (found.cause_id == "wrong_dependency_address") is is_named, found.summary


def test_times_are_compared_with_when_the_log_was_read() -> None:
    world = runs(present=stamped(NO_HOST, minutes=35, times=18))
    ask(world)
    assert world.asked is not None
    snap = world.snapshot()
    snap.logs_at = {LogKey(NAMESPACE, "api-1-x", "api", False): NOON - timedelta(minutes=30)}
    assert engine.explain(engine.investigate(world.asked, snap)).cause_id == "wrong_dependency_address"


def test_an_answer_cites_the_report_and_needs_no_log() -> None:
    _, found = CASES["runs_and_its_database_rejects_the_password_of_its_secret"][2]()
    [cited] = [one for one in found.body["evidence"] if one["ref"]["kind"] == "LogSigns"]
    assert cited["kind"] == "object"
    assert cited["path"] == "status.containers[0].signs[0].message"
    assert (cited["excerpt"], cited["trust"]) == (NO_PASSWORD, "app_text")
    assert found.body["missingEvidence"] == []


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("runs_without_a_key_of_its_mounted_config_map", {"object": "settings", "key": "limits.yaml", "path": "/etc/app/limits.yaml"}),
        ("runs_without_a_variable_of_its_config_map", {"object": "settings", "key": "PARTNER_URL"}),
        ("runs_and_may_not_list_pods", {"user": "agent", "verb": "list", "resource": "pods"}),
        (
            "runs_and_its_server_has_an_expired_certificate",
            {"service": "store", "address": "store.orders.svc", "expiry": "2026-02-28T00:00:00Z"},
        ),
        ("runs_and_its_database_rejects_the_password_of_its_secret", {"object": "shop-db", "key": "password", "user": "shop"}),
        ("runs_and_calls_a_service_with_nearly_this_name", {"setting": "STORE_URL", "address": "store.orders.svc"}),
        ("runs_and_its_secret_names_a_service_with_nearly_this_name", {"object": "shop-store", "key": "url", "service": "stores"}),
        ("runs_and_cannot_reach_a_server_outside_of_its_secret", {"address": "db-1.eu.example.com", "object": "shop-db", "key": "url"}),
        ("runs_and_calls_a_port_that_the_service_lacks", {"setting": "STORE_ADDR", "port": "9000"}),
        ("runs_and_its_file_names_a_port_that_the_service_lacks", {"setting": "settings", "service": "store", "port": "9000"}),
    ],
)
def test_the_explanation_names_the_decisive_fact(name: str, facts: dict[str, str]) -> None:
    _, found = CASES[name][2]()
    assert found.root_cause is not None
    named = {one["name"]: one["value"] for one in found.root_cause["facts"]}
    assert {name: named.get(name) for name in facts} == facts


def test_a_pod_that_is_ready_is_not_rolled_back() -> None:
    offered = [action for _, world in OF_RUNNING.values() for action in world.again().body["recommendedActions"]]
    assert "rollback-workload" not in {action.get("runbook") for action in offered}


def test_the_sign_of_the_issue_comes_before_others_of_the_container() -> None:
    own, about, *others = caller("api", NO_TABLE, NO_HOST)
    world = World([own, about, *others, node()])
    assert ask(world, "SchemaMissing").cause_id == "database_schema_missing"
    assert ask(world).cause_id == "dependency_unavailable"


def test_a_probe_that_fails_is_explained_by_its_own_message_once_the_sign_has_ended() -> None:
    world, _ = unready(NO_PASSWORD, spec=of_secret("shop-db", PGPASSWORD="password"))
    world.objects = [one for one in world.objects if one["kind"] != "LogSigns"]
    assert world.again().cause_id == "readiness_probe_unhealthy"


def test_an_init_container_that_waits_is_explained_by_its_log() -> None:
    own, about, *others = caller("api")
    about["spec"]["initContainers"] = [container("migrate")]
    about["status"] |= {
        "phase": "Pending",
        "containerStatuses": [state("api", now=waiting("PodInitializing"))],
        "initContainerStatuses": [state("migrate", now={"running": {"startedAt": at(60)}})],
        "conditions": [{"type": type_, "status": "False"} for type_ in ("Initialized", "Ready")],
    }
    world = World([own, about, *others, *keeps_logging(about, NO_TABLE, part="migrate"), node()])
    found = world.ask("InitContainerStuck", about, owner=own, container="migrate")
    assert found.cause_id == "database_schema_missing", found.summary


@pytest.mark.parametrize("lie", injections.ALL)
def test_is_not_talked_into_a_cause_by_what_is_reported(lie: str) -> None:
    _, found = logs("DependencyUnreachable", NO_HOST)
    world, _ = logs("DependencyUnreachable", lie)
    assert world.again().cause_id in (None, "application_logs_error")
    own, about, *others = caller("api", lie, NO_HOST)
    assert ask(World([own, about, *others, node()])).cause_id == found.cause_id


def test_a_report_that_is_gone_for_a_moment_does_not_weaken_an_answer() -> None:
    world, known = CASES["runs_and_its_database_rejects_the_password_of_its_secret"][2]()
    world = world.copy()
    world.objects = [one for one in world.objects if one["kind"] != "LogSigns"]
    assert world.asked is not None
    investigation = engine.investigate(world.asked, world.snapshot())
    found = engine.explain(investigation)
    assert found.status is Status.INCONCLUSIVE
    assert weaker.is_weaker(known.body, found, investigation.case, since=NOON - timedelta(minutes=5))


UNTRUSTED = 'Get "https://store.orders.svc:8443/v1/items": tls: failed to verify certificate: x509: '


@pytest.mark.parametrize(
    ("why", "port", "words"),
    [
        (
            "certificate has expired or is not yet valid",
            {"notAfter": at(60)},
            "that was valid until `2026-03-01T11:00:00Z`",
        ),
        (
            "certificate is valid for store, not store.orders.svc",
            {"names": ["store", "*.shop.svc"]},
            "presents a certificate for `store`, `*.shop.svc`, not for the name that is called.",
        ),
        ("certificate signed by unknown authority", {}, "presents a certificate of `CN=team ca`."),
    ],
)
def test_a_refused_certificate_is_compared_with_what_the_service_presents(why: str, port: dict[str, Any], words: str) -> None:
    service, *rest = server("store", port=8443)
    shown = {"port": 8443, "names": ["*.orders.svc"], "issuer": "CN=team ca", "notAfter": at(-86_400), **port}
    meta = {"ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": "store", "uid": service["metadata"]["uid"]}]}
    report = obj("probes.optral.io/v1", "ServedCertificate", "store", metadata=meta, status={"ports": [shown]})
    world, found = logs("CertificateRejected", UNTRUSTED + why, service, *rest, report, spec=env(STORE_URL="https://store.orders.svc:8443"))
    assert found.root_cause is not None
    assert found.body["warnings"] == []
    assert words in found.root_cause["explanation"], found.root_cause["explanation"]
    report["metadata"]["ownerReferences"][0]["uid"] = "an earlier Service"
    again = world.again().root_cause
    assert again is not None
    assert words not in again["explanation"]


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("x509: certificate has expired or is not yet valid", "Renew the certificate"),
        ("x509: certificate is valid for store.old.test, not store", "Call the server by a name that its certificate has"),
        ("x509: certificate signed by unknown authority", "Add the CA that signed the certificate"),
    ],
)
def test_the_reason_of_a_refused_certificate_decides_what_to_do(reason: str, remedy: str) -> None:
    _, found = logs(
        "CertificateRejected", f'Get "https://store:8443/": tls: failed to verify certificate: {reason}', *server("store", port=8443)
    )
    assert str(found.body["recommendedActions"][0]["title"]).startswith(remedy)
