"""Failures that only a log shows: what the agent reports of it becomes one issue of the workload."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from optral.detectors.pods.log_failures import IGNORED, LOGGED
from optral.kube import log_signs, log_table
from optral.kube.log_tally import HELD_S, OVER_S
from optral.kube.objects import KubeObject, LogSigns, decode
from tests.detectors.build import NOON as NOW, deployment, found, make, only, pod, running, status, waiting

NO_NAME = "ERROR dial tcp: lookup store.shop.svc on 10.96.0.10:53: no such host"
TYPE_OF = {sign: logged.type for logged in LOGGED for sign in logged.signs}


def healthy() -> KubeObject:
    return pod(status(state=running(), ready=True))


def time(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def sign(name: str, message: str, *, count: int = 20, since: float = -600, last: float = -20, **names: str) -> dict[str, Any]:
    return {"sign": name, "count": count, "firstAt": time(since), "lastAt": time(last), "message": message, "names": names}


def logs(of: KubeObject, *signs: dict[str, Any], started: float = -3600, uid: str = "") -> KubeObject:
    """The agent's report about the first container of a pod."""
    container = {"name": "api", "startedAt": time(started), "signs": list(signs)}
    owner = {"apiVersion": "v1", "kind": "Pod", "name": of.name, "uid": uid or of.uid}
    metadata = {"name": of.name, "namespace": of.namespace, "uid": f"{of.uid}-logs", "ownerReferences": [owner]}
    return decode(
        LogSigns.kind, msgspec.json.encode({"metadata": metadata, "status": {"observedAt": time(-20), "containers": [container]}})
    )


def slots_of(message: str) -> dict[str, str]:
    (reading,) = log_signs.read_all([message])
    return log_signs.slots(reading.signs[0], reading)


def test_every_sign_has_a_type_or_a_reason_for_none() -> None:
    assert sorted([*TYPE_OF, *IGNORED]) == sorted(one.name for one in log_table.SIGNS)


@pytest.mark.parametrize("name", sorted(TYPE_OF))
def test_a_sign_that_keeps_coming_is_reported(name: str) -> None:
    one = healthy()
    example = next(one.example for one in log_table.SIGNS if one.name == name)
    [finding] = only(TYPE_OF[name], one, logs(one, sign(name, example)))
    assert (finding.part, finding.facts["logSign"], finding.subject.name) == ("api", name, "api-5d4f9c-x1")
    assert finding.title.startswith("Pod shop/api-5d4f9c-x1 ") and finding.title.endswith(" (container api)")


def test_the_title_names_what_the_line_names() -> None:
    one = healthy()
    [finding] = only("DependencyUnreachable", one, logs(one, sign("dependency", NO_NAME, host="store.shop.svc", port="5432")))
    assert finding.title == "Pod shop/api-5d4f9c-x1 cannot resolve store.shop.svc (container api)"
    refused = sign("dependency", "dial tcp 10.0.0.7:5432: connect: connection refused", host="store", port="5432")
    [finding] = only("DependencyUnreachable", one, logs(one, refused))
    assert finding.title == "Pod shop/api-5d4f9c-x1 cannot connect to store:5432 (container api)"


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ('ERROR:  relation "orders" does not exist', "uses table orders, which does not exist"),
        ("no such index [products]", "uses index products, which does not exist"),
        (
            "Validate failed: Migration checksum mismatch for migration version 1.8",
            "and the data in a server that it calls do not match in version or settings",
        ),
        ("2026-03-02 12:00:00.1 UTC [146] FATAL:  sorry, too many clients already", "accepts no more connections"),
        ("FATAL:  sorry, too many clients already", "cannot use a server that it calls, which accepts no more connections"),
        ("READONLY You can't write against a read only replica.", "cannot use a server that it calls, which accepts no writes"),
        (
            "OOM command not allowed when used memory > 'maxmemory'.",
            "cannot use a server that it calls, which has reached its memory limit",
        ),
        ("429 Too Many Requests", "cannot use a server that it calls, which limits the rate of requests"),
        (
            'password authentication failed for user "shop"',
            "is refused by a server that it calls: wrong credentials or missing permissions",
        ),
        ("x509: certificate has expired", "cannot verify the TLS certificate of a server that it calls"),
    ],
)
def test_a_title_is_a_sentence(message: str, title: str) -> None:
    one = healthy()
    (reading,) = log_signs.read_all([message])
    name = reading.signs[0]
    [finding] = only(TYPE_OF[name], one, logs(one, sign(name, message, **slots_of(message))))
    assert finding.title.removeprefix("Pod shop/api-5d4f9c-x1 ").startswith(title)


def test_a_line_without_a_host_gives_the_title_its_address() -> None:
    one = healthy()
    message = "dial tcp 10.96.3.178:5433: connect: no route to host"
    [finding] = only("DependencyUnreachable", one, logs(one, sign("dependency", message, **slots_of(message))))
    assert finding.facts["line"] == "dial tcp ….….….…:…: connect: no route to host", "no number that the log does not have"
    assert finding.title == "Pod shop/api-5d4f9c-x1 cannot connect to 10.96.3.178:5433 (container api)"


def test_the_reason_of_failed_requests_comes_before_the_failed_requests() -> None:
    one = healthy()
    both = logs(one, sign("errors", '"GET /slow HTTP/1.1" 500 0', count=90), sign("timeout", "[CRITICAL] WORKER TIMEOUT (pid:21)"))
    [finding] = only("RequestsFailing", one, both)
    assert finding.title.endswith("stops workers whose requests take too long (container api)")


def test_the_title_says_that_two_sides_use_different_protocols() -> None:
    one = healthy()
    message = 'Get "https://store:8080/": http: server gave HTTP response to HTTPS client'
    [finding] = only("DependencyUnreachable", one, logs(one, sign("protocol", message, host="store", port="8080")))
    assert finding.title == "Pod shop/api-5d4f9c-x1 and store:8080 use different protocols (container api)"


def test_an_alarm_of_a_server_is_an_issue_until_it_is_cleared() -> None:
    one = healthy()
    alarm = sign("alarm", "disk resource limit alarm set on node rabbit@broker-0", count=1, since=-7200, last=-7200)
    [finding] = only("ContainerExhausted", one, logs(one, alarm))
    assert finding.title == "Pod shop/api-5d4f9c-x1 has reached its disk or memory limit and blocks writers (container api)"
    assert finding.expires_at == NOW + timedelta(seconds=HELD_S - 7200)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(lambda one: logs(one, sign("dependency", NO_NAME, count=2)), id="twice"),
        pytest.param(lambda one: logs(one, sign("dependency", NO_NAME, since=-60)), id="for half a minute"),
        pytest.param(lambda one: logs(one, sign("dependency", NO_NAME, since=-120), started=-130), id="while it starts"),
        pytest.param(lambda one: logs(one, sign("dependency", NO_NAME, last=-OVER_S - 1)), id="no longer"),
        pytest.param(lambda one: logs(one, sign("dependency", NO_NAME), uid="another"), id="an earlier pod of this name"),
        pytest.param(lambda one: logs(one, sign("lock", "deadlock found")), id="a sign that is no failure"),
    ],
)
def test_no_issue(report: Any) -> None:
    one = healthy()
    assert only("DependencyUnreachable", one, report(one)) == []


def test_one_issue_for_a_container_and_none_beside_a_crash() -> None:
    one = healthy()
    both = logs(one, sign("dependency", NO_NAME), sign("credentials", "password authentication failed"))
    assert [finding.type for finding in found(one, both)] == ["CredentialsRejected"]
    crashing = pod(status(state=waiting("CrashLoopBackOff"), restarts=9))
    assert [finding.type for finding in found(crashing, logs(crashing, sign("dependency", NO_NAME)))] == ["CrashLoopBackOff"]


def test_it_ends_when_the_sign_no_longer_comes() -> None:
    one = healthy()
    [finding] = only("DependencyUnreachable", one, logs(one, sign("dependency", NO_NAME)))
    assert finding.expires_at == NOW + timedelta(seconds=OVER_S - 20)


REJECTED = "x509: certificate has expired or is not yet valid: current time 2024-05-01T10:00:00Z is after 2024-04-30T00:00:00Z"
ISSUED = make("Certificate.cert-manager.io", name="store", spec={"secretName": "store-tls"})
TAKES_IT = {"name": "tls", "secret": {"secretName": "store-tls", "items": [{"key": "tls.crt", "path": "tls.crt"}]}}
PLAIN = {"name": "tls", "secret": {"secretName": "store-tls"}}
PROJECTED = {"name": "tls", "projected": {"sources": [{"secret": {"name": "store-tls"}}]}}


def store(*volumes: dict[str, Any]) -> list[KubeObject]:
    template = {"metadata": {"labels": {"app": "store"}}, "spec": {"containers": [{"name": "api"}], "volumes": list(volumes)}}
    service = make("Service", name="store", spec={"selector": {"app": "store"}, "ports": [{"port": 443}]})
    return [service, deployment("store", spec={"template": template})]


@pytest.mark.parametrize(
    ("objects", "secrets"),
    [
        pytest.param([*store(PLAIN), ISSUED], ["shop/store-tls"], id="cert-manager keeps it"),
        pytest.param([*store(PROJECTED), ISSUED], ["shop/store-tls"], id="projected"),
        pytest.param(store(TAKES_IT), ["shop/store-tls"], id="the volume takes tls.crt"),
        pytest.param(store(PLAIN), None, id="a Secret of which nothing says that it holds a certificate"),
        pytest.param([*store(), ISSUED], None, id="a certificate that the pods do not mount"),
    ],
)
def test_a_refused_certificate_names_the_service_and_the_secret(objects: list[KubeObject], secrets: list[str] | None) -> None:
    one = healthy()
    [finding] = only("CertificateRejected", one, logs(one, sign("certificate", REJECTED, host="store.shop.svc")), *objects)
    assert (finding.facts["host"], finding.facts["service"], finding.facts.get("secrets")) == ("store.shop.svc", "shop/store", secrets)
    assert ("in Secret shop/store-tls" in finding.title) is (secrets is not None)


def test_a_refused_certificate_of_an_ingress_names_its_secret() -> None:
    one, ingress = (
        healthy(),
        make("Ingress.networking.k8s.io", name="web", spec={"tls": [{"hosts": ["*.example.org"], "secretName": "edge"}]}),
    )
    [finding] = only("CertificateRejected", one, ingress, logs(one, sign("certificate", REJECTED, host="api.example.org")))
    assert (finding.facts["secrets"], "service" in finding.facts) == (["shop/edge"], False)
    [outside] = only("CertificateRejected", one, ingress, logs(one, sign("certificate", REJECTED, host="api.other.org")))
    assert "secrets" not in outside.facts
